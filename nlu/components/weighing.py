"""Messages as weighted n-grams: the rarer one is, the more it counts, and every message weighs the same.

The weights are those of tf-idf with the logarithm of the count (Manning et al., "Introduction to Information
Retrieval", 2008, 6.4.1). Scikit-learn has the same for thousands of messages at once; for the one message of a turn its
checks take ten times as long as the weighing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

_CHARS = range(2, 6)
# A Vietnamese syllable has at most seven letters. What is longer is not remembered: whoever sends long words without
# end would fill the memory; these fill 16 MB.
_REMEMBERED_LENGTH = 7
_REMEMBERED_WORDS = 10_000
_Floats = npt.NDArray[np.float32]
_Numbers = npt.NDArray[np.int32]


def ngrams_of_characters(text: str) -> Iterable[str]:
    """Give the runs of 2 to 5 characters inside each word, its ends marked by blanks."""
    return chain.from_iterable(
        _remembered_runs(word) if len(word) <= _REMEMBERED_LENGTH else _runs(word) for word in text.split()
    )


def ngrams_of_words(text: str) -> Iterable[str]:
    """Give each word, and each pair of neighbours."""
    words = text.split()
    return chain(words, (f"{first} {second}" for first, second in pairwise(words)))


def _runs(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(padded[start : start + size] for size in _CHARS for start in range(len(padded) - size + 1))


_remembered_runs = lru_cache(_REMEMBERED_WORDS)(_runs)


@dataclass(frozen=True)
class Weighed:
    """One message.

    Attributes:
        numbers: of the n-grams that are known, each once.
        weights: of each of these; their squares sum up to one.
        share: which part of the message's different n-grams is known; 0 for a message without any.
    """

    numbers: _Numbers
    weights: _Floats
    share: float


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams that are known, each with its number and with what it counts."""

    numbers: dict[str, int]
    rarity: _Floats

    @classmethod
    def learn(cls, messages: Iterable[Iterable[str]]) -> Vocabulary:
        """Know all n-grams of these messages."""
        seen = Counter[str]()
        count = 0
        for message in messages:
            seen.update(set(message))
            count += 1
        ngrams = sorted(seen)
        rarity = np.log((1 + count) / (1 + np.array([seen[ngram] for ngram in ngrams]))) + 1
        return cls({ngram: number for number, ngram in enumerate(ngrams)}, rarity.astype(np.float32))

    def __len__(self) -> int:
        """Tell how many are known."""
        return len(self.numbers)

    def weigh(self, message: Iterable[str]) -> Weighed:
        """Weigh the n-grams of one message."""
        counts = Counter(message)
        known = [(number, count) for ngram, count in counts.items() if (number := self.numbers.get(ngram)) is not None]
        if not known:
            return Weighed(np.zeros(0, np.int32), np.zeros(0, np.float32), 0.0)
        numbers, times = np.array(known, dtype=np.int32).T
        weights = (1 + np.log(times, dtype=np.float32)) * self.rarity[numbers]
        return Weighed(numbers, weights / np.sqrt(weights @ weights), len(known) / len(counts))


def as_matrix(messages: Sequence[Weighed], width: int) -> csr_matrix:
    """Give messages as the rows of a matrix with a column for each number."""
    ends = np.cumsum([0, *(len(message.numbers) for message in messages)])
    numbers = np.concatenate([message.numbers for message in messages])
    weights = np.concatenate([message.weights for message in messages])
    return csr_matrix((weights, numbers, ends), shape=(len(messages), width))
