"""The only module that answers “may we?”: an append-only ledger of who agreed to what, and took it back.

The newest entry of a contact point that speaks of a group, or of all groups, decides; a standing one says `confirmed`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, or_
from sqlalchemy import select as core_select
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import col, select

from meetup import naming
from meetup.errors import NoConsent, NotUnderstood
from meetup.people import contacts, entries
from meetup.storage import revisions
from meetup.storage.database import Session
from meetup.storage.journal import EVERY_GROUP, Stop
from meetup.storage.tables import ConsentRow, ContactPoint, Group
from meetup.values import Action, Channel, Source, clean


@dataclass(frozen=True, slots=True)
class Wording:
    """What somebody agreed to, or is asked to."""

    text: str
    version: str
    language: str


WITHOUT_WORDS = Wording("", "", "")


def record(  # noqa: PLR0913 -- an entry of the ledger has this many columns
    session: Session,
    contact: ContactPoint,
    action: Action,
    *,
    group_id: int | None,
    wording: Wording,
    source: Source,
    now: datetime,
    note: str = "",
) -> ConsentRow:
    """Append an entry to the ledger. Only a withdrawal may speak of all groups at once: it names none."""
    if group_id is None and action is not Action.REVOKED:
        raise ValueError("nobody agrees to everything: consent names a group")
    row = ConsentRow(
        member_id=contact.member_id,
        contact_id=naming.key(contact),
        channel=contact.channel,
        group_id=group_id,
        action=action.value,
        wording=wording.text,
        wording_version=wording.version,
        language=wording.language,
        source=source.value,
        note=clean(note),
        at=now,
    )
    session.add(row)
    revisions.touch_member(session, contact.member_id)
    if action is Action.REVOKED:
        _remember(session, contact, row)
    return row


def allows(session: Session, contact_id: int, group_id: int | None) -> ConsentRow | None:
    """Return the entry by which a group may write to a contact point, or None when it may not."""
    newest = _newest(session, contact_id, group_id)
    return newest if newest is not None and newest.action == Action.CONFIRMED else None


def standing_of(session: Session, contact_id: int) -> ConsentRow | None:
    """Return an entry by which somebody may write to a contact point, about whichever group: the newest, or None."""
    living = entries.confirmed(history_of(session, contact_id))
    return living[-1] if living else None


def standing(group_id: int) -> Select[int, int, datetime]:
    """Select contact_id, consent_id and its moment for everybody whom a group may write to: `allows`, for many."""
    contact_id, entry_id = col(ContactPoint.id), col(ConsentRow.id)
    return (
        core_select(contact_id.label("contact_id"), entry_id.label("consent_id"), col(ConsentRow.at).label("at"))
        .join(ConsentRow, entry_id == last_word(contact_id, group_id))
        .where(col(ConsentRow.action) == Action.CONFIRMED.value)
    )


def last_word(contact_id: Mapped[int | None], group_id: int) -> ScalarSelect[int]:
    """Select the number of the newest entry of a contact point that speaks of a group, in a query about many of them.

    It is looked up for one after the other, by the index that begins with the contact point. What it says about the
    group is put so that no index can answer: a planner that has no statistics yet would rather read all entries of the
    group, again for each of its members.
    """
    newer = aliased(ConsentRow)
    concerned = func.coalesce(col(newer.group_id), group_id) == group_id
    newest = core_select(func.max(col(newer.id))).where(col(newer.contact_id) == contact_id, concerned)
    return newest.correlate_except(newer).scalar_subquery()


def request(  # noqa: PLR0913 -- who is asked what, for which group, on whose wish
    session: Session, contact: ContactPoint, group_id: int, wording: Wording, *, source: Source, now: datetime
) -> ConsentRow:
    """Note that somebody wants to be asked; what stands or was asked already is left as it is."""
    return _ask(session, contact, group_id, wording, (Action.REQUESTED, source, now))


def agree(session: Session, contact: ContactPoint, group_id: int, wording: Wording, now: datetime) -> ConsentRow:
    """Note that somebody agreed on her own page, at an address that is proven to be hers; what stands is left."""
    newest = _newest(session, naming.key(contact), group_id)
    if newest is not None and newest.action == Action.CONFIRMED:
        return newest
    if contact.state != "verified":
        raise NoConsent("That address is not confirmed", _way_back(contact))
    action = Action.CONFIRMED
    return record(session, contact, action, group_id=group_id, wording=wording, source=Source.PAGE, now=now)


def grant(session: Session, contact: ContactPoint, group_id: int, wording: Wording, now: datetime) -> ConsentRow:
    """Note an organizer's word that somebody agreed: it asks that person, and confirms nothing."""
    if entries.withdrawn(_newest(session, naming.key(contact), group_id)):
        raise NoConsent("That person asked us to stop", "Only they can change that; a signed paper counts as well")
    return _ask(session, contact, group_id, wording, (Action.GRANTED, Source.ORGANIZER, now))


