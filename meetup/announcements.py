"""Announcements: words of an organizer for everybody in a group. A fact; telling it is planned from it."""

from datetime import datetime, timedelta

from sqlmodel import col, select

from meetup import groups, naming, organization
from meetup.errors import Forbidden, NotFound, NotUnderstood
from meetup.storage.database import Session
from meetup.storage.tables import AnnouncementRow, Group
from meetup.storage.vault import new_id
from meetup.values import clean
from meetup.wording.discreet import leaks_to_all

LONGEST = 300
KEPT = timedelta(hours=48)  # who could not be told by then is told no more
REGRET = timedelta(minutes=1)  # how long it can be taken back before anybody is told


def add(session: Session, group: Group, text: str, now: datetime) -> AnnouncementRow:
    """Note what is to be announced; refuse words that a lock screen must not show."""
    said = " ".join(clean(text).split())
    _check(session, said, group)
    row = AnnouncementRow(
        public_id=new_id(), group_id=naming.key(group), text=said, created_at=now, expires_at=now + KEPT
    )
    session.add(row)
    session.flush()
    return row


def take_back(session: Session, group: Group, now: datetime) -> AnnouncementRow:
    """Take the newest announcement of a group back; who was told already was told."""
    row = next((one for one in standing(session, now) if one.group_id == group.id), None)
    if row is None:
        raise NotFound(f"Nothing is being announced to “{group.name}”")
    row.withdrawn_at = now
    session.add(row)
    return row


def standing(session: Session, now: datetime) -> list[AnnouncementRow]:
    """Return the announcements that somebody may still have to be told, newest first."""
    query = select(AnnouncementRow).where(
        col(AnnouncementRow.withdrawn_at).is_(None), col(AnnouncementRow.expires_at) > now
    )
    return list(session.exec(query.order_by(col(AnnouncementRow.id).desc())).all())


def stands(row: AnnouncementRow | None) -> bool:
    """Tell whether an announcement was not taken back."""
    return row is not None and row.withdrawn_at is None


def _check(session: Session, text: str, group: Group) -> None:
    if not text:
        raise NotUnderstood("There is nothing to announce", "Write it in quotes, as one sentence or two")
    if len(text) > LONGEST:
        raise NotUnderstood(f"An announcement has at most {LONGEST} characters, this one has {len(text)}")
    told = leaks_to_all(text, groups.secrets(group, organization.the(session)))
    if told:
        raise Forbidden(
            f"It would stand on lock screens, and says {', '.join(f'“{word}”' for word in told)}",
            "Say it without: people know who writes to them",
        )
