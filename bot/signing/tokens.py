"""Keys on a token, behind the PKCS#11 module of its vendor.

Each request to the module is a child process (`token_child`): it is killed when it does not answer, its crash is an
error with a name, and it ends with the session, so that no PIN stays anywhere. `TokenKey` signs for people and, with a
PIN from a file, for the audit log.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from bot.core.errors import InvalidInputError
from bot.core.signatures import PS256, RS256, DigestName, SignatureAlgorithm, read_certificate
from bot.core.text import clean, nfc
from bot.signing.errors import (
    SigningFailedError,
    TokenAmbiguousError,
    TokenCertificateAmbiguousError,
    TokenCertificateMissingError,
    TokenFailedError,
    TokenKeyMissingError,
    TokenMissingError,
    TokenModuleCrashedError,
    TokenModuleHungError,
    TokenModuleUnusableError,
    TokenPinLockedError,
    TokenPinWrongError,
)
from bot.signing.keys import KeySignature, path_above

PATIENCE = 30.0
"""Seconds that a module has for one request; tokens sign within two."""

_CHILD = Path(__file__).with_name("token_child.py")
_OURS = "HIENDIEN_"
_FAILURES: Mapping[str, type[SigningFailedError]] = {
    "DeviceRemoved": TokenMissingError,
    "NoSuchKey": TokenKeyMissingError,
    "NoSuchToken": TokenMissingError,
    "PinIncorrect": TokenPinWrongError,
    "PinInvalid": TokenPinWrongError,
    "PinLenRange": TokenPinWrongError,
    "PinLocked": TokenPinLockedError,
    "PKCS11Error": TokenModuleUnusableError,  # by itself, it is about loading
    "SlotIDInvalid": TokenMissingError,
    "TokenNotPresent": TokenMissingError,
    "TokenNotRecognised": TokenMissingError,
}


@dataclass(frozen=True, slots=True)
class TokenCertificate:
    """A certificate on a token; `key_id` ties it to its key."""

    label: str
    key_id: str
    certificate: x509.Certificate

    @property
    def is_authority(self) -> bool:
        """Whether it is one of those above the signer's."""
        try:
            return self.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        except (x509.ExtensionNotFound, ValueError):
            return False


@dataclass(frozen=True, slots=True)
class Token:
    """A token, as it looks without a PIN; `label` as it stands there, in whatever form of Unicode.

    `is_pin_low`: a wrong PIN was typed since the last right one; `is_final_try`: the next wrong one locks it.
    """

    label: str
    serial: str
    is_pin_low: bool
    is_final_try: bool
    is_locked: bool
    certificates: tuple[TokenCertificate, ...]

    def signer(self, label: str | None = None) -> TokenCertificate:
        """Return the certificate to sign with: the one of this label, or the only one that is no authority's.

        Raises:
            TokenCertificateMissingError, TokenCertificateAmbiguousError: there is not exactly one.
        """
        own = [one for one in self.certificates if not one.is_authority]
        found = [one for one in own if label is None or nfc(one.label) == nfc(label)]
        if not found:
            raise TokenCertificateMissingError(token=self.label)
        if len(found) > 1:
            raise TokenCertificateAmbiguousError(token=self.label, labels=", ".join(clean(one.label) for one in found))
        return found[0]


