"""A believable organization for the rehearsal: three groups, two places, a dozen members, two languages, two zones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from meetup import groups, meetings, organization, reminders
from meetup.people import consent, contacts, members, subscriptions
from meetup.people.consent import Wording
from meetup.places import closures, rooms, venues
from meetup.places.closures import ClosureDraft
from meetup.schedule import phrases
from meetup.schedule.series import Access
from meetup.storage.database import Session
from meetup.storage.tables import Group, Member, Organization, Venue
from meetup.values import Channel, Preference
from notifications.words.compose import Voice, opt_in_wording

MAIL_FROM = "calendar@riverbend.example"
FOUNDING = organization.Founding(
    name="Riverbend Peer Network",
    sender_name="Riverbend",
    cover_label="Riverbend calendar",
    zone="America/New_York",
    language="en",
    country="US",
    contact_mail="jo@riverbend.example",
)
HALL = venues.VenueDraft(
    "St. Brendan's Parish Hall",
    street="48 Chapel Street",
    locality="Albany",
    region="NY",
    postal_code="12207",
    country="US",
    latitude=42.6526,
    longitude=-73.7562,
    directions="Green door on the garden side, then the stairs or the lift to the first floor",
    capacity=30,
    access=Access(step_free=True, accessible_toilet=True, hearing_loop=True, transit="Bus 12, stop Chapel Street"),
)
WARD = venues.VenueDraft(
    "Mercy Hospital, Room 214",
    street="900 New Scotland Avenue",
    locality="Albany",
    region="NY",
    postal_code="12208",
    country="US",
    directions="Main entrance, lift to the second floor, follow the yellow line",
    access=Access(step_free=True, accessible_toilet=True, id_required=True, cameras=True),
)
PARLOUR = rooms.RoomDraft(
    "Parlour", "https://zoom.us/j/81234567890?pwd=c3BlY2lhbA", passcode="314159", dial_in=("+1 646 555 0100",)
)
STUDIO = rooms.RoomDraft("Studio", "https://meet.jit.si/riverbend-studio-7f3a")


@dataclass(frozen=True, slots=True)
class Circle:
    """A group of the rehearsal, and its meetings: title, phrase, venue and room."""

    draft: groups.GroupDraft
    rules: tuple[str, ...]
    meetings: tuple[tuple[str, str, str, str], ...]


CIRCLES = (
    Circle(
        groups.GroupDraft(
            "Thursday Depression Circle", "thursday-circle", "Evening class", topics=("depression", "medication")
        ),
        ("24h by email", "2h by sms"),
        (
            ("Thursday circle", "every Thursday 19:00-20:30", HALL.name, PARLOUR.name),
            ("Sunday check-in", "every Sunday 17:00-18:00", "", PARLOUR.name),
        ),
    ),
    Circle(
        groups.GroupDraft("Anxiety and Panic, Mercy Hospital", "tuesday-mercy", "Tuesday seminar", topics=("anxiety",)),
        ("24h by email", "3h by sms"),
        (("Tuesday at Mercy", "second and fourth Tuesday at 18:30-20:00", WARD.name, STUDIO.name),),
    ),
    # This one has never paid for a text: it works by mail alone.
    Circle(
        groups.GroupDraft("Cuidadores de Albany", "cuidadores", "Café del sábado", language="es"),
        ("48h by email", "3h by email"),
        (("Encuentro mensual", "second Saturday 11:00-12:30", HALL.name, ""),),
    ),
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A member of the rehearsal: who they are, where they go, and what they agreed to on paper."""

    draft: members.MemberDraft
    circles: tuple[str, ...]
    preference: Preference = Preference.EITHER
    agreed: bool = True


def _neighbour(alias: str, number: int, circles: str, **more: str | bool) -> Neighbour:
    """Return somebody with a phone (unless `mail_only`) and a mailbox."""
    known = {key: more[key] for key in ("language", "zone", "cover_label", "phone_shared") if key in more}
    draft = members.MemberDraft(
        alias,
        phone="" if more.get("mail_only") else f"+151855501{number:02d}",
        email="" if more.get("phone_only") else f"{alias.lower()}@mail.example",
        **known,  # type: ignore[arg-type]  # texts and one switch, named as the draft names them
    )
    preference = Preference(str(more.get("door", "either")))
    return Neighbour(draft, tuple(circles.split()), preference, agreed=bool(more.get("agreed", True)))


