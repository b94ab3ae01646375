"""How many deliveries are marked at once: many where they leave quickly, few where each takes its time."""

QUICK = 0.25  # seconds for a group: below it, the commits would cost more than the wire
SLOW = 1.0  # above it, too many would leave after somebody had said stop


def next_size(size: int, took: float, least: int, most: int) -> int:
    """Return the size of the next group when one of `size` took so many seconds."""
    if took < QUICK:
        return min(most, 2 * size)
    if took > SLOW:
        return max(least, size // 2)
    return size
