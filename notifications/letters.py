"""Deliveries that may leave: worded, addressed, and with what is to be marked before they do."""

from dataclasses import dataclass

from meetup.feeds.addresses import Addresses
from meetup.storage.vault import Vault
from meetup.values import Channel
from notifications.budget import Expense
from notifications.cases import Claimed
from notifications.judging import Judged
from notifications.messages import Message
from notifications.moves import Beside, Mark
from notifications.rules.segments import segments
from notifications.words.compose import Text


@dataclass(frozen=True, slots=True)
class Letter:
    """A delivery that may leave, worded."""

    claimed: Claimed
    message: Message
    mark: Mark

    @property
    def cost(self) -> int:
        """Return how much of a sender's allowance it takes: segments of texts, or mails."""
        return segments(self.message.body).segments if self.message.channel is Channel.SMS else 1

    @property
    def expense(self) -> Expense:
        """Return what a text adds to the month's books."""
        return Expense(self.claimed.row.group_id or 0, self.cost)


def letter(vault: Vault, judged: Judged, text: Text, addresses: Addresses) -> Letter:
    """Put a letter together."""
    one, row = judged.claimed, judged.claimed.row
    mail_stop = one.facts.voice.contact_mail if one.facts else ""
    message = Message(
        code=row.code,
        channel=Channel(row.channel),
        to=one.address,
        body=text.body,
        subject=text.subject,
        html=text.html,
        own_addresses=one.facts.links.all if one.facts else (),
        language=one.facts.recipient.language if one.facts else "",
        expires_at=row.expires_at,
        list_id=one.list_id,
        unsubscribe_url=one.stop_url,
        unsubscribe_mail=f"mailto:{mail_stop}?subject=unsubscribe" if mail_stop else "",
        callback_url=addresses.callback(row.code),
    )
    mark = Mark(
        delivery_id=row.id or 0,
        number=row.attempts + 1,
        body_hash=vault.fingerprint(text.body),
        contact_id=one.contact_id,
        consent_id=one.consent_id,
        consent_action=row.consent_action,
        member_version=one.member_version,
        meeting_version=one.meeting_version,
        beside=_beside(judged.beside),
    )
    return Letter(one, message, mark)


def _beside(other: Claimed | None) -> Beside | None:
    return Beside(other.row.id or 0, other.row.meeting_id, other.meeting_version) if other else None
