"""Signing with a key, wherever it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from bot.core.signatures import (
    CertificateFacts,
    DigestName,
    SignatureAlgorithm,
    SignatureRefusedError,
    assemble,
    facts_of,
    signed_attributes,
)
from bot.core.signatures.algorithms import check_fit, check_key, check_signature
from bot.core.signatures.paths import check_dates, check_usage
from bot.signing.errors import ChainUnreadableError, KeyUnfitError

MOST_AUTHORITIES = 7
"""The server takes eight certificates, the signer's among them."""


@dataclass(frozen=True, slots=True)
class KeySignature:
    """What a key made of the attributes, and how."""

    algorithm: SignatureAlgorithm
    signature: bytes


class SigningKey(Protocol):
    """A certificate and whoever signs with its key."""

    @property
    def certificate(self) -> x509.Certificate:
        """Return the signer's certificate."""
        ...

    @property
    def chain(self) -> Sequence[x509.Certificate]:
        """Return the authorities' certificates above it, as far as they are known; no root."""
        ...

    def sign(self, attributes: bytes, digest: DigestName) -> KeySignature:
        """Sign `attributes`, hashed with `digest`.

        Raises:
            SigningFailedError: the key cannot be used.
        """
        ...


def sign_detached(content: bytes, key: SigningKey) -> bytes:
    """Return a detached CMS over `content`, DER, having verified it with the certificate's own key.

    Raises:
        SigningFailedError: the key cannot be used.
    """
    public = key.certificate.public_key()
    digest = _digest_for(public)
    attributes = signed_attributes(content, key.certificate, digest)
    made = key.sign(attributes, digest)
    try:
        check_fit(made.algorithm, public, allow_rs256=True)
        check_signature(made.algorithm, public, signature=made.signature, signed=attributes)
    except SignatureRefusedError as error:
        raise KeyUnfitError from error
    return assemble(attributes, made.signature, key.certificate, key.chain, made.algorithm)


def check_certificate(certificate: x509.Certificate, *, at: datetime) -> CertificateFacts:
    """Return the facts about a certificate that a server could take at the moment `at`; its authority is not looked at.

    Raises:
        CertificateUnreadableError, WeakKeyError, CertificateExpiredError, CertificateNotYetValidError,
        CertificateUsageError: no server would take it.
    """
    facts = facts_of(certificate)
    check_key(certificate.public_key())
    check_dates(certificate, at)
    check_usage(certificate)
    return facts


def path_above(certificate: x509.Certificate, known: Iterable[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Return the authorities above `certificate` that are among `known`, the nearest first; no root."""
    others, found = list(known), [certificate]
    while len(found) <= MOST_AUTHORITIES:
        issuer = next((one for one in others if one not in found and _issued(found[-1], one)), None)
        if issuer is None or issuer.issuer == issuer.subject:
            break
        found.append(issuer)
    return tuple(found[1:])


def read_chain(path: Path) -> tuple[x509.Certificate, ...]:
    """Read a file of authorities' certificates: PEM, one after the other, or a single one in DER.

    Raises:
        ChainUnreadableError: it holds none.
        OSError: it cannot be opened.
    """
    data = path.read_bytes()
    try:
        if data.lstrip().startswith(b"-----"):
            return tuple(x509.load_pem_x509_certificates(data))
        return (x509.load_der_x509_certificate(data),)
    except (ValueError, x509.InvalidVersion) as error:
        raise ChainUnreadableError(path=str(path)) from error


def _digest_for(key: CertificatePublicKeyTypes) -> DigestName:
    """Return the hash that goes with a key; P-384 takes no shorter one than its own."""
    return "sha384" if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp384r1" else "sha256"


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
