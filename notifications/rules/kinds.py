"""What organizers call each kind of message."""

from meetup.values import Kind

NAMES = {
    Kind.REMINDER: "reminder",
    Kind.CANCELLED: "cancellation",
    Kind.MOVED: "move",
    Kind.HALF_CANCELLED: "closed door",
    Kind.CHANGED: "change",
    Kind.REOPENED: "all-clear",
    Kind.OPT_IN: "question for consent",
    Kind.ANNOUNCEMENT: "announcement",
    Kind.KEY: "key to her own page",
    Kind.STILL_FINE: "yearly question whether it is still fine",
    Kind.STILL_SAFE: "question whether texts are still safe",
}


def notice(kind: str) -> str:
    """Name a message in a sentence: `a reminder`, `a notice of a closed door`."""
    one = Kind(kind)
    if one in {Kind.REMINDER, Kind.OPT_IN, Kind.KEY, Kind.STILL_FINE, Kind.STILL_SAFE}:
        return f"a {NAMES[one]}"
    return "an announcement" if one is Kind.ANNOUNCEMENT else f"a notice of {_article(NAMES[one])}"


def _article(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
