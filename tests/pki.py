"""A small world of certificates: roots, authorities and people of every kind, their lists and answers about revocation.

Everything is made for the moment `NOW`; keys are made once per run. Names and numbers are invented.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import algos as asn1_algos
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bot.core.signatures import (
    ES256,
    ES384,
    PS256,
    RS256,
    OcspAnswer,
    RevocationEvidence,
    SignatureAlgorithm,
    TrustStore,
    assemble,
    signed_attributes,
)

NOW = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)
DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
MICROSOFT_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12")
SHA256 = hashes.SHA256()

Extension = tuple[x509.ExtensionType, bool]


@cache
def make_key(kind: str, number: int = 0) -> CertificateIssuerPrivateKeyTypes:
    """Return the key of this kind and number, the same one in the whole run."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind.removeprefix("rsa")))
    curves = {"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1, "k256": ec.SECP256K1}
    if kind in curves:
        return ec.generate_private_key(curves[kind]())
    return ed25519.Ed25519PrivateKey.generate()


def make_name(common: str, *, uid: str | None = None, serial: str | None = None) -> x509.Name:
    """Return a distinguished name."""
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    parts += [x509.NameAttribute(NameOID.USER_ID, uid)] if uid else []
    parts += [x509.NameAttribute(NameOID.SERIAL_NUMBER, serial)] if serial else []
    return x509.Name(parts)


def key_usage(*names: str) -> x509.KeyUsage:
    """Return a key usage with these flags only."""
    flags = [
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    ]
    return x509.KeyUsage(**{flag: flag in names for flag in flags})


SIGNING = key_usage("digital_signature", "content_commitment")


@dataclass(frozen=True)
class Signer:
    """Somebody with a certificate and its key; `chain` are the intermediates above, the nearest first."""

    certificate: x509.Certificate
    key: CertificateIssuerPrivateKeyTypes
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """Return what this key signs with unless told otherwise."""
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return ES384 if self.key.curve.name == "secp384r1" else ES256
        return PS256

    def sign_bytes(self, data: bytes, algorithm: SignatureAlgorithm | None = None) -> bytes:
        """Sign `data` itself."""
        algorithm = algorithm or self.algorithm
        if isinstance(self.key, rsa.RSAPrivateKey):
            pss = padding.PSS(padding.MGF1(algorithm.hash), algorithm.salt)
            return self.key.sign(data, pss if algorithm.family == "pss" else padding.PKCS1v15(), algorithm.hash)
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(data, ec.ECDSA(algorithm.hash))
        assert isinstance(self.key, ed25519.Ed25519PrivateKey)
        return self.key.sign(data)

    def sign(self, content: bytes, algorithm: SignatureAlgorithm | None = None) -> bytes:
        """Return a detached signature of `content`, as the signing tools make it."""
        algorithm = algorithm or self.algorithm
        attributes = signed_attributes(content, self.certificate, algorithm.digest)
        return assemble(attributes, self.sign_bytes(attributes, algorithm), self.certificate, self.chain, algorithm)


@dataclass(frozen=True)
class Authority:
    """A certification authority."""

    certificate: x509.Certificate
    key: CertificateIssuerPrivateKeyTypes
    chain: tuple[x509.Certificate, ...] = ()

    def authority(self, common: str, *, kind: str = "p256", number: int = 1, **options) -> Authority:
        """Issue a certificate for an authority below this one."""
        key = make_key(kind, number)
        extensions = options.pop("extensions", authority_extensions())
        certificate = self.certify(make_name(common), key, extensions=extensions, **options)
        return Authority(certificate, key, (certificate, *self.chain))

    def person(
        self,
        common: str = "Nguyễn Văn An",
        *,
        uid: str | None = "CCCD:000000000001",
        kind: str = "p256",
        number: int = 2,
        **options,
    ) -> Signer:
        """Issue a certificate for a person."""
        key = make_key(kind, number)
        certificate = self.certify(options.pop("subject", make_name(common, uid=uid)), key, **options)
        return Signer(certificate, key, self.chain)

    def certify(
        self,
        subject: x509.Name,
        key: CertificateIssuerPrivateKeyTypes,
        *,
        extensions: Sequence[Extension] = ((SIGNING, True),),
        not_before: datetime = NOW - 30 * DAY,
        not_after: datetime = NOW + 365 * DAY,
        hash_algorithm: hashes.HashAlgorithm = SHA256,
        serial: int | None = None,
    ) -> x509.Certificate:
        """Issue a certificate."""
        builder = (
            x509.CertificateBuilder(subject_name=subject, issuer_name=self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(serial or x509.random_serial_number())
            .not_valid_before(not_before)
            .not_valid_after(not_after)
        )
        for value, critical in extensions:
            builder = builder.add_extension(value, critical)
        return builder.sign(self.key, hash_algorithm)

    def crl(
        self,
        revoked: Iterable[x509.Certificate] = (),
        *,
        this_update: datetime = NOW - DAY,
        next_update: datetime = NOW + 6 * DAY,
        extensions: Sequence[Extension] = (),
        signed_by: CertificateIssuerPrivateKeyTypes | None = None,
        hash_algorithm: hashes.HashAlgorithm = SHA256,
        serials: Iterable[int] = (),
    ) -> bytes:
        """Return a revocation list, DER."""
        builder = x509.CertificateRevocationListBuilder(
            issuer_name=self.certificate.subject, last_update=this_update, next_update=next_update
        )
        for serial in (*(certificate.serial_number for certificate in revoked), *serials):
            entry = x509.RevokedCertificateBuilder(serial, this_update).build()
            builder = builder.add_revoked_certificate(entry)
        for value, critical in extensions:
            builder = builder.add_extension(value, critical)
        return builder.sign(signed_by or self.key, hash_algorithm).public_bytes(Encoding.DER)

    def ocsp(
        self,
        certificate: x509.Certificate,
        *,
        status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
        responder: Signer | None = None,
        this_update: datetime = NOW - timedelta(minutes=1),
        next_update: datetime | None = NOW + timedelta(hours=1),
        nonce: bytes | None = None,
        issuer: x509.Certificate | None = None,
        id_hash: hashes.HashAlgorithm | None = None,
        hash_algorithm: hashes.HashAlgorithm = SHA256,
    ) -> bytes:
        """Return a response about `certificate`, DER, signed by `responder` or by the authority itself."""
        speaker = responder or Signer(self.certificate, self.key)
        revoked = status is ocsp.OCSPCertStatus.REVOKED
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                certificate,
                issuer or self.certificate,
                id_hash or hashes.SHA1(),  # noqa: S303 - what responders use
                status,
                this_update,
                next_update,
                this_update if revoked else None,
                x509.ReasonFlags.key_compromise if revoked else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, speaker.certificate)
        )
        if responder is not None:
            builder = builder.certificates([responder.certificate])
        if nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
        return builder.sign(speaker.key, hash_algorithm).public_bytes(Encoding.DER)

    def responder(self, *, number: int = 5, **options) -> Signer:
        """Issue a certificate for a service that answers in this authority's place."""
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
        extensions = options.pop("extensions", ((key_usage("digital_signature"), True), (purposes, False)))
        key = make_key("p256", number)
        return Signer(self.certify(make_name("OCSP"), key, extensions=extensions, **options), key)


