"""Texts of people who were erased, at the provider: deleted there as well, and asked again until they are."""

import logging
from datetime import timedelta

from sqlmodel import col, or_, select

from meetup.errors import Unavailable
from meetup.storage.tables import TextElsewhere
from notifications.deliver import Post
from notifications.messages import Erasing

logger = logging.getLogger(__name__)

MOST = 200  # of one tick
LATER = timedelta(hours=6)  # a text that is still on its way cannot be deleted yet


def erase_elsewhere(post: Post) -> int:
    """Have the provider delete what it keeps of people who were erased; return how many texts are gone there."""
    now = post.clock.now()
    sender = next((one for one in post.senders.values() if isinstance(one, Erasing)), None)
    if sender is None:
        return 0
    due = or_(col(TextElsewhere.not_before).is_(None), col(TextElsewhere.not_before) <= now)
    with post.database.reading() as session:
        waiting = session.exec(select(TextElsewhere).where(due).order_by(col(TextElsewhere.id)).limit(MOST)).all()
    return sum(_erase(post, sender, row) for row in waiting)


def _erase(post: Post, sender: Erasing, row: TextElsewhere) -> bool:
    try:
        sender.erase(row.provider_id)
    except Unavailable as error:
        logger.warning("text_not_erased error=%s", error.message)
        gone = False
    else:
        gone = True
    with post.database.writing() as session:
        found = session.get(TextElsewhere, row.id)
        if found is not None and gone:
            session.delete(found)
        elif found is not None:
            found.not_before = post.clock.now() + LATER
            session.add(found)
    return gone
