"""What `meetup init` has to know: asked of a person, or given as flags, with defaults from the machine."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

from commands import output
from meetup.errors import Forbidden, MeetupError, NotUnderstood, UsageError
from meetup.schedule import zones
from meetup.values import clean
from meetup.wording import discreet, languages

Answers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to know: how to ask for it, what to offer, and what is wrong with an answer."""

    name: str
    text: str
    check: Callable[[str, Answers], str]
    offer: Callable[[Answers], str] = lambda _: ""
    required: bool = False  # without a person to ask, its flag must be given

    @property
    def flag(self) -> str:
        return f"--{self.name.replace('_', '-')}"


def answer_all(given: Mapping[str, str], environ: Mapping[str, str]) -> Answers:
    """Return an answer to every question; ask a person for what no flag gave, and refuse when nobody is there."""
    somebody = output.somebody_is_there()
    questions = _questions(environ)
    missing = [question.flag for question in questions if question.required and not given.get(question.name)]
    if missing and not somebody:
        raise UsageError(f"Nobody is here to ask, and these are missing: {', '.join(missing)}", _EXAMPLE)
    answers: Answers = {}
    for question in questions:
        answer = given.get(question.name, "").strip()
        if answer or not somebody:
            answers[question.name] = _checked(question, answer or question.offer(answers), answers)
        else:
            answers[question.name] = _ask(question, answers)
    return answers


_EXAMPLE = 'For example: meetup init --name "Northside" --zone America/New_York'


def _checked(question: Question, answer: str, answers: Answers) -> str:
    """Check an answer that nobody is there to correct: a refusal names the flag that gives another one."""
    try:
        return question.check(answer, answers)
    except MeetupError as error:
        if question.flag in error.hint:
            raise
        raise type(error)(error.message, f"Say another with {question.flag}. {error.hint}") from error


def _ask(question: Question, answers: Answers) -> str:
    while True:
        try:
            return question.check(output.ask(question.text, question.offer(answers)), answers)
        except MeetupError as error:
            output.refuse(error.message, error.hint)


def _questions(environ: Mapping[str, str]) -> tuple[Question, ...]:
    return (
        Question("name", "What is the organization called?", _name, required=True),
        Question("zone", "Which time zone is it in?", _zone, lambda _: machine_zone(environ), required=True),
        Question("language", "Which language do most members read, en or es?", _language, lambda _: _spoken(environ)),
        Question("country", "Which country is it in (two letters)?", _country, lambda known: country_of(known["zone"])),
        Question(
            "sender_name",
            "Which name do texts begin with (14 plain letters at most, as registered with the carriers)?",
            _sender_name,
            lambda known: sender_from(known["name"]),
        ),
        Question(
            "cover_label",
            "What do calendars and mail subjects say where a group has no words of its own?",
            _cover_label,
            lambda known: known["sender_name"],
        ),
        Question("contact_mail", "Which mailbox do you read (members are sent there for help)?", _contact_mail),
    )


def _name(text: str, _: Answers) -> str:
    if not clean(text):
        raise NotUnderstood("An organization needs a name")
    return " ".join(clean(text).split())


def _zone(text: str, _: Answers) -> str:
    return zones.place(text)


def _language(text: str, _: Answers) -> str:
    return languages.chosen(text)


def _country(text: str, _: Answers) -> str:
    code = text.upper()
    if not code:
        raise UsageError("Which country it is in cannot be told from the time zone", "Add --country with two letters")
    if code not in _countries():
        hint = "Did you mean GB?" if code == "UK" else "Two letters, as in US, GB, ES or MX"
        raise NotUnderstood(f"“{text}” is not a country code", hint)
    return code


def _sender_name(text: str, _: Answers) -> str:
    problems = discreet.allowed_sender_name(text)
    if problems:
        raise Forbidden(problems[0], "Everybody who sees the phone reads it: initials are fine")
    return text


def _cover_label(text: str, known: Answers) -> str:
    if not text or text == known["sender_name"]:
        return ""
    told = discreet.leaks_to_all(text, [known["name"]])
    if told:
        raise Forbidden(f"That gives away “{told[0]}”", "Choose something like “Thursday plan”")
    return clean(text)


def _contact_mail(text: str, _: Answers) -> str:
    if re.match(r"(no|do-?not)[-_.]?reply", text.casefold()):
        raise Forbidden("Nobody reads a noreply address", "Members answer when they are lost: give a mailbox of yours")
    try:
        return validate_email(text, check_deliverability=False).normalized if text else ""
    except EmailNotValidError as error:
        raise NotUnderstood("The contact address is not an e-mail address", "It looks like name@example.org") from error


def machine_zone(environ: Mapping[str, str]) -> str:
    """Return the time zone that this machine is set to; empty when it has none of ours."""
    linked = str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")[2]
    for name in (environ.get("TZ", "").removeprefix(":"), linked):
        if name in zones.known():
            return name
    return ""


def country_of(zone: str) -> str:
    """Return the country that a zone lies in; empty for zones like UTC."""
    return next((code for code, name in _places() if name == zone), "")


def sender_from(name: str) -> str:
    """Make a sender name of an organization's: its first harmless words, as many as fit."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    harmless = [word for word in re.findall(r"[A-Za-z0-9]+", plain) if not discreet.allowed_sender_name(word)]
    for count in range(len(harmless), 0, -1):
        sender = " ".join(harmless[:count])
        # A sender does not end in “of” or “the”.
        if len(harmless[count - 1]) > 3 and not discreet.allowed_sender_name(sender):
            return sender
    return ""


def _spoken(environ: Mapping[str, str]) -> str:
    code = (environ.get("LC_ALL") or environ.get("LANG") or "").partition("_")[0].casefold()
    return code if code in languages.LANGUAGES else languages.DEFAULT


def _countries() -> set[str]:
    return {code for code, _ in _places()}


def _places() -> list[tuple[str, str]]:
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return [(line[0], line[2]) for line in lines]
