"""A member's private feed links: made, rotated, revoked, and looked up by the hash of their token."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import col, select

from meetup.storage.database import Session
from meetup.storage.tables import FeedLink, Member, SubscriptionRow
from meetup.storage.vault import hash_token, new_id, new_token


def make(session: Session, member: Member, now: datetime) -> str:
    """Make a link and return its token; it is shown once and kept as a hash only."""
    token = new_token()
    session.add(FeedLink(public_id=new_id(), member_id=member.id or 0, token_hash=hash_token(token), created_at=now))
    session.flush()
    return token


def revoke(session: Session, member: Member, now: datetime) -> int:
    """Revoke every link of a member; return how many were alive. Calendars that use one are emptied."""
    alive = update(FeedLink).where(col(FeedLink.member_id) == member.id, col(FeedLink.revoked_at).is_(None))
    session.flush()
    return session.connection().execute(alive.values(revoked_at=now)).rowcount


def count(session: Session, member: Member) -> int:
    """Return how many links of a member are alive."""
    alive = select(func.count()).where(FeedLink.member_id == member.id, col(FeedLink.revoked_at).is_(None))
    return session.exec(alive).one()


def rotate(session: Session, member: Member, now: datetime) -> str:
    """Revoke every link of a member and make a new one."""
    revoke(session, member, now)
    return make(session, member, now)


def showing(session: Session, group_ids: Iterable[int]) -> int:
    """Return how many private calendars show the meetings of these groups."""
    readers = select(SubscriptionRow.member_id).where(
        col(SubscriptionRow.group_id).in_(set(group_ids)), SubscriptionRow.state == "active"
    )
    alive = select(FeedLink.id).where(col(FeedLink.member_id).in_(readers), col(FeedLink.revoked_at).is_(None))
    return len(session.exec(alive).all())


def reader(session: Session, token: str) -> Member | None:
    """Return whose calendar a token opens; None when it is unknown, revoked or of somebody erased, all alike."""
    query = (
        select(Member)
        .join(FeedLink, col(FeedLink.member_id) == col(Member.id))
        .where(col(FeedLink.token_hash) == hash_token(token), col(FeedLink.revoked_at).is_(None))
    )
    return session.exec(query).first()
