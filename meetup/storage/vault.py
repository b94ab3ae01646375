"""Secrets at rest: sealed columns, blind indexes, signed codes and hashed tokens.

Two keys do two jobs, so that a stolen index key opens no column: one seals with AES-256-GCM, one makes blind indexes
with HMAC-SHA256. A third signs the codes that leave the house. Every sealed value and index begins with the id of its
key, so that a key can be retired without a flag day.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from meetup.errors import AlreadyExists, MeetupError, NotFound

NONCE = 12


def new_id() -> str:
    """Return a public id: 80 random bits as sixteen lower-case letters and digits."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()


def new_token() -> str:
    """Return a secret of 160 bits that fits into a link."""
    return secrets.token_urlsafe(20)


def hash_token(token: str) -> bytes:
    """Return what we keep of a token: enough to recognize it, not enough to use it."""
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True)
class Vault:
    """The keys of one installation. `repr` shows none of them."""

    seal_keys: Mapping[int, bytes]
    index_keys: Mapping[int, bytes]
    sign_key: bytes

    def __repr__(self) -> str:
        return f"Vault(seal={sorted(self.seal_keys)}, index={sorted(self.index_keys)})"

    def seal(self, place: str, text: str) -> bytes:
        """Encrypt a text for one place (`table.column:public id`); elsewhere it will not open."""
        key_id = max(self.seal_keys)
        nonce = os.urandom(NONCE)
        sealed = AESGCM(self.seal_keys[key_id]).encrypt(nonce, text.encode(), place.encode())
        return bytes([key_id]) + nonce + sealed

    def open(self, place: str, sealed: bytes) -> str:
        """Decrypt what `seal` made for the same place."""
        key = self.seal_keys.get(sealed[0])
        if key is None:
            raise MeetupError("The key file does not hold the key that this database was encrypted with", _KEY_HINT)
        try:
            return AESGCM(key).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], place.encode()).decode()
        except InvalidTag as error:
            raise MeetupError("The key file does not fit this database", _KEY_HINT) from error

    def index(self, kind: str, value: str) -> bytes:
        """Return the blind index of a value: equal values give equal indexes, and nothing else can be read from it."""
        key_id = max(self.index_keys)
        return bytes([key_id]) + self._mac(self.index_keys[key_id], kind, value)

    def indexes(self, kind: str, value: str) -> list[bytes]:
        """Return the indexes of a value under every key, for looking up what an older key wrote."""
        return [bytes([key_id]) + self._mac(key, kind, value) for key_id, key in sorted(self.index_keys.items())]

    def sign(self, purpose: str, text: str) -> str:
        """Return a 128-bit signature that fits into a link."""
        return base64.urlsafe_b64encode(self._mac(self.sign_key, purpose, text)[:16]).decode().rstrip("=")

    def signed(self, purpose: str, text: str, signature: str) -> bool:
        """Tell whether a signature is ours, in constant time."""
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode())

    def fingerprint(self, text: str) -> str:
        """Return a keyed hash of a message body, for recognizing our own text at the provider."""
        return self._mac(self.sign_key, "body", text).hex()[:32]

    @property
    def mail_secret(self) -> bytes:
        """Return the secret that makes Message-IDs stable and unguessable."""
        return self._mac(self.sign_key, "message-id", "")

    @staticmethod
    def _mac(key: bytes, kind: str, value: str) -> bytes:
        return hmac.new(key, f"{kind}\0{value}".encode(), hashlib.sha256).digest()


_KEY_HINT = "Bring back the key file that was made together with this database; without it nobody can read it."


def create(path: Path) -> Vault:
    """Make a key file that only its owner can read, and return its keys; never overwrite one."""
    keys = {
        "seal": {"1": secrets.token_hex(32)},
        "index": {"1": secrets.token_hex(32)},
        "sign": secrets.token_hex(32),
    }
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise AlreadyExists(f"There is a key file at {path} already") from error
    with os.fdopen(handle, "w") as file:
        json.dump(keys, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    return load(path)


def load(path: Path) -> Vault:
    """Read a key file."""
    try:
        keys = json.loads(path.read_text())
        return Vault(_keys(keys["seal"]), _keys(keys["index"]), bytes.fromhex(keys["sign"]))
    except FileNotFoundError as error:
        raise NotFound(f"There is no key file at {path}", _NO_KEYS) from error
    except OSError as error:
        raise MeetupError(f"The key file {path} cannot be read: {error.strerror}", _KEY_HINT) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # Valid JSON of another make raises the last three.
        raise MeetupError(f"{path} is no key file of meetup", _KEY_HINT) from error


_NO_KEYS = (
    "Bring back the one that belongs to your database or backup, or set MEETUP_KEY_FILE; "
    "where nothing has been set up yet, run `meetup init`."
)


def _keys(found: Mapping[str, str]) -> dict[int, bytes]:
    return {int(key_id): bytes.fromhex(key) for key_id, key in found.items()}
