"""The addresses that we hand out: signed, so that nothing about them is stored, and checked in constant time.

/g/<slug>        an open group's page; with .ics its calendar: the two that are neither signed nor secret
/f/<token>.ics   a member's calendar: a random token, kept as a hash (links.py)
/u/<signed>      leave one group's mail: contact point and group
/c/<signed>      agree: one entry of the consent ledger
/j/<signed>      the way into the room: member and meeting
/m               a member's own page, /m/<signed> the link that opens it once
"""

from dataclasses import dataclass

from meetup.storage.vault import Vault

ALL_MAIL = 0  # in place of a group's number, in an address that ends mail


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes and reads addresses. Both bases are https URLs without a slash at the end, or empty."""

    vault: Vault
    public_url: str = ""
    private_url: str = ""  # a neutral domain for what is sent to members; empty: the public one

    @property
    def base(self) -> str:
        """Return the domain for what is sent to members; empty when the service cannot be reached from outside."""
        return self.private_url or self.public_url

    def feed(self, token: str) -> str:
        return f"{self.base}/f/{token}.ics"

    def group_feed(self, slug: str) -> str:
        return f"{self.public_url}/g/{slug}.ics" if self.public_url else ""

    def group_page(self, slug: str) -> str:
        return f"{self.public_url}/g/{slug}" if self.public_url else ""

    def stop(self, contact_id: int, group_id: int) -> str:
        """Return the address that ends the mail of a group, or of every group; nothing when nobody could reach it."""
        return self._address("u", contact_id, group_id)

    def agree(self, consent_id: int) -> str:
        """Return the address at which somebody agrees to what was asked."""
        return self._address("c", consent_id)

    def join(self, member_id: int, meeting_id: int) -> str:
        """Return a member's own address of a meeting's room: it outlives every rotation of the link."""
        return self._address("j", member_id, meeting_id)

    @property
    def page(self) -> str:
        """Return where members find their own page, or nothing when nobody could reach it; it opens with a key only."""
        return f"{self.base}/m" if self.base else ""

    def page_link(self, key_id: int) -> str:
        """Return the link that opens a member's own page, once."""
        return self._address("m", key_id)

    def callback(self, code: str) -> str:
        """Return where the SMS provider reports on a delivery."""
        if not self.public_url:
            return ""
        return f"{self.public_url}/twilio/status?d={code}.{self.vault.sign('callback', code)}"

    def read_callback(self, text: str) -> str | None:
        """Return the delivery's code, when the signature is ours."""
        code, _, signature = text.partition(".")
        return code if self.vault.signed("callback", code, signature) else None

    def read(self, kind: str, token: str) -> tuple[int, ...] | None:
        """Return the numbers in a signed token of a kind (`u`, `c`, `j`, `m`), or None when it is not ours."""
        body, _, signature = token.partition("~")
        if not self.vault.signed(kind, body, signature):
            return None
        return tuple(int(number, 36) for number in body.split("."))

    def _address(self, kind: str, *numbers: int) -> str:
        if not self.base:
            return ""
        body = ".".join(_base36(number) for number in numbers)
        return f"{self.base}/{kind}/{body}~{self.vault.sign(kind, body)}"


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = digits[number % 36]
    while number := number // 36:
        text = digits[number % 36] + text
    return text
