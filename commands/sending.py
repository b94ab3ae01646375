"""What messages would be sent, in numbers: by channel, in segments, and what they cost."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from meetup.values import Channel
from notifications.preview import Coming

WORDS = {Channel.SMS: ("text", "texts"), Channel.EMAIL: ("mail", "mails")}


def summary(found: Sequence[Coming], price: str) -> str:
    """Say how much is sent: “12 mails, 3 texts in 3 segments, about 0.02 USD”."""
    sending = Counter(one.channel for one in found if one.will_send)
    segments = sum(one.segments for one in found if one.will_send)
    parts = [_counted(channel, sending[channel], segments) for channel in reversed(Channel) if sending[channel]]
    told = cost(segments, price)
    return ", ".join([*parts, *([f"about {told}"] if told else [])]) or "nothing"


def held_back(found: Sequence[Coming]) -> Counter[tuple[Channel, str]]:
    """Return how many are not sent, by channel and reason."""
    return Counter((one.channel, one.reason) for one in found if not one.will_send)


def cost(segments: int, price: str) -> str:
    """Say what segments cost: “0.02 USD”; nothing when there are none, or no price was said."""
    if not price or not segments:
        return ""
    amount, _, currency = price.partition(" ")
    return f"{(Decimal(amount) * segments).quantize(Decimal('0.01'))} {currency}".strip()


def _counted(channel: Channel, number: int, segments: int) -> str:
    words = f"{number} {WORDS[channel][number != 1]}"
    if channel is not Channel.SMS:
        return words
    return f"{words} in {segments} segment{'' if segments == 1 else 's'}"
