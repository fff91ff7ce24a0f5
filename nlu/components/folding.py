"""Reading text without accents while knowing where each letter stood.

People type the same word as ``được``, ``duoc`` or, on some phones, with the accents as separate characters (NFD).
Rules and features run on a folded copy: lower case, no accents, compatibility forms made plain. The text itself is
never rewritten; positions found in the copy are mapped back to the text as sent.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_WITHOUT_DECOMPOSITION = {"đ": "d", "Đ": "d"}
_UNSEEN = {"Mn", "Me", "Cf"}  # accents typed apart, variation selectors, zero-width characters
_REMEMBERED = 1_000  # Vietnamese has some 200 letters


@dataclass(frozen=True)
class FoldedText:
    """A text beside its folded copy.

    Attributes:
        raw: the text as sent.
        folded: the copy that rules read.
        starts: for each folded character, where its raw character begins.
        ends: for each folded character, where its raw character ends, accents typed apart included.
    """

    raw: str
    folded: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @property
    def is_without_accents(self) -> bool:
        """Tell whether it was typed without accents, so that a word may be any that folds to it."""
        return self.raw.lower() == self.folded

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Give start and end in the raw text of a non-empty stretch of the folded one."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> FoldedText:
    """Fold a text of any Unicode form and keep the map back to it."""
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for position, character in enumerate(text):
        folded = _folded(character)
        if folded is None:
            if ends:
                ends[-1] = position + 1
            continue
        for letter in folded:
            letters.append(letter)
            starts.append(position)
            ends.append(position + 1)
    return FoldedText(text, "".join(letters), tuple(starts), tuple(ends))


@lru_cache(_REMEMBERED)
def _folded(character: str) -> str | None:
    """Give the plain form; None for what has no place of its own in the text."""
    if unicodedata.category(character) in _UNSEEN:
        return None
    if character in _WITHOUT_DECOMPOSITION:
        return _WITHOUT_DECOMPOSITION[character]
    decomposed = unicodedata.normalize("NFKD", character)
    return "".join(part for part in decomposed if unicodedata.category(part) not in _UNSEEN).lower()
