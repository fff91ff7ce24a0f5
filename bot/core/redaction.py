"""Takes identity numbers, one-time passwords and PIN-like secrets out of a message before anything keeps it.

Design 3.1 and reference/programme.md 11: never accept an ID number or an OTP; detect, refuse, do not log.
A pure function over the text, in time linear in its length; what it takes out is replaced by a mark and cannot be had
back.

It reads a folded copy (lower case, no accents, plain digits, single blanks) whose every character knows where it stood.
The rules run in the order of how sure they are, and whatever one has settled, as a secret or as harmless, is covered
for those after it:

1. passwords that are told outright ("mật khẩu là …"), since they may look like anything, even like a telephone number;
   numbers written in other ways than with digits side by side (`bot.core.redaction_disguises`); a code that is all of
   the message, as when the words for it were in the one before;
2. harmless numbers: dates, prices, tax numbers, telephone numbers;
3. one-time passwords, then PINs and passwords, by the words before and after them;
4. any other nine digits or more, however they are spaced, and passports.

In doubt a number goes: a citizen can type an age again, and nobody can take back an identity number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from bot.core import redaction_disguises as disguises
from bot.core.redaction_disguises import LEAST_OF_IDENTITY as _LEAST_DIGITS
from bot.core.redaction_disguises import Span as _Span


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


def redact(text: str) -> Redacted:
    """Return `text` without identity numbers, one-time passwords and passwords; phone numbers stay.

    The rest of the text is left exactly as it was. `removed` is in the order in which the kinds stand in the text.
    """
    reading = _read(text)
    reading.take(Secret.PASSWORD, _passwords_in_parts(reading.folded))
    reading.take(Secret.PASSWORD, _passwords_told(reading.folded))
    reading.take(Secret.PASSWORD, disguises.find_beside(_PASSWORD_WORDS, reading.folded))
    reading.take(Secret.OTP, disguises.find_beside(_OTP_WORDS, reading.folded))
    reading.take(Secret.OTP, disguises.find_short(reading.folded))
    reading.take(Secret.IDENTITY_NUMBER, disguises.find_long(reading.folded))
    for secret, spans in _codes_alone(reading.folded):
        reading.take(secret, spans)
    for pattern in _HARMLESS:
        reading.cover(match.span("number") for match in pattern.finditer(reading.folded))
    reading.cover(_harmless_runs(reading.folded))
    for pattern in _OTPS:
        reading.take(Secret.OTP, (match.span("secret") for match in pattern.finditer(reading.folded)))
    reading.take(Secret.PASSWORD, _passwords_mentioned(reading.folded))
    reading.take(Secret.IDENTITY_NUMBER, _identity_numbers(reading.folded))
    reading.take(Secret.IDENTITY_NUMBER, (match.span() for match in _PASSPORT.finditer(reading.folded)))
    reading.take(Secret.IDENTITY_NUMBER, (match.span("part") for match in _PART_OF_CARD.finditer(reading.folded)))
    return reading.redacted()


def without_marks(text: str) -> str:
    """Return a redacted text without the marks: what is left to be understood."""
    for mark in MARKS.values():
        text = text.replace(mark, "")
    return text.strip()


# --- Folding ---------------------------------------------------------------------------------------------------------

_COVER = "\0"  # no letter, no digit, no blank, no end of a sentence
_UNSEEN = {"Mn", "Me", "Cf"}  # accents typed apart, the frames of keycap digits, what joins emoji
_LINE_ENDS = "\n\r\v\f\x85\u2028\u2029"


@dataclass(slots=True)
class _Reading:
    """A message while it is read: the text, its folded copy, and for each folded character where it stood."""

    text: str
    folded: str
    starts: list[int]
    ends: list[int]
    taken: list[tuple[_Span, Secret]] = field(default_factory=list)

    def take(self, secret: Secret, spans: Iterable[_Span]) -> None:
        """Take out what stands at these spans of the folded copy, and cover it."""
        settled = sorted(spans)
        self.taken += [(span, secret) for span in settled]
        self.cover(settled)

    def cover(self, spans: Iterable[_Span]) -> None:
        """Hide these spans of the folded copy from the rules that follow."""
        pieces, reached = [], 0
        for start, end in spans:
            pieces += [self.folded[reached:start], _COVER * (end - max(start, reached))]
            reached = max(end, reached)
        self.folded = "".join(pieces) + self.folded[reached:]

    def redacted(self) -> Redacted:
        pieces, removed, reached = [], [], 0
        for (first, end), secret in sorted(self.taken):
            start = self.starts[first]
            if start >= reached:  # one character that folds to several may be taken twice
                pieces += [self.text[reached:start], MARKS[secret]]
                removed.append(secret)
            reached = max(reached, self.ends[end - 1])
        return Redacted("".join(pieces) + self.text[reached:], tuple(dict.fromkeys(removed)))


def _read(text: str) -> _Reading:
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for position, character in enumerate(text):
        for letter in _folded(character):
            if letter in " \n" and letters and letters[-1] in " \n":
                letters[-1] = "\n" if "\n" in (letter, letters[-1]) else " "
                ends[-1] = position + 1
                continue
            letters.append(letter)
            starts.append(position)
            ends.append(position + 1)
        if ends and unicodedata.category(character) in _UNSEEN:
            ends[-1] = position + 1
    return _Reading(text, "".join(letters), starts, ends)


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    if character in _LINE_ENDS:
        return "\n"
    if character in "đĐ":
        return "d"
    digit = unicodedata.digit(character, None)  # full-width, circled and raised digits read as digits too
    if digit is not None:
        return str(digit)
    return "".join(map(_plain, unicodedata.normalize("NFKD", character).lower()))


def _plain(part: str) -> str:
    if part.isspace():
        return " "
    category = unicodedata.category(part)
    if category in _UNSEEN:
        return ""
    return "-" if category == "Pd" or part == "\u2212" else part


# --- Numbers ---------------------------------------------------------------------------------------------------------

_OTP_DIGITS = 6
_CARD_DIGITS = 12  # of a new identity card; an old one has nine, a bank card sixteen
# What people put between the digits of one number. A plus begins a number, and "?" and "!" end a sentence.
_BETWEEN = r"[^a-z0-9\0+?!]{0,3}"
_GLUE = r"[ .\-]{0,3}"
_RUN = re.compile(rf"\+?\d(?:{_BETWEEN}\d)*")
_NO_MORE_DIGITS = rf"(?!{_BETWEEN}\d)"

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19[2-9]\d|20\d\d)"
_AMOUNT = r"(?:[1-9]\d{0,2}(?:[.,]\d{3}){1,4}|[1-9]\d{0,2}(?: \d{3}){1,4}|[1-9]\d{0,9}000)"
_HARMLESS = (
    # a date with its year: 25/12/2025, 2025-12-25
    re.compile(
        rf"(?<!\d)(?<!\d[./\-])(?P<number>{_DAY} ?(?P<mark>[./\-]) ?{_MONTH} ?(?P=mark) ?{_YEAR}"
        rf"|{_YEAR}-{_MONTH}-{_DAY})(?!\d)(?![./\-]\d)"
    ),
    # a year that is called one: "sinh năm 2006", "từ 2024"
    re.compile(rf"(?<![a-z0-9])(?:nam|sinh|sn|ns|tu|den) (?P<number>{_YEAR}){_NO_MORE_DIGITS}"),
    # a stretch of years; a card's number begins with neither
    re.compile(rf"(?<!\d)(?<!\d[^a-z0-9\0])(?P<number>{_YEAR} ?- ?{_YEAR})(?!\d)(?![./\-]\d)"),
    # a price with its currency: "1.000.000.000 đồng", "50.000 - 250.000đ"; "đ/c" is an address
    re.compile(
        rf"(?<!\d)(?<!\d[ .,])(?P<number>{_AMOUNT}(?:[ ,;\-]{{1,3}}{_AMOUNT}){{0,3}})"
        r" ?(?:dong|vnd|d|nghin|ngan|trieu|ty)(?![a-z0-9])(?!/c)"
    ),
    # a firm's tax number; a person's has been the number of the identity card since 1/7/2025 and goes
    re.compile(
        r"(?<![a-z0-9])(?:mst|msdn|ma so (?:thue|doanh nghiep))[^\d.!?;\n]{0,20}"
        rf"(?P<number>\d{{10}}(?: ?- ?\d{{3}})?){_NO_MORE_DIGITS}"
    ),
)

_DIGIT_ON = rf"(?:{_GLUE}\d)"
_PHONE = (
    rf"(?:\+84(?:[ (]{{0,2}}0\)?)?{_DIGIT_ON}{{9,10}}|(?:00)?84{_DIGIT_ON}{{9}}|0{_DIGIT_ON}{{9}}|02{_DIGIT_ON}{{9}}"
    rf"|1[89]00{_DIGIT_ON}{{4}}(?:{_GLUE}\d\d)?)(?!\d)"
)
_ITEM = (
    rf"(?:{_PHONE}|{_YEAR}|\d{{1,3}}/{_YEAR}|{_DAY}/{_MONTH}(?:/\d\d)?|[0-2]?\d:[0-5]\d(?::[0-5]\d)?"
    r"|\d\d(?= ?(?:tuoi|t)(?![a-z0-9])))"
)
# A run that is nothing else: "0912345678, 0987654321", "2023, 2024, 2025", "15/3 8:30". Its length is bounded because
# a run can be cut into items in several ways.
_HARMLESS_RUN = re.compile(rf"{_ITEM}(?:[^a-z0-9\0+?!:/]{{1,3}}{_ITEM}){{0,7}}{_NO_MORE_DIGITS}")
# Inside a longer run only a phone number typed in one piece is believed.
_PHONE_IN_ONE_PIECE = re.compile(r"(?<!\d)(?:0[235789]\d{8}|84[35789]\d{8})(?!\d)")

# The letters of a reference number and of "sinh ngày" are no passport's.
_PASSPORT = re.compile(
    r"(?<![a-z0-9])(?:[a-z][ .\-]?\d(?:[ .]?\d){6,7}|(?!hd|sn|ns)[a-z]{2}\d{6,7})(?![a-z0-9])(?![ .\-]{0,3}\d)"
)
# "cccd của em là 079203": the other half may come in the next message.
_PART_OF_CARD = re.compile(
    r"(?<![a-z0-9])(?:cccd|cmnd|cmt|can cuoc|chung minh|dinh danh|ho chieu)(?: (?:cong dan|nhan dan|thu|ca nhan))?"
    r"(?: (?:cua|em|toi|minh|chau|con|anh|chi|ba|me|ma|no)){0,3}(?: (?:la|so)| ?[:=]){0,3} ?"
    rf"(?P<part>(?!{_YEAR}(?!\d))\d{{4,8}})(?!\d)"
)


# All of a message, but for a word or two; a day, a month or a year it may well be, and an amount.
_NO_CODE = rf"(?:{_YEAR}(?!\d)|{_DAY}{_MONTH}{_YEAR}|{_MONTH}{_YEAR}|\d+[ .]?000(?!\d))"
_ALONE = re.compile(
    rf"[^a-z0-9]*(?:(?:da|ma|so|la|day|do|no) )*(?P<code>(?!{_NO_CODE})(?:\d{{4,8}}|\d{{3}}[ .\-]\d{{3}}))"
    r"(?: (?:a|ne|nhe|nha|day|do|ha))*[^a-z0-9]*"
)


def _codes_alone(folded: str) -> Iterator[tuple[Secret, Iterable[_Span]]]:
    if alone := _ALONE.fullmatch(folded):
        yield Secret.OTP if _count_digits(alone["code"]) == _OTP_DIGITS else Secret.PASSWORD, [alone.span("code")]


def _harmless_runs(folded: str) -> Iterator[_Span]:
    for run in _RUN.finditer(folded):
        if _count_digits(run[0]) >= _LEAST_DIGITS and _HARMLESS_RUN.match(folded, run.start()):
            yield run.span()


def _identity_numbers(folded: str) -> Iterator[_Span]:
    """Find numbers long enough for an identity or a bank card, without the phone numbers beside them."""
    for run in _RUN.finditer(folded):
        count = _count_digits(run[0])
        if count < _LEAST_DIGITS:
            continue
        reached = run.start()
        # "0792030012 34" is a card with a blank in it and no phone number with an age.
        if count != _CARD_DIGITS or not run[0].startswith("0"):
            for phone in _PHONE_IN_ONE_PIECE.finditer(folded, *run.span()):
                yield from _long_stretch(folded, reached, phone.start())
                reached = phone.end()
        yield from _long_stretch(folded, reached, run.end())


def _long_stretch(folded: str, start: int, end: int) -> Iterator[_Span]:
    digits = [position for position in range(start, end) if folded[position].isdigit()]
    if len(digits) >= _LEAST_DIGITS:
        yield digits[0], digits[-1] + 1


def _count_digits(folded: str) -> int:
    return sum(character.isdigit() for character in folded)


# --- One-time passwords ----------------------------------------------------------------------------------------------

_OTP_WORDS = (
    r"(?<![a-z0-9])(?:o[ .\-]?t[ .\-]?p|ma (?:xac (?:nhan|thuc|minh)|bao mat|kich hoat|dang nhap|truy cap)"
    r"|(?:verification |security )?code)(?![a-z0-9])"
)
_CODE = rf"(?:\d{_DIGIT_ON}{{3,7}}(?!{_GLUE}\d)|\d{{4,8}}(?!\d))"
# Told outright, a code may be cut into parts by any sign, also by the end of a line.
_PARTS_GLUE = r"(?:[^a-z0-9\0?!]{0,3}| (?:roi|va) )"
_PARTS = rf"(?:\d(?:{_PARTS_GLUE}\d){{3,7}}(?!{_PARTS_GLUE}\d)|{_CODE})"
_SAME_SENTENCE = r"[^\d.!?;\n\0]"
_TO_NEXT_WORD = r"[^a-z0-9\0?!]{0,3}"  # may pass the end of a line or of a statement, never of a question
_OTPS = (
    # "Mã OTP chuyển tiền từ thẻ x1234 là 567890": the one that is told stands behind other numbers
    re.compile(rf"{_OTP_WORDS}[^.!?;\n]{{0,100}}?(?<![a-z0-9])la ?:? ?(?P<secret>{_PARTS})"),
    re.compile(rf"{_OTP_WORDS}(?:(?: cua)? (?:em|toi|minh|chau|con|no))?[ :=\-]{{0,3}}(?P<secret>{_PARTS})"),
    re.compile(rf"{_OTP_WORDS}{_SAME_SENTENCE}{{0,60}}{_TO_NEXT_WORD}(?P<secret>{_CODE})"),
    # "em nhận được mã 482913"; folded, "mà" is the same word, and what follows that is mostly a round price
    re.compile(
        r"(?<![a-z0-9])ma(?: so)?"
        r"(?: (?:la|nay|do|day|nhu sau|moi|gui|nhan|duoc|ve|toi|cua|em|minh|ngan hang|zalo|vneid)){0,4}"
        rf"[ :=\-]{{0,3}}(?P<secret>(?!\d+000(?!\d))\d{{6,8}}(?!\d)){_NO_MORE_DIGITS}"
    ),
    # "123456 là mã xác nhận", "123456 (OTP)"
    re.compile(
        rf"(?<!\d)(?P<secret>{_PARTS})[ :=\-(,]{{0,3}}(?:(?:(?:day|do|chinh|cung) )?la {_SAME_SENTENCE}{{0,40}}?)?"
        rf"{_OTP_WORDS}"
    ),
    # "482913 em nhận từ tin nhắn OTP", "482913 là mã gì": further off only six digits, which most of them have
    re.compile(
        rf"(?<!\d)(?P<secret>(?!\d+000)\d{{6}})(?!\d)"
        rf"(?:{_SAME_SENTENCE}{{0,40}}?{_OTP_WORDS}| la (?:cai )?ma(?![a-z0-9]))"
    ),
)


# --- PINs and passwords ----------------------------------------------------------------------------------------------

_PASSWORD_WORDS = r"(?<![a-z0-9])(?:mat ?khau|mat ma|password|passwd|passcode|pass|pwd|p\.?i\.?n|puk)(?![a-z0-9])"  # noqa: S105
_MK = r"(?<![a-z0-9])mk(?![a-z0-9])"  # "mật khẩu", but as often "mình"
_OWNERS = (
    r"(?: (?:cu|moi|cua|em|toi|minh|chau|con|anh|chi|token|usb|e?mail|gmail|wifi|zalo|vneid|facebook|fb|dang nhap"
    r"|tai khoan|tk|chu ky so|chung thu so|hien tai|nay|do)){0,4}"
)
_IS = r"(?: (?:la|is)(?![a-z0-9])| ?(?:[:=]|->)) ?[:=]? ?"
_TOLD = re.compile(rf"{_PASSWORD_WORDS}{_OWNERS}{_IS}")
_TOLD_IN_PARTS = re.compile(
    rf"(?:{_PASSWORD_WORDS}[^.!?;\n\d]{{0,40}}?(?<![a-z0-9])(?:la|so)|{_PASSWORD_WORDS}{_OWNERS})"
    rf"[ :=\-]{{0,3}}(?P<secret>{_PARTS})(?![a-z@#$%^&*]| ?(?:ky tu|chu|so|lan|ngay|thang|nam)(?![a-z0-9]))"
)
_TOLD_BEFORE = re.compile(
    rf"(?<!\d)(?P<secret>{_PARTS})[ :=\-(,]{{0,3}}(?:(?:day|do|chinh|cung) )?la (?:(?:so|cai|ma) )*{_PASSWORD_WORDS}"
)
_TOLD_AFTER_MK = re.compile(rf"{_MK}{_OWNERS}(?:{_IS}| )")
_MENTIONED = re.compile(_PASSWORD_WORDS)
_REACH = 40
_WORD = re.compile(r"[^ \n]{1,128}")
_OPENING, _CLOSING = "([{\"'“‘<:=-,", ".,;:)]}\"'”’>"
_PIN = re.compile(rf"(?:\d{_DIGIT_ON}{{3,11}}(?!{_GLUE}\d)|\d{{4,12}}(?!\d))(?![a-z@#$%^&*])")
_MEASURED = re.compile(r" ?(?:ky tu|chu|so|lan|tuoi|ngay|thang|nam)(?![a-z0-9])")
_SIGN_INSIDE = re.compile(r"[a-z0-9][@#$%^&*!~][a-z0-9]")
_SIGNS_AT_THE_END = tuple("@#$%")
# Words with digits or signs in them that are no password: addresses, documents, versions …
_ORDINARY = re.compile(
    r"[\w.+\-]+@(?:[\w\-]+\.)+[a-z]+|(?:[a-z0-9\-]+\.)+[a-z]{2,}|https?:.*|\d+(?:/\d{4})?/[a-z].*"
    r"|(?:iphone|ipad|ios|android|win|windows|office|usb|tt)\d{1,4}"
)
# … and, with other words between, years, amounts and all that is short.
_ORDINARY_FURTHER_OFF = re.compile(rf"{_ORDINARY.pattern}|{_YEAR}|\d{{1,3}}[a-z]{{1,5}}|(?![\d .\-]+$).{{1,5}}")
# "… cũ là 123456 mới là 654321", "đổi từ 123456 sang 654321"
_BEFORE_ANOTHER = {"la", "is", "moi", "cu", "hoac", "hay", "sang", "thanh", "va"}


def _passwords_told(folded: str) -> Iterator[_Span]:
    """Find what stands right after "mật khẩu là", whatever it looks like."""
    for told in _TOLD.finditer(folded):
        if span := _password_at(folded, told.end()):
            yield span


def _passwords_in_parts(folded: str) -> Iterator[_Span]:
    """Find PINs that are cut into parts, and those that are told before their word: "9753 là mã pin của tôi"."""
    for pattern in (_TOLD_IN_PARTS, _TOLD_BEFORE):
        yield from (match.span("secret") for match in pattern.finditer(folded))


def _passwords_mentioned(folded: str) -> Iterator[_Span]:
    """Find what stands after "mk", or in the same sentence as another word for a password."""
    for told in _TOLD_AFTER_MK.finditer(folded):
        span = _password_at(folded, told.end())
        if span and not _ORDINARY.fullmatch(folded, *span):
            yield span
    reached = 0
    for mentioned in _MENTIONED.finditer(folded):
        if mentioned.start() >= reached:
            for span in _passwords_after(folded, mentioned.end()):
                reached = span[1]
                yield span


def _passwords_after(folded: str, position: int) -> Iterator[_Span]:
    """Find the first word that can be no ordinary one, and those that "mới là", "hoặc" … join to it."""
    last, before, found = position + _REACH, "", False
    for word in _WORD.finditer(folded, position):
        if word.start() > last:
            return
        span = _password_at(folded, word.start())
        ordinary = _ORDINARY_FURTHER_OFF if before else _ORDINARY
        if span and not ordinary.fullmatch(folded, *span) and (not found or before in _BEFORE_ANOTHER):
            yield span
            last, found = span[1] + _REACH, True
        if word[0].endswith("?"):
            return
        if word[0].endswith((".", "!", ";")) or folded.startswith("\n", word.end()):
            last = min(last, word.end() + 1)  # one word past the end: "mật khẩu của em đây. 12345678"
        before = word[0]


def _password_at(folded: str, position: int) -> _Span | None:
    """Give where the word at `position` stands if it could be a password: digits, letters with digits or signs."""
    word = _WORD.match(folded, position)
    if word is None:
        return None
    typed = word[0].lstrip(_OPENING)
    start = word.end() - len(typed)
    if pin := _PIN.match(folded, start):
        measured = _count_digits(pin[0]) <= 4 and _MEASURED.match(folded, pin.end())
        return None if measured else pin.span()
    typed = typed.rstrip(_CLOSING)
    digits = _count_digits(typed)
    letters = any("a" <= character <= "z" for character in typed)
    signs = _SIGN_INSIDE.search(typed) or typed.endswith(_SIGNS_AT_THE_END)
    likely = len(typed) >= 4 and (digits >= 4 or (letters and (digits or signs)))
    return (start, start + len(typed)) if likely else None
