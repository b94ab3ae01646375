"""What entries of the consent ledger say together. Pure: an entry is taken as it stands."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from meetup.storage.tables import ConsentRow
from meetup.values import Action, Source

ASKED = frozenset({Action.REQUESTED.value, Action.GRANTED.value})
ANSWERABLE = timedelta(days=30)  # a question that nobody has answered by then is none any more
OUR_OWN = frozenset({Source.ORGANIZER.value, Source.BOUNCE.value})  # taken back by us, not by the person


def answerable(entry: ConsentRow, now: datetime) -> bool:
    """Tell whether an entry is a question that may still be answered."""
    return entry.action in ASKED and now < entry.at + ANSWERABLE


def alive(entries: Iterable[ConsentRow]) -> list[ConsentRow]:
    """Return the newest entry of each group, without those that were taken back."""
    newest: dict[int | None, ConsentRow] = {}
    for entry in entries:
        if entry.group_id is None:
            newest.clear()
        newest.pop(entry.group_id, None)
        newest[entry.group_id] = entry
    return [entry for entry in newest.values() if entry.action != Action.REVOKED]


def confirmed(told: Iterable[ConsentRow]) -> list[ConsentRow]:
    """Return the entries by which somebody may write, one for each group, the newest last."""
    return [entry for entry in alive(told) if entry.action == Action.CONFIRMED]


def withdrawn(entry: ConsentRow | None, since: date = date.min) -> bool:
    """Tell whether the newest word is the person's own no."""
    return bool(
        entry is not None
        and entry.action == Action.REVOKED
        and entry.source not in OUR_OWN
        and entry.at.date() >= since
    )


def groups(entries: Iterable[ConsentRow]) -> list[int]:
    """Return the groups that some entries name."""
    return [entry.group_id for entry in entries if entry.group_id is not None]


def stops_all(entry: ConsentRow) -> bool:
    """Tell whether an entry takes everything back."""
    return entry.action == Action.REVOKED and entry.group_id is None
