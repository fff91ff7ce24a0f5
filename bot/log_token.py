"""The audit log's key on a token or in an HSM, behind a PKCS#11 module (`bot.signing.tokens`)."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from bot.core.errors import ProductError
from bot.signing.errors import ChainUnreadableError, TokenPinWrongError
from bot.signing.keys import path_above, read_chain, sign_detached
from bot.signing.tokens import Token, TokenKey, TokenModule

OPEN_TO_OTHERS = 0o077


class LogTokenPinUnusableError(ProductError):
    """The file with the PIN of the log's token cannot be read, is empty, or others may read it."""


class LogTokenPinDoubtfulError(ProductError):
    """The token says that a wrong PIN was given; it is not tried again, for a token locks itself after a few."""


class LogTokenPathError(ProductError):
    """The certificates from the log's certificate up to its root are neither on the token nor in the file."""


class LogTokenKey:
    """A `LogSigner` with a key on a token.

    A checkpoint is due every few minutes, so that a wrong PIN would lock the token before anybody looks: a PIN that the
    token refused is not tried again while its file is the same, nor is any where the token says that the last one was
    wrong, until somebody has given the right one by other means.
    """

    def __init__(
        self, module: TokenModule, *, token: str, key: str | None, pin_file: Path, chain: Path | None = None
    ) -> None:
        """Take the labels of the token and, where it holds several, of the certificate.

        `pin_file` is read for each signature; `chain` (PEM) holds the authorities above the certificate up to the root,
        as far as the token does not.
        """
        self._module = module
        self._token = token
        self._key = key
        self._pin_file = pin_file
        self._chain = chain
        self._refused: bytes | None = None

    def sign(self, content: bytes) -> bytes:
        """Return a detached CMS over `content`, DER; takes up to the module's patience.

        Raises:
            SigningFailedError: the module, the token or its key cannot be used.
            LogTokenPinUnusableError, LogTokenPinDoubtfulError: the PIN cannot be given.
            LogTokenPathError: no root is known.
        """
        pin = self._read_pin()
        mark = hashlib.sha256(pin.encode()).digest()
        token = self._module.token(self._token)
        if mark == self._refused or token.is_pin_low or token.is_final_try:
            raise LogTokenPinDoubtfulError(token=self._token, path=str(self._pin_file))
        key = TokenKey(self._module, token, token.signer(self._key), pin, self.certificates()[1:])
        try:
            return sign_detached(content, key)
        except TokenPinWrongError:
            self._refused = mark
            raise

    def certificates(self) -> tuple[x509.Certificate, ...]:
        """Return the key's certificate and its path up to the root, as they were when they were first asked for.

        Raises:
            SigningFailedError, LogTokenPathError: as `sign`.
        """
        return self._path

    @cached_property
    def _path(self) -> tuple[x509.Certificate, ...]:
        token = self._module.token(self._token)
        certificate = token.signer(self._key).certificate
        known = [*_certificates_on(token), *self._certificates_in_file()]
        above = path_above(certificate, known)
        top = (certificate, *above)[-1]
        root = next((one for one in known if one.subject == one.issuer == top.issuer and _is_issued_by(top, one)), None)
        if root is None:
            raise LogTokenPathError(token=self._token)
        return (certificate, *above, root)

    def _certificates_in_file(self) -> tuple[x509.Certificate, ...]:
        if self._chain is None:
            return ()
        try:
            return read_chain(self._chain)
        except OSError as error:
            raise ChainUnreadableError(path=str(self._chain)) from error

    def _read_pin(self) -> str:
        try:
            if self._pin_file.stat().st_mode & OPEN_TO_OTHERS:
                raise LogTokenPinUnusableError(path=str(self._pin_file))
            pin = self._pin_file.read_text("utf-8").strip("\r\n")
        except (OSError, UnicodeError) as error:
            raise LogTokenPinUnusableError(path=str(self._pin_file)) from error
        if not pin:
            raise LogTokenPinUnusableError(path=str(self._pin_file))
        return pin


def _certificates_on(token: Token) -> list[x509.Certificate]:
    return [one.certificate for one in token.certificates]


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
