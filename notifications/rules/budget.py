"""How many texts a month holds: for one person, for a group, for everybody. Pure.

A month is the provider's, in UTC, as on its bill. Reminders leave a fifth of it to what cannot wait: a change, which is
never stopped.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from meetup.values import Kind

PER_MEMBER = 12  # a month: the opt-in text promises it
ENOUGH = f"had {PER_MEMBER} texts this month, or those of them that reminders may use"
GROUP_SPENT = "the group's texts of this month are used up"
ALL_SPENT = "the organization's texts of this month are used up"
REASONS = (ENOUGH, GROUP_SPENT, ALL_SPENT)
LIMITED = frozenset({Kind.REMINDER, Kind.ANNOUNCEMENT})  # everything else is a change, or a question asked once
UNCOUNTED = frozenset({Kind.CANCELLED, Kind.HALF_CANCELLED})  # the promise to a member leaves these out
WARN_AT = 80  # percent of what reminders may use


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody allowed for a month, and what of it is used, in segments."""

    used: int
    cap: int | None  # None: as many as are needed
    reason: str  # why nothing more goes when it is used up

    @property
    def for_reminders(self) -> int | None:
        """Return how much of it reminders may use."""
        return None if self.cap is None else _most_of(self.cap)

    @property
    def percent(self) -> int:
        """Return how much of what reminders may use is used, in percent; 0 without a cap."""
        share = self.for_reminders
        return 0 if share is None else 100 * self.used // share if share else 100

    def holds(self, kind: Kind, segments: int) -> bool:
        """Tell whether a text of that kind and size may still be sent."""
        return self.cap is None or self.used + segments <= _allowed(kind, self.cap)


def month_of(moment: datetime) -> str:
    """Return the month that a moment is billed in: `2026-11`."""
    return f"{moment:%Y-%m}"


def month_start(moment: datetime) -> datetime:
    """Return when the month of a moment began."""
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def refusal(kind: Kind, segments: int, had: int, accounts: Iterable[Account]) -> str:
    """Return why a text is not to be sent this month, or nothing. `had` counts what its reader had already."""
    if kind not in LIMITED:
        return ""
    if had + 1 > _allowed(kind, PER_MEMBER):
        return ENOUGH
    return next((account.reason for account in accounts if not account.holds(kind, segments)), "")


def _allowed(kind: Kind, whole: int) -> int:
    return _most_of(whole) if kind is Kind.REMINDER else whole


def _most_of(whole: int) -> int:
    return whole * 4 // 5
