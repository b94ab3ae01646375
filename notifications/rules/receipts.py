"""What the provider's word about a text means for its delivery."""

from dataclasses import dataclass, replace
from datetime import timedelta

from meetup.values import State


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a text ended, and what follows from that. Without a state it says nothing about a delivery."""

    state: State | None
    opted_out: bool = False  # the person left, or the carrier says so
    bad_address: bool = False  # no mobile phone answers there
    retry: bool = False  # once more may help, not before `wait`
    wait: timedelta = timedelta(0)
    stop_channel: bool = False  # our account or registration is wrong
    reason: str = ""


_STATES = {
    "accepted": State.SENT,
    "scheduled": State.SENT,
    "queued": State.SENT,
    "sending": State.SENT,
    "sent": State.SENT,
    "partially_delivered": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "undelivered": State.UNDELIVERED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}


def _again(minutes: int, reason: str) -> Receipt:
    return Receipt(None, retry=True, wait=timedelta(minutes=minutes), reason=reason)


_ENDS = {
    "21610": Receipt(None, opted_out=True, reason="opted out"),
    "30001": _again(10, "the sender's queue was full"),
    "30002": Receipt(None, stop_channel=True, reason="the account is suspended"),
    "30003": _again(45, "the phone could not be reached"),
    # Not a STOP, but somebody who blocks us does not want to hear from us.
    "30004": Receipt(None, opted_out=True, reason="blocked by the recipient or the carrier"),
    "30005": Receipt(None, bad_address=True, reason="nobody has this number"),
    "30006": Receipt(None, bad_address=True, reason="a landline, or a carrier that cannot be reached"),
    "30007": Receipt(None, reason="filtered by the carrier"),  # the same text would be filtered again
    "30008": _again(30, "lost for an unknown reason"),
    "30022": _again(15, "sent faster than the registration allows"),
    # The cap ends at midnight in California; six hours later is either after that or asks once more in vain.
    "30023": _again(360, "the daily limit of the registration is reached"),
    "30032": Receipt(None, stop_channel=True, reason="the toll-free number is not verified"),
    "30034": Receipt(None, stop_channel=True, reason="the number is not registered"),
    "30036": Receipt(None, reason="too late: its validity ended"),
    "30450": _again(45, "held back by the fraud protection"),
}

_RANKS = {
    State.PLANNED: 0,  # with an earlier attempt: the receipt proves that it was taken after all
    State.CLAIMED: 0,
    State.SUBMITTING: 0,
    State.UNCERTAIN: 0,
    State.HELD: 0,
    State.SENT: 1,
    State.DELIVERED: 2,
    State.UNDELIVERED: 2,
    State.FAILED: 2,
}


def callback_meaning(status: str, error_code: str = "") -> Receipt:
    """Read a status word and an error code; codes count only when the text did not arrive."""
    state = _STATES.get(status)
    if state not in {State.UNDELIVERED, State.FAILED}:
        return Receipt(state)
    if not error_code:
        return Receipt(state, reason=status)
    return replace(_ENDS.get(error_code, Receipt(None, reason=f"code {error_code}")), state=state)


def later(current: State, new: State) -> bool:
    """Tell whether a receipt may move a delivery: forward only, and the first final word stays."""
    return new in _RANKS and current in _RANKS and _RANKS[new] > _RANKS[current]
