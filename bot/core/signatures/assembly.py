"""Building a signature message from its parts: what a signing tool does, and what is stored after verifying.

A signer calls `signed_attributes`, signs its result with their key, and hands both to `assemble`.
"""

from __future__ import annotations

from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.asn1 import TLV, Null, SetOf, decode_der, encode_der
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ObjectIdentifier, SignatureAlgorithmOID

from bot.core.signatures.algorithms import DigestName, SignatureAlgorithm
from bot.core.signatures.messages import ALGORITHM_OIDS, DIGEST_OIDS, MGF1, RSA_KEY, hash_of
from bot.core.signatures.structures import (
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    SIGNED_DATA,
    SIGNING_CERTIFICATE_V2,
    Algorithm,
    Alone,
    Attribute,
    Attributes,
    CertificateId,
    CertificateShape,
    EncapsulatedContent,
    IssuerAndSerial,
    IssuerSerial,
    MaskGeneration,
    Message,
    PlainAlgorithm,
    PssParameters,
    SignedData,
    SignerInfo,
    SigningCertificate,
)


def signed_attributes(content: bytes, certificate: x509.Certificate, digest: DigestName) -> bytes:
    """Return what `certificate`'s key is to sign for `content`: DER, as a SET OF."""
    der = certificate.public_bytes(Encoding.DER)
    body = decode_der(CertificateShape, der).body
    bound = CertificateId(
        hash=None,
        digest=hash_of("sha256", der),
        certificate=IssuerSerial(issuer=[body.issuer], serial=body.serial),
    )
    values: dict[ObjectIdentifier, bytes] = {
        CONTENT_TYPE: encode_der(DATA),
        MESSAGE_DIGEST: encode_der(hash_of(digest, content)),
        SIGNING_CERTIFICATE_V2: encode_der(SigningCertificate(certificates=[bound], policies=None)),
    }
    return encode_der(
        SetOf([Attribute(type=kind, values=SetOf([decode_der(TLV, value)])) for kind, value in values.items()])
    )


def assemble(
    attributes: bytes,
    signature: bytes,
    certificate: x509.Certificate,
    chain: Iterable[x509.Certificate],
    algorithm: SignatureAlgorithm,
) -> bytes:
    """Return the signature message, DER. `chain` are the intermediates; roots are left to whoever trusts them.

    The same parts always give the same bytes.

    Raises:
        ValueError: `attributes` are not DER, or there are more than eight certificates.
    """
    der = certificate.public_bytes(Encoding.DER)
    body = decode_der(CertificateShape, der).body
    certificates = sorted({der, *(one.public_bytes(Encoding.DER) for one in chain)})
    signer = SignerInfo(
        version=1,
        certificate=IssuerAndSerial(issuer=body.issuer, serial=body.serial),
        digest=_digest(algorithm),
        attributes=_read_attributes(attributes),
        algorithm=_algorithm(algorithm),
        signature=signature,
    )
    data = SignedData(
        version=1,
        digests=SetOf([_digest(algorithm)]),
        content=EncapsulatedContent(type=DATA, content=None),
        certificates=[decode_der(TLV, one) for one in certificates],
        signers=SetOf([signer]),
    )
    return encode_der(Message(type=SIGNED_DATA, content=data))


def _read_attributes(attributes: bytes) -> SetOf[Attribute]:
    return decode_der(Attributes, encode_der(Alone(value=decode_der(TLV, attributes)))).items


def _digest(algorithm: SignatureAlgorithm) -> PlainAlgorithm:
    return PlainAlgorithm(oid=DIGEST_OIDS[algorithm.digest], parameters=None)


def _algorithm(algorithm: SignatureAlgorithm) -> Algorithm:
    if algorithm.family != "pss":
        oid = RSA_KEY if algorithm.is_labelled_by_key else ALGORITHM_OIDS[algorithm.family, algorithm.digest]
        return Algorithm(oid=oid, parameters=Null() if algorithm.family == "pkcs1" else None)
    # RFC 4055 has NULL here, unlike everywhere else.
    hashed = PlainAlgorithm(oid=DIGEST_OIDS[algorithm.digest], parameters=Null())
    pss = PssParameters(hash=hashed, mask=MaskGeneration(oid=MGF1, hash=hashed), salt=algorithm.salt, trailer=1)
    return Algorithm(oid=SignatureAlgorithmOID.RSASSA_PSS, parameters=pss)