def on_paper(session: Session, contact: ContactPoint, group_id: int, signed: date, now: datetime) -> ConsentRow:
    """Confirm what somebody signed by hand on a day, unless they took it back since."""
    if signed > (now + timedelta(hours=14)).date():
        raise NotUnderstood(f"{signed} is in the future", "Give the day on which the paper was signed")
    standing = allows(session, naming.key(contact), group_id)
    if standing is not None:
        return standing
    # A carrier that heard STOP lets nothing through before START; a mailbox takes a newer paper for an answer.
    if _said_no(session, contact, group_id, signed) or (contact.state == "stopped" and contact.channel == Channel.SMS):
        raise NoConsent("That person said stop after the paper was signed", _way_back(contact))
    words, note = Wording("Signed on paper", "paper", ""), f"signed {signed}"
    yes, source = Action.CONFIRMED, Source.PAPER
    row = record(session, contact, yes, group_id=group_id, wording=words, source=source, now=now, note=note)
    contacts.verify(session, contact, now)
    return row


def confirm_pending(session: Session, contact: ContactPoint, now: datetime, source: Source) -> list[int]:
    """Confirm every pending request of a contact point; return its groups. Without a request nothing is created."""
    asked = pending(session, naming.key(contact), now)
    for entry in asked:
        _follow(session, contact, entry, (Action.CONFIRMED, source, now))
    if asked:
        contacts.verify(session, contact, now)
    return entries.groups(asked)


def reaffirm(session: Session, contact: ContactPoint, now: datetime, source: Source) -> list[int]:
    """Confirm once more what stands at a contact point, in its words, and end a pause; return its groups."""
    standing = entries.confirmed(history_of(session, naming.key(contact)))
    for entry in standing:
        _follow(session, contact, entry, (Action.CONFIRMED, source, now))
    if standing and contact.state == "paused":
        contacts.verify(session, contact, now)
    return entries.groups(standing)


def revoke(session: Session, contact: ContactPoint, group_id: int, source: Source, now: datetime) -> ConsentRow | None:
    """Take consent back for one group; None when there was none to take back."""
    newest = _newest(session, naming.key(contact), group_id)
    if newest is None or newest.action == Action.REVOKED:
        return None
    return record(session, contact, Action.REVOKED, group_id=group_id, wording=WITHOUT_WORDS, source=source, now=now)


def stop(session: Session, contact: ContactPoint, source: Source, now: datetime) -> list[int]:
    """Take consent back for all groups at once; return those that this ended."""
    ended = entries.alive(history_of(session, naming.key(contact)))
    if ended or contact.state != "stopped":
        record(session, contact, Action.REVOKED, group_id=None, wording=WITHOUT_WORDS, source=source, now=now)
    if contact.state != "replaced":
        contacts.stop(session, contact, now)
    return entries.groups(ended)


def start(session: Session, contact: ContactPoint, now: datetime) -> list[int]:
    """Ask again for the groups that a stop ended; from anybody who had not stopped it creates nothing."""
    if contact.state != "stopped":
        return []
    told = history_of(session, naming.key(contact))
    last = max((place for place, entry in enumerate(told) if entries.stops_all(entry)), default=0)
    ended = entries.alive(told[:last])
    for entry in ended:
        _follow(session, contact, entry, (Action.REQUESTED, Source.TEXT, now))
    contacts.wait(session, contact, now)
    return entries.groups(ended)