NEIGHBOURS = (
    _neighbour("Ada", 1, "thursday-circle tuesday-mercy"),
    _neighbour("Ben", 2, "thursday-circle", phone_only=True),
    _neighbour("Carmen", 3, "thursday-circle cuidadores", language="es"),
    _neighbour("Dee", 4, "thursday-circle", zone="America/Los_Angeles", door="online"),
    _neighbour("Eli", 5, "thursday-circle", door="only_in_person", phone_only=True),
    _neighbour("Fay", 6, "tuesday-mercy", phone_shared=True, phone_only=True),
    _neighbour("Gus", 7, "tuesday-mercy thursday-circle", phone_only=True),
    _neighbour("Hana", 8, "tuesday-mercy", cover_label="Pottery"),
    _neighbour("Ines", 9, "cuidadores", language="es", mail_only=True),
    _neighbour("Kit", 10, "tuesday-mercy", phone_only=True, agreed=False),
    _neighbour("Luz", 11, "cuidadores", language="es", mail_only=True),
    _neighbour("Max", 12, "cuidadores", mail_only=True),
)


def build(session: Session, now: datetime) -> None:
    """Write the whole town into an empty database."""
    own = organization.found(session, FOUNDING, now)
    for venue in (HALL, WARD):
        venues.add(session, venue, now)
    for room in (PARLOUR, STUDIO):
        rooms.add(session, room, now)
    for circle in CIRCLES:
        _add_circle(session, circle, now)
    for neighbour in NEIGHBOURS:
        _add_neighbour(session, own, neighbour, now)
    close_for_holidays(session, venues.find(session, HALL.name), now)


def close_for_holidays(session: Session, hall: Venue, now: datetime) -> None:
    """Close the parish hall over the holidays."""
    first, last = datetime.fromisoformat("2026-12-21T00:00"), datetime.fromisoformat("2027-01-05T00:00")
    closures.close(session, hall, ClosureDraft(first, last, "Closed over the holidays"), now)


def _add_circle(session: Session, circle: Circle, now: datetime) -> None:
    group = groups.add(session, circle.draft, now)
    for text in circle.rules:
        rule = reminders.parse_rule(text)
        reminders.add_rule(session, group, rule.lead, rule.channel, now)
    for title, phrase, venue, room in circle.meetings:
        parsed = phrases.parse(phrase, now.date())
        timing = meetings.Timing(parsed.rule, parsed.start, parsed.duration, parsed.until, group.zone)
        meeting = meetings.add(session, group, [timing], now, title=title)
        where = venues.find(session, venue) if venue else None
        meetings.hold(session, meeting, now, venue=where, room=rooms.find(session, room) if room else None)


def _add_neighbour(session: Session, own: Organization, neighbour: Neighbour, now: datetime) -> None:
    member = members.add(session, neighbour.draft, now)
    points = contacts.of_member(session, member.id or 0)
    for slug in neighbour.circles:
        group = groups.find(session, slug)
        subscriptions.subscribe(session, member, group, neighbour.preference, list(points), now)
        _agree(session, own, neighbour, group, now)


def _agree(session: Session, own: Organization, neighbour: Neighbour, group: Group, now: datetime) -> None:
    member = members.find(session, neighbour.draft.alias)
    for channel, point in contacts.of_member(session, member.id or 0).items():
        if neighbour.agreed:
            consent.on_paper(session, point, group.id or 0, date(2026, 11, 1), now)
        else:
            consent.grant(session, point, group.id or 0, _wording(own, member, channel), now)


def _wording(own: Organization, member: Member, channel: Channel) -> Wording:
    voice = Voice.of(own)
    words, version = opt_in_wording(channel, member.language, voice)
    return Wording(words, version, member.language)


def aliases(drafts: Sequence[Neighbour] = NEIGHBOURS) -> dict[str, str]:
    """Return who lives at each address."""
    return {address: one.draft.alias for one in drafts for address in (one.draft.phone, one.draft.email) if address}
