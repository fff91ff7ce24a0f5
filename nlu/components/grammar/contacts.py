"""How somebody can be reached: phone numbers and mail addresses, written or said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.grammar.entity import Found, Sentence, read_span
from components.grammar.spelled import DIGITS
from components.grammar.spoken_names import words_before

_COUNTRY = "84"
# Numbers of Việt Nam without the leading 0: mobile phones have nine digits, the lines of a province ten.
_NATIONAL = re.compile(r"[35789]\d{8}|2\d{9}")
_GAP = r"[ .\-()]{0,2}"
_PHONE = re.compile(
    rf"(?<![a-z0-9@._/\-])(?P<fact>\(?\+(?:{_GAP}\d){{8,14}}"
    rf"|(?:\(?84\)?|\(?0)(?:{_GAP}\d){{9,10}}"
    rf"|1[89]00{_GAP}\d{{2}}{_GAP}\d{{2}}(?:{_GAP}\d{{2}})?)(?!{_GAP}\d|[a-z@])"
)
# A tax number and a bank account have as many digits.
_OTHER_NUMBER = re.compile(
    r"(?<![a-z0-9])(?:ma so thue|ma so|mst|stk|so tk|tai khoan|so tai khoan|cmnd|cccd|can cuoc|dinh danh|hoa don|"
    r"ma don|ho chieu)(?: (?:cua (?:em|toi|minh|tui)|la|so|ngan hang))*[ :]*$"
)
_LONGEST_BEFORE = 40
_SAID_DIGIT = rf"(?:{'|'.join(DIGITS)})"
# "chín trăm" stands for its three digits.
_SAID_PHONE = re.compile(rf"(?<![a-z0-9])khong(?: (?:{_SAID_DIGIT}(?: tram)?|\d)(?![a-z0-9])){{7,11}}")
_SAID_PART = re.compile(r"([a-z]+|\d)( tram)?(?= |$)")


_LABEL = r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?"
_ENDING = r"(?:com|vn|net|org|edu|gov|info|io|my)"
_EMAIL = re.compile(
    rf"(?<![a-z0-9._%+\-])(?P<fact>[a-z0-9][a-z0-9._%+\-]{{0,63}} ?@ ?{_LABEL}(?: ?\. ?{_LABEL}){{1,4}})(?![a-z0-9@])"
)
_AT = r"(?:a (?:cong|coong|vong|moc)|@|\(at\)|\[at\]|(?<!look )at)"
_DOT = r"(?: ?\. ?| (?:cham|dot) )"
# What a telephone makes of the names of the large mail services.
_SERVICES = {
    "gmail": "gmail|gi meo|ji meo|ghi meo|di meo|g mail|gi mail|gmeo|gimeo",
    "yahoo": "yahoo|da hu|gia hu|ya hu|ia hu",
    "outlook": "outlook|ao luc|aut luc|out look",
    "hotmail": "hotmail|hot meo|hot mail",
    "icloud": "icloud|ai cao|ai clao|i cloud",
}
_SERVICE_OF = {heard: name for name, all_heard in _SERVICES.items() for heard in all_heard.split("|")}
_SAID_EMAIL = re.compile(
    rf" {_AT} (?P<host>{'|'.join(sorted(_SERVICE_OF, key=len, reverse=True))}|{_LABEL}(?:\.{_LABEL})?)"
    rf"(?P<rest>(?:{_DOT}{_ENDING}(?![a-z0-9])){{1,2}})"
)
_SAID_SIGNS = {"gach duoi": "_", "underscore": "_", "gach ngang": "-", "cham": "."}
_MOST_WORDS = 5


def find_contacts(sentence: Sentence) -> Iterator[Found]:
    """Find phone numbers, in the form of E.164, and mail addresses, in lower case.

    A service number (1900 …) cannot be called from abroad and keeps its digits.
    """
    for match in sentence.matches(_EMAIL):
        yield Found("email", match["fact"].replace(" ", ""), *read_span(match))
    for match in sentence.matches(_SAID_EMAIL):
        start = words_before(sentence, match.start(), most=_MOST_WORDS)
        if start is not None:
            local = _local_part(sentence.text.folded[start : match.start()])
            host = _SERVICE_OF.get(match["host"], match["host"])
            endings = re.findall(_ENDING, match["rest"])
            yield Found("email", f"{local}@{'.'.join([host, *endings])}", start, match.end())
    for match in sentence.matches(_PHONE):
        start = match.start("fact")
        is_other = _OTHER_NUMBER.search(sentence.text.folded, max(0, start - _LONGEST_BEFORE), start)
        if not is_other and (number := _as_dialled(match["fact"])) is not None:
            yield Found("phone", number, *read_span(match))
    for match in sentence.matches(_SAID_PHONE):
        yield from _said_phone(match)


def _local_part(said: str) -> str:
    for word, sign in _SAID_SIGNS.items():
        said = said.replace(f" {word} ", sign)
    return said.replace(" ", "")


def _as_dialled(written: str) -> str | None:
    digits = re.sub(r"\D", "", written)
    if digits.startswith(("1800", "1900")) and not written.startswith("+"):
        return digits
    if digits.startswith(_COUNTRY):
        national = digits.removeprefix(_COUNTRY).removeprefix("0")
    elif written.lstrip("(").startswith("+"):
        return f"+{digits}"
    else:
        national = digits.removeprefix("0")
    return f"+{_COUNTRY}{national}" if _NATIONAL.fullmatch(national) else None


def _said_phone(match: re.Match[str]) -> Iterator[Found]:
    digits = "".join(DIGITS.get(part[1], part[1]) + ("00" if part[2] else "") for part in _SAID_PART.finditer(match[0]))
    if (number := _as_dialled(digits)) is not None:
        yield Found("phone", number, *match.span())
