"""Venues: where a group meets in person, and how to get in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from meetup import naming, organization
from meetup.errors import NotUnderstood
from meetup.schedule.series import Access, Place
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.tables import Venue
from meetup.storage.vault import new_id
from meetup.values import clean

_TEXTS = ("name", "address", "street", "locality", "region", "postal_code", "country", "directions")


@dataclass(frozen=True, slots=True)
class VenueDraft:
    """What somebody says about a venue. Without `address` the line is made of the parts."""

    name: str
    address: str = ""
    slug: str = ""
    street: str = ""
    locality: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    directions: str = ""
    capacity: int | None = None
    access: Access = field(default_factory=Access)

    def __post_init__(self) -> None:
        if not clean(self.name):
            raise NotUnderstood("A venue needs a name")
        if not self.line:
            raise NotUnderstood("A venue needs an address", "Add it as people there write it")
        _check_coordinates(self.latitude, self.longitude)
        if self.capacity is not None and self.capacity < 1:
            raise NotUnderstood("A venue has room for one person at least")

    @property
    def line(self) -> str:
        """Return the address as one line."""
        return " ".join(clean(self.address).split()) or self.of_parts

    @property
    def of_parts(self) -> str:
        """Return the line that the parts of the address make; empty when nobody gave any."""
        american = self.country in {"US", "CA"}
        town = self.locality if american else f"{self.postal_code} {self.locality}"
        state = f"{self.region} {self.postal_code}" if american else self.region
        parts = (" ".join(part.split()) for part in (self.street, town, state))
        return ", ".join(part for part in parts if part)


def add(session: Session, draft: VenueDraft, now: datetime) -> Venue:
    """Add a venue; it lies in the organization's country when nobody says otherwise."""
    draft = replace(draft, country=draft.country or organization.the(session).country)
    row = Venue(
        public_id=new_id(),
        slug=naming.free_slug(session, Venue, draft.slug or draft.name),
        name="",
        address="",
        created_at=now,
    )
    _write(session, row, draft)
    session.flush()
    return row


def find(session: Session, text: str) -> Venue:
    """Return the venue of that name or slug, or refuse and name the nearest ones."""
    return naming.find(session, Venue, text)


def listing(session: Session) -> list[Venue]:
    """Return all venues by name."""
    return naming.listing(session, Venue)


def draft_of(session: Session, row: Venue) -> VenueDraft:
    """Return what was said about a venue; an address that its parts make is left to them."""
    told = {one.name: getattr(row, one.name) for one in fields(VenueDraft) if one.name != "access"}
    whole = VenueDraft(**told, access=value(session, row).access)
    return replace(whole, address="") if whole.address == whole.of_parts else whole


def country(text: str) -> str:
    """Return a country's code in capitals, or refuse what is none; listings of other programs may say more."""
    code = text.strip().upper()
    if code and not re.fullmatch(r"[A-Z]{2}", code):
        raise NotUnderstood(f"“{text}” is not a country code", "Use two letters, such as US or DE")
    return code


def edit(session: Session, venue: Venue, draft: VenueDraft, now: datetime) -> Venue:
    """Write a venue anew; every meeting that is held there is raised."""
    _write(session, venue, draft)
    revisions.touch_venue(session, naming.key(venue), now)
    return venue


def value(session: Session, row: Venue) -> Place:
    """Return a venue as pure code sees it."""
    place = {one.name: getattr(row, one.name) for one in fields(Place) if one.name not in {"key", "access"}}
    flags = {one.name: getattr(row, one.name) for one in fields(Access) if one.name != "door_code"}
    access = Access(**flags, door_code=_open(session, row))
    return Place(key=row.public_id, access=access, **place)


def _write(session: Session, row: Venue, draft: VenueDraft) -> None:
    for name, told in _columns(draft).items():
        setattr(row, name, told)
    row.door_code_sealed = _seal(session, row, draft.access.door_code)
    session.add(row)


def _columns(draft: VenueDraft) -> Mapping[str, object]:
    told = {name: clean(getattr(draft, name)) for name in _TEXTS} | {"address": draft.line}
    access = {one.name: getattr(draft.access, one.name) for one in fields(Access) if one.name != "door_code"}
    size = {"latitude": draft.latitude, "longitude": draft.longitude, "capacity": draft.capacity}
    return told | access | size


def _seal(session: Session, row: Venue, code: str) -> bytes | None:
    return session.vault.seal(f"venues.door_code:{row.public_id}", clean(code)) if clean(code) else None


def _open(session: Session, row: Venue) -> str:
    sealed = row.door_code_sealed
    return session.vault.open(f"venues.door_code:{row.public_id}", sealed) if sealed else ""


def _check_coordinates(latitude: float | None, longitude: float | None) -> None:
    if (latitude is None) != (longitude is None):
        raise NotUnderstood("Coordinates are a latitude and a longitude", "Give both or neither")
    if latitude is None or longitude is None:
        return
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise NotUnderstood(f"{latitude}, {longitude} is not on this planet", "Latitude first, then longitude")