@dataclass(frozen=True)
class TokenModule:
    """A vendor's module, by its path; it is not searched for. `patience` is in seconds."""

    path: Path
    patience: float = PATIENCE
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens that are plugged in.

        Raises:
            TokenModuleUnusableError, TokenModuleCrashedError, TokenModuleHungError: the module cannot be used.
            TokenFailedError: a token cannot be read.
        """
        return tuple(_read_token(found) for found in self._ask({"do": "list"})["tokens"])

    def token(self, label: str) -> Token:
        """Return the token of a label.

        Raises:
            SigningFailedError: as `tokens`.
            TokenMissingError, TokenAmbiguousError: there is not exactly one.
        """
        found = [token for token in self.tokens() if nfc(token.label) == nfc(label)]
        if not found:
            raise TokenMissingError(token=label)
        if len(found) > 1:
            raise TokenAmbiguousError(token=label)
        return found[0]

    def sign(
        self, token: Token, signer: TokenCertificate, attributes: bytes, digest: DigestName, *, pin: str
    ) -> KeySignature:
        """Sign `attributes` with a certificate's key. The PIN is tried once, whatever the token says.

        Raises:
            SigningFailedError: the module, the token or its key cannot be used; TokenPinWrongError for a wrong PIN.
        """
        answer = self._ask(
            {
                "do": "sign",
                "label": token.label,
                "serial": token.serial,
                "id": signer.key_id,
                "key": signer.label,
                "kind": _kind_of(signer.certificate),
                "data": base64.b64encode(attributes).decode(),
                "pin": nfc(pin),
            }
        )
        signature = base64.b64decode(answer["signature"])
        if answer["family"] == "ecdsa":
            return KeySignature(SignatureAlgorithm("ecdsa", digest), _as_der(signature))
        return KeySignature(PS256 if answer["family"] == "pss" else RS256, signature)

    def _ask(self, request: dict[str, str]) -> dict[str, Any]:
        module = self.path.resolve()
        if not module.is_file():
            raise TokenModuleUnusableError(module=str(self.path))
        try:
            ended = subprocess.run(
                [sys.executable, "-I", str(_CHILD)],
                input=json.dumps({**request, "module": str(module)}).encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # The module may need its vendor's variables, and none of ours, some of which are secrets.
                env={name: value for name, value in self.environment.items() if not name.startswith(_OURS)},
                timeout=self.patience,
                check=False,
            )
            answer = json.loads(ended.stdout)
        except subprocess.TimeoutExpired as error:
            raise TokenModuleHungError(module=str(module), seconds=self.patience) from error
        except ValueError as error:
            raise TokenModuleCrashedError(module=str(module)) from error
        if "error" in answer:
            self._fail(answer["error"], request)
        found: dict[str, Any] = answer
        return found

    def _fail(self, name: str, request: dict[str, str]) -> NoReturn:
        facts = {"module": str(self.path), "token": request.get("label", ""), "problem": name}
        raise _FAILURES.get(name, TokenFailedError)(**facts)


@dataclass(frozen=True)
class TokenKey:
    """A `SigningKey` on a token; `known` are authorities' certificates that the token may lack."""

    module: TokenModule
    token: Token
    signer: TokenCertificate
    pin: str = field(repr=False)
    known: Sequence[x509.Certificate] = ()

    @property
    def certificate(self) -> x509.Certificate:
        """Return the signer's certificate."""
        return self.signer.certificate

    @cached_property
    def chain(self) -> Sequence[x509.Certificate]:
        """Return the authorities above it that the token holds or that are known."""
        return path_above(self.certificate, [*(one.certificate for one in self.token.certificates), *self.known])

    def sign(self, attributes: bytes, digest: DigestName) -> KeySignature:
        """Sign on the token, as `TokenModule.sign`."""
        return self.module.sign(self.token, self.signer, attributes, digest, pin=self.pin)


def _kind_of(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return "rsa"
    return "p384" if key.curve.name == "secp384r1" else "p256"


def _as_der(signature: bytes) -> bytes:
    """Return an ECDSA signature, r and s side by side, as CMS has it."""
    half = len(signature) // 2
    return encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))


def _read_token(found: Mapping[str, Any]) -> Token:
    certificates = []
    for one in found["certificates"]:
        try:
            certificate = read_certificate(base64.b64decode(one["der"]))
        except InvalidInputError:
            continue  # a certificate of another kind, which nobody could sign with
        certificates.append(TokenCertificate(one["label"], one["id"], certificate))
    return Token(
        label=found["label"],
        serial=found["serial"],
        is_pin_low=found["is_pin_low"],
        is_final_try=found["is_final_try"],
        is_locked=found["is_locked"],
        certificates=tuple(certificates),
    )
