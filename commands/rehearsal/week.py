"""One week of the rehearsal: what organizers and members do in it, and what everybody was promised to receive."""

import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from commands.rehearsal.mailbox import Mailbox
from commands.rehearsal.twilio import Fault, RehearsalTwilio
from meetup import dates, meetings
from meetup.storage.database import Database
from meetup.values import Channel, Door, Kind

ZONE = ZoneInfo("America/New_York")
BEGIN = datetime(2026, 12, 7, 6, tzinfo=ZONE)
END = datetime(2026, 12, 14, 6, tzinfo=ZONE)
PHONES = {"Ada": "+15185550101", "Ben": "+15185550102", "Gus": "+15185550107", "Hana": "+15185550108",
          "Kit": "+15185550110"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """What an event can act on."""

    database: Database
    now: datetime
    mailbox: Mailbox
    twilio: RehearsalTwilio
    heard: Callable[[str, str, list[str]], None]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that people do at a moment."""

    at: datetime
    told: str
    act: Callable[[Scene], None]


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of December 2026 by the clocks of the town."""
    return datetime(2026, 12, day, hour, minute, tzinfo=ZONE)


def _texts(who: str, body: str) -> Callable[[Scene], None]:
    def act(scene: Scene) -> None:
        answers = scene.twilio.phone_texts(PHONES[who], body)
        scene.heard(who, body, [f"{'(Twilio) ' if one.by_provider else ''}{one.body}" for one in answers])

    return act


def _boiler(scene: Scene) -> None:
    with scene.database.writing() as session:
        meeting = meetings.find(session, "thursday-circle")
        slot = dates.slot_on(session, meeting, date(2026, 12, 10))
        dates.close_door(session, meeting, slot, Door.IN_PERSON, scene.now)


def _later(scene: Scene) -> None:
    with scene.database.writing() as session:
        meeting = meetings.find(session, "encuentro-mensual")
        slot = dates.slot_on(session, meeting, date(2026, 12, 12))
        dates.move(session, meeting, slot, dates.Move(datetime.fromisoformat("2026-12-12T15:00")), scene.now)


def _host_is_ill(scene: Scene) -> None:
    with scene.database.writing() as session:
        meeting = meetings.find(session, "sunday-check-in")
        dates.cancel(session, meeting, dates.slot_on(session, meeting, date(2026, 12, 13)), scene.now)


def _full_mailbox(scene: Scene) -> None:
    scene.mailbox.turn_away("luz@mail.example", "550 5.1.1 no such user here")


def _bad_line(scene: Scene) -> None:
    scene.twilio.script(Fault.ACCEPT_THEN_CUT)


def _one_click(scene: Scene) -> None:
    mail = scene.mailbox.inbox("max@mail.example")[-1].message
    url = str(mail["List-Unsubscribe"]).split(">")[0].strip("< ")
    request = urllib.request.Request(url, b"List-Unsubscribe=One-Click", method="POST")  # noqa: S310 -- our own server
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 -- our own server
        scene.heard("Max", "one-click unsubscribe", [f"HTTP {answer.status}"])


EVENTS = (
    Event(moment(7, 10), "Kit answers the question with YES", _texts("Kit", "Yes")),
    Event(moment(8, 15, 40), "Ada will come in person", _texts("Ada", "1")),
    Event(moment(8, 15, 41), "Hana will not come", _texts("Hana", "0")),
    Event(moment(8, 15, 45), "Gus has had enough", _texts("Gus", "STOP")),
    Event(moment(10, 10), "The boiler of the hall breaks: Thursday is online only", _boiler),
    Event(moment(10, 10, 55), "Luz's mailbox no longer exists", _full_mailbox),
    Event(moment(10, 16, 59), "The line to Twilio will break on the next text", _bad_line),
    Event(moment(11, 12), "Saturday is moved from 11:00 to 15:00", _later),
    Event(moment(11, 13), "Max leaves by the button of his mail program", _one_click),
    Event(moment(11, 23, 10), "Ben writes in the night", _texts("Ben", "I can't do this anymore")),
    Event(moment(13, 13, 30), "The host is ill: Sunday is cancelled", _host_is_ill),
)


@dataclass(frozen=True, slots=True, order=True)
class Promise:
    """One message that one person is to receive, to the minute."""

    at: datetime
    channel: Channel
    who: str
    kind: Kind


def _all(at: datetime, channel: Channel, kind: Kind, people: str) -> list[Promise]:
    return [Promise(at, channel, who, kind) for who in people.split()]


PROMISED = sorted(
    [
        *_all(moment(7, 9), Channel.SMS, Kind.OPT_IN, "Kit"),  # not at six in the morning
        *_all(moment(7, 18, 30), Channel.EMAIL, Kind.REMINDER, "Ada Hana"),
        *_all(moment(8, 15, 30), Channel.SMS, Kind.REMINDER, "Ada Fay Gus Hana Kit"),
        *_all(moment(9, 19), Channel.EMAIL, Kind.REMINDER, "Ada Carmen Dee"),
        *_all(moment(10, 10, 10), Channel.SMS, Kind.HALF_CANCELLED, "Ada Ben Carmen Eli"),
        *_all(moment(10, 10, 10), Channel.EMAIL, Kind.HALF_CANCELLED, "Ada Carmen Dee"),
        *_all(moment(10, 11), Channel.EMAIL, Kind.REMINDER, "Carmen Ines Max"),
        *_all(moment(10, 11), Channel.SMS, Kind.HALF_CANCELLED, "Dee"),  # eight in Los Angeles: the first decent hour
        *_all(moment(10, 17), Channel.SMS, Kind.REMINDER, "Ada Ben Carmen Dee"),
        *_all(moment(11, 12, 10), Channel.EMAIL, Kind.MOVED, "Carmen Ines Max"),
        *_all(moment(12, 12), Channel.EMAIL, Kind.REMINDER, "Carmen Ines"),
        *_all(moment(12, 17), Channel.EMAIL, Kind.REMINDER, "Ada Carmen Dee"),
        *_all(moment(13, 13, 40), Channel.SMS, Kind.CANCELLED, "Ada Ben Carmen Dee"),
        *_all(moment(13, 13, 40), Channel.EMAIL, Kind.CANCELLED, "Ada Carmen Dee"),
    ]
)
HELD_BACK = {
    ("Eli", Kind.REMINDER, "comes in person only, and that door is closed"),
    ("Max", Kind.REMINDER, "consent was withdrawn"),
    ("Ada", Kind.REMINDER, "cancelled"),
    ("Eli", Kind.CANCELLED, "comes in person only, and this is online"),
    ("Luz", Kind.REMINDER, "550 5.1.1 no such user here"),
}
ANSWERED = {
    ("Kit", "Riverbend: you're set."),
    ("Ada", "Riverbend: noted, in person"),
    ("Hana", "Riverbend: noted"),
    ("Gus", "(Twilio) You are unsubscribed"),
    ("Max", "HTTP 200"),
    ("Ben", "Riverbend: thanks for telling us."),
}
