"""Where a signer's key is: a certificate file or a token; and the questions that the signer is asked."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import typer
from cryptography import x509

from bot.cli.plain import refuse, say
from bot.core.clock import SystemClock, on_local_clocks
from bot.core.signatures import CertificateFacts, facts_of
from bot.core.text import clean
from bot.signing.errors import TokenPinLockedError
from bot.signing.keys import SigningKey, check_certificate
from bot.signing.softcert import MAX_BYTES, read_softcert
from bot.signing.tokens import Token, TokenKey, TokenModule

EXIT_DECLINED = 1


class Keeper(Protocol):
    """Where the signer's key is."""

    def open(self) -> SigningKey:
        """Ask for the password or the PIN, once, and return the key; its certificate could count now.

        Raises:
            SigningFailedError: the key cannot be used.
            CertificateExpiredError and its siblings: no server would take the certificate.
        """
        ...


@dataclass(frozen=True)
class SoftcertKeeper:
    """A certificate file, read before anything is shown; `known` are authorities' certificates that it may lack."""

    name: str
    data: bytes
    known: Sequence[x509.Certificate]

    @classmethod
    def of(cls, path: Path, known: Sequence[x509.Certificate]) -> SoftcertKeeper:
        """Read the file.

        Raises:
            OSError: it cannot be read.
        """
        with path.open("rb") as file:
            return cls(path.name, file.read(MAX_BYTES + 1), known)

    def open(self) -> SigningKey:
        """As promised by Keeper."""
        key = read_softcert(self.data, ask_secret(f"Mật khẩu của {self.name}: "), chain=self.known)
        say(f"Chứng thư số: {told(_usable(key.certificate))}")
        return key


@dataclass(frozen=True)
class TokenKeeper:
    """A certificate on a token that is plugged in."""

    module: TokenModule
    token: Token
    label: str | None
    known: Sequence[x509.Certificate]

    def open(self) -> SigningKey:
        """As promised by Keeper."""
        signer = self.token.signer(self.label)
        say(f"Chứng thư số: {told(_usable(signer.certificate))}")
        if self.token.is_locked:
            raise TokenPinLockedError(token=one_line(self.token.label))
        if self.token.is_final_try:
            say("CHÚ Ý: đây là lần thử cuối. Nhập sai mã PIN lần này thì thiết bị bị khóa.")
        elif self.token.is_pin_low:
            say("CHÚ Ý: mã PIN đã bị nhập sai từ lần ký trước. Sai vài lần nữa thì thiết bị bị khóa.")
        pin = ask_secret(f"Mã PIN của thiết bị “{one_line(self.token.label)}”: ")
        if not pin:  # the token would count it as a wrong one
            raise decline()
        return TokenKey(self.module, self.token, signer, pin, self.known)


def list_tokens(module: TokenModule) -> None:
    """Print every token and the certificates on it, as they are named on the command line."""
    tokens = module.tokens()
    if not tokens:
        print("Chưa cắm thiết bị ký nào.")
    for token in tokens:
        print(f"Thiết bị “{one_line(token.label)}”: --token '{one_line(token.label)}'")
        for found in token.certificates:
            role = "của đơn vị cấp" if found.is_authority else f"--key '{one_line(found.label)}'"
            print(f"  {role}: {told(facts_of(found.certificate))}")


def list_softcert(keeper: SoftcertKeeper) -> None:
    """Print whose certificate a file holds."""
    found = read_softcert(keeper.data, ask_secret(f"Mật khẩu của {keeper.name}: "))
    print(f"Tệp {keeper.name}: {told(facts_of(found.certificate))}")


def told(facts: CertificateFacts) -> str:
    """Return a certificate on one line."""
    ends = on_local_clocks(facts.not_after)
    return f"{one_line(facts.subject)}; do {one_line(facts.issuer)} cấp; số {facts.serial}; đến {ends:%d/%m/%Y}"


def one_line(text: str) -> str:
    """Return what stands on a token or in a certificate without whatever could move the cursor."""
    return " ".join(clean(text).split())


def ask(question: str) -> str:
    """Ask on the terminal. Going away is a no."""
    return _asked(input, question)


def ask_secret(question: str) -> str:
    """Ask without showing what is typed."""
    return _asked(getpass.getpass, question)


def decline() -> typer.Exit:
    """Tell that nothing came of it, and return what ends the command."""
    say("Đã dừng. Chưa có chữ ký nào được ghi nhận.")
    return typer.Exit(EXIT_DECLINED)


def _asked(how: Callable[[str], str], question: str) -> str:
    if not sys.stdin.isatty():
        refuse("lệnh này hỏi từng bước nên cần chạy trực tiếp trong cửa sổ dòng lệnh.")
    try:
        return how(question)
    except (EOFError, KeyboardInterrupt):
        say("")
        raise decline() from None


def _usable(certificate: x509.Certificate) -> CertificateFacts:
    return check_certificate(certificate, at=SystemClock().now())
