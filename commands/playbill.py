"""What the demo prints and writes: the week, every phone and mailbox, what was held back, and the feeds."""

import json
import shlex
import textwrap
import urllib.request
from dataclasses import asdict
from datetime import datetime
from functools import cached_property
from pathlib import Path

from commands import output
from commands.rehearsal import town, week
from commands.stage import Exchange, Received, Stage
from meetup import groups
from meetup.feeds import links
from meetup.people import members
from meetup.values import Channel, State
from meetup.wording import discreet

WIDTH = 100


class Playbill:
    """Tells one rehearsal, from its beginning to its end."""

    def __init__(self, stage: Stage, home: Path, *, kept: bool) -> None:
        self._stage = stage
        self._home = home
        self._kept = kept

    @cached_property
    def _received(self) -> list[Received]:
        """What arrived in the end: reading three dozen mails takes a while, so ask when the week is over."""
        return self._stage.received()

    def overture(self, web: str, smtp: str, twilio: str) -> None:
        """Say what is about to happen."""
        output.write(
            f"One week of the {town.FOUNDING.name}: {len(town.CIRCLES)} groups, {len(town.NEIGHBOURS)} members"
        )
        output.write(f"  a mail server at {smtp}, an endpoint that behaves as Twilio's at {twilio},")
        output.write(f"  the service's pages at {web}; times are those of New York\n")
        output.write("THE WEEK")

    def event(self, at: datetime, told: str) -> None:
        """Tell what somebody does."""
        output.write(f"  {_time(at)}  {told}")

    def write_feeds(self, web: str) -> list[str]:
        """Fetch the feeds as a calendar program would, keep them, and return what is wrong with them."""
        database, now = self._stage.service.database, self._stage.clock.now()
        with database.writing() as session:
            slugs = [group.slug for group in groups.listing(session)]
            token = links.make(session, members.find(session, "Ada"), now)
        feeds = {f"{slug}.ics": _fetch(f"{web}/g/{slug}.ics") for slug in slugs}
        feeds["ada.ics"] = _fetch(f"{web}/f/{token}.ics")
        for name, text in feeds.items():
            (self._home / name).write_text(text, newline="")
        self._feeds = {name: text.count("BEGIN:VEVENT") for name, text in feeds.items()}
        return _wrong_with(feeds)

    def write_messages(self) -> None:
        """Keep every accepted message as a line of JSON."""
        lines = (json.dumps(asdict(one), default=str, ensure_ascii=False) for one in self._received)
        (self._home / "messages.jsonl").write_text("\n".join(lines) + "\n")

    def indiscretions(self) -> list[str]:
        """Return what a lock screen would have given away."""
        secrets = [circle.draft.name for circle in town.CIRCLES] + [
            topic for circle in town.CIRCLES for topic in circle.draft.topics
        ]
        return [
            f"told too much to {one.who}: {found}"
            for one in self._received
            for language in ("en", "es")
            for found in discreet.leaks(one.subject or one.body, secrets, language)
        ]

    def finale(self, seconds: float, broken: list[str]) -> None:
        """Show what arrived, what did not and why, and the feeds."""
        self._mailboxes()
        self._one_mail()
        self._held_back()
        self._written()
        received = self._received
        texts = sum(one.channel is Channel.SMS for one in received)
        verdict = "every promise kept" if not broken else f"{len(broken)} promises broken"
        output.write(f"\n{texts} texts and {len(received) - texts} mails, each once; {verdict}; {seconds:.1f} seconds")

    def _mailboxes(self) -> None:
        output.write("\nWHAT ARRIVED")
        for neighbour in town.NEIGHBOURS:
            who = neighbour.draft.alias
            lines: list[tuple[datetime, str]] = [(one.at, _line(one)) for one in self._received if one.who == who]
            lines += [(one.at, _said(one)) for one in self._stage.exchanges if one.who == who]
            output.write(f"\n{who} ({', '.join(filter(None, (neighbour.draft.phone, neighbour.draft.email)))})")
            for at, line in sorted(lines, key=lambda told: told[0]):
                output.write(textwrap.indent(_wrapped(f"{_time(at)}  {line}"), "  "))
            if not lines:
                output.write("  nothing")

    def _one_mail(self) -> None:
        mail = next(one for one in self._received if one.who == "Carmen" and one.channel is Channel.EMAIL)
        output.write(f"\nONE MAIL IN FULL (to Carmen)\n\n  {mail.subject}\n")
        output.write(textwrap.indent(mail.body.strip(), "  "))

    def _held_back(self) -> None:
        output.write("\nWHAT WAS NOT SENT, AND WHY")
        for one in self._stage.held_back():
            word = "refused" if one.state is State.FAILED else "not sent"
            about = f"{one.kind.replace('_', '-')} by {one.channel} for {one.who}, {one.slot:%a %d %H:%M}"
            output.write(f"  {word}: {about}: {one.reason}")
        output.write(f"  no longer written to: {', '.join(self._stage.stopped())}")

    def _written(self) -> None:
        output.write("\nCALENDARS, as calendar programs get them")
        for name, entries in self._feeds.items():
            output.write(f"  {name}: {entries} {'entry' if entries == 1 else 'entries'}")
        if self._kept:
            output.write(
                f"\nKEPT in {self._home}: the calendars, every message in messages.jsonl, and the installation"
            )
            output.write(f"  look around in it: meetup --home {shlex.quote(str(self._home))} remind status --list 20")
        else:
            output.write("  gone by now, as all of this town; `meetup demo --keep DIR` keeps it")


def _wrong_with(feeds: dict[str, str]) -> list[str]:
    """Compare the feeds with what they must and must not hold."""
    unfolded = {name: text.replace("\r\n ", "") for name, text in feeds.items()}
    secrets = ("pwd=", town.PARLOUR.passcode, "+16465550100")
    public = {name: text for name, text in unfolded.items() if name != "ada.ics"}
    wrong = [f"{name} gives away {secret}" for name, text in public.items() for secret in secrets if secret in text]
    circle, own = unfolded["thursday-circle.ics"], unfolded["ada.ics"]
    promised = {
        "the address": "LOCATION:St. Brendan's Parish Hall\\, 48 Chapel Street" in circle,
        "the cancelled date": "STATUS:CANCELLED" in circle,
        "Ada's way into the room": "CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO" in own and "/j/" in own,
        "Ada's cover labels": "SUMMARY:Evening class" in own and "Depression" not in own,
    }
    return wrong + [f"the feeds lack {what}" for what, there in promised.items() if not there]


def _fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 -- our own server
        return str(answer.read().decode())


def _line(one: Received) -> str:
    return f"text  {one.body}" if one.channel is Channel.SMS else f"mail  {one.subject}"


def _said(one: Exchange) -> str:
    return f"said  “{one.said}” → " + (" / ".join(one.answers) or "no answer")


def _wrapped(line: str) -> str:
    return "\n".join(textwrap.wrap(line, WIDTH, subsequent_indent=" " * 20))


def _time(at: datetime) -> str:
    return f"{at.astimezone(week.ZONE):%a %d %H:%M}"
