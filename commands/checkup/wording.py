"""Do the organization's own words keep quiet, and does somebody read what members answer?"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from commands.checkup.findings import Finding, fail, ok, warn
from commands.settings import Settings
from meetup import groups
from meetup.storage.tables import Group, Organization
from meetup.wording import discreet, languages
from notifications.words import render, replies
from notifications.words.compose import Voice

# “no-reply”, “donotreply”, “noresponder”: mailboxes that nobody opens.
NOBODY = re.compile(r"(no|do-?not|dont)[-_.]?(reply|responder|respuesta|contestar)", re.IGNORECASE)
OLDEST = timedelta(days=366)


def sender(own: Organization) -> Iterator[Finding]:
    """Look at the one name that a text ever says."""
    problems = discreet.allowed_sender_name(own.sender_name)
    for problem in problems:
        yield fail("sender-name", f"“{own.sender_name}”: {problem}", "Everybody who sees the phone reads it")
    if not problems:
        yield ok("sender-name", f"Texts begin with “{own.sender_name}:”")


def mailbox(own: Organization, settings: Settings) -> Iterator[Finding]:
    """Look for the mailbox in which answers arrive."""
    answered = own.contact_mail or settings.mail_from
    if NOBODY.match(answered):
        yield fail("contact-mail", f"Nobody reads {answered}, but members answer to it", "Name a mailbox of a person")
    elif not own.contact_mail:
        text = "No contact mail: members who ask for help are not told whom to write to"
        yield warn("contact-mail", text, "Choose a mailbox that somebody reads")
    else:
        yield ok("contact-mail", f"Members write to {own.contact_mail}")


def labels(own: Organization, found: Sequence[Group]) -> Iterator[Finding]:
    """Read the words that stand in calendars and mail subjects."""
    # The sender's name is on every text already: whoever may read that may read it here.
    told = [*_told("The organization", own.cover_label, [], own.language)] if own.cover_label != own.sender_name else []
    for group in found:
        told += _named(own, group)
        told += _told(f"“{group.name}”", group.cover_label, groups.secrets(group, own), group.language)
    yield from told or [ok("labels", "Cover labels give nothing away")]


def _told(whose: str, label: str, secrets: Sequence[str], language: str) -> Iterator[Finding]:
    leaks = discreet.leaks(label, secrets, language)
    if leaks:
        text = f"{whose}: the cover label “{label}” gives away “{leaks[0]}”"
        yield fail("labels", text, "Choose words that fit on any lock screen: `meetup group edit … --label`")


def _named(own: Organization, group: Group) -> Iterator[Finding]:
    leaks = discreet.leaks_to_all(own.sender_name, groups.secrets(group, own))
    if leaks:
        text = f"Texts begin with “{own.sender_name}”, which gives away “{leaks[0]}”"
        yield fail("sender-name", text, "Another name: `meetup organization edit --sender-name`")


def crisis(own: Organization, today: date) -> Iterator[Finding]:
    """Look at the crisis line of the country: is it there, and when did somebody last check it?"""
    file = render.HERE / "crisis" / f"{own.country}.toml"
    if not file.exists():
        line = render.crisis_line(own.country, own.language)
        text = f"No verified crisis line for {own.country}: members are told {line.inline} and {line.emergency}"
        yield warn("crisis", text, "Is that right where they live? Tell us the line, and who runs it")
        return
    region = tomllib.loads(file.read_text(encoding="utf-8"))
    line = render.crisis_line(own.country, own.language)
    text = f"{own.country}: {line.inline}; in danger {line.emergency} ({region['source']}, {region['date']})"
    if today - region["date"] > OLDEST:
        yield warn("crisis", f"Nobody has checked this for a year: {text}", "Call it, or look it up at its source")
    else:
        yield ok("crisis", text)


def provider_texts(own: Organization) -> Iterator[Finding]:
    """Show what has to be copied by hand to where the provider answers in our place."""
    voice = Voice.of(own)
    words = {"en": "HELP", "es": "AYUDA"}
    told = [f"{words[code]}: {replies.help_text(voice, code)}" for code in languages.LANGUAGES if code in words]
    text = "By hand, in Twilio's console: Messaging Service → Opt-Out Management → Advanced Opt-Out, as the answers to"
    yield ok("twilio-help", text, "\n".join(told))
    fallback = "By hand, as the fallback of incoming texts, for when this service does not answer"
    yield ok("twilio-fallback", fallback, replies.anything_else(voice, own.language))
