"""Members from a spreadsheet: every row is read, taken or rejected by number and reason. An import is no consent."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from meetup import groups, naming
from meetup.errors import MeetupError, NotUnderstood
from meetup.people import consent, contacts, members, subscriptions
from meetup.people.consent import Wording
from meetup.people.members import MemberDraft
from meetup.storage.database import Session
from meetup.storage.tables import Group, Member
from meetup.values import Channel, Preference

COLUMNS = ("alias", "phone", "email", "language", "zone", "groups", "consent", "preference", "phone_shared")
_BOM = "\ufeff"
_YES_OR_NO = {"": False, "no": False, "false": False, "0": False, "yes": True, "true": True, "1": True}


@dataclass(frozen=True, slots=True)
class Row:
    """One member as the sheet tells: `signed` is the day of a paper, `ask` wants one request an address."""

    number: int  # as spreadsheets count: the header is row 1
    draft: MemberDraft
    groups: tuple[str, ...] = ()
    preference: Preference = Preference.EITHER
    signed: date | None = None
    ask: bool = False


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not taken, and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the rows, by number."""

    taken: tuple[int, ...]
    rejected: tuple[Reject, ...]


def read(text: str) -> tuple[list[Row], list[Reject]]:
    """Read a sheet with a header row, whatever its delimiter; return its rows and those that say nothing clear."""
    records = _records(text.removeprefix(_BOM))
    header = _header(records[0] if records else [])
    rows, rejects = [], []
    for number, cells in enumerate(records[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        try:
            rows.append(_row(number, header, cells))
        except MeetupError as error:
            rejects.append(Reject(number, error.message))
    return rows, rejects


def take(session: Session, rows: Iterable[Row], words: Callable[[str], Wording], now: datetime) -> Report:
    """Add the members of some rows, each whole or not at all.

    Whoever wants all or nothing looks at `rejected` and raises before the session commits. `words` returns what a
    request in a language will say.
    """
    taken, rejected = [], []
    for row in rows:
        try:
            with session.begin_nested():
                _take(session, row, words, now)
        except MeetupError as error:
            rejected.append(Reject(row.number, error.message))
        else:
            taken.append(row.number)
    return Report(tuple(taken), tuple(rejected))


def _records(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise NotUnderstood(f"That is not a table: {error}", "Save the sheet as CSV in UTF-8") from error


def _header(cells: Sequence[str]) -> list[str]:
    names = [cell.strip().lower().replace(" ", "_") for cell in cells]
    known = f"The columns are {', '.join(COLUMNS)}; alias is needed"
    if "alias" not in names:
        raise NotUnderstood("The first row names no column “alias”", known)
    strange = [name for name in names if name not in COLUMNS]
    if strange:
        raise NotUnderstood(f"Nobody knows a column “{strange[0]}”", known)
    if len(set(names)) < len(names):
        raise NotUnderstood("A column stands in the first row twice", known)
    return names


def _row(number: int, header: Sequence[str], cells: Sequence[str]) -> Row:
    if any(cell.strip() for cell in cells[len(header) :]):
        raise NotUnderstood("The row has more cells than the first row names")
    told = dict.fromkeys(COLUMNS, "") | {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
    signed, ask = _consent(told["consent"])
    return Row(
        number=number,
        draft=_draft(told),
        groups=tuple(part.strip() for part in re.split(r"[;|]", told["groups"]) if part.strip()),
        preference=_preference(told["preference"]),
        signed=signed,
        ask=ask,
    )


def _draft(told: dict[str, str]) -> MemberDraft:
    if told["phone_shared"].lower() not in _YES_OR_NO:
        raise NotUnderstood("phone_shared is yes or no")
    return MemberDraft(
        alias=told["alias"],
        phone=told["phone"],
        email=told["email"],
        language=told["language"],
        zone=told["zone"],
        phone_shared=_YES_OR_NO[told["phone_shared"].lower()],
    )


def _preference(text: str) -> Preference:
    try:
        return Preference(text.lower().replace(" ", "_") or Preference.EITHER)
    except ValueError as error:
        raise NotUnderstood(f"“{text}” is no preference; it is one of {', '.join(Preference)}") from error


def _consent(text: str) -> tuple[date | None, bool]:
    """Read `paper 2026-01-05`, `ask` or nothing."""
    if text.lower() in {"", "ask"}:
        return None, bool(text)
    paper = re.fullmatch(r"paper\s+(\S+)", text.lower())
    try:
        return date.fromisoformat(paper[1] if paper else ""), False
    except ValueError as error:
        raise NotUnderstood(f"“{text}” is no consent; write “paper 2026-01-05”, “ask” or nothing") from error


def _take(session: Session, row: Row, words: Callable[[str], Wording], now: datetime) -> None:
    if (row.signed or row.ask) and not row.groups:
        raise NotUnderstood("Consent is for a group, and the row names none")
    member = members.add(session, row.draft, now)
    for name in row.groups:
        group = groups.find(session, name)
        subscriptions.subscribe(session, member, group, row.preference, Channel, now)
        _agree(session, row, (member, group), words, now)


def _agree(
    session: Session, row: Row, who: tuple[Member, Group], words: Callable[[str], Wording], now: datetime
) -> None:
    member, group = who
    for contact in contacts.of_member(session, naming.key(member)).values():
        if row.signed is not None:
            consent.on_paper(session, contact, naming.key(group), row.signed, now)
        elif row.ask:
            consent.grant(session, contact, naming.key(group), words(member.language), now)
