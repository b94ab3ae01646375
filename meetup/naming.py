"""Names that people type: a slug that is still free, and the thing that somebody means."""

import difflib
import unicodedata
from collections.abc import Sequence
from typing import Protocol, TypeVar

from sqlmodel import col, select

from meetup.errors import AlreadyExists, NotFound, NotUnderstood
from meetup.storage.database import Session
from meetup.storage.tables import Group, OnlineRoom, Venue
from meetup.values import clean, slugify

Named = TypeVar("Named", Group, Venue, OnlineRoom)


class Stored(Protocol):
    """A row with a number of its own."""

    id: int | None


def key(row: Stored) -> int:
    """Return the number of a row, which it has once it is in the database."""
    if row.id is None:
        raise ValueError("the row is not in the database yet")
    return row.id


def find(session: Session, table: type[Named], text: str) -> Named:
    """Return the row of that slug or name, whatever the case, or refuse and name the nearest ones."""
    wanted = text.strip().casefold()
    rows = listing(session, table)
    found = [row for row in rows if row.slug == wanted] or [row for row in rows if row.name.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        slugs = ", ".join(row.slug for row in found)
        raise NotUnderstood(f"“{text}” could be several {_WORDS[table.__name__]}s", f"Say which one: {slugs}")
    raise NotFound(f"There is no {_WORDS[table.__name__]} “{text}”", _hint(table, nearest(wanted, rows)))


def listing(session: Session, table: type[Named]) -> list[Named]:
    """Return all rows of a table by name."""
    return sorted(session.exec(select(table)).all(), key=lambda row: (row.name.casefold(), row.slug))


def free_slug(session: Session, table: type[Named], wanted: str) -> str:
    """Return a slug for a name, with a number when others have it already."""
    slug = slugify(wanted) or _WORDS[table.__name__]
    taken = set(session.exec(select(table.slug).where(col(table.slug).startswith(slug))).all())
    numbered = (f"{slug}-{number}" for number in range(2, len(taken) + 3))
    return slug if slug not in taken else next(one for one in numbered if one not in taken)


def refuse_taken(session: Session, table: type[Named], wanted: str, but: Named | None = None) -> None:
    """Refuse a name that another row has already, whatever its case and accents."""
    others = (row for row in listing(session, table) if row is not but)
    twin = next((row for row in others if _folded(row.name) == _folded(wanted)), None)
    if twin is not None:
        word = _WORDS[table.__name__]
        hint = f"Give this one a name that nobody takes for the other, such as “{clean(wanted)} 2”"
        raise AlreadyExists(f"There is a {word} “{twin.name}” already: {twin.slug}", hint)


def nearest(wanted: str, rows: Sequence[Group] | Sequence[Venue] | Sequence[OnlineRoom]) -> list[str]:
    """Return up to three names that somebody may have meant, the likeliest first."""
    names = {text: row.name for row in rows for text in (row.name.casefold(), row.slug)}
    close = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)
    return list(dict.fromkeys(names[text] for text in close))


def _folded(name: str) -> str:
    bare = (c for c in unicodedata.normalize("NFKD", clean(name)) if not unicodedata.combining(c))
    return " ".join("".join(bare).casefold().split())


_WORDS = {"Group": "group", "Venue": "venue", "OnlineRoom": "room"}


def _hint(table: type[Group | Venue | OnlineRoom], names: Sequence[str]) -> str:
    if names:
        return f"Did you mean {' or '.join(f'“{name}”' for name in names)}?"
    return f"`meetup {_WORDS[table.__name__]} list` shows them all"
