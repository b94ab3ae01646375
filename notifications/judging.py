"""What to do with deliveries that were claimed: judged, worded, two that come together made one text, and paid for."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from jinja2 import TemplateError

from meetup.storage.vault import Vault
from meetup.values import Channel, State
from notifications.budget import Purse
from notifications.cases import Claimed
from notifications.plan import UNREADABLE
from notifications.queued import reminds_by_text
from notifications.rules.segments import segments
from notifications.rules.verdict import TOGETHER, TOLD_ALREADY, Verdict, verdict
from notifications.words import together
from notifications.words.compose import Text
from notifications.words.shared import Shared

logger = logging.getLogger(__name__)

ASIDE = timedelta(minutes=2)  # how long the second of two waits to see whether the text of both has left
SOON = timedelta(minutes=90)  # a reminder that would come so soon after another one of that day is told with it


@dataclass(frozen=True, slots=True)
class Judged:
    """What to do with a delivery, and its words when it may be said; `beside` is another one that they tell as well."""

    claimed: Claimed
    verdict: Verdict
    at: datetime
    text: Text | None = None
    beside: Claimed | None = None


def judge(
    vault: Vault, claimed: Iterable[Claimed], now: datetime, purse: Purse, soon: Iterable[Claimed] = ()
) -> list[Judged]:
    """Decide about some deliveries, and pay for the texts; what cannot be worded is logged and left out.

    `soon` are reminders whose time has not come: a text may tell them as well, and nothing else becomes of them.
    """
    shared = Shared()
    found = [judged for one in claimed for judged in _readable(vault, one, now, shared)]
    early = [judged for one in soon for judged in _readable(vault, one, max(now, one.row.due_at), shared)]
    return [_paid(one, purse) for one in _paired(found, early)]


def _readable(vault: Vault, one: Claimed, moment: datetime, shared: Shared) -> list[Judged]:
    try:
        return [_judge_one(vault, one, moment, shared)]
    except (*UNREADABLE, TemplateError) as error:
        logger.error("delivery_unworded id=%s error=%s", one.row.id, type(error).__name__)  # noqa: TRY400 -- no words
        return []


def _judge_one(vault: Vault, one: Claimed, now: datetime, shared: Shared) -> Judged:
    """Decide about a delivery, and word it when it may be said."""
    decision = verdict(one.case, now)
    if not decision.sends or one.facts is None:
        return Judged(one, decision, now)
    text = shared.compose(one.facts)
    if one.told_hash and one.told_hash == vault.fingerprint(text.body):
        return Judged(one, Verdict(State.SUPPRESSED, TOLD_ALREADY), now)
    return Judged(one, decision, now, text)


def _paired(judged: Sequence[Judged], early: Iterable[Judged]) -> list[Judged]:
    """Make one text of two reminders that one person would get at once, or soon after one another.

    The second waits until the first has left; one whose time has not come waits for that anyway.
    """
    first: dict[tuple[int, date], int] = {}
    found = list(judged)
    for place, one in enumerate((*judged, *early)):
        key = _day(one)
        if key is None:
            continue
        leader = first.pop(key, None)
        both = _pair(found[leader], one) if leader is not None else None
        if leader is not None and both is not None:
            found[leader] = both[0]
            found[place : place + 1] = [both[1]] if place < len(judged) else []
        elif place < len(judged):
            first[key] = place
    return found


def _day(one: Judged) -> tuple[int, date] | None:
    """Return whom a text reminds of which day; None for whatever is told alone."""
    row, facts = one.claimed.row, one.claimed.facts
    lasting = row.expires_at > one.at + 2 * ASIDE  # else it would be written off before anybody knows
    if one.text is None or not (reminds_by_text(row) and lasting) or facts is None or facts.occurrence is None:
        return None
    return row.member_id, facts.occurrence.start_local.date()


def _pair(one: Judged, other: Judged) -> tuple[Judged, Judged] | None:
    """Return two as one text and one that waits; None when one text cannot tell both, or would tell one date twice."""
    if (one.claimed.row.subject, one.claimed.row.slot) == (other.claimed.row.subject, other.claimed.row.slot):
        return None
    facts = [each.claimed.facts for each in (one, other) if each.claimed.facts is not None]
    in_order = sorted(facts, key=lambda each: each.occurrence.start if each.occurrence else each.kind)
    text = together.compose(*in_order)
    if text is None:
        return None
    aside = Judged(other.claimed, Verdict(State.PLANNED, TOGETHER, other.at + ASIDE), other.at)
    return replace(one, text=text, beside=other.claimed), aside


def _paid(judged: Judged, purse: Purse) -> Judged:
    """Return what was judged, or that a month's texts are used up."""
    row, text = judged.claimed.row, judged.text
    if text is None or row.channel != Channel.SMS:
        return judged
    refusal = purse.take(row, segments(text.body).segments)
    return Judged(judged.claimed, Verdict(State.SUPPRESSED, refusal), judged.at) if refusal else judged
