"""How well entities were found. Pure arithmetic over scored messages."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from report.messages import Mark, Scored

Key = Callable[[Mark], Hashable]


def by_span(mark: Mark) -> Hashable:
    """Compare name and place."""
    return mark.entity, mark.start, mark.end


def by_value(mark: Mark) -> Hashable:
    """Compare name and normalised value, wherever in the message it was read."""
    return mark.entity, mark.value


def by_span_and_value(mark: Mark) -> Hashable:
    """Compare name, place and normalised value."""
    return mark.entity, mark.start, mark.end, mark.value


@dataclass(frozen=True)
class Tally:
    """How many entities were meant, how many found, and how many of those found were meant."""

    meant: int = 0
    found: int = 0
    right: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Add up two messages, or two entities."""
        return Tally(self.meant + other.meant, self.found + other.found, self.right + other.right)

    @property
    def precision(self) -> float:
        """Of those found, the share that was meant; NaN where none was found."""
        return self.right / self.found if self.found else math.nan

    @property
    def recall(self) -> float:
        """Of those meant, the share that was found; NaN where none was meant."""
        return self.right / self.meant if self.meant else math.nan

    @property
    def f1(self) -> float:
        """The harmonic mean of both; NaN where nothing was meant and nothing found."""
        return 2 * self.right / (self.meant + self.found) if self.meant + self.found else math.nan


def marked_names(scored: Sequence[Scored]) -> frozenset[str]:
    """Give the entities that the author of the test set marks: the only ones whose absence means anything."""
    return frozenset(mark.entity for one in scored for mark in one.example.marks)


def tally_entities(scored: Sequence[Scored], names: frozenset[str], key: Key) -> dict[str, Tally]:
    """Count meant, found and right by entity, over the entities named."""
    tallies = {name: Tally() for name in sorted(names)}
    for one in scored:
        for name in names:
            meant = Counter(key(mark) for mark in one.example.marks if mark.entity == name)
            found = Counter(key(mark) for mark in one.reading.marks if mark.entity == name)
            tallies[name] += Tally(meant.total(), found.total(), (meant & found).total())
    return tallies


def overall(tallies: dict[str, Tally]) -> Tally:
    """Add up all entities, which weighs each occurrence the same (micro average)."""
    return sum(tallies.values(), Tally())
