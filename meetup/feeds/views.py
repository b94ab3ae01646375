"""What one reader sees of one date: the public sees no secret, a member sees the doors that she uses."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from urllib.parse import unquote

from meetup.feeds import words
from meetup.schedule.series import Occurrence, Place, Room, Series
from meetup.values import Door, Preference, clean
from meetup.wording.discreet import leaks_to_all

WEB = re.compile(r"https?://[^\s\x00-\x20\x7f<>\"\\^`{|}]+")
SECRET_KEYS = re.compile(
    r"[?&#;/](?:[a-z_-]*(?:pwd|pass|secret|token)[a-z_-]*|[a-z_-]*key|pw|pin|code|p|tk|jwt|h|auth)=", re.IGNORECASE
)
USERINFO = re.compile(r"https?://[^/?#]*@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reader:
    """The member who reads a private feed; the public is `None`."""

    label: str = ""  # her own word for it; wins over the one of the group
    preference: Preference = Preference.EITHER
    phone_shared: bool = False  # somebody else may see it: label and time, no more
    plain_words: bool = False  # she chose to read what it is really called
    join_links: Mapping[str, str] = field(default_factory=dict)  # the meeting's key → her own link; else the room's
    alarm: timedelta | None = None  # her program rings so long before; only when she asked for it


@dataclass(frozen=True, slots=True)
class View:
    """One date as one reader sees it. Two dates with equal views need no entries of their own."""

    summary: str
    cancelled: bool = False
    location: str = ""
    place: Place | None = None  # for maps
    link: str = ""
    phones: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    alarm: timedelta | None = None


def view(occurrence: Occurrence, reader: Reader | None) -> View:
    """Return what a reader (None: anybody) sees of a date."""
    title = _title(occurrence, reader)
    shown = relevant(occurrence.open_doors, reader)
    if not shown:
        cancelled = f"{words.of(occurrence.series.language).cancelled}: {title}"
        return View(cancelled, cancelled=True, lines=tuple(_remarks(occurrence, reader)))
    if reader and reader.phone_shared:
        return View(title, alarm=reader.alarm)
    return _open(occurrence, reader, shown, title)


def relevant(doors: frozenset[Door], reader: Reader | None) -> frozenset[Door]:
    """Return the open doors that matter to a reader: the preferred one, else whatever is open."""
    preference = reader.preference if reader else Preference.EITHER
    if preference is Preference.EITHER:
        return doors
    if preference is Preference.ONLY_IN_PERSON:
        return doors & {Door.IN_PERSON}
    return doors & {Door(preference)} or doors


def public_link(room: Room) -> str:
    """Return the room's link when everybody may have it: public, and without a passcode in it."""
    url = secure(room.url)
    if not room.public or holds_secret(url):
        return ""
    return "" if room.passcode and room.passcode in unquote(url) else url


def public_place(occurrence: Occurrence) -> Place | None:
    """Return where everybody may know that a date is held, whether its door is open or not, without any code."""
    place = _place(occurrence, None)
    if place is None:
        return None
    parking, transit = (
        "" if _tells(text, occurrence) else line(text) for text in (place.access.parking, place.access.transit)
    )
    return replace(place, access=replace(place.access, parking=parking, transit=transit, door_code=""))


def sayable(text: str, told: Iterable[Series]) -> tuple[str, ...]:
    """Return the lines of a text that everybody may read: none gives away a code or a link of these meetings."""
    lines = [line(one) for one in clean(text).splitlines() if line(one)]
    if not lines:
        return ()
    # Very many meetings may share one room: look at each place and room once.
    held = {id(one): one for series in told for one in _held_in(series)}
    secrets = frozenset[str]().union(*(_codes(one) if isinstance(one, Place) else _of(one) for one in held.values()))
    return tuple(one for one in lines if not _gives_away(one, secrets))


def web(url: str) -> str:
    """Return a link that leads to a web page; nothing for anything else, such as `javascript:`."""
    return url if WEB.fullmatch(url) else ""


def secure(url: str) -> str:
    """Return a link to somebody else's page, which must be encrypted."""
    return web(url) if url.startswith("https://") else ""


def holds_secret(url: str) -> bool:
    """Tell whether a link carries what opens the room behind it: a passcode, a key, somebody's login."""
    return bool(SECRET_KEYS.search(unquote(url)) or USERINFO.match(url))


def line(text: str) -> str:
    """Return a text as one line without control characters."""
    return " ".join(clean(text).split())


def location(place: Place) -> str:
    """Return the address with the place's name first."""
    name, address = line(place.name), line(place.address)
    return address if address.startswith(name) else ", ".join(part for part in (name, address) if part)


def _title(occurrence: Occurrence, reader: Reader | None) -> str:
    series = occurrence.series
    if reader is None:
        return line(series.title)
    # Her own word may say anything; the group's must not.
    if reader.plain_words and not reader.phone_shared:
        return line(reader.label) or line(series.title)
    return line(reader.label) or _harmless(line(series.label), series.secrets) or words.of(series.language).appointment


