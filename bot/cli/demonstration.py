"""A demonstration authority in a directory: a root, one authority below it, three invented people, and their lists."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bot.approving import DEMONSTRATION_ROOT
from bot.core.errors import InvalidInputError

Key: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

PASSWORD = "thu-nghiem"  # noqa: S105 - of files that only show how signing goes
"""Of the people's .p12 files."""

_ROOT, _ISSUING = "root", "issuing"
_ROOT_LASTS, _ISSUING_LASTS, _PERSON_LASTS = timedelta(days=3650), timedelta(days=1825), timedelta(days=365)
LISTS_LAST = timedelta(days=30)
_SKEW = timedelta(hours=1)
_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336

_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


class DemonstrationMissingError(InvalidInputError):
    """There is no demonstration authority in the directory, or its files are damaged."""


class PersonUnknownError(InvalidInputError):
    """The demonstration authority has no certificate for somebody of that name."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented: the name of their files, their name, the kind of their key."""

    short: str
    name: str
    is_rsa: bool


PEOPLE = (
    Person("an", "Nguyễn Văn An (thử nghiệm)", is_rsa=False),
    Person("binh", "Trần Thị Bình (thử nghiệm)", is_rsa=True),
    Person("chi", "Lê Thị Chi (thử nghiệm)", is_rsa=False),
)


class Demonstration:
    """The authority in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def exists(self) -> bool:
        """Tell whether it was made."""
        return (self.directory / "root.pem").exists()

    def make(self, *, now: datetime) -> None:
        """Make the authority, the people's certificates and the first lists; all files are their owner's alone."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        root_key = ec.generate_private_key(ec.SECP256R1())
        root_name = _name(DEMONSTRATION_ROOT)
        itself = _Issuer(root_name, root_key)
        root = itself.certify(root_name, root_key, _authority_extensions(1), now=now, lasts=_ROOT_LASTS)
        issuing_key = rsa.generate_private_key(65537, 3072)
        name = _name("Hiện Diện: đơn vị cấp thử nghiệm")
        issuing = itself.certify(name, issuing_key, _authority_extensions(0), now=now, lasts=_ISSUING_LASTS)
        self._write_authority(_ISSUING, issuing, issuing_key)
        for number, person in enumerate(PEOPLE, 1):
            key = rsa.generate_private_key(65537, 2048) if person.is_rsa else ec.generate_private_key(ec.SECP256R1())
            own = _name(person.name, uid=f"THU-NGHIEM:{number}")
            issuer = _Issuer(name, issuing_key)
            certificate = issuer.certify(own, key, _PERSON_EXTENSIONS, now=now, lasts=_PERSON_LASTS)
            packed = pkcs12.serialize_key_and_certificates(
                person.short.encode(), key, certificate, [issuing], BestAvailableEncryption(PASSWORD.encode())
            )
            self._write(f"{person.short}.p12", packed)
            self._write(f"{person.short}.pem", certificate.public_bytes(Encoding.PEM))
        self._write_list(_ISSUING, issuing, issuing_key, (), now)
        self._write_list(_ROOT, root, root_key, (), now)
        self._write_authority(_ROOT, root, root_key)  # last: where it is, all of it is

    def renew_lists(self, *, now: datetime, revoked: str | None = None) -> None:
        """Make both lists anew; the certificate of the person `revoked` is revoked from now on.

        Raises:
            DemonstrationMissingError: there is nothing to renew.
            PersonUnknownError: there is nobody of that name.
        """
        for which in (_ROOT, _ISSUING):
            certificate, key = self._authority(which)
            try:
                before = x509.load_der_x509_crl((self.directory / f"{which}.crl").read_bytes())
            except (OSError, ValueError) as error:
                raise DemonstrationMissingError(path=str(self.directory)) from error
            serials = {entry.serial_number for entry in before}
            if revoked is not None and which == _ISSUING:
                serials.add(self.certificate(revoked).serial_number)
            self._write_list(which, certificate, key, serials, now)

    def certificate(self, short: str) -> x509.Certificate:
        """Return somebody's certificate.

        Raises:
            PersonUnknownError: there is nobody of that name.
        """
        if short not in {person.short for person in PEOPLE}:
            raise PersonUnknownError(names=", ".join(person.short for person in PEOPLE))
        return x509.load_pem_x509_certificate((self.directory / f"{short}.pem").read_bytes())

    def softcert(self, short: str) -> bytes:
        """Return somebody's .p12 file.

        Raises:
            DemonstrationMissingError: it is not there.
        """
        try:
            return (self.directory / f"{short}.p12").read_bytes()
        except OSError as error:
            raise DemonstrationMissingError(path=str(self.directory)) from error

    def root(self) -> bytes:
        """Return the root's certificate, PEM."""
        return (self.directory / "root.pem").read_bytes()

    def lists(self) -> Sequence[tuple[str, bytes]]:
        """Return both lists (DER) and the names of their files."""
        return [(f"{which}.crl", (self.directory / f"{which}.crl").read_bytes()) for which in (_ROOT, _ISSUING)]

    def _authority(self, which: str) -> tuple[x509.Certificate, Key]:
        try:
            certificate = x509.load_pem_x509_certificate((self.directory / f"{which}.pem").read_bytes())
            key = load_pem_private_key((self.directory / f"{which}.key").read_bytes(), None)
        except (OSError, ValueError) as error:
            raise DemonstrationMissingError(path=str(self.directory)) from error
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise DemonstrationMissingError(path=str(self.directory))
        return certificate, key

    def _write_authority(self, which: str, certificate: x509.Certificate, key: Key) -> None:
        self._write(f"{which}.key", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self._write(f"{which}.pem", certificate.public_bytes(Encoding.PEM))

    def _write_list(
        self,
        which: str,
        certificate: x509.Certificate,
        key: Key,
        serials: Iterable[int],
        now: datetime,
    ) -> None:
        builder = x509.CertificateRevocationListBuilder(
            issuer_name=certificate.subject, last_update=now, next_update=now + LISTS_LAST
        )
        for serial in serials:
            builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, now).build())
        self._write(f"{which}.crl", builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER))

    def _write(self, name: str, data: bytes) -> None:
        write_privately(self.directory / name, data)


def write_privately(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, in place of what was there."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
        file.write(data)
    draft.replace(path)


def _name(common: str, *, uid: str | None = None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    return x509.Name(parts + ([x509.NameAttribute(NameOID.USER_ID, uid)] if uid else []))


def _usage(*named: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in named for usage in _USAGES})


def _authority_extensions(path_length: int) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    return (
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (_usage("key_cert_sign", "crl_sign"), True),
    )


_PERSON_EXTENSIONS: tuple[tuple[x509.ExtensionType, bool], ...] = (
    (x509.BasicConstraints(ca=False, path_length=None), True),
    (_usage("digital_signature", "content_commitment"), True),
    # The second is what a stock `openssl cms -verify` looks for.
    (x509.ExtendedKeyUsage([_DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]), False),
)


@dataclass(frozen=True, slots=True)
class _Issuer:
    name: x509.Name
    key: Key

    def certify(
        self,
        subject: x509.Name,
        key: Key,
        extensions: Iterable[tuple[x509.ExtensionType, bool]],
        *,
        now: datetime,
        lasts: timedelta,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder(subject_name=subject, issuer_name=self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _SKEW)
            .not_valid_after(now + lasts)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        for value, critical in extensions:
            builder = builder.add_extension(value, critical)
        return builder.sign(self.key, hashes.SHA256())
