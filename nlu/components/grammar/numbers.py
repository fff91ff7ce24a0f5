"""Numbers in digits, and from 1 to 99 in words, folded: ``20``, ``hai muoi``, ``muoi lam``, ``ham mot``."""

from __future__ import annotations

import unicodedata

_UNITS = {
    "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9,
}  # fmt: skip
_UNIT = "|".join(_UNITS)
_TENS = "hai|ba|bon|nam|sau|bay|tam|chin"

_SHORT_TENS = {"ham": 2, "bam": 3}

NUMBER = (
    rf"(?:\d{{1,3}}|(?:(?:{_TENS}) (?:muoi|chuc)|muoi)(?: (?:{_UNIT}))?|(?:{'|'.join(_SHORT_TENS)}) (?:{_UNIT})|"
    rf"(?:{_UNIT}))"
)
# "Hai ba tuổi" leaves its "mươi" out; of a duration the same words say two or three.
SHORT_NUMBER = rf"(?:hai (?:{_UNIT})|(?:{_TENS}) (?:mot|lam))"

# Alone and without accents these are far more often "từ", "sau", "năm" (year), "tầm", "bay": only the accents decide.
_ONLY_WITH_ACCENT = {"tu": {"tư"}, "sau": {"sáu"}, "nam": {"năm"}, "lam": set(), "tam": {"tám"}, "bay": {"bảy", "bẩy"}}


def is_number(folded: str, typed: str) -> bool:
    """Tell whether what `NUMBER` matched was meant as a number, going by how it was typed."""
    if folded not in _ONLY_WITH_ACCENT:
        return True
    return unicodedata.normalize("NFC", typed).lower() in _ONLY_WITH_ACCENT[folded]


def read_number(folded: str) -> int:
    """Read what `NUMBER` matched."""
    if folded.isdigit():
        return int(folded)
    tens, ones = 0, 0
    for word in folded.split():
        if word in ("muoi", "chuc"):
            tens, ones = ones or 1, 0
        elif word in _SHORT_TENS:
            tens = _SHORT_TENS[word]
        else:
            tens, ones = tens or ones, _UNITS[word]
    return tens * 10 + ones