def _open(occurrence: Occurrence, reader: Reader | None, shown: frozenset[Door], title: str) -> View:
    place = _place(occurrence, reader) if Door.IN_PERSON in shown else None
    room = occurrence.room if Door.ONLINE in shown else None
    link = _link(occurrence, room, reader) if room else ""
    only = _only(occurrence, reader, shown)
    phones = tuple(line(number) for number in room.dial_in) if room and reader else ()
    return View(
        summary=f"{title} ({only})" if only else title,
        location=location(place) if place else link or words.of(occurrence.series.language).online,
        place=place,
        link=link,
        phones=phones,
        lines=tuple(_lines(occurrence, reader, (place, room), link)),
        categories=() if reader else _categories(shown),
        alarm=reader.alarm if reader else None,
    )


def _link(occurrence: Occurrence, room: Room, reader: Reader | None) -> str:
    if reader is None:
        return public_link(room)
    return web(reader.join_links.get(occurrence.series.key, "")) or secure(room.url)


def _place(occurrence: Occurrence, reader: Reader | None) -> Place | None:
    """Return the place without what this reader must not see."""
    place, series = occurrence.place, occurrence.series
    if place is None:
        return None
    if reader is None:
        return replace(place, directions="") if _tells(place.directions, occurrence) else place
    if reader.plain_words:
        return place
    secrets = (series.title, *series.secrets)
    name, directions = (_harmless(text, secrets) for text in (place.name, place.directions))
    return replace(place, name=name, directions=directions)


@lru_cache(maxsize=4096)
def _harmless(text: str, secrets: tuple[str, ...]) -> str:
    """Return a text unless it says what the group is about, in whichever language."""
    return "" if leaks_to_all(text, secrets) else text


def _only(occurrence: Occurrence, reader: Reader | None, shown: frozenset[Door]) -> str:
    """Name the door that is left when a reader would expect another one."""
    said = words.of(occurrence.series.language)
    left = occurrence.half_cancelled or occurrence.by_another_door
    if not left or shown == relevant(occurrence.usual_doors, reader):
        return ""
    return said.online_only if Door.ONLINE in shown else said.in_person_only


def _categories(shown: frozenset[Door]) -> tuple[str, ...]:
    if len(shown) == 2:
        return ("Meetup", "Hybrid")
    return ("Meetup", "Online" if Door.ONLINE in shown else "In person")


def _lines(
    occurrence: Occurrence, reader: Reader | None, shown: tuple[Place | None, Room | None], link: str
) -> Iterator[str]:
    """Yield the lines of the description: the link is the first, since programs look for it there."""
    said = words.of(occurrence.series.language)
    place, room = shown
    if room:
        yield from _room_lines(room, reader, link, said)
    if place:
        yield from _place_lines(place, said)
    expected = relevant(occurrence.usual_doors, reader)
    if place is None and Door.IN_PERSON in expected:
        yield said.not_in_person
    if room is None and Door.ONLINE in expected:
        yield said.not_online
    yield from _remarks(occurrence, reader)


def _room_lines(room: Room, reader: Reader | None, link: str, said: words.Words) -> Iterator[str]:
    if link:
        yield f"{said.join}: {link}"
    if reader is None:
        if not link:
            yield said.members_link
        return
    if room.passcode and link == room.url and room.passcode not in link:
        yield f"{said.passcode}: {line(room.passcode)}"
    for number in room.dial_in:
        yield f"{said.phone}: {line(number)}"


def _place_lines(place: Place, said: words.Words) -> Iterator[str]:
    directions = line(place.directions)
    yield f"{said.in_person}: {location(place)}" + (f" ({directions})" if directions else "")
    if place.access.step_free is not None:
        yield said.step_free if place.access.step_free else said.not_step_free


def _remarks(occurrence: Occurrence, reader: Reader | None) -> Iterator[str]:
    """Yield what the organizer wrote, for the public only: members read a harmless label, not what it is about."""
    if reader is not None:
        return
    written = [*clean(occurrence.note).splitlines(), *clean(occurrence.series.description).splitlines()]
    yield from (line(text) for text in written if line(text) and not _tells(text, occurrence))


def _tells(text: str, occurrence: Occurrence) -> bool:
    """Tell whether a text that somebody wrote gives away a passcode, a code of a door or a link with a secret."""
    return _gives_away(text, _secrets(occurrence))


def _gives_away(text: str, secrets: frozenset[str]) -> bool:
    bare = _bare(text)
    if any(secret in text or (_bare(secret) and _bare(secret) in bare) for secret in secrets):
        return True
    return any(holds_secret(url) for url in WEB.findall(text))


def _secrets(occurrence: Occurrence) -> frozenset[str]:
    series = occurrence.series
    return _of(series.room) | _of(occurrence.room) | _codes(series.place) | _codes(occurrence.place)


def _held_in(series: Series) -> Iterator[Place | Room | None]:
    """Yield every place and room of a meeting, those of single dates and of closures too."""
    yield from (series.place, series.room)
    yield from (closure.instead for closure in series.closures)
    for change in series.changes:
        yield from (change.place, change.room)


def _of(room: Room | None) -> frozenset[str]:
    if room is None:
        return frozenset()
    unlisted = () if public_link(room) else (room.url, room.meeting_code)
    return frozenset(secret.strip() for secret in (room.passcode, *room.dial_in, *unlisted) if secret.strip())


def _codes(place: Place | None) -> frozenset[str]:
    code = place.access.door_code.strip() if place else ""
    return frozenset({code}) if code else frozenset()


def _bare(text: str) -> str:
    """Return letters and digits alone: people write the same number in many ways."""
    return "".join(c for c in text.casefold() if c.isalnum())