def authority_extensions(path_length: int | None = None, *usages: str) -> tuple[Extension, ...]:
    """Return the extensions of an authority's certificate."""
    return (
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (key_usage(*(usages or ("key_cert_sign", "crl_sign"))), True),
    )


def make_root(common: str = "Gốc thử nghiệm", *, kind: str = "p384", number: int = 0, **options) -> Authority:
    """Make a root that signs itself."""
    key = make_key(kind, number)
    name = make_name(common)
    extensions = options.pop("extensions", authority_extensions())
    unsigned = x509.CertificateBuilder(
        subject_name=name,
        issuer_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=NOW - 3650 * DAY,
        not_valid_after=options.pop("not_after", NOW + 3650 * DAY),
    )
    for value, critical in extensions:
        unsigned = unsigned.add_extension(value, critical)
    return Authority(unsigned.sign(key, options.pop("hash_algorithm", SHA256)), key)


@dataclass
class Revocations:
    """A RevocationSource that holds what tests put into it; a list or an answer is offered for every certificate."""

    crls: list[bytes] = field(default_factory=list)
    ocsp: list[OcspAnswer] = field(default_factory=list)

    def evidence_for(self, certificate: x509.Certificate, issuer: x509.Certificate) -> RevocationEvidence:
        return RevocationEvidence(tuple(self.crls), tuple(self.ocsp))


