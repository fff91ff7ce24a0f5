"""The algorithms that are allowed, and the keys that are strong enough for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from bot.core.signatures.errors import AlgorithmNotAllowedError, SignatureInvalidError, WeakKeyError

Family: TypeAlias = Literal["pss", "pkcs1", "ecdsa"]
DigestName: TypeAlias = Literal["sha256", "sha384", "sha512"]

HASHES: Mapping[DigestName, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
SMALLEST_RSA, LARGEST_RSA, SMALLEST_EXPONENT = 2048, 8192, 65537
CURVE_DIGESTS: Mapping[str, frozenset[DigestName]] = {
    "secp256r1": frozenset({"sha256", "sha384", "sha512"}),
    "secp384r1": frozenset({"sha384", "sha512"}),
}
_PREFIXES: Mapping[Family, str] = {"pss": "PS", "pkcs1": "RS", "ecdsa": "ES"}


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """How attributes are signed. `salt` is RSASSA-PSS's, in bytes, as declared; 0 for the others.

    `is_labelled_by_key`: the message says ``rsaEncryption`` where most say ``sha256WithRSAEncryption``, and has signed
    that it does; both mean the same.
    """

    family: Family
    digest: DigestName
    salt: int = 0
    is_labelled_by_key: bool = False

    @property
    def name(self) -> str:
        """Return its short name as JOSE has it, ``PS256``: the log's and the evidence's."""
        return _PREFIXES[self.family] + self.digest.removeprefix("sha")

    @property
    def hash(self) -> hashes.HashAlgorithm:
        """Return its hash function."""
        return HASHES[self.digest]


RS256 = SignatureAlgorithm("pkcs1", "sha256")
PS256 = SignatureAlgorithm("pss", "sha256", 32)
ES256 = SignatureAlgorithm("ecdsa", "sha256")
ES384 = SignatureAlgorithm("ecdsa", "sha384")


def check_key(key: CertificatePublicKeyTypes) -> None:
    """Raise unless `key` is of a kind and a strength that is allowed.

    Raises:
        WeakKeyError: it is not.
    """
    match key:
        case rsa.RSAPublicKey():
            strong = SMALLEST_RSA <= key.key_size <= LARGEST_RSA and key.public_numbers().e >= SMALLEST_EXPONENT
        case ec.EllipticCurvePublicKey():
            strong = key.curve.name in CURVE_DIGESTS
        case _:
            strong = False
    if not strong:
        raise WeakKeyError


def check_fit(algorithm: SignatureAlgorithm, key: CertificatePublicKeyTypes, *, allow_rs256: bool) -> None:
    """Raise unless `algorithm` is allowed and made for `key`.

    Raises:
        AlgorithmNotAllowedError: it is not.
    """
    match key, algorithm.family:
        case rsa.RSAPublicKey(), "pss":
            longest = (key.key_size + 6) // 8 - algorithm.hash.digest_size - 2  # RFC 8017, 9.1.1
            fits = algorithm.hash.digest_size <= algorithm.salt <= longest
        case rsa.RSAPublicKey(), "pkcs1":
            fits = allow_rs256
        case ec.EllipticCurvePublicKey(), "ecdsa":
            fits = algorithm.digest in CURVE_DIGESTS.get(key.curve.name, ())
        case _:
            fits = False
    if not fits:
        raise AlgorithmNotAllowedError(algorithm=algorithm.name)


def check_signature(
    algorithm: SignatureAlgorithm, key: CertificatePublicKeyTypes, *, signature: bytes, signed: bytes
) -> None:
    """Raise unless `signature` is `key`'s over `signed`; `check_fit` comes first.

    Raises:
        SignatureInvalidError: it is not.
    """
    try:
        match key:
            case rsa.RSAPublicKey():
                scheme = (
                    padding.PSS(padding.MGF1(algorithm.hash), algorithm.salt)
                    if algorithm.family == "pss"
                    else padding.PKCS1v15()
                )
                key.verify(signature, signed, scheme, algorithm.hash)
            case ec.EllipticCurvePublicKey():
                key.verify(signature, signed, ec.ECDSA(algorithm.hash))
            case _:
                raise AlgorithmNotAllowedError(algorithm=algorithm.name)
    except InvalidSignature as error:
        raise SignatureInvalidError from error
