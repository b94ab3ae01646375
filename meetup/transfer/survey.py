"""What taking listings would do: which are there already, which are one group, which share a place. All pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count

from meetup.places.rooms import RoomDraft
from meetup.places.venues import VenueDraft
from meetup.transfer.listings import Listing, Mode, Reading, Rejected, Remark
from meetup.wording import discreet

VenueKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """A meeting that is there already."""

    title: str
    group: str
    group_id: int


@dataclass(frozen=True, slots=True)
class Stock:
    """What is there already: by slug, by name and address, by link."""

    label: str  # the cover label of whoever has none of its own
    sender: str  # the name that texts begin with
    language: str
    meetings: Mapping[str, Known]
    groups: Mapping[str, tuple[str, int]]
    venues: Mapping[VenueKey, int]
    rooms: Mapping[str, int]


class Fate(StrEnum):
    """What becomes of a listing."""

    ADDED = "added"
    PAUSED = "paused"
    UNSCHEDULED = "unscheduled"  # its group is there, and no meeting
    KNOWN = "known"  # it was taken before


@dataclass(frozen=True, slots=True)
class Seat:
    """A listing, the slug that its meeting has, and what becomes of it."""

    listing: Listing
    slug: str
    fate: Fate


@dataclass(frozen=True, slots=True)
class Household:
    """The listings of one group; a group that is there already has its number."""

    name: str
    slug: str
    zone: str
    group_id: int | None
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done with a file, and what is there before."""

    stock: Stock
    households: tuple[Household, ...]
    venues: Mapping[VenueKey, VenueDraft]
    rooms: Mapping[str, RoomDraft]
    rejected: tuple[Rejected, ...]
    remarks: tuple[Remark, ...]

    @property
    def fates(self) -> Mapping[Fate, int]:
        """Return how many listings meet which fate."""
        met = [seat.fate for household in self.households for seat in household.seats]
        return {fate: met.count(fate) for fate in Fate}

    @property
    def new_groups(self) -> int:
        """Return how many groups would be added."""
        return sum(household.group_id is None for household in self.households)


def survey(reading: Reading, stock: Stock) -> Plan:
    """Say what taking a file would do to what is there."""
    taken: set[str] = set()
    apart = [_apart(listings) for listings in _by_group(reading.listings)]
    found = [_household(listings, stock, taken) for listings, _ in apart]
    told = {id(household): said for household in found if (said := _telling(household, stock))}
    kept = tuple(household for household in found if id(household) not in told)
    fresh = [seat.listing for one in kept for seat in one.seats if seat.fate is not Fate.KNOWN]
    unsafe = [_unsafe(seat.listing, told[id(one)]) for one in found if id(one) in told for seat in one.seats]
    twins = [twin for _, rejected in apart for twin in rejected]
    rejected = sorted((*reading.rejected, *twins, *unsafe), key=lambda one: one.row)
    gone = {one.row for one in rejected}
    remarks = tuple(remark for remark in reading.remarks if remark.row not in gone)
    return Plan(
        stock,
        kept,
        new_venues((listing.venue for listing in fresh), stock),
        new_rooms((listing.room for listing in fresh), stock),
        tuple(rejected),
        remarks,
    )


def venue_key(name: str, line: str) -> VenueKey:
    """Return what makes two venues the same: name and address, whatever the case."""
    return name.casefold(), line.casefold()


def key_of(draft: VenueDraft) -> VenueKey:
    """Return the key of a venue that is not there yet."""
    return venue_key(draft.name, draft.line)


def _by_group(listings: Iterable[Listing]) -> Iterable[list[Listing]]:
    """Put listings together that name the same group, or have the same name at the same place or link."""
    found: dict[tuple[object, ...], list[Listing]] = defaultdict(list)
    for listing in listings:
        where = (listing.venue and key_of(listing.venue)) or (listing.room and listing.room.url) or listing.slug
        alone = (listing.name.casefold(), where)
        found[(listing.group.casefold(),) if listing.group else alone].append(listing)
    return found.values()


def _apart(listings: Sequence[Listing]) -> tuple[list[Listing], list[Rejected]]:
    """Reject what another listing of the group says as well: members would be told of both."""
    first: dict[tuple[object, ...], int] = {}
    kept, twins = [], []
    for listing in listings:
        row = next((first[when] for when in _dates(listing) if when in first), None)
        if row is None:
            first |= dict.fromkeys(_dates(listing), listing.row)
            kept.append(listing)
            continue
        reason = f"It has the group, name and time of row {row}: members would be told twice"
        twins.append(Rejected(listing.row, listing.name, reason))
    return kept, twins


