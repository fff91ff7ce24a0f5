"""Takes identity numbers, one-time passwords and PIN-like secrets out of a message before anything keeps it.

Design 3.1 and reference/programme.md 11: never accept an ID number or an OTP; detect, refuse, do not log.
A pure function over the text; what it takes out is replaced by a mark and cannot be had back.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Secret(StrEnum):
    """A kind of thing that was taken out."""

    IDENTITY_NUMBER = "identity_number"
    OTP = "otp"
    PASSWORD = "password"  # noqa: S105 - the name of a kind, no password


MARKS = {
    Secret.IDENTITY_NUMBER: "[số giấy tờ]",
    Secret.OTP: "[mã xác nhận]",
    Secret.PASSWORD: "[mật khẩu]",
}


@dataclass(frozen=True, slots=True)
class Redacted:
    """A message without its secrets: the text that may be kept, and which kinds were taken out, each once."""

    text: str
    removed: tuple[Secret, ...]


# Nine digits is an old identity card, twelve a new one, sixteen a bank card; people space and dot them as they like.
_LONG_NUMBER = re.compile(r"(?<![\d])\+?\d(?:[ .\-]?\d){8,}(?![\d])")
_PHONE = re.compile(r"(?:\+?84|0)(?:[ .\-]?\d){9}")
_PASSPORT = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][ .\-]?\d(?:[ .]?\d){6,7}(?![A-Za-z0-9])")
_OTP_WORDS = r"(?:otp|ma xac (?:nhan|thuc|minh)|ma bao mat|ma kich hoat)"
_PASSWORD_WORDS = r"(?:mat khau|mat ma|password|passcode|pass|ma pin|pin|mk)"  # noqa: S105 - words, no password
_FILLER = (
    r"(?:\s*(?:cua|em|toi|minh|chau|con|anh|chi|la|thi|nay|do|so|moi|gui|vua|ve|day|ben|duoc|bi|cho|nhu|sau|token|usb"
    r"|:|=|-|>|,|\.)){0,8}\s*"
)
_OTP = re.compile(rf"(?<!\w){_OTP_WORDS}{_FILLER}(?P<secret>\d(?:[ .\-]?\d){{3,7}})(?!\d)")
_OTP_BEFORE = re.compile(rf"(?<!\d)(?P<secret>\d(?:[ .\-]?\d){{3,7}})\s*(?:la|:|=|-|\()?\s*{_OTP_WORDS}(?!\w)")
_PIN = re.compile(rf"(?<!\w){_PASSWORD_WORDS}{_FILLER}(?P<secret>\d(?:[ .\-]?\d){{3,11}})(?!\d)")
_PASSWORD = re.compile(
    rf"(?<!\w){_PASSWORD_WORDS}\s*(?:(?:cua|em|toi|minh)\s*){{0,2}}(?:la|:|=)\s*(?P<secret>(?=\S*[\d\W_])\S{{4,}})"
)


def redact(text: str) -> Redacted:
    """Return `text` without identity numbers, one-time passwords and passwords; phone numbers stay.

    The rest of the text is left exactly as it was.
    """
    removed: list[Secret] = []
    for secret, pattern in (
        (Secret.OTP, _OTP),
        (Secret.OTP, _OTP_BEFORE),
        (Secret.PASSWORD, _PIN),
        (Secret.PASSWORD, _PASSWORD),
        (Secret.IDENTITY_NUMBER, _LONG_NUMBER),
        (Secret.IDENTITY_NUMBER, _PASSPORT),
    ):
        text = _replace(text, pattern, secret, removed)
    return Redacted(text, tuple(dict.fromkeys(removed)))


def without_marks(text: str) -> str:
    """Return a redacted text without the marks: what is left to be understood."""
    for mark in MARKS.values():
        text = text.replace(mark, "")
    return text.strip()


def _replace(text: str, pattern: re.Pattern[str], secret: Secret, removed: list[Secret]) -> str:
    pieces: list[str] = []
    reached = 0
    for match in pattern.finditer(_plain_letters(text)):
        group = "secret" if "secret" in pattern.groupindex else 0
        start, end = match.span(group)
        if pattern is _LONG_NUMBER and _PHONE.fullmatch(match.group()):
            continue
        pieces += [text[reached:start], MARKS[secret]]
        reached = end
        removed.append(secret)
    return "".join(pieces) + text[reached:]


def _plain_letters(text: str) -> str:
    """Return `text` in lower case without accents, character for character, so that positions stay true."""
    return "".join(_plain_letter(character) for character in text)


def _plain_letter(character: str) -> str:
    if character in "đĐ":
        return "d"
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.digit(character))  # full-width and other digits read as digits too
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character
