"""Where a Meeting Guide listing is held: the place, the link, and what follows for how it is attended."""

import re
from dataclasses import dataclass

from meetup.errors import NotUnderstood
from meetup.places import rooms
from meetup.places.rooms import RoomDraft
from meetup.places.venues import VenueDraft
from meetup.schedule.series import Access
from meetup.transfer import fields
from meetup.transfer.fields import Row, Said, text
from meetup.transfer.listings import Mode

# A number that can be dialled from anywhere has ten digits at least.
SHORTEST_NUMBER = 10

CLOSED = "Its place is closed for the time being"
NO_DOOR = "Neither a place nor a link that could be used: paused"
DIRECTIONS = "Its notes about the place are left out, for they may hold a code or a contact"
PHONE_ONLY = "Its telephone number is left out, for without a link it is no room"
NO_CALL = "Its link is left out, for it leads to no known video service"
NO_LINK = "Its link is left out, for nobody can follow it"
ENCRYPTED = "Its link began with http and was taken with https"

_NOWHERE = frozenset({"online", "online only", "online meeting", "remote", "virtual", "zoom", "telephone", "phone"})
_PRIVATE = re.compile(
    r"\d{3}|@|https?:|www\.|\b(?:pass\w*|pwd|pin|codes?|contacts?|call|text|ring|phone|e-?mail)\b", re.IGNORECASE
)
_STATE = re.compile(r"([A-Z]{2}) (\d{5}(?:-\d{4})?)")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """How a listing is attended; a place that is closed is kept, and nobody is sent there."""

    mode: Mode
    venue: VenueDraft | None = None
    room: RoomDraft | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """An address, in parts as far as they can be told apart."""

    line: str = ""
    street: str = ""
    locality: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""


def of(row: Row, said: Said) -> Whereabouts:
    """Work out where a listing is held; nobody is sent to a closed place or to one known by its town only."""
    codes = fields.codes(row, "types")
    venue, room = _venue(row, codes, said), _room(row, codes, said)
    closed = "TC" in codes
    if venue and closed:
        said.append((CLOSED, venue.line))
    if venue and not closed:
        return Whereabouts(Mode.HYBRID if room else Mode.IN_PERSON, venue, room)
    if room:
        return Whereabouts(Mode.ONLINE, venue, room)
    if not venue:
        said.append((NO_DOOR, ""))
    return Whereabouts(Mode.INACTIVE, venue)


def _venue(row: Row, codes: frozenset[str], said: Said) -> VenueDraft | None:
    address = _address(row)
    if _approximate(row, address):
        return None
    latitude, longitude = fields.coordinates(row) or (None, None)
    return VenueDraft(
        name=text(row, "location") or address.street or address.line.partition(",")[0],
        address=address.line,
        street=address.street,
        locality=address.locality,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
        latitude=latitude,
        longitude=longitude,
        directions=_directions(row, said),
        access=Access(step_free="X" in codes or None, accessible_toilet="XB" in codes or None),
    )


def _address(row: Row) -> Address:
    line, street, city = (text(row, name) for name in ("formatted_address", "address", "city"))
    if line:
        return taken_apart(line)
    if not city:
        return Address(street)
    country = _country(text(row, "country"))
    return Address("", street, city, text(row, "state"), text(row, "postal_code"), country)


def taken_apart(line: str) -> Address:
    """Return an address in parts, as far as its commas tell them apart."""
    parts = [part.strip() for part in line.split(",")]
    state = _STATE.fullmatch(parts[2]) if len(parts) == 4 else None
    if state is None:
        return Address(line)
    return Address(line, parts[0], parts[1], state[1], state[2], _country(parts[3]))


def _country(told: str) -> str:
    return "US" if told.upper() in {"USA", "UNITED STATES"} else told


def _approximate(row: Row, address: Address) -> bool:
    """Tell whether nobody could go there: it says so, names no street, or is short and has no number in it."""
    first = address.street or address.line.partition(",")[0]
    if not first or first.casefold() in _NOWHERE:
        return True
    told = fields.yes(row, "approximate")
    if told is not None:
        return told
    if text(row, "coordinates").count(",") == 3:
        return True  # four numbers are a region
    return not address.street and address.line.count(",") < 3 and not fields.digits(first)


def _directions(row: Row, said: Said) -> str:
    told = text(row, "location_notes")
    if _PRIVATE.search(told):
        said.append((DIRECTIONS, ""))
        return ""
    return told


def _room(row: Row, codes: frozenset[str], said: Said) -> RoomDraft | None:
    """Return the room. No remark repeats a link: it may be a secret."""
    link, phone = text(row, "conference_url"), text(row, "conference_phone")
    dialled = fields.digits(phone) >= SHORTEST_NUMBER
    if not link:
        said.extend([(PHONE_ONLY, "")] if dialled else [])
        return None
    try:
        url, service = followed(link)
        draft = RoomDraft(
            name=f"{text(row, 'group') or text(row, 'name')}, {service or 'online'}",
            url=url,
            passcode=fields.passcode(text(row, "conference_url_notes")),
            dial_in=(phone,) if dialled else (),
        )
    except (NotUnderstood, ValueError):
        said.append((NO_LINK, ""))
        return None
    if not service and "ONL" not in codes:
        said.append((NO_CALL, ""))
        return None
    said.extend([(ENCRYPTED, "")] if link[:5].lower() == "http:" else [])
    return draft


def followed(link: str) -> tuple[str, str]:
    """Return a link and the service it leads to; those of known services are always encrypted."""
    bare = _SCHEME.sub("", link, count=1)
    service = rooms.provider(f"https://{bare}")
    encrypted = service or link[:6].lower() == "https:"
    return f"https://{bare}" if encrypted else link, service
