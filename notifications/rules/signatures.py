"""Tell whether a webhook comes from the provider: X-Twilio-Signature, made and checked."""

import base64
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

SHA1 = "HMAC_SHA1"
SHA256 = "HMAC_SHA256"

_DIGESTS = {SHA1: "sha1", SHA256: "sha256"}
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>[^/?#]*?)(?P<port>:\d+)?(?=[/?#]|$)", re.IGNORECASE)

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a webhook may be signed with. During a rotation the old token and the new one are both here."""

    tokens: tuple[str, ...] = ()
    shared_keys: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Secrets({len(self.tokens)} tokens, {len(self.shared_keys)} shared keys)"


def sign(secret: str, url: str, fields: Fields, algorithm: str = SHA1) -> str:
    """Return the signature of a form posted to `url`, exactly as it is spelt there."""
    # A set: a value that is sent twice is signed once. Empty values stay.
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    mac = hmac.new(_bytes(secret), _bytes(text), _DIGESTS[algorithm])
    return base64.b64encode(mac.digest()).decode()


def valid(secrets: Secrets, url: str, fields: Fields, signature: str, settings: str = "") -> bool:
    """Tell whether one of our secrets made this signature.

    `settings` is the header X-Twilio-Webhooks-Signature-Settings, which names the algorithm and the shared key.
    """
    algorithm, candidates = _candidates(secrets, settings)
    given = _bytes(signature)
    # No early exit: the time taken says nothing about which secret or spelling was right.
    matches = [
        hmac.compare_digest(_bytes(sign(secret, spelling, fields, algorithm)), given)
        for secret in candidates
        for spelling in _spellings(url)
    ]
    return any(matches)


def _candidates(secrets: Secrets, settings: str) -> tuple[str, tuple[str, ...]]:
    """Choose the algorithm and the secrets; the header may never talk an account with shared keys down to SHA-1."""
    named = dict(_pairs(settings))
    algorithm = named.get("algorithm", SHA1).upper()
    if algorithm == SHA256:
        key = secrets.shared_keys.get(named.get("key", ""))
        return SHA256, (key,) if key else ()
    if algorithm == SHA1 and not secrets.shared_keys:
        return SHA1, tuple(token for token in secrets.tokens if token)
    return SHA1, ()


def _pairs(settings: str) -> Iterator[tuple[str, str]]:
    for part in settings.split(","):
        name, separator, value = part.partition("=")
        if separator and value.strip():
            yield name.strip(), value.strip()


def _spellings(url: str) -> set[str]:
    """Return the address as it is, with its port and without: the provider is not consistent about it."""
    origin = _ORIGIN.match(url)
    if not origin:
        return {url}
    rest = url[origin.end() :]
    bare = f"{origin['scheme']}://{origin['host']}"
    port = origin["port"] or (":443" if origin["scheme"].lower() == "https" else ":80")
    return {url, bare + rest, bare + port + rest}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