@dataclass(frozen=True)
class Pki:
    """A root, one authority below it, and lists of both that revoke nobody."""

    root: Authority
    issuing: Authority
    trust: TrustStore

    def revocations(self, *revoked: x509.Certificate) -> Revocations:
        """Return fresh lists of both authorities that revoke these certificates."""
        return Revocations([self.root.crl(revoked), self.issuing.crl(revoked)])


@cache
def make_pki() -> Pki:
    """Return the world that most tests live in, the same one in the whole run."""
    root = make_root()
    issuing = root.authority("Đơn vị cấp thử nghiệm", extensions=authority_extensions(0))
    return Pki(root, issuing, TrustStore([root.certificate]))


SIGNING_KINDS: dict[str, tuple[str, SignatureAlgorithm]] = {
    "RS256": ("rsa2048", RS256),
    "RS512": ("rsa2048", SignatureAlgorithm("pkcs1", "sha512")),
    "PS256": ("rsa2048", PS256),
    "PS256, longest salt": ("rsa2048", SignatureAlgorithm("pss", "sha256", 222)),
    "PS384": ("rsa2048", SignatureAlgorithm("pss", "sha384", 48)),
    "PS512": ("rsa2048", SignatureAlgorithm("pss", "sha512", 64)),
    "ES256": ("p256", ES256),
    "ES256, SHA-512": ("p256", SignatureAlgorithm("ecdsa", "sha512")),
    "ES384": ("p384", ES384),
}
"""Every way of signing that is accepted: the kind of key, and the algorithm."""


def sign_with_sha1(tbs: bytes, key: rsa.RSAPrivateKey) -> bytes:
    """Return a PKCS#1 signature with SHA-1, which the library makes no more."""
    numbers = key.private_numbers()
    size = key.key_size // 8
    digest_info = bytes.fromhex("3021300906052b0e03021a05000414") + hashlib.sha1(tbs, usedforsecurity=False).digest()
    padded = b"\0\1" + b"\xff" * (size - len(digest_info) - 3) + b"\0" + digest_info
    return pow(int.from_bytes(padded), numbers.d, numbers.public_numbers.n).to_bytes(size)


def certificate_with_sha1(certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> x509.Certificate:
    """Return the same certificate, signed with SHA-1."""
    loaded = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    algorithm = asn1_algos.SignedDigestAlgorithm({"algorithm": "sha1_rsa"})
    body = loaded["tbs_certificate"]
    body["signature"] = algorithm
    signature = sign_with_sha1(body.dump(force=True), key)
    changed = {"tbs_certificate": body, "signature_algorithm": algorithm, "signature_value": signature}
    return x509.load_der_x509_certificate(asn1_x509.Certificate(changed).dump())


def bound_to_pss(certificate: x509.Certificate, authority: Authority, parameters: dict | None) -> x509.Certificate:
    """Return the same certificate for the same RSA key, now for RSASSA-PSS alone, with these parameters if any."""
    assert isinstance(authority.key, ec.EllipticCurvePrivateKey)
    body = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))["tbs_certificate"]
    bound = {"algorithm": "rsassa_pss"} | ({"parameters": parameters} if parameters else {})
    body["subject_public_key_info"] = {
        "algorithm": bound,
        "public_key": body["subject_public_key_info"]["public_key"].parsed,
    }
    signature = authority.key.sign(body.dump(force=True), ec.ECDSA(SHA256))
    changed = {"tbs_certificate": body, "signature_algorithm": body["signature"], "signature_value": signature}
    return x509.load_der_x509_certificate(asn1_x509.Certificate(changed).dump())


def crl_with_sha1(der: bytes, key: rsa.RSAPrivateKey) -> bytes:
    """Return the same list, signed with SHA-1."""
    loaded = asn1_crl.CertificateList.load(der)
    algorithm = asn1_algos.SignedDigestAlgorithm({"algorithm": "sha1_rsa"})
    body = loaded["tbs_cert_list"]
    body["signature"] = algorithm
    signature = sign_with_sha1(body.dump(force=True), key)
    changed = {"tbs_cert_list": body, "signature_algorithm": algorithm, "signature": signature}
    return asn1_crl.CertificateList(changed).dump()


def pem(certificates: Iterable[x509.Certificate]) -> bytes:
    """Return certificates one after the other, PEM."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def crl_pem(der: bytes) -> bytes:
    """Return a list as PEM."""
    return x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)
