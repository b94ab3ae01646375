"""Whether a sender's line is worth trying: after some failures in a row it rests, and then one message goes first."""

from dataclasses import dataclass

from notifications.messages import NotSent, Outcome, Refused, Unknown
from notifications.rules.retry import LINE, asked

TROUBLES = 5  # in a row
STOPPED = 300.0  # seconds that a sender rests whose account or settings are wrong


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is known of a line. Time is monotonic and handed in; `spread` (0 to 1) keeps many from returning at once."""

    troubles: int = 0  # in a row
    rests: int = 0  # since it worked last
    until: float = 0.0

    def resting(self, now: float) -> bool:
        """Tell whether nothing should be tried at the moment."""
        return now < self.until

    @property
    def probing(self) -> bool:
        """Tell whether one message should go first, to see whether the line works again."""
        return self.rests > 0

    def after(self, outcome: Outcome, now: float, spread: float = 0.5) -> "Breaker":
        """Return what is known when this came of a message. Only what is said about the line counts."""
        if isinstance(outcome, Unknown):
            return self
        wait = _wait(outcome, spread)
        if self.resting(now):
            # Others were on the wire already. They cannot end a rest, but they may be told to make it longer.
            return Breaker(self.troubles, self.rests, max(self.until, now + wait))
        if not _is_trouble(outcome):
            return Breaker()
        if not (wait or self.probing or self.troubles + 1 >= TROUBLES):
            return Breaker(self.troubles + 1)
        usual = LINE.wait(self.rests + 1).total_seconds() * (0.8 + 0.4 * spread)
        return Breaker(0, self.rests + 1, now + max(wait, usual))


def stops(outcome: Outcome) -> bool:
    """Tell whether the account or its settings are wrong: nothing will leave until somebody has mended them."""
    return isinstance(outcome, NotSent | Refused) and outcome.stop_channel


def _is_trouble(outcome: Outcome) -> bool:
    return stops(outcome) or (isinstance(outcome, NotSent) and outcome.whole_line)


def _wait(outcome: Outcome, spread: float) -> float:
    """Return for how many seconds the provider wants to be left alone, or 0."""
    if stops(outcome):
        return STOPPED
    if isinstance(outcome, NotSent) and outcome.whole_line:
        return asked(outcome.retry_after).total_seconds() * (1 + 0.2 * spread)
    return 0.0
