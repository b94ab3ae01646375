"""The arrows of a delivery's states: who may move it from where to where, and when. Nothing else ever moves one.

The reference draws them from here, and a database of the tests refuses every other move.
"""

from dataclasses import dataclass

from meetup.values import State

OPEN = (State.PLANNED, State.CLAIMED, State.SUBMITTING, State.UNCERTAIN, State.HELD, State.SENT)
ON_THE_WAY = (State.SUBMITTING, State.UNCERTAIN, State.HELD, State.SENT)  # a report may be quicker than the answer
OVER = (State.FAILED, State.UNDELIVERED, State.MISSED, State.SUPPRESSED)


@dataclass(frozen=True, slots=True)
class Arrow:
    """One kind of move."""

    by: str
    start: tuple[State, ...]
    end: tuple[State, ...]
    when: str


ARROWS = (
    Arrow("outbox.claim", (State.PLANNED,), (State.CLAIMED,), "it is due, and nobody else has it"),
    Arrow("outbox.miss", (State.PLANNED,), (State.MISSED,), "its use ended before it could leave"),
    Arrow(
        "outbox.settle",
        (State.CLAIMED,),
        (State.SUPPRESSED, State.MISSED, State.PLANNED, State.FAILED),
        "the last look says so",
    ),
    Arrow("outbox.unclaim, outbox.recover", (State.CLAIMED,), (State.PLANNED,), "given back, or its holder died"),
    Arrow("outbox.mark", (State.CLAIMED,), (State.SUBMITTING,), "nothing has changed since the check"),
    Arrow(
        "outbox.settle",
        (State.SUBMITTING, State.UNCERTAIN),
        (State.SENT, State.FAILED, State.PLANNED, State.UNCERTAIN),
        "the wire answered, or did not",
    ),
    Arrow("outbox.recover", (State.SUBMITTING,), (State.UNCERTAIN,), "its holder died in between"),
    Arrow(
        "reports.take_report",
        OPEN,
        (State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED, State.PLANNED),
        "the provider reports on an attempt",
    ),
    Arrow("bounces.take_back", ON_THE_WAY, (State.DELIVERED, State.UNDELIVERED), "a report on a mail came back"),
    Arrow(
        "reports.take_report",
        (State.SUPPRESSED,),
        (State.PLANNED,),
        "the text that told it as well did not arrive",
    ),
    Arrow(
        "reconcile",
        (State.UNCERTAIN,),
        (State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED, State.PLANNED, State.HELD),
        "the provider's list knows it, or not after the last look",
    ),
    Arrow(
        "meetup remind resolve", (State.HELD,), (State.SENT, State.PLANNED, State.SUPPRESSED), "an organizer settles it"
    ),
    Arrow("meetup remind retry", OVER, (State.PLANNED,), "an organizer tries again what is still of use"),
    Arrow("meetup budget cap", (State.SUPPRESSED,), (State.PLANNED,), "the budget may hold it after all"),
    Arrow("meetup remind cancel", (State.PLANNED,), (State.SUPPRESSED,), "an organizer holds it back"),
    Arrow(
        "intake.enqueue",
        (State.SUPPRESSED, State.MISSED),
        (State.PLANNED,),
        "it may be said after all, and nothing of it was handed over",
    ),
    Arrow(
        "outbox.doubt",
        (State.PLANNED, State.CLAIMED, State.SUBMITTING),
        (State.UNCERTAIN,),
        "a restored backup cannot say what left since",
    ),
)


def moves() -> frozenset[tuple[State, State]]:
    """Return every move that some arrow allows."""
    return frozenset((start, end) for arrow in ARROWS for start in arrow.start for end in arrow.end if start != end)
