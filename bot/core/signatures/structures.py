"""The ASN.1 of what is read, as narrow as our use: RFC 5652 (CMS), 5035 (ESS), 8017 (PSS), 6211, 5280.

They are read as DER only: one value has one encoding, sets are sorted, lengths are minimal, nothing follows. So writing
what was read gives the same bytes, and the signed attributes need not be cut out of the message by hand.

No future annotations here: the declarations are read at import.
"""

from typing import Annotated

from cryptography.hazmat.asn1 import (
    TLV,
    BitString,
    Default,
    Explicit,
    Implicit,
    Null,
    SetOf,
    Size,
    sequence,
)
from cryptography.x509 import ObjectIdentifier

MOST_CERTIFICATES = 8

DATA = ObjectIdentifier("1.2.840.113549.1.7.1")
SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")
CONTENT_TYPE = ObjectIdentifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = ObjectIdentifier("1.2.840.113549.1.9.4")
ALGORITHM_PROTECTION = ObjectIdentifier("1.2.840.113549.1.9.52")
SIGNING_CERTIFICATE = ObjectIdentifier("1.2.840.113549.1.9.16.2.12")
SIGNING_CERTIFICATE_V2 = ObjectIdentifier("1.2.840.113549.1.9.16.2.47")


@sequence
class PlainAlgorithm:
    """An algorithm that takes no parameters."""

    oid: ObjectIdentifier
    parameters: Null | None


@sequence
class MaskGeneration:
    """How RSASSA-PSS stretches a hash."""

    oid: ObjectIdentifier
    hash: PlainAlgorithm


@sequence
class PssParameters:
    """RSASSA-PSS-params, whose defaults are SHA-1's."""

    hash: Annotated[PlainAlgorithm | None, Explicit(0)]
    mask: Annotated[MaskGeneration | None, Explicit(1)]
    salt: Annotated[int, Explicit(2), Default(20)]
    trailer: Annotated[int, Explicit(3), Default(1)]


@sequence
class Algorithm:
    """A signature algorithm, with parameters or without."""

    oid: ObjectIdentifier
    parameters: Null | PssParameters | None


@sequence
class Attribute:
    """A signed attribute."""

    type: ObjectIdentifier
    values: Annotated[SetOf[TLV], Size(min=1, max=1)]


@sequence
class Attributes:
    """Signed attributes, inside a sequence: the library reads no set that stands alone."""

    items: SetOf[Attribute]


@sequence
class Alone:
    """A value inside a sequence."""

    value: TLV


@sequence
class IssuerAndSerial:
    """A certificate, by who issued it."""

    issuer: TLV
    serial: int


@sequence
class SignerInfo:
    """One signature. Attributes that no signature covers are not read, so a message that has them is refused."""

    version: int
    certificate: IssuerAndSerial
    digest: PlainAlgorithm
    attributes: Annotated[SetOf[Attribute], Implicit(0)]
    algorithm: Algorithm
    signature: bytes


@sequence
class EncapsulatedContent:
    """What was signed, by type; the content itself is elsewhere."""

    type: ObjectIdentifier
    content: Annotated[bytes | None, Explicit(0)]


@sequence
class SignedData:
    """A detached signature. Certificates may come in any order: producers do not agree on one."""

    version: int
    digests: Annotated[SetOf[PlainAlgorithm], Size(min=1, max=1)]
    content: EncapsulatedContent
    certificates: Annotated[list[TLV], Implicit(0), Size(min=1, max=MOST_CERTIFICATES)]
    signers: Annotated[SetOf[SignerInfo], Size(min=1, max=1)]


@sequence
class Message:
    """ContentInfo."""

    type: ObjectIdentifier
    content: Annotated[SignedData, Explicit(0)]


@sequence
class IssuerSerial:
    """A certificate, by who issued it, as signing-certificate-v2 writes it: the issuer is a directoryName."""

    issuer: list[Annotated[TLV, Explicit(4)]]
    serial: int


@sequence
class CertificateId:
    """ESSCertIDv2; without `hash` it is SHA-256."""

    hash: PlainAlgorithm | None
    digest: bytes
    certificate: IssuerSerial | None


@sequence
class SigningCertificate:
    """SigningCertificateV2: exactly the signer's own, so that no two verifiers read the others differently."""

    certificates: Annotated[list[CertificateId], Size(min=1, max=1)]
    policies: list[TLV] | None


@sequence
class AlgorithmProtection:
    """CMSAlgorithmProtection for a signature: the algorithms once more, where the signature covers them."""

    digest: PlainAlgorithm
    algorithm: Annotated[Algorithm, Implicit(1)]


@sequence
class PublicKey:
    """SubjectPublicKeyInfo; an RSA key may name RSASSA-PSS and so bind itself to it."""

    algorithm: TLV
    key: BitString


@sequence
class CertificateBody:
    """TBSCertificate, as far as its bytes are needed as they are."""

    version: Annotated[int, Explicit(0), Default(0)]
    serial: int
    signature: TLV
    issuer: TLV
    validity: TLV
    subject: TLV
    key: PublicKey
    issuer_id: Annotated[BitString | None, Implicit(1)]
    subject_id: Annotated[BitString | None, Implicit(2)]
    extensions: Annotated[list[TLV] | None, Explicit(3)]


@sequence
class CertificateShape:
    """A certificate."""

    body: CertificateBody
    algorithm: TLV
    signature: BitString


@sequence
class ListShape:
    """A certificate revocation list, as far as `cryptography` does not look at it."""

    body: TLV
    algorithm: TLV
    signature: BitString
