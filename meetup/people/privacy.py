"""What we know of a member: all of it handed out, or all of it gone but a keyed hash.

Both walk the schema: every table that points at members belongs to them, and a column that is added later is in both.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, delete, func, or_, select
from sqlmodel import SQLModel, col
from sqlmodel import select as select_rows

from meetup.errors import Unavailable
from meetup.people import contacts
from meetup.storage import ledger, revisions
from meetup.storage.database import Session
from meetup.storage.journal import EVERY_GROUP, Erased, Stop
from meetup.storage.tables import (
    AttemptRow,
    ConsentRow,
    ContactPoint,
    DeliveryRow,
    Member,
    RememberedStop,
    TextElsewhere,
)
from meetup.values import Action, Channel, Source, State

SEALED = "_sealed"
UNREADABLE = ("_hash", "_index")  # hashes say nothing to anybody, not even to her
KEPT = "A keyed hash of each address, which wording was agreed to and when, so that the wish to be left alone lasts"
ELSEWHERE = (
    "texts and mails on her phone and in her mailbox",
    "what the carriers and the mail relay keep of them; Twilio is asked to delete its copies",
    "calendars that somebody copied",
    "backups until you delete them; `meetup restore` erases her again",
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """How many rows went from each table."""

    rows: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def export(session: Session, member: Member) -> dict[str, object]:
    """Return all that is known of a member, in the clear, table by table."""
    known = {table.name: _rows(session, table, member) for table in (_members(), *_hers(), _attempts())}
    return {"members": known.pop("members")[0], **known}


def holdings(session: Session, member: Member) -> Erasure:
    """Return how many rows are about a member."""
    session.flush()
    counted = (
        (table.name, select(func.count()).select_from(table).where(_about(session, table, member)))
        for table in (_members(), *_hers(), _attempts())
    )
    return Erasure({name: int(session.execute(query).scalar_one()) for name, query in counted})


def forget(session: Session, member: Member, source: Source, now: datetime) -> Erasure:
    """Delete all that is known of a member, and remember by a keyed hash that she wants nothing more.

    Refused while a message to her is being handed over: its outcome would have nowhere to go.
    """
    handing_over = select(col(DeliveryRow.id)).where(
        col(DeliveryRow.member_id) == member.id, col(DeliveryRow.state) == State.SUBMITTING.value
    )
    if session.execute(handing_over.limit(1)).first() is not None:
        raise Unavailable("A message to her is being handed over at this moment", "Try again in a minute or two")
    return _forget(session, member, source, now)


def let_go(session: Session, member: Member, now: datetime) -> Erasure:
    """Delete all that is known of somebody who never answered: no wish of hers is remembered, since she said none."""
    return _erase(session, member, now)


def replay(session: Session, erased: Sequence[Erased]) -> int:
    """Erase once more whom a restored database has brought back; return how many those were."""
    gone = {one.who: one.at for one in erased}
    found = 0
    for member in session.exec(select_rows(Member)).all() if gone else ():
        indexes = session.vault.indexes("erased", member.public_id)
        at = next((gone[index] for index in indexes if index in gone), None)
        if at is not None:
            _forget(session, member, Source.ORGANIZER, at)
            found += 1
    return found


def _forget(session: Session, member: Member, source: Source, now: datetime) -> Erasure:
    for point in session.exec(select_rows(ContactPoint).where(ContactPoint.member_id == member.id)).all():
        _remember(session, point, source, now)
    return _erase(session, member, now)


def _erase(session: Session, member: Member, now: datetime) -> Erasure:
    before = holdings(session, member)
    _note_texts(session, member, now)
    session.remember(Erased(now, session.vault.index("erased", member.public_id)))
    session.flush()
    if session.get_bind().dialect.name == "sqlite":
        # What is deleted is written over; without this it would lie in the file until something else takes its place.
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")
    # The ledger lets go of nobody else: see there.
    ledger.release(session.connection(), _members(), _members().c.id == member.id)
    conditions = [(table, _about(session, table, member)) for table in (_attempts(), *_hers(), _members())]
    for table, about in conditions:
        session.connection().execute(delete(table).where(about))
    session.expunge_all()  # rows that are gone must not be written again
    revisions.next_revision(session)
    return before


def _note_texts(session: Session, member: Member, now: datetime) -> None:
    """Note which texts to her, and from her, the provider is to delete; its numbers for them say nothing about her."""
    hers = (col(DeliveryRow.channel) == Channel.SMS.value, col(DeliveryRow.member_id) == member.id)
    tried = select(col(AttemptRow.provider_id)).join(DeliveryRow, col(DeliveryRow.id) == col(AttemptRow.delivery_id))
    texts = SQLModel.metadata.tables["inbound_texts"]
    sources = (
        select(col(DeliveryRow.provider_id)).where(*hers),
        tried.where(*hers),
        select(texts.c.provider_id).where(_about(session, texts, member)),
    )
    found = {number for query in sources for number in session.execute(query).scalars() if _is_elsewhere(number)}
    known = select(col(TextElsewhere.provider_id)).where(col(TextElsewhere.provider_id).in_(found))
    for number in sorted(found - set(session.execute(known).scalars())):
        session.add(TextElsewhere(provider_id=number, asked_at=now))


def _is_elsewhere(provider_id: str) -> bool:
    return bool(provider_id) and not provider_id.startswith("console:")


def _remember(session: Session, point: ContactPoint, source: Source, now: datetime) -> None:
    """Keep what honours her wish: the hash of an address, what had been agreed to there, and when."""
    if point.state == "replaced" and point.address_index in session.vault.indexes("replaced", point.public_id):
        return  # it was given free long ago, and may be somebody else's by now
    agreed = session.exec(
        select_rows(ConsentRow)
        .where(ConsentRow.contact_id == point.id, ConsentRow.action == Action.CONFIRMED.value)
        .order_by(col(ConsentRow.id).desc())
    ).first()
    known = select_rows(RememberedStop).where(RememberedStop.address_index == point.address_index)
    row = session.exec(known).first() or RememberedStop(
        channel=point.channel, address_index=point.address_index, source=source.value, at=now
    )
    row.source, row.at = source.value, now
    row.wording_version, row.agreed_at = (agreed.wording_version, agreed.at) if agreed else ("", None)
    session.add(row)
    session.remember(Stop(now, point.channel, point.address_index, EVERY_GROUP, source.value))


def _members() -> Table:
    return SQLModel.metadata.tables["members"]


def _attempts() -> Table:
    return SQLModel.metadata.tables["attempts"]


def _hers() -> Iterable[Table]:
    """Return the tables that point at members, those that others point at last."""
    tables = reversed(SQLModel.metadata.sorted_tables)
    return [table for table in tables if any(_points_at_members(column.foreign_keys) for column in table.columns)]


def _points_at_members(keys: Iterable[Any]) -> bool:
    return any(key.column.table.name == "members" for key in keys)


def _about(session: Session, table: Table, member: Member) -> ColumnElement[bool]:
    """Return what is true of the rows about a member."""
    if table.name == "members":
        return table.c.id == member.id
    if table.name == "attempts":
        sent = select(col(DeliveryRow.id)).where(col(DeliveryRow.member_id) == member.id)
        return table.c.delivery_id.in_(sent)
    about = table.c.member_id == member.id
    return or_(about, *_unclaimed(session, table, member)) if table.name == "inbound_texts" else about


def _unclaimed(session: Session, texts: Table, member: Member) -> Iterable[ColumnElement[bool]]:
    """Yield what is true of texts that came from a number of hers before that was known to be hers."""
    for point in session.exec(select_rows(ContactPoint).where(ContactPoint.member_id == member.id)).all():
        indexes = session.vault.indexes("address", contacts.address(session, point))
        # Numbers are handed on: what came after she had given hers up is somebody else's.
        until = point.changed_at if point.state == "replaced" else datetime.max.replace(tzinfo=UTC)
        nobodys = and_(texts.c.member_id.is_(None), texts.c.sender_index.in_(indexes))
        yield and_(nobodys, texts.c.received_at <= until)


def _rows(session: Session, table: Table, member: Member) -> list[dict[str, object]]:
    rows = session.execute(table.select().where(_about(session, table, member)).order_by(*table.primary_key.columns))
    return [_shown(session, table, row) for row in rows]


def _shown(session: Session, table: Table, row: Row[Any]) -> dict[str, object]:
    shown: dict[str, object] = {}
    for name, value in row._mapping.items():
        if name.endswith(SEALED) and value is not None:
            place = f"{table.name}.{name.removesuffix(SEALED)}:{row.public_id}"
            shown[name.removesuffix(SEALED)] = session.vault.open(place, value)
        elif not name.endswith(UNREADABLE):
            shown[name] = _plain(value)
    return shown


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value
