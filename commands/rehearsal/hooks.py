"""Webhooks as the provider posts them: signed forms, and the replies read from what comes back."""

import http.client
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET

from notifications.rules.signatures import SHA1, SHA256, sign

READ_TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application said to a webhook; status 0 when nobody answered."""

    status: int
    kind: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Signer:
    """What the provider signs with: the account's token, or a shared key when it has a name."""

    secret: str
    key: str = ""

    def headers(self, url: str, fields: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Return the headers that prove where a form comes from."""
        if not self.key:
            return {"X-Twilio-Signature": sign(self.secret, url, fields, SHA1)}
        return {
            "X-Twilio-Signature": sign(self.secret, url, fields, SHA256),
            "X-Twilio-Webhooks-Signature-Settings": f"key={self.key},algorithm={SHA256}",
        }


def post(url: str, fields: Sequence[tuple[str, str]], signer: Signer) -> Answer:
    """Post a signed form, once."""
    parts = urlsplit(url)
    bare = parts._replace(fragment="").geturl()  # the part after # is for the provider, neither sent nor signed
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    headers = {"Content-Type": "application/x-www-form-urlencoded", **signer.headers(bare, fields)}
    secure = parts.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=READ_TIMEOUT)
    try:
        connection.request("POST", path, urlencode(fields), headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers.get_content_type(), response.read().decode())
    except (OSError, http.client.HTTPException):
        return Answer(0)
    finally:
        connection.close()


def replies(answer: Answer) -> tuple[str, ...]:
    """Return the texts that the provider makes of an answer: TwiML's messages, and plain text as it stands."""
    if not 200 <= answer.status < 300 or not answer.text.strip():
        return ()
    if answer.kind == "text/plain":
        return (answer.text,)
    if answer.kind not in {"text/xml", "application/xml", "text/html"}:
        return ()
    try:
        root = ET.fromstring(answer.text)  # noqa: S314 -- our own application's answer
    except ET.ParseError:
        return ()
    return tuple("".join(message.itertext()).strip() for message in root.iter("Message"))
