"""Cuts a long text into messages: at paragraphs, lines or words, never through a link or what is seen as one letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from bot.core.text import utf16_length

_BREAKS = ("\n\n", "\n", " ", "\t")
"""Where a text may be cut, the best first."""
_JOINER = "\u200d"  # holds emoji together
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))  # two of them are a flag
_SKINS = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)  # spell the flag of a part of a country
_MARKS = {"Mn", "Mc", "Me"}


def split_text(text: str, longest: int, measure: Callable[[str], int] = utf16_length) -> list[str]:
    """Cut `text` into parts that each measure at most `longest`, without the white space at the cuts.

    Only a word or a link that is itself too long is cut, and not through an emoji or between a letter and its accent
    unless that alone is too long. An empty text is one empty part.

    Args:
        text: any text; parts keep its order, and together all of it but white space.
        longest: at least 2, so that any character fits.
        measure: what the platform counts; it must add up over characters. Platforms do not say, and UTF-16 units are
            the most it can be.
    """
    parts = []
    while (reach := _reach(text, longest, measure)) < len(text):
        breaks = [text.rfind(mark, 1, reach + 1) for mark in _BREAKS]
        cut = next((at for at in breaks if at > reach // 3), max(breaks))
        if cut <= 0 or not text[:cut].strip():
            cut = _whole(text, reach)
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    parts.append(text.rstrip() if parts else text)
    return [part for part in parts if part] or [""]


def _reach(text: str, longest: int, measure: Callable[[str], int]) -> int:
    """Return how many characters of `text` fit."""
    if len(text) <= longest and measure(text) <= longest:
        return len(text)
    length = 0
    for position, character in enumerate(text):
        length += measure(character)
        if length > longest:
            return position
    return len(text)


def _whole(text: str, at: int) -> int:
    """Return the nearest place before `at` that does not cut through what is seen as one character, if there is one."""
    cut = at
    while cut > 0 and _belong_together(text, cut):
        cut -= 1
    return cut if cut > 0 else at


def _belong_together(text: str, at: int) -> bool:
    before, behind = text[at - 1], text[at]
    if before in _FLAG_LETTERS and behind in _FLAG_LETTERS:
        letters = text[:at]
        return (len(letters) - len(letters.rstrip(_FLAG_LETTERS))) % 2 == 1
    joins = _JOINER in (before, behind) or ord(behind) in _SKINS or ord(behind) in _TAGS
    return joins or before + behind == "\r\n" or unicodedata.category(behind) in _MARKS
