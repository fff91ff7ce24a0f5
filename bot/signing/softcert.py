"""A certificate and its key in a PKCS#12 file (.p12, .pfx)."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from bot.core.signatures import PS256, DigestName, SignatureAlgorithm
from bot.signing.errors import (
    SoftcertDamagedError,
    SoftcertKeyMissingError,
    SoftcertPasswordError,
    SoftcertUnsupportedError,
)
from bot.signing.keys import KeySignature, path_above

MAX_BYTES = 1024 * 1024
_FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")
_SEQUENCE, _WITHOUT_LENGTH = 0x30, 0x80


@dataclass(frozen=True, slots=True)
class Softcert:
    """A `SigningKey` in memory."""

    certificate: x509.Certificate
    chain: Sequence[x509.Certificate]
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    def sign(self, attributes: bytes, digest: DigestName) -> KeySignature:
        """Sign `attributes`: RSASSA-PSS with an RSA key, else ECDSA."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            scheme = padding.PSS(padding.MGF1(PS256.hash), PS256.salt)
            return KeySignature(PS256, self.key.sign(attributes, scheme, PS256.hash))
        algorithm = SignatureAlgorithm("ecdsa", digest)
        return KeySignature(algorithm, self.key.sign(attributes, ec.ECDSA(algorithm.hash)))


def read_softcert(data: bytes, password: str, *, chain: Sequence[x509.Certificate] = ()) -> Softcert:
    """Open a PKCS#12 file; `chain` are authorities' certificates that it may lack.

    A Vietnamese password is tried in both of Unicode's forms: programs do not agree on one.

    Raises:
        SoftcertDamagedError, SoftcertPasswordError, SoftcertUnsupportedError: it does not open.
        SoftcertKeyMissingError: there is no key in it, or none for its certificate.
    """
    opened = _open(data, password)
    if opened.key is None or opened.cert is None:
        raise SoftcertKeyMissingError
    certificate = opened.cert.certificate
    if not isinstance(opened.key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise SoftcertUnsupportedError
    if opened.key.public_key() != certificate.public_key():
        raise SoftcertKeyMissingError
    inside = [other.certificate for other in opened.additional_certs]
    return Softcert(certificate, path_above(certificate, [*inside, *chain]), opened.key)


def _open(data: bytes, password: str) -> pkcs12.PKCS12KeyAndCertificates:
    if len(data) > MAX_BYTES or not _is_whole(data):
        raise SoftcertDamagedError
    composed, decomposed = (unicodedata.normalize(form, password).encode() for form in _FORMS)
    try:
        return _load(data, composed)
    except SoftcertPasswordError:
        if composed == decomposed:
            raise
    return _load(data, decomposed)


def _load(data: bytes, password: bytes) -> pkcs12.PKCS12KeyAndCertificates:
    try:
        with warnings.catch_warnings():
            # Browsers and old Windows write BER, which the library reads with a warning.
            warnings.simplefilter("ignore")
            return pkcs12.load_pkcs12(data, password)
    except UnsupportedAlgorithm as error:
        raise SoftcertUnsupportedError from error
    except ValueError as error:
        raise SoftcertPasswordError from error


def _is_whole(data: bytes) -> bool:
    """Whether `data` is one SEQUENCE from its first byte to its last, or one that does not tell its length.

    The library has one class of error for damage and for a wrong password.
    """
    if len(data) < 4 or data[0] != _SEQUENCE:
        return False
    if data[1] == _WITHOUT_LENGTH:
        return data.endswith(b"\0\0")
    if data[1] < _WITHOUT_LENGTH:
        return len(data) == 2 + data[1]
    octets = data[1] - _WITHOUT_LENGTH
    return len(data) == 2 + octets + int.from_bytes(data[2 : 2 + octets])
