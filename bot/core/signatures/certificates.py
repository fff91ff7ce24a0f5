"""Certificates: reading them, and the facts about one that are kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from bot.core.signatures.errors import CertificateUnreadableError
from bot.core.text import nfc

MAX_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What is known of a certificate.

    `subject_id` tells people apart, across certificates and authorities: the subject's UIDs, else its serial numbers,
    else all of its name. It may hold an identity number, so it is personal data: keep its digest, never log it.
    `key_sha256` is over the public key as SubjectPublicKeyInfo written anew, so that one key has one digest.
    `subject` and `issuer` are for people to read (RFC 4514, NFC); `serial` is hexadecimal.
    """

    der: bytes
    sha256: str
    key_sha256: str
    subject_id: str
    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime


def read_certificate(data: bytes) -> x509.Certificate:
    """Read one certificate, PEM or DER.

    Raises:
        CertificateUnreadableError: it is none, or none that can be used.
    """
    if len(data) > MAX_BYTES:
        raise CertificateUnreadableError
    try:
        if data.lstrip().startswith(b"-----"):
            return x509.load_pem_x509_certificate(data)
        return x509.load_der_x509_certificate(data)
    except (ValueError, x509.InvalidVersion) as error:
        raise CertificateUnreadableError from error


def facts_of(certificate: x509.Certificate) -> CertificateFacts:
    """Return the facts about `certificate`.

    Raises:
        CertificateUnreadableError: its name or its key cannot be read.
    """
    try:
        der = certificate.public_bytes(Encoding.DER)
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return CertificateFacts(
            der=der,
            sha256=hashlib.sha256(der).hexdigest(),
            key_sha256=hashlib.sha256(key).hexdigest(),
            subject_id=_subject_id(certificate.subject),
            subject=nfc(certificate.subject.rfc4514_string()),
            issuer=nfc(certificate.issuer.rfc4514_string()),
            serial=f"{certificate.serial_number:x}",
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
        )
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateUnreadableError from error


def _subject_id(subject: x509.Name) -> str:
    for label, kind in (("uid", NameOID.USER_ID), ("serial", NameOID.SERIAL_NUMBER)):
        values = {_same_way(attribute.value) for attribute in subject.get_attributes_for_oid(kind)} - {""}
        if values:
            return f"{label}:{'+'.join(sorted(values))}"
    return f"name:{nfc(subject.rfc4514_string()).casefold()}"


def _same_way(value: str | bytes) -> str:
    """Return a number as it is compared: authorities write ``CCCD:001…`` and ``cccd: 001…``."""
    text = value.hex() if isinstance(value, bytes) else value
    return "".join(nfc(text).casefold().split())
