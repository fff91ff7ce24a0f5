"""Keys: one data key per person, wrapped by the operator's master secret, so that destroying it erases the person.

AES-256-GCM throughout; every sealed value is bound to the place it belongs to (associated data), so that bytes moved to
another row do not open. Subkeys for different uses come from HKDF-SHA256 (RFC 5869) with different labels.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.core.errors import ProductError

NONCE_BYTES = 12
KEY_BYTES = 32
KEY_NAME_BYTES = 4
MARK_BYTES = 9
TOKEN_BYTES = 32
SHORTEST_MASTER = 32
"""Characters of a master secret; an empty one would be a key that anybody can compute."""


class SealBrokenError(ProductError):
    """Sealed bytes do not open: wrong key, wrong place, or changed."""


class MasterSecretWeakError(ProductError):
    """A master secret is missing or shorter than 32 characters."""


class PersonKey:
    """The data key of one person, opened."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, *, place: str) -> bytes:
        """Encrypt `plain` for `place`, such as ``inbox:web:…``."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """Decrypt what was sealed for the same `place`.

        Raises:
            SealBrokenError: it was sealed with another key or for another place, or was changed.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except InvalidTag as error:
            raise SealBrokenError(place=place.partition(":")[0]) from error


class Vault:
    """What the master secrets can do; holds no citizen's data."""

    def __init__(self, masters: Sequence[str]) -> None:
        """Take the master secrets, newest first; at least one.

        Raises:
            MasterSecretWeakError: there is none, or one of them is short enough to be guessed.
        """
        if not masters or any(len(master) < SHORTEST_MASTER for master in masters):
            raise MasterSecretWeakError(shortest=SHORTEST_MASTER)
        self._wrapping = {_key_name(master): AESGCM(_subkey(master, b"wrap")) for master in masters}
        self._newest = _key_name(masters[0])
        self._token_keys = [_subkey(master, b"conversation-token") for master in masters]
        self._press_keys = [_subkey(master, b"button-press") for master in masters]
        self._audit_key = _subkey(masters[0], b"audit-subject")
        self._audit_keys = [_subkey(master, b"audit-subject") for master in masters]

    def new_person_key(self, person_id: str) -> tuple[PersonKey, bytes]:
        """Make a data key for a person; return it opened and wrapped for keeping."""
        key = secrets.token_bytes(KEY_BYTES)
        return PersonKey(key), self._wrap(person_id, key)

    def open_person_key(self, person_id: str, wrapped: bytes) -> PersonKey:
        """Unwrap a person's data key.

        Raises:
            SealBrokenError: no master secret at hand opens it.
        """
        return PersonKey(self._unwrap(person_id, wrapped))

    @property
    def newest_name(self) -> bytes:
        """The first bytes of every data key that the newest master secret wraps."""
        return self._newest

    def rewrap_person_key(self, person_id: str, wrapped: bytes) -> bytes:
        """Return the same data key wrapped by the newest master secret; what it sealed stays as it is.

        Raises:
            SealBrokenError: no master secret at hand opens it.
        """
        return self._wrap(person_id, self._unwrap(person_id, wrapped))

    def audit_digest(self, subject: str) -> str:
        """Return what stands in the audit log instead of a name or a reference: a keyed digest, 64 hexadecimal digits.

        Only who has the newest master secret and the subject can tell that a line is about it.
        """
        return hmac.digest(self._audit_key, subject.encode(), hashlib.sha256).hex()

    def audit_digests(self, subject: str) -> list[str]:
        """Return the digests that `audit_digest` gave or may have given, by each master secret at hand."""
        return [hmac.digest(key, subject.encode(), hashlib.sha256).hex() for key in self._audit_keys]

    def seal(self, plain: bytes, *, place: str) -> bytes:
        """Encrypt what belongs to the deployment and to no person, such as a platform's token, for `place`."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._newest + nonce + self._wrapping[self._newest].encrypt(nonce, plain, f"own:{place}".encode())

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """Decrypt what `seal` sealed for the same `place`, under any of the master secrets.

        Raises:
            SealBrokenError: no master secret at hand opens it, or it was sealed for another place, or changed.
        """
        cipher, inner = self._wrapping.get(sealed[:KEY_NAME_BYTES]), sealed[KEY_NAME_BYTES:]
        if cipher is None:
            raise SealBrokenError(place=place.partition(":")[0], reason="master secret gone")
        try:
            return cipher.decrypt(inner[:NONCE_BYTES], inner[NONCE_BYTES:], f"own:{place}".encode())
        except InvalidTag as error:
            raise SealBrokenError(place=place.partition(":")[0]) from error

    def new_token(self) -> str:
        """Make a conversation token: 256 random bits, safe in URLs and cookies."""
        return secrets.token_urlsafe(TOKEN_BYTES)

    def token_digest(self, token: str) -> bytes:
        """Return what is stored instead of the token."""
        return hmac.digest(self._token_keys[0], token.encode(), hashlib.sha256)

    def token_fits(self, token: str, digest: bytes) -> bool:
        """Tell whether `token` is the one whose digest was stored, under any of the master secrets."""
        candidates = (hmac.digest(key, token.encode(), hashlib.sha256) for key in self._token_keys)
        return any(hmac.compare_digest(candidate, digest) for candidate in candidates)

    def mark_press(self, conversation: str, press: str) -> str:
        """Return a button payload that only this conversation can send back."""
        return f"{press}~{_mark(self._press_keys[0], conversation, press)}"

    def read_press(self, conversation: str, payload: str) -> str | None:
        """Return the press inside a payload shown in this conversation; None for any other payload."""
        press, _, mark = payload.rpartition("~")
        marks = [_mark(key, conversation, press) for key in self._press_keys]
        given = mark.encode()
        return press if any(hmac.compare_digest(candidate.encode(), given) for candidate in marks) else None

    def _wrap(self, person_id: str, key: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._newest + nonce + self._wrapping[self._newest].encrypt(nonce, key, _person_place(person_id))

    def _unwrap(self, person_id: str, wrapped: bytes) -> bytes:
        name, sealed = wrapped[:KEY_NAME_BYTES], wrapped[KEY_NAME_BYTES:]
        cipher = self._wrapping.get(name)
        if cipher is None:
            raise SealBrokenError(place="person", reason="master secret gone")
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _person_place(person_id))
        except InvalidTag as error:
            raise SealBrokenError(place="person") from error


def _person_place(person_id: str) -> bytes:
    return f"person:{person_id}".encode()


def _subkey(master: str, label: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length=KEY_BYTES, salt=None, info=b"hiendien/" + label).derive(master.encode())


def _key_name(master: str) -> bytes:
    return HKDF(hashes.SHA256(), length=KEY_NAME_BYTES, salt=None, info=b"hiendien/name").derive(master.encode())


def _mark(key: bytes, conversation: str, press: str) -> str:
    digest = hmac.digest(key, f"{conversation}\n{press}".encode(), hashlib.sha256)
    return urlsafe_b64encode(digest[:MARK_BYTES]).decode()
