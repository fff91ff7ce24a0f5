"""Days, months and years in words, folded: "mùng bảy tháng chín năm hai nghìn linh năm", "năm hai không hai lăm"."""

from __future__ import annotations

import re

_DIGITS = {
    "khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "sau": 6, "bay": 7, "tam": 8,
    "chin": 9,
}  # fmt: skip
_UNIT = "mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin"
_TENS = "hai|ba|bon|nam|sau|bay|tam|chin"
_MONTHS_WITH_A_NAME = {"gieng": 1, "chap": 12}

SAID_DAY = (
    rf"(?:(?:hai|ba) muoi(?: (?:{_UNIT}))?|muoi(?: (?:{_UNIT}))?|(?:hai|ba) mot|hai (?:hai|ba|bon|tu|lam|bay|tam|chin)|"
    rf"ham (?:{_UNIT}))(?![a-z0-9])"
)
"""A day of two digits. Those of one are other words as well: "từ tháng 8", "sau tháng 8" fold like 4 and 6 August."""
SAID_DIGIT = rf"(?:{_UNIT})(?![a-z0-9])"
SAID_MONTH = rf"(?:muoi(?: (?:mot|hai))?|{'|'.join(_MONTHS_WITH_A_NAME)}|{_UNIT})(?![a-z0-9])"
# By its thousands, or digit by digit.
SAID_YEAR = (
    r"(?:(?:hai|mot) (?:nghin|ngan)(?: (?:khong|chin|tam) tram)?"
    rf"(?: (?:(?:linh|le|khong) (?:{_UNIT})|(?:{_TENS}) muoi(?: (?:{_UNIT}))?|muoi(?: (?:{_UNIT}))?|"
    rf"(?:{_TENS}) (?:{_UNIT})))?"
    rf"|hai khong (?:khong|mot|hai) (?:khong|{_UNIT})|mot chin (?:{_TENS}) (?:khong|{_UNIT}))(?![a-z0-9])"
)
_ROUND = re.compile(r"(?P<thousands>hai|mot) (?:nghin|ngan)(?: (?P<hundreds>khong|chin|tam) tram)?(?: (?P<rest>.+))?")


def read_said(folded: str) -> int:
    """Read what one of the patterns matched, or digits."""
    if folded.isdigit():
        return int(folded)
    if folded in _MONTHS_WITH_A_NAME:
        return _MONTHS_WITH_A_NAME[folded]
    if year := _ROUND.fullmatch(folded):
        hundreds = _DIGITS[year["hundreds"]] if year["hundreds"] else 0
        return _DIGITS[year["thousands"]] * 1000 + hundreds * 100 + (read_said(year["rest"]) if year["rest"] else 0)
    return _digit_by_digit(folded.split())


def _digit_by_digit(words: list[str]) -> int:
    """Read words of which each is a digit, "mươi" beside one is none, and "hăm" is twenty."""
    number = 0
    for position, word in enumerate(words):
        if word == "ham":
            number = 2
        elif word == "muoi":
            number = (number or 1) * (10 if position == len(words) - 1 else 1)
        elif word in _DIGITS:
            number = number * 10 + _DIGITS[word]
    return number
