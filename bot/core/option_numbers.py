"""The number of an option, as people write it: "2", "số 2 ạ", "dạ em chọn câu hai"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.core.text import fold

LONGEST_CHOICE = 60
"""Whoever chooses an option writes no more than this."""
_WORDS: Mapping[str, int] = {
    "mot": 1,
    "nhat": 1,
    "hai": 2,
    "ba": 3,
    "bon": 4,
    "tu": 4,
    "nam": 5,
    "sau": 6,
    "bay": 7,
    "tam": 8,
    "chin": 9,
    "muoi": 10,
}
_POLITE = r"(?:(?:da|vang|u|uh|um|ok|oke|thoi|vay|thi|la) ){0,3}"
_SPEAKER = r"(?:(?:em|toi|tui|minh|chau|con|anh|chi|co|chu|bac|ong|ba|cho|xin) ){0,3}"
_CHOOSES = r"(?:(?:chon|bam|nhan|go|lay) )"
_OPTION = r"(?:(?:nut|phim|muc|cau|cai|y|dong|so|dap an|phuong an|lua chon) )"
_LISTENER = r"(?: (?:ban|em|anh|chi|co|chu|bac|toi|minh|chau|con|oi|a|ah|nhe|nha|hen|di|voi)){0,3}"
_AFTER = rf"(?: (?:a|ah|nhe|nha|nhen|nghe|hen|ne|di|thoi|do|luon|giup|gium){_LISTENER})?"
_CHOICE = re.compile(
    # A digit, alone or behind a word of choosing; who speaks is told only before such a word, since "em 2" is none.
    rf"{_POLITE}(?:(?:{_SPEAKER}(?:{_CHOOSES}{_OPTION}{{0,2}}|{_OPTION}{{1,2}}(?:thu )?))?(?P<digits>\d{{1,2}})"
    # A number in letters is also a year, a lady, a day of the week: only as in "số hai" or "cái thứ hai".
    rf"|{_SPEAKER}{_CHOOSES}?(?:{_OPTION}{{0,1}}(?:so|cau|muc|phim|dap an|phuong an|lua chon) |{_OPTION}{{1,2}}thu )"
    rf"(?P<word>{'|'.join(_WORDS)})){_AFTER}"
)
_JOINED = re.compile(r"\d[.,:]\d")
"""A fraction, an hour: one number, not two words."""
_KEYCAP = re.compile("([0-9])\ufe0f?\u20e3")
_WRITTEN_TOGETHER = re.compile(r"(?<=[a-z])(?=\d)")
_NO_WORD = re.compile(r"[\s.,;:!()\[\]\"'“”#*]+")


def chosen_number(text: str) -> int | None:
    """Return the number of an option that a text is, as in ``2``, ``(2)`` or ``da em chon so hai a``; None for others.

    What measures something is no option: ``3 tháng``, ``2 người``; nor is a day of the week, ``thứ 2``.
    """
    if len(text) > LONGEST_CHOICE or _JOINED.search(text):
        return None
    words = _NO_WORD.sub(" ", fold(_KEYCAP.sub(r"\1", text)))
    plain = _WRITTEN_TOGETHER.sub(" ", words).strip()
    match = _CHOICE.fullmatch(plain)
    if match is None:
        return None
    return int(match["digits"]) if match["digits"] else _WORDS[match["word"]]
