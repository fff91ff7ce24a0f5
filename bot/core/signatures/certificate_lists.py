"""Certificate revocation lists (RFC 5280, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.asn1 import decode_der

from bot.core.signatures.algorithms import HASHES
from bot.core.signatures.evidence import EvidenceUnusableError, Finding
from bot.core.signatures.structures import ListShape

MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CertificateList:
    """A list that its issuer signed: which certificates of this issuer have ended, and from when to when it says so."""

    der: bytes
    this_update: datetime
    next_update: datetime
    serials: frozenset[int]

    def finding(self, certificate: x509.Certificate) -> Finding:
        """Return what it says about a certificate of its issuer."""
        is_revoked = certificate.serial_number in self.serials
        return Finding("crl", self.der, is_revoked, self.this_update, self.next_update)


@lru_cache(maxsize=16)
def read_list(der: bytes, issuer: x509.Certificate) -> CertificateList:
    """Read a list of `issuer`, once: 50,000 entries take a tenth of a second, and the same list is asked all day.

    Raises:
        EvidenceUnusableError: it is no list, or another's, or has no end, or is signed with an algorithm that is not
            allowed, or has a critical extension: then it may be partial, indirect or a mere difference.
    """
    try:
        return _read(der, issuer)
    except EvidenceUnusableError:
        raise
    except Exception as error:
        raise EvidenceUnusableError(problem="unreadable") from error


def _read(der: bytes, issuer: x509.Certificate) -> CertificateList:
    if len(der) > MAX_BYTES:
        raise EvidenceUnusableError(problem="too-large")
    crl = x509.load_der_x509_crl(der)
    hashed, next_update = crl.signature_hash_algorithm, crl.next_update_utc
    if decode_der(ListShape, der).signature.padding_bits():
        raise EvidenceUnusableError(problem="unused-bits")
    if any(extension.critical for extension in crl.extensions):
        raise EvidenceUnusableError(problem="critical-extension")
    if next_update is None or hashed is None or hashed.name not in HASHES:
        raise EvidenceUnusableError(problem="form")
    if not _is_issued_by(crl, issuer):
        raise EvidenceUnusableError(problem="issuer")
    return CertificateList(der, crl.last_update_utc, next_update, frozenset(entry.serial_number for entry in crl))


def _is_issued_by(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Whether `issuer`, who may sign lists, signed this one."""
    try:
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    may_sign = usage is None or usage.crl_sign
    # A key of a kind that cannot sign is refused by the method itself.
    return may_sign and crl.issuer == issuer.subject and crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
