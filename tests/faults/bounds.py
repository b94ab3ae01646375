"""How much may be in doubt at most, asked of the parts of the worker that keep to it."""

from commands import house
from commands.context import Context
from meetup.values import Channel
from notifications.deliver import Post
from notifications.gate import Gate

QUICKLY = 0.0  # seconds for a group: what makes the next one as large as it may become


def largest(gate: Gate) -> int:
    """Return how many messages a channel may have marked at once when everything leaves as quickly as can be."""
    size = 0
    while gate.group > size:
        size = gate.group
        gate.paced(size, QUICKLY)
    return size


def by_channel(post: Post) -> dict[Channel, int]:
    """Return the same for each channel of a worker."""
    # Why a kill leaves no more than this in doubt: in one process one delivering tick runs at a time, and has one claim
    # for each channel; of a claim, the outcomes of one group are committed together with the marks of the next, so no
    # two groups are ever marked at once; and a group begins with as many as there are threads to hand them over, and
    # grows to the largest group at most. The gates that the worker itself makes of its settings are asked here, so
    # another number of threads, another size or another way to grow changes the bound by itself.
    return {channel: largest(post.gate(channel)) for channel in post.senders}


def in_flight(here: Context) -> int:
    """Return how many messages one kill of a service with these settings may leave in doubt, on all channels."""
    return sum(by_channel(house.service(here).post).values())
