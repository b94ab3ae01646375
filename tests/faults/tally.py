"""How a fault ended, by the log of whoever was handed the messages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """One line of the table of results. A control has to double messages, or its harness sees nothing."""

    what: str
    faults: int
    due: int
    lost: int
    doubled: int
    shown: int  # as in doubt: neither lost nor doubled, and an organizer sees them
    wrong: tuple[str, ...] = ()  # whatever else was not as predicted
    control: bool = False

    @property
    def holds(self) -> bool:
        """Tell whether it ended as promised."""
        if self.control:
            return self.doubled > 0
        return not (self.lost or self.doubled or self.wrong)