def _dates(listing: Listing) -> list[tuple[object, ...]]:
    times = listing.times
    return [(listing.name.casefold(), day, times.start, times.zone) for day in times.days] if times else []


def _household(listings: Sequence[Listing], stock: Stock, taken: set[str]) -> Household:
    first = listings[0]
    name = first.group or first.name
    scheduled = {one.row: _meeting(one, stock, taken) for one in listings if one.times}
    slug, group_id = ("", None) if scheduled else _group(name, first.slug, stock)
    numbers = [known.group_id for _, known in scheduled.values() if known]
    group_id = numbers[0] if numbers else group_id
    zone = next((one.times.zone for one in listings if one.times), "")
    seats = (_seat(one, scheduled.get(one.row), group_id) for one in listings)
    return Household(name, slug, zone, group_id, tuple(seats))


def _seat(listing: Listing, found: tuple[str, Known | None] | None, group_id: int | None) -> Seat:
    if found is None:
        return Seat(listing, "", Fate.UNSCHEDULED if group_id is None else Fate.KNOWN)
    slug, known = found
    if known:
        return Seat(listing, slug, Fate.KNOWN)
    return Seat(listing, slug, Fate.PAUSED if listing.mode is Mode.INACTIVE else Fate.ADDED)


def _meeting(listing: Listing, stock: Stock, taken: set[str]) -> tuple[str, Known | None]:
    """Return the slug of a listing's meeting, and the meeting when it is there: others may have had the slug first."""

    def fits(slug: str) -> bool:
        known = stock.meetings.get(slug)
        same = known is None or known.title == listing.name or known.group in {listing.group, listing.name}
        return same and slug not in taken

    slug = next(slug for slug in _numbered(listing.slug) if fits(slug))
    taken.add(slug)
    return slug, stock.meetings.get(slug)


def _group(name: str, wanted: str, stock: Stock) -> tuple[str, int | None]:
    """Return the slug of a group without meetings, and its number when it is there."""
    slug = next(slug for slug in _numbered(wanted) if stock.groups.get(slug, (name,))[0] == name)
    known = stock.groups.get(slug)
    return slug, known[1] if known else None


def _numbered(slug: str) -> Iterator[str]:
    yield slug
    yield from (f"{slug}-{number}" for number in count(2))


def _telling(household: Household, stock: Stock) -> str:
    """Return what of the organization's words would give a new group's name away, as the beginning of a sentence."""
    said = {
        f"Calendars would call it “{stock.label}”, the organization's cover label": stock.label,
        f"Texts begin with “{stock.sender}”, the organization's sender name": stock.sender,
    }
    telling = (words for words, text in said.items() if discreet.leaks_to_all(text, [household.name]))
    return next(telling, "") if household.group_id is None else ""


def _unsafe(listing: Listing, said: str) -> Rejected:
    return Rejected(listing.row, listing.name, f"{said}, and that gives its name away")


def new_venues(drafts: Iterable[VenueDraft | None], stock: Stock) -> dict[VenueKey, VenueDraft]:
    """Return the venues that are not there yet, each once."""
    found: dict[VenueKey, VenueDraft] = {}
    for draft in (draft for draft in drafts if draft):
        key = key_of(draft)
        if key not in stock.venues:
            found[key] = _merged(found.get(key, draft), draft)
    return found


def new_rooms(drafts: Iterable[RoomDraft | None], stock: Stock) -> dict[str, RoomDraft]:
    """Return the rooms that are not there yet, each once, with all that anybody said of them."""
    found: dict[str, RoomDraft] = {}
    for draft in (draft for draft in drafts if draft and draft.url not in stock.rooms):
        first = found.get(draft.url, draft)
        found[draft.url] = replace(
            first, passcode=first.passcode or draft.passcode, dial_in=first.dial_in or draft.dial_in
        )
    return found


def _merged(first: VenueDraft, other: VenueDraft) -> VenueDraft:
    """Return a venue with what any of its listings knows of the ways in."""
    access = replace(
        first.access,
        step_free=first.access.step_free or other.access.step_free,
        accessible_toilet=first.access.accessible_toilet or other.access.accessible_toilet,
    )
    return replace(first, access=access, directions=first.directions or other.directions)
