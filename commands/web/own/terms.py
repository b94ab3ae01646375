"""What she agrees to on her page, as the ledger keeps it."""

from meetup.people.consent import Wording
from meetup.storage.tables import Organization
from meetup.values import Channel
from notifications.words.compose import Voice, opt_in_wording, page_wording


def beside_the_box(home: Organization, channel: Channel, language: str) -> Wording:
    """Return the words beside the box of a channel."""
    text, version = page_wording(channel, language, Voice.of(home))
    return Wording(text, version, language)


def asked(home: Organization, channel: Channel, language: str) -> Wording:
    """Return the words by which a new address is asked."""
    text, version = opt_in_wording(channel, language, Voice.of(home))
    return Wording(text, version, language)
