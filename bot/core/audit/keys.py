"""The log's own key as a file, and the file that witnesses the log."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from bot.core.audit.chain import Head
from bot.core.audit.errors import WitnessUnreadableError
from bot.core.audit.repository import StoredCheckpoint
from bot.core.errors import InvalidInputError, ProductError
from bot.core.signatures import ES256, assemble, signed_attributes
from bot.core.statements import Checkpoint, read_statement

LASTS = timedelta(days=3650)
"""A key that the product makes for itself; an operator's own comes with the dates its authority gave it."""


class LogKeyUnusableError(ProductError):
    """The file of the log's key cannot be used: it needs a P-256 key, its certificate and the path up to its root."""


class LogKeyFile:
    """The log's key in a PEM file: a P-256 private key, its certificate, then the path up to the root."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def sign(self, content: bytes) -> bytes:
        """Return a detached CMS over `content`, DER.

        Raises:
            LogKeyUnusableError: the file cannot be used, or others may read it.
        """
        key, (certificate, *path) = self._contents
        attributes = signed_attributes(content, certificate, "sha256")
        signature = key.sign(attributes, ec.ECDSA(hashes.SHA256()))
        return assemble(attributes, signature, certificate, path[:-1], ES256)

    def certificates(self) -> tuple[x509.Certificate, ...]:
        """Return the key's certificate and its path, the root last.

        Raises:
            LogKeyUnusableError: the file cannot be used, or others may read it.
        """
        return self._contents[1]

    @cached_property
    def _contents(self) -> tuple[ec.EllipticCurvePrivateKey, tuple[x509.Certificate, ...]]:
        try:
            if self._path.stat().st_mode & 0o077:
                raise LogKeyUnusableError(path=str(self._path), problem="permissions")
            data = self._path.read_bytes()
            key = load_pem_private_key(data, None)
            certificates = tuple(x509.load_pem_x509_certificates(data))
        except (OSError, ValueError, TypeError) as error:
            raise LogKeyUnusableError(path=str(self._path), problem="unreadable") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise LogKeyUnusableError(path=str(self._path), problem="kind")
        if len(certificates) < 2 or certificates[0].public_key() != key.public_key():
            raise LogKeyUnusableError(path=str(self._path), problem="certificate")
        return key, certificates


def make_log_key(path: Path, *, now: datetime) -> None:
    """Make a key for the log in a file of mode 0600, unless there is one; its root's key signs it and is forgotten."""
    if path.exists():
        return
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hien Dien audit log root")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hien Dien audit log")])
    root = _certificate(root_name, root_name, root_key.public_key(), root_key, is_authority=True, now=now)
    leaf = _certificate(name, root_name, key.public_key(), root_key, is_authority=False, now=now)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_once(path, private + leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM))


def _certificate(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    by: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
    now: datetime,
) -> x509.Certificate:
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_authority, key_cert_sign=is_authority, crl_sign=is_authority, **usage
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .sign(by, hashes.SHA256())
    )


class WitnessFiles:
    """The newest checkpoint as two files beside the database: ``checkpoint.json`` and ``checkpoint.p7s``.

    They are for mailing to whoever shall witness the log, too.
    """

    def __init__(self, directory: Path) -> None:
        self._statement = directory / "checkpoint.json"
        self._signature = directory / "checkpoint.p7s"

    def newest(self) -> Head | None:
        """Return the head that the files tell of; None where there are none.

        Raises:
            WitnessUnreadableError: they are damaged.
        """
        try:
            statement = read_statement(self._statement.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, InvalidInputError) as error:
            raise WitnessUnreadableError(path=str(self._statement)) from error
        if not isinstance(statement, Checkpoint):
            raise WitnessUnreadableError(path=str(self._statement))
        return Head(statement.size, statement.head)

    def keep(self, checkpoint: StoredCheckpoint) -> None:
        """Write a checkpoint, unless an older one than is there."""
        known = self.newest()
        if known is not None and known.size > checkpoint.size:
            return
        self._statement.parent.mkdir(parents=True, exist_ok=True)
        for path, data in ((self._signature, checkpoint.signature), (self._statement, checkpoint.statement)):
            _replace(path, data)


def _write_once(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, data)
    try:
        os.link(draft, path)  # unlike a rename it never replaces what another process just made
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _replace(path: Path, data: bytes) -> None:
    _draft(path, data).replace(path)


def _draft(path: Path, data: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return draft
