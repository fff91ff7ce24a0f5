"""Numbers that are written otherwise than with digits side by side: by name, with letters for zeros, in told groups.

All functions read a folded text (`bot.core.redaction`) and give where such a number stands in it, in time linear in its
length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

LEAST_OF_IDENTITY = 9
"""Digits of an old identity card, the shortest that is passed on by its length alone; a new one has twelve."""
_CARD_DIGITS = 12

_NAME = r"(?:khong|hong|ko|zero|o|mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin)"
_BETWEEN_NAMES = r"[^a-z0-9\0?!]{1,6}(?:(?:roi|va|toi) )?"
_NAMES = rf"{_NAME}(?:{_BETWEEN_NAMES}{_NAME})"
# Nobody says six digits by name but to tell a number.
_SPELLED_OUT = re.compile(rf"(?<![a-z0-9]){_NAMES}{{5,}}(?![a-z0-9])")
_WORD = re.compile(r"[a-z]+")
_JOINING = {"roi", "va", "toi"}

_LETTER_FOR_ZERO = re.compile(r"(?<![a-z0-9])(?=[0-9]*o)[0-9o]{9,16}(?![a-z0-9])")

_JOINT = r"(?: ?[+x] ?| (?:roi|va|toi|xong) |\.{2,6})"
_IN_GROUPS = re.compile(rf"(?<![a-z0-9])\d{{1,9}}(?:{_JOINT}\d{{1,9}})+(?![a-z0-9])")
_CARD_WORDS = re.compile(
    r"(?<![a-z0-9])(?:cccd|cmnd|cmt|can cuoc|chung minh|dinh danh|giay to|ho chieu|so the)(?![a-z])"
)
_REACH = 60


def find_long(folded: str) -> Iterator[Span]:
    """Find numbers in disguise that are long enough for an identity card."""
    yield from (span for span, count in _spelled_out(folded) if count >= LEAST_OF_IDENTITY)
    for match in _LETTER_FOR_ZERO.finditer(folded):
        if _count_digits(match[0]) >= LEAST_OF_IDENTITY // 2:
            yield match.span()
    for match in _IN_GROUPS.finditer(folded):
        count = _count_digits(match[0])
        is_card = count == _CARD_DIGITS and match[0].startswith("0")
        is_named = _CARD_WORDS.search(folded, max(0, match.start() - _REACH), match.start())
        if is_card or (count >= LEAST_OF_IDENTITY and is_named):
            yield match.span()


def find_short(folded: str) -> Iterator[Span]:
    """Find codes of six digits or a few more that are told by name."""
    yield from (span for span, count in _spelled_out(folded) if count < LEAST_OF_IDENTITY)


def find_beside(words: str, folded: str) -> Iterator[Span]:
    """Find codes of at least four digits that are told by name soon after one of `words`, a pattern."""
    after = re.compile(rf"{words}[^\d.!?;\n]{{0,40}}?[^a-z0-9](?P<code>{_NAMES}{{3,}})(?![a-z0-9])")
    yield from (match.span("code") for match in after.finditer(folded))


def _spelled_out(folded: str) -> Iterator[tuple[Span, int]]:
    for match in _SPELLED_OUT.finditer(folded):
        names = [word for word in _WORD.findall(match[0]) if word not in _JOINING]
        if len(set(names)) > 1:  # "không không không …" is somebody who will not
            yield match.span(), len(names)


def _count_digits(folded: str) -> int:
    return sum(character.isdigit() for character in folded)
