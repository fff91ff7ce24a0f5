"""Finding the short texts that a short question is about.

Okapi BM25 (Robertson and Zaragoza, 2009) over folded Vietnamese: terms are syllables and pairs of neighbouring
syllables, because a Vietnamese word is mostly two of them ("tên miền", "hộ kinh doanh") and neither alone says much.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from bot.core.text import fold

Item = TypeVar("Item")

# A number keeps what holds it together ("4.026", "45/kh-ubnd", "1/7/2025"), and so does a name ("id.vn").
_SYLLABLE = re.compile(r"\d+(?:[.,/-]\w+)*|[a-z0-9]+(?:\.[a-z0-9]+)*")

# The usual values; texts are of like length, so length is corrected by half only.
_SATURATION = 1.2
_LENGTH_CORRECTION = 0.5


@dataclass(frozen=True, slots=True)
class Hit(Generic[Item]):
    """Something that shares words with the question.

    Attributes:
        score: how well it fits; above zero, comparable between hits of one search only.
        coverage: which part of the question's words and pairs of words it holds, from 0 to 1, rare ones counting more.
    """

    item: Item
    score: float
    coverage: float


class Index(Generic[Item]):
    """Texts by the words in them; built once, then only read."""

    def __init__(self, texts: Iterable[tuple[Item, Sequence[str]]], *, spelled_out: Mapping[str, str]) -> None:
        """Take each item with its phrases, and abbreviations with what they stand for ("hkd": "hộ kinh doanh")."""
        self._spelled_out = {fold(short): fold(long) for short, long in spelled_out.items()}
        self._items: list[Item] = []
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        counted = []
        for item, phrases in texts:
            self._items.append(item)
            counted.append(Counter(term for phrase in phrases for term in _terms(self._syllables(phrase))))
        mean = max(1.0, sum(terms.total() for terms in counted) / max(1, len(counted)))
        for number, terms in enumerate(counted):
            length = 1 - _LENGTH_CORRECTION + _LENGTH_CORRECTION * terms.total() / mean
            for term, times in terms.items():
                weight = times * (_SATURATION + 1) / (times + _SATURATION * length)
                self._postings[term].append((number, weight))

    def search(self, question: str) -> list[Hit[Item]]:
        """Give everything that shares a word with the question, the best first; equals in the order they came in."""
        terms = dict.fromkeys(_terms(self._syllables(question)))
        total = sum(self._rarity(term) for term in terms)
        scores: defaultdict[int, float] = defaultdict(float)
        covered: defaultdict[int, float] = defaultdict(float)
        for term in terms:
            rarity = self._rarity(term)
            for number, weight in self._postings.get(term, ()):
                scores[number] += rarity * weight
                covered[number] += rarity
        ranked = sorted(scores, key=lambda number: (-scores[number], number))
        return [Hit(self._items[number], scores[number], covered[number] / total) for number in ranked]

    def _rarity(self, term: str) -> float:
        holding = len(self._postings.get(term, ()))
        return math.log(1 + (len(self._items) - holding + 0.5) / (holding + 0.5))

    def _syllables(self, text: str) -> list[str]:
        syllables = _SYLLABLE.findall(fold(text))
        return [part for syllable in syllables for part in self._spelled_out.get(syllable, syllable).split()]


def _terms(syllables: Sequence[str]) -> Iterable[str]:
    yield from syllables
    for pair in pairwise(syllables):
        yield " ".join(pair)
