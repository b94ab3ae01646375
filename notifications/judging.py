"""What to do with deliveries that were claimed: judged, worded, two that come together made one text, and paid for."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from jinja2 import TemplateError

from meetup.storage.vault import Vault
from meetup.values import Channel, Kind, State
from notifications.budget import Purse
from notifications.cases import Claimed
from notifications.plan import UNREADABLE
from notifications.rules.segments import segments
from notifications.rules.verdict import TOGETHER, TOLD_ALREADY, Verdict, verdict
from notifications.words import together
from notifications.words.compose import Text
from notifications.words.shared import Shared

logger = logging.getLogger(__name__)

ASIDE = timedelta(minutes=2)  # how long the second of two waits to see whether the text of both has left


@dataclass(frozen=True, slots=True)
class Judged:
    """What to do with a delivery, and its words when it may be said; `beside` is another one that they tell as well."""

    claimed: Claimed
    verdict: Verdict
    at: datetime
    text: Text | None = None
    beside: Claimed | None = None


def judge(vault: Vault, claimed: Iterable[Claimed], now: datetime, purse: Purse) -> list[Judged]:
    """Decide about some deliveries, and pay for the texts; what cannot be worded is logged and left out."""
    found, shared = [], Shared()
    for one in claimed:
        try:
            found.append(_judge_one(vault, one, now, shared))
        except (*UNREADABLE, TemplateError) as error:
            logger.error("delivery_unworded id=%s error=%s", one.row.id, type(error).__name__)  # noqa: TRY400 -- no words
    return [_paid(one, purse) for one in _paired(found)]


def _judge_one(vault: Vault, one: Claimed, now: datetime, shared: Shared) -> Judged:
    """Decide about a delivery, and word it when it may be said."""
    decision = verdict(one.case, now)
    if not decision.sends or one.facts is None:
        return Judged(one, decision, now)
    text = shared.compose(one.facts)
    if one.told_hash and one.told_hash == vault.fingerprint(text.body):
        return Judged(one, Verdict(State.SUPPRESSED, TOLD_ALREADY), now)
    return Judged(one, decision, now, text)


def _paired(judged: Sequence[Judged]) -> list[Judged]:
    """Make one text of two reminders that one person would get at once; the second waits until the first has left."""
    first: dict[tuple[int, date], int] = {}
    found = list(judged)
    for place, one in enumerate(judged):
        day = _day(one)
        if day is None:
            continue
        other = first.pop((one.claimed.row.member_id, day), None)
        if other is None:
            first[one.claimed.row.member_id, day] = place
        else:
            found[other], found[place] = _pair(found[other], one)
    return found


def _day(one: Judged) -> date | None:
    """Return the day that a text reminds of; None for whatever is told alone."""
    row, facts = one.claimed.row, one.claimed.facts
    reminder = (row.kind, row.channel) == (Kind.REMINDER, Channel.SMS)
    lasting = row.expires_at > one.at + 2 * ASIDE  # else it would be written off before anybody knows
    if one.text is None or not (reminder and lasting) or facts is None or facts.occurrence is None:
        return None
    return facts.occurrence.start_local.date()


def _pair(one: Judged, other: Judged) -> tuple[Judged, Judged]:
    """Return two as one text and one that waits, or as they were when one text cannot tell both."""
    facts = [each.claimed.facts for each in (one, other) if each.claimed.facts is not None]
    in_order = sorted(facts, key=lambda each: each.occurrence.start if each.occurrence else each.kind)
    text = together.compose(*in_order)
    if text is None:
        return one, other
    aside = Judged(other.claimed, Verdict(State.PLANNED, TOGETHER, other.at + ASIDE), other.at)
    return replace(one, text=text, beside=other.claimed), aside


def _paid(judged: Judged, purse: Purse) -> Judged:
    """Return what was judged, or that a month's texts are used up."""
    row, text = judged.claimed.row, judged.text
    if text is None or row.channel != Channel.SMS:
        return judged
    refusal = purse.take(row, segments(text.body).segments)
    return Judged(judged.claimed, Verdict(State.SUPPRESSED, refusal), judged.at) if refusal else judged
