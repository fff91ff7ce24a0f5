"""Reading a detached CMS signature by a strict profile: CAdES-BES, one signer, DER (reference, section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cryptography import x509
from cryptography.hazmat.asn1 import TLV, SetOf, decode_der, encode_der
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509 import ObjectIdentifier, SignatureAlgorithmOID
from cryptography.x509.oid import PublicKeyAlgorithmOID

from bot.core.signatures.algorithms import HASHES, DigestName, Family, SignatureAlgorithm
from bot.core.signatures.errors import (
    AlgorithmNotAllowedError,
    CertificateSubstitutedError,
    ContentMismatchError,
    SignatureMalformedError,
    SignatureRefusedError,
)
from bot.core.signatures.structures import (
    ALGORITHM_PROTECTION,
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    SIGNED_DATA,
    SIGNING_CERTIFICATE,
    SIGNING_CERTIFICATE_V2,
    Algorithm,
    AlgorithmProtection,
    Attribute,
    CertificateShape,
    IssuerSerial,
    Message,
    PlainAlgorithm,
    PssParameters,
    SignerInfo,
    SigningCertificate,
)

MAX_BYTES = 64 * 1024
DIGEST_OIDS: Mapping[DigestName, ObjectIdentifier] = {
    "sha256": ObjectIdentifier("2.16.840.1.101.3.4.2.1"),
    "sha384": ObjectIdentifier("2.16.840.1.101.3.4.2.2"),
    "sha512": ObjectIdentifier("2.16.840.1.101.3.4.2.3"),
}
RSA_KEY = ObjectIdentifier("1.2.840.113549.1.1.1")
MGF1 = ObjectIdentifier("1.2.840.113549.1.1.8")
ALGORITHM_OIDS: Mapping[tuple[Family, DigestName], ObjectIdentifier] = {
    ("pkcs1", "sha256"): SignatureAlgorithmOID.RSA_WITH_SHA256,
    ("pkcs1", "sha384"): SignatureAlgorithmOID.RSA_WITH_SHA384,
    ("pkcs1", "sha512"): SignatureAlgorithmOID.RSA_WITH_SHA512,
    ("ecdsa", "sha256"): SignatureAlgorithmOID.ECDSA_WITH_SHA256,
    ("ecdsa", "sha384"): SignatureAlgorithmOID.ECDSA_WITH_SHA384,
    ("ecdsa", "sha512"): SignatureAlgorithmOID.ECDSA_WITH_SHA512,
}
_DIGESTS = {oid: name for name, oid in DIGEST_OIDS.items()}
ALGORITHMS_BY_OID = {oid: pair for pair, oid in ALGORITHM_OIDS.items()}


@dataclass(frozen=True, slots=True)
class SignatureMessage:
    """A signature that has the right form; nothing is verified yet.

    `attributes` is what the signature is over: the DER of the signed attributes as a SET OF.
    """

    certificate: x509.Certificate
    key: CertificatePublicKeyTypes
    others: tuple[x509.Certificate, ...]
    algorithm: SignatureAlgorithm
    attributes: bytes
    message_digest: bytes
    signature: bytes

    def check_content(self, content: bytes) -> None:
        """Raise ContentMismatchError unless the signed attributes name the digest of `content`."""
        if hash_of(self.algorithm.digest, content) != self.message_digest:
            raise ContentMismatchError


def hash_of(name: DigestName, data: bytes) -> bytes:
    """Return the digest of `data`."""
    running = hashes.Hash(HASHES[name])
    running.update(data)
    return running.finalize()


def read_message(der: bytes) -> SignatureMessage:
    """Read a signature and check that it has the one form that is accepted.

    Raises:
        SignatureMalformedError: it has another.
        AlgorithmNotAllowedError: its algorithms are none of ours, or do not go together.
        CertificateSubstitutedError: the certificate is not the one that the signed attributes name.
    """
    try:
        return _read(der)
    except SignatureRefusedError:
        raise
    except Exception as error:
        raise SignatureMalformedError(problem="unreadable") from error


def _read(der: bytes) -> SignatureMessage:
    if len(der) > MAX_BYTES:
        raise SignatureMalformedError(problem="too-large")
    message = decode_der(Message, der)
    data = message.content
    (signer,) = data.signers.as_list()
    (digest,) = data.digests.as_list()
    if encode_der(message) != der:
        raise SignatureMalformedError(problem="not-der")
    if (message.type, data.content.type) != (SIGNED_DATA, DATA) or (data.version, signer.version) != (1, 1):
        raise SignatureMalformedError(problem="type-or-version")
    if data.content.content is not None:
        raise SignatureMalformedError(problem="content-attached")
    if digest.oid != signer.digest.oid:
        raise SignatureMalformedError(problem="digests-differ")
    attributes = _read_attributes(signer.attributes)
    algorithm = _check_protection(attributes, signer, _read_algorithm(signer.digest, signer.algorithm))
    certificate, others = _read_certificates(data.certificates, signer)
    _check_binding(attributes, certificate)
    _check_key_use(certificate, algorithm)
    return SignatureMessage(
        certificate=certificate.loaded,
        key=certificate.loaded.public_key(),
        others=tuple(other.loaded for other in others),
        algorithm=algorithm,
        attributes=encode_der(signer.attributes),
        message_digest=attributes[MESSAGE_DIGEST].parse(bytes),
        signature=signer.signature,
    )


@dataclass(frozen=True, slots=True)
class _Certificate:
    der: bytes
    shape: CertificateShape
    loaded: x509.Certificate


def _read_attributes(attributes: SetOf[Attribute]) -> Mapping[ObjectIdentifier, TLV]:
    listed = attributes.as_list()
    found = {attribute.type: attribute.values.as_list()[0] for attribute in listed}
    if len(found) != len(listed):
        raise SignatureMalformedError(problem="attribute-twice")
    if SIGNING_CERTIFICATE in found:
        raise AlgorithmNotAllowedError(algorithm="SHA-1")
    if not {CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE_V2} <= found.keys():
        raise SignatureMalformedError(problem="attribute-missing")
    if found[CONTENT_TYPE].parse(ObjectIdentifier) != DATA:
        raise SignatureMalformedError(problem="content-type")
    return found


def _read_algorithm(digest: PlainAlgorithm, algorithm: Algorithm) -> SignatureAlgorithm:
    name = _DIGESTS.get(digest.oid)
    if name is None:
        raise AlgorithmNotAllowedError(algorithm=digest.oid.dotted_string)
    if isinstance(algorithm.parameters, PssParameters):
        if algorithm.oid == SignatureAlgorithmOID.RSASSA_PSS and _is_plain_pss(algorithm.parameters, digest.oid):
            return SignatureAlgorithm("pss", name, algorithm.parameters.salt)
    elif algorithm.oid == RSA_KEY:
        return SignatureAlgorithm("pkcs1", name)
    else:
        family, declared = ALGORITHMS_BY_OID.get(algorithm.oid, (None, None))
        # RFC 5754: ECDSA's parameters are absent.
        if family is not None and declared == name and (family == "pkcs1" or algorithm.parameters is None):
            return SignatureAlgorithm(family, name)
    raise AlgorithmNotAllowedError(algorithm=algorithm.oid.dotted_string)


def _is_plain_pss(parameters: PssParameters, digest: ObjectIdentifier) -> bool:
    """Whether the same hash is everywhere and the trailer is the only one there is; the salt depends on the key."""
    return (
        parameters.hash is not None
        and parameters.hash.oid == digest
        and parameters.mask is not None
        and parameters.mask.oid == MGF1
        and parameters.mask.hash.oid == digest
        and parameters.trailer == 1
    )


def _check_protection(
    attributes: Mapping[ObjectIdentifier, TLV], signer: SignerInfo, algorithm: SignatureAlgorithm
) -> SignatureAlgorithm:
    """Return `algorithm` with the label that the signed attributes bind it to, if they do."""
    if ALGORITHM_PROTECTION not in attributes:
        return algorithm
    protected = attributes[ALGORITHM_PROTECTION].parse(AlgorithmProtection)
    label = signer.algorithm.oid
    if protected.algorithm.oid != label or _read_algorithm(protected.digest, protected.algorithm) != algorithm:
        raise AlgorithmNotAllowedError(algorithm=label.dotted_string)
    return replace(algorithm, is_labelled_by_key=label == RSA_KEY)


def _read_certificates(certificates: list[TLV], signer: SignerInfo) -> tuple[_Certificate, list[_Certificate]]:
    ders = [encode_der(certificate) for certificate in certificates]
    if len(set(ders)) != len(ders):
        raise SignatureMalformedError(problem="certificate-twice")
    read = [_read_certificate(der) for der in ders]
    wanted = encode_der(signer.certificate.issuer), signer.certificate.serial
    own = [one for one in read if (encode_der(one.shape.body.issuer), one.shape.body.serial) == wanted]
    if len(own) != 1:
        raise SignatureMalformedError(problem="signer-certificate")
    return own[0], [one for one in read if one is not own[0]]


def _read_certificate(der: bytes) -> _Certificate:
    shape = decode_der(CertificateShape, der)
    if shape.body.serial <= 0:
        raise SignatureMalformedError(problem="certificate-serial")
    # No signature covers these two, and the library looks at neither: found by fuzzing, an unused bit of a signature.
    is_whole = shape.signature.padding_bits() == shape.body.key.key.padding_bits() == 0
    if not is_whole or encode_der(shape.algorithm) != encode_der(shape.body.signature):
        raise SignatureMalformedError(problem="certificate")
    return _Certificate(der, shape, x509.load_der_x509_certificate(der))


def _check_key_use(certificate: _Certificate, algorithm: SignatureAlgorithm) -> None:
    """Raise if the certificate binds its RSA key to RSASSA-PSS, or to some parameters of it, and these are others."""
    if certificate.loaded.public_key_algorithm_oid != PublicKeyAlgorithmOID.RSASSA_PSS:
        return
    bound = certificate.shape.body.key.algorithm.parse(Algorithm).parameters
    fits = algorithm.family == "pss" and (
        not isinstance(bound, PssParameters)
        or (_is_plain_pss(bound, DIGEST_OIDS[algorithm.digest]) and bound.salt <= algorithm.salt)
    )
    if not fits:
        raise AlgorithmNotAllowedError(algorithm=algorithm.name)


def _check_binding(attributes: Mapping[ObjectIdentifier, TLV], certificate: _Certificate) -> None:
    """Raise unless signing-certificate-v2 names this certificate."""
    (bound,) = attributes[SIGNING_CERTIFICATE_V2].parse(SigningCertificate).certificates
    name: DigestName | None = "sha256" if bound.hash is None else _DIGESTS.get(bound.hash.oid)
    if name is None:
        raise AlgorithmNotAllowedError(algorithm="signing-certificate-v2")
    issuer = IssuerSerial(issuer=[certificate.shape.body.issuer], serial=certificate.shape.body.serial)
    if hash_of(name, certificate.der) != bound.digest or (
        bound.certificate is not None and encode_der(bound.certificate) != encode_der(issuer)
    ):
        raise CertificateSubstitutedError
