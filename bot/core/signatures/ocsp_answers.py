"""OCSP responses (RFC 6960)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from bot.core.errors import ProductError
from bot.core.signatures.algorithms import SignatureAlgorithm, check_fit, check_key, check_signature
from bot.core.signatures.evidence import EvidenceUnusableError, Finding, OcspAnswer
from bot.core.signatures.messages import ALGORITHMS_BY_OID
from bot.core.signatures.paths import check_dates

MAX_BYTES = 64 * 1024
LONGEST_WITHOUT_END = timedelta(hours=1)
"""How long a response counts that names no time of the next one: it says that newer ones are always to be had."""


def read_answer(
    answer: OcspAnswer,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    at: datetime,
    revoked: frozenset[int],
) -> Finding:
    """Return what an answer says about `certificate`; `revoked` are serials that the issuer's lists have ended.

    Raises:
        EvidenceUnusableError: it is about another certificate or another question, it says "unknown", or whoever signed
            it may not speak for the issuer.
    """
    try:
        return _read(answer, certificate, issuer, at, revoked)
    except EvidenceUnusableError:
        raise
    except Exception as error:
        raise EvidenceUnusableError(problem="unreadable") from error


def _read(
    answer: OcspAnswer, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime, revoked: frozenset[int]
) -> Finding:
    if len(answer.der) > MAX_BYTES:
        raise EvidenceUnusableError(problem="too-large")
    response = ocsp.load_der_ocsp_response(answer.der)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL or len(list(response.responses)) != 1:
        raise EvidenceUnusableError(problem="status")
    if any(extension.critical for extension in (*response.extensions, *response.single_extensions)):
        raise EvidenceUnusableError(problem="critical-extension")
    _check_question(response, answer, certificate, issuer)
    if not any(_speaks(response, responder) for responder in _responders(response, issuer, at, revoked)):
        raise EvidenceUnusableError(problem="responder")
    if response.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        raise EvidenceUnusableError(problem="unknown")
    this_update = response.this_update_utc
    return Finding(
        "ocsp",
        answer.der,
        response.certificate_status is ocsp.OCSPCertStatus.REVOKED,
        this_update,
        response.next_update_utc or this_update + LONGEST_WITHOUT_END,
    )


def _check_question(
    response: ocsp.OCSPResponse, answer: OcspAnswer, certificate: x509.Certificate, issuer: x509.Certificate
) -> None:
    # The digests only name the issuer; nothing rests on their strength, and SHA-1 is what responders use.
    kind = response.hash_algorithm
    if not isinstance(kind, hashes.SHA1 | hashes.SHA256):
        raise EvidenceUnusableError(problem="certificate-id")
    asked = _hash(kind, issuer.subject.public_bytes()), _hash(kind, _key_bits(issuer)), certificate.serial_number
    if asked != (response.issuer_name_hash, response.issuer_key_hash, response.serial_number):
        raise EvidenceUnusableError(problem="certificate-id")
    for extension in response.extensions:
        returned = extension.value
        if isinstance(returned, x509.OCSPNonce) and answer.nonce is not None and returned.nonce != answer.nonce:
            raise EvidenceUnusableError(problem="nonce")


def _responders(
    response: ocsp.OCSPResponse, issuer: x509.Certificate, at: datetime, revoked: frozenset[int]
) -> Iterator[x509.Certificate]:
    """Yield the issuer, and whom it named to answer in its place."""
    yield issuer
    for responder in response.certificates:
        try:
            responder.verify_directly_issued_by(issuer)
            check_dates(responder, at)
            check_key(responder.public_key())
            purposes = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except (ProductError, InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
            continue
        is_named = (
            ExtendedKeyUsageOID.OCSP_SIGNING in purposes and responder.signature_algorithm_oid in ALGORITHMS_BY_OID
        )
        if is_named and responder.serial_number not in revoked:
            yield responder


def _speaks(response: ocsp.OCSPResponse, responder: x509.Certificate) -> bool:
    """Whether `response` names `responder` and has its signature."""
    named = response.responder_key_hash == _hash(hashes.SHA1(), _key_bits(responder))  # noqa: S303 - a name, see above
    if not named and response.responder_name != responder.subject:
        return False
    family, digest = ALGORITHMS_BY_OID[response.signature_algorithm_oid]
    algorithm, key = SignatureAlgorithm(family, digest), responder.public_key()
    try:
        check_fit(algorithm, key, allow_rs256=True)
        check_signature(algorithm, key, signature=response.signature, signed=response.tbs_response_bytes)
    except ProductError:
        return False
    return True


def _key_bits(certificate: x509.Certificate) -> bytes:
    """Return the key itself, as SubjectPublicKeyInfo holds it."""
    match certificate.public_key():
        case rsa.RSAPublicKey() as key:
            return key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
        case ec.EllipticCurvePublicKey() as key:
            return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        case _:
            raise EvidenceUnusableError(problem="key")


def _hash(kind: hashes.HashAlgorithm, data: bytes) -> bytes:
    running = hashes.Hash(kind)
    running.update(data)
    return running.finalize()
