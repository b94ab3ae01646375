"""What a mail relay's reply means for one mail. Nothing here touches the wire."""

import re
from dataclasses import dataclass
from enum import StrEnum

from notifications.messages import NotSent, Refused

LATER = 300.0  # greylisting asks for minutes
RELAY_BUSY = frozenset({421, 454})  # nobody's mail passes now
SETTINGS = frozenset({530, 534, 535, 538})  # we are not let in
CONFUSED = frozenset({500, 501, 503, 555})  # the relay lost the thread, or we did
NOBODY_THERE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
FULL = frozenset({"5.2.1", "5.2.2"})
_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b")
_ADDRESS = re.compile(r"<[^>]*>|\S*@\S*")


class Step(StrEnum):
    """What the relay replied to."""

    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: the basic code, and a text that may begin with an enhanced one (RFC 3463)."""

    step: Step
    code: int
    text: str

    @property
    def status(self) -> str:
        """Return the enhanced code, or the basic one when there is none."""
        enhanced = _STATUS.match(self.text)
        return enhanced[1] if enhanced else str(self.code)

    @property
    def positive(self) -> bool:
        """Tell whether the relay agreed."""
        return self.code == 354 if self.step is Step.DATA else 200 <= self.code < 300

    @property
    def negative(self) -> bool:
        """Tell whether the relay surely did not agree; what is neither is no SMTP."""
        return 400 <= self.code < 600

    @property
    def confused(self) -> bool:
        """Tell whether a fresh connection may help, since the reply is about the talk and not about the mail."""
        about_talk = self.status.startswith("5.5.") or self.status == str(self.code)
        return self.step is not Step.CONTENT and self.code in CONFUSED and about_talk

    @property
    def reason(self) -> str:
        """Return the reply for the operator, without the addresses that relays like to repeat."""
        shown = "".join(c if c.isprintable() else " " for c in _ADDRESS.sub("…", self.text))
        return f"{self.code} {' '.join(shown.split())}"[:200].strip()


def verdict(reply: Reply) -> Refused | NotSent:
    """Say what follows from a reply that is not positive. The enhanced code beats the basic one."""
    if not reply.negative:
        return NotSent("protocol", "the mail relay gave a reply that is no SMTP")
    if reply.code in RELAY_BUSY or (reply.step is Step.MAIL and reply.code < 500):
        # Before a recipient was named nobody's mail passes.
        return NotSent(reply.status, reply.reason, whole_line=True)
    if reply.code in SETTINGS:
        return NotSent(reply.status, reply.reason, stop_channel=True)
    if not reply.status.startswith("5"):
        return NotSent(reply.status, reply.reason, retry_after=LATER)
    if _is_about_us(reply):
        return NotSent(reply.status, reply.reason, stop_channel=True)
    about_them = reply.step in {Step.RCPT, Step.CONTENT}
    nobody, full = reply.status in NOBODY_THERE, reply.status in FULL
    return Refused(reply.status, reply.reason, bad_address=about_them and nobody, mailbox_full=about_them and full)


def _is_about_us(reply: Reply) -> bool:
    # Before a recipient was named only our own address can be meant, and every other mail would fare the same.
    too_large = reply.code == 552 or reply.status.startswith("5.3.")
    return reply.step is Step.MAIL and not reply.confused and not too_large