def entry(session: Session, consent_id: int) -> ConsentRow | None:
    """Return one entry of the ledger."""
    return session.get(ConsentRow, consent_id)


def pending(session: Session, contact_id: int, now: datetime) -> list[ConsentRow]:
    """Return the requests of a contact point that still wait for an answer, oldest first."""
    return [entry for entry in entries.alive(history_of(session, contact_id)) if entries.answerable(entry, now)]


def history(session: Session, member_id: int) -> list[ConsentRow]:
    """Return every entry about a member, oldest first."""
    query = select(ConsentRow).where(ConsentRow.member_id == member_id).order_by(col(ConsentRow.id))
    return list(session.exec(query).all())


def history_of(session: Session, contact_id: int) -> list[ConsentRow]:
    """Return every entry about one contact point, oldest first."""
    query = select(ConsentRow).where(ConsentRow.contact_id == contact_id).order_by(col(ConsentRow.id))
    return list(session.exec(query).all())


Deed = tuple[Action, Source, datetime]


def _remember(session: Session, contact: ContactPoint, row: ConsentRow) -> None:
    group = session.get_one(Group, row.group_id).public_id if row.group_id else EVERY_GROUP
    session.remember(Stop(row.at, row.channel, contact.address_index, group, row.source))


def _way_back(contact: ContactPoint) -> str:
    if contact.channel == Channel.SMS:
        return "Only they can change that: ask them to text START"
    return "Only they can change that: with a paper that they sign from tomorrow on (--on-paper DATE)"


_PAUSED_HINT = "Only they can change that: by a YES from that phone, or at their own page"


def _ask(session: Session, contact: ContactPoint, group_id: int, wording: Wording, deed: Deed) -> ConsentRow:
    action, source, now = deed
    if contact.state in {"stopped", "replaced"}:
        raise NoConsent("That person asked us to stop", _way_back(contact))
    if contact.state == "paused" and source in entries.OUR_OWN:
        raise NoConsent("Nobody answered whether texts are still safe there", _PAUSED_HINT)
    newest = _newest(session, naming.key(contact), group_id)
    # At most one question: what was asked is not asked again, and what stands is not put into doubt. Only she herself
    # may have it asked once more, when she let it lie for too long.
    again = newest is not None and newest.action in entries.ASKED and not entries.answerable(newest, now)
    if newest is not None and newest.action != Action.REVOKED and not (again and source not in entries.OUR_OWN):
        return newest
    row = record(session, contact, action, group_id=group_id, wording=wording, source=source, now=now)
    if contact.state != "verified":
        contacts.wait(session, contact, now)
    return row


def _follow(session: Session, contact: ContactPoint, entry: ConsentRow, deed: Deed) -> None:
    """Append what follows from an earlier entry, with its words."""
    action, source, now = deed
    wording = Wording(entry.wording, entry.wording_version, entry.language)
    record(session, contact, action, group_id=entry.group_id, wording=wording, source=source, now=now)


def _newest(session: Session, contact_id: int, group_id: int | None) -> ConsentRow | None:
    query = select(ConsentRow).where(ConsentRow.contact_id == contact_id, _speaks_of(ConsentRow, group_id))
    return session.exec(query.order_by(col(ConsentRow.id).desc()).limit(1)).first()


def _speaks_of(entry: type[ConsentRow], group_id: int | None) -> ColumnElement[bool]:
    of_all = col(entry.group_id).is_(None)
    return of_all if group_id is None else or_(col(entry.group_id) == group_id, of_all)


def _said_no(session: Session, contact: ContactPoint, group_id: int, since: date) -> bool:
    """Tell whether the person took it back since a day, whatever was noted after that: START only asks again."""
    erased = contacts.stopped_at(session, Channel(contact.channel), contacts.address(session, contact))
    about = (entry for entry in history_of(session, naming.key(contact)) if entry.group_id in {None, group_id})
    return any(entries.withdrawn(entry, since) for entry in about) or (erased is not None and erased.date() >= since)
