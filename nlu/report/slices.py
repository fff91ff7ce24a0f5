"""The parts of a test set that are told apart: by file, and by how Vietnamese was typed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from report.messages import Scored

ALL = "all"
FULL = "full diacritics"
MIXED = "mixed"
NONE = "no diacritics"
_SPELLINGS = (FULL, MIXED, NONE)

_WORD = re.compile(r"[^\W\d_]+")
# Correct Vietnamese writes these bare, so that they tell nothing about how the rest was typed.
_RIGHTLY_BARE = frozenset({
    "a", "ai", "anh", "ba", "bao", "cho", "con", "em", "giao", "hai", "hay", "hoa", "in", "khi", "lo", "mua", "nay",
    "nha", "nhanh", "qua", "ra", "sang", "sao", "tin", "tra", "trang", "trong", "trung", "tui", "xem", "xin",
})  # fmt: skip
_FULL_SHARE = 0.7
"""Of the words that decide, how many must have an accent. A foreign word or two are in most messages."""


def spelling(text: str) -> str:
    """Tell how a message was typed.

    The words that decide are those of letters alone, standing free of dots, digits and @, without the commonest
    words that are rightly bare. No accent anywhere: "no diacritics"; accents on seven in ten of the words that decide,
    or more: "full diacritics"; else "mixed".
    """
    if not any(letter.isalpha() and not letter.isascii() for letter in text):
        return NONE
    pieces = (piece.strip(".,;:!?()[]\"'“”…") for piece in text.lower().split())
    words = [piece for piece in pieces if _WORD.fullmatch(piece) and piece not in _RIGHTLY_BARE]
    accented = sum(not word.isascii() for word in words)
    return FULL if accented >= _FULL_SHARE * len(words) else MIXED


def slice_messages(scored: Iterable[Scored]) -> dict[str, list[Scored]]:
    """Give the parts by their names: all, each spelling, each file; empty ones are left out.

    Messages out of scope count among all of them and in their file, but not in the spellings: those compare how the
    same topics are understood. The parts by spelling hold the messages of every file.
    """
    messages = list(scored)
    parts: dict[str, list[Scored]] = {ALL: messages}
    for name in _SPELLINGS:
        parts[name] = [
            one for one in messages if not one.example.is_out_of_scope and spelling(one.example.text) == name
        ]
    for one in messages:
        parts.setdefault(one.example.file, []).append(one)
    return {name: part for name, part in parts.items() if part}
