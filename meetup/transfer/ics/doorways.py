"""Where an entry is held: the place, the link and the numbers, wherever programs put them."""

import html
import re
from collections.abc import Iterator
from itertools import islice

from meetup.errors import NotUnderstood
from meetup.places import rooms
from meetup.places.rooms import RoomDraft
from meetup.places.venues import VenueDraft
from meetup.transfer import fields, whereabouts
from meetup.transfer.fields import Said
from meetup.transfer.ics import values
from meetup.transfer.ics.lines import Component
from meetup.transfer.ics.programme import Where

MOST_LINKS = 50
LONGEST_PLACE = 300

NO_LINK = "Its link is left out, for nobody can follow it"
TELLING_PLACE = "Its place is left out, for it holds a code, a number or an address that not everybody may read"
NO_POINT = "Its coordinates are left out, for they are on no map"

# A property of its own is meant as the way in, whoever runs it; elsewhere only the links of known services are.
_MEANT = (
    *("CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK"),
    *("X-MICROSOFT-ONLINEMEETINGCONFLINK", "X-CONFERENCE-URL"),
)
_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,12}:/{0,2})?(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}(?::\d{1,5})?/[^\s<>\"'\\]*", re.IGNORECASE
)
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_NO_PLACE = re.compile(
    r"#|(?:online|on-line|virtual|remote|zoom|google meet|microsoft teams|ms teams|teams|skype|jitsi|discord|slack|"
    r"matrix|webex|irc|gather|mumble|telephone|phone|by phone|video|hangouts?|tb[ad]|en línea|virtuell)\b",
    re.IGNORECASE,
)
_PRIVATE = re.compile(
    r"@|\b(?:pass\s?-?codes?|pass\s?-?words?|pwd|pin|codes?|buzzer)\b\W{0,3}(?:is\s)?#?\w*\d|\+?\d[\d ().-]{8,20}\d",
    re.IGNORECASE,
)
_COORDINATES = re.compile(r"(-?\d{1,3}(?:\.\d{1,12})?);(-?\d{1,3}(?:\.\d{1,12})?)", re.ASCII)


def of(event: Component, title: str, said: Said) -> Where:
    """Work out where an entry is held. No remark repeats a link or a place: either may be a secret."""
    told = values.line(event, "LOCATION")[:LONGEST_PLACE]
    address = " ".join(_LINK.sub(" ", told).split()).strip(" ,;:|-–()")
    room = _room(event, told, title, said)
    venue = _venue(event, address, said) if address and not _nowhere(address) else None
    return Where(venue, room, elsewhere=bool(told) and not venue and not room)


def _nowhere(address: str) -> bool:
    """Tell whether a text names no place: a channel, a service, a number to call."""
    if not any(character.isalpha() for character in address):
        return True
    return bool(_NO_PLACE.match(address)) and not fields.digits(address.partition(",")[2])


def _venue(event: Component, address: str, said: Said) -> VenueDraft | None:
    if _PRIVATE.search(address):
        said.append((TELLING_PLACE, ""))
        return None
    first, _, rest = (part.strip() for part in address.partition(","))
    named = bool(rest) and not fields.digits(first)
    parts = whereabouts.taken_apart(rest if named else address)
    latitude, longitude = _point(event, said) or (None, None)
    return VenueDraft(
        name=first,
        address=parts.line,
        street=parts.street,
        locality=parts.locality,
        region=parts.region,
        postal_code=parts.postal_code,
        country=parts.country,
        latitude=latitude,
        longitude=longitude,
    )


def _point(event: Component, said: Said) -> tuple[float, float] | None:
    told = event.value("GEO")
    found = _COORDINATES.fullmatch(told.strip())
    point = fields.coordinates({"latitude": found[1], "longitude": found[2]}) if found else None
    said.extend([(NO_POINT, "")] if told and point is None else [])
    return point


def _room(event: Component, location: str, title: str, said: Said) -> RoomDraft | None:
    meant, others = [*_meant(event), *_links(location)], [*_links(event.value("URL")), *_links(_notes(event))]
    found = [draft for draft in (_draft(link, title) for link in meant) if draft]
    found += [draft for draft in (_draft(link, title) for link in others if _known(link)) if draft]
    if not found:
        said.extend([(NO_LINK, "")] if meant else [])
        return None
    first = found[0]
    passcode = fields.passcode(_LINK.sub(" ", _notes(event)))
    return RoomDraft(first.name, first.url, passcode=passcode, dial_in=tuple(_numbers(event)))


def _meant(event: Component) -> Iterator[str]:
    for told in event.all(*_MEANT)[:MOST_LINKS]:
        if not told.value.lower().startswith(("tel:", "sip:")):
            yield values.unescaped(told.value).strip()


def _numbers(event: Component) -> Iterator[str]:
    """Yield the numbers to dial that can be dialled from anywhere."""
    for told in event.all("CONFERENCE")[:MOST_LINKS]:
        number = values.unescaped(told.value).strip()
        if number.lower().startswith("tel:") and fields.digits(number) >= whereabouts.SHORTEST_NUMBER:
            yield number[4:].partition(";")[0][:60]


def _notes(event: Component) -> str:
    return html.unescape(values.text(event, "DESCRIPTION"))


def _links(told: str) -> list[str]:
    # Word by word: most texts hold no link, and need not be searched for one.
    words = (word for word in told.split() if "." in word and "/" in word)
    found = (link[0].rstrip(".,;:!?)]}*_|") for word in words for link in _LINK.finditer(word))
    return list(islice(dict.fromkeys(found), MOST_LINKS))


def _known(link: str) -> bool:
    return bool(rooms.provider(f"https://{_HTTP.sub('', link, count=1)}"))


def _draft(link: str, title: str) -> RoomDraft | None:
    try:
        url, service = whereabouts.followed(link)
        return RoomDraft(name=f"{title}, {service or 'online'}", url=url)
    except (NotUnderstood, ValueError):
        return None
