"""How well intents were read. Pure arithmetic over scored messages."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from report.messages import Scored

CALIBRATION_BINS = 15
LARGEST_REJECTION = 0.03
"""How many of the messages in scope may be turned away for finding those out of scope."""


@dataclass(frozen=True)
class Shipped:
    """What happens with a pipeline's own thresholds; each a share, NaN where there was no such message.

    Attributes:
        right: of the messages in scope, answered as meant.
        rejected: of the messages in scope, answered with "not understood".
        out_of_scope_recall: of the messages out of scope, answered with "not understood".
    """

    right: float
    rejected: float
    out_of_scope_recall: float

    @property
    def misread(self) -> float:
        """Of the messages in scope, answered as something else."""
        return 1.0 - self.right - self.rejected


@dataclass(frozen=True)
class Bin:
    """The messages whose confidence lies in one stretch; ``accuracy`` and ``confidence`` are their means."""

    count: int
    accuracy: float
    confidence: float


def accuracy(scored: Sequence[Scored]) -> float:
    """Give the share whose likeliest intent is the one meant, whatever a threshold does afterwards; NaN for none."""
    return _share(sum(one.is_right for one in scored), len(scored))


def macro_f1(scored: Sequence[Scored]) -> float:
    """Give the mean F1 over the intents that were meant at least once; NaN for no message."""
    meant = Counter(one.example.intent for one in scored)
    read = Counter(one.reading.likeliest for one in scored)
    right = Counter(one.example.intent for one in scored if one.is_right)
    return _share(sum(2 * right[name] / (meant[name] + read[name]) for name in meant), len(meant))


def calibration(scored: Sequence[Scored], bins: int = CALIBRATION_BINS) -> list[Bin]:
    """Sort messages by confidence into stretches of equal width, (0, 1/bins] first; empty ones are left out."""
    sorted_in: dict[int, list[Scored]] = {}
    for one in scored:
        place = min(max(math.ceil(one.reading.confidence * bins) - 1, 0), bins - 1)
        sorted_in.setdefault(place, []).append(one)
    return [
        Bin(len(part), accuracy(part), sum(one.reading.confidence for one in part) / len(part))
        for _, part in sorted(sorted_in.items())
    ]


def calibration_error(scored: Sequence[Scored], bins: int = CALIBRATION_BINS) -> float:
    """Give the expected calibration error: how far accuracy and confidence lie apart, weighted by messages."""
    gaps = sum(part.count * abs(part.accuracy - part.confidence) for part in calibration(scored, bins))
    return _share(gaps, len(scored))


def out_of_scope_recall(scored: Sequence[Scored], largest_rejection: float = LARGEST_REJECTION) -> float:
    """Give the most out-of-scope messages that one threshold finds, turning away at most so many in scope.

    The threshold lies on the probability of the likeliest intent in scope and takes what is below it; of all
    thresholds the best one counts, for every pipeline alike. NaN where one of the two kinds has no message.
    """
    inside = sorted(one.reading.in_scope_probability for one in scored if not one.example.is_out_of_scope)
    outside = [one.reading.in_scope_probability for one in scored if one.example.is_out_of_scope]
    if not inside or not outside:
        return math.nan
    # What is at the first probability that may not be turned away any more is kept, and everything above it.
    lowest_kept = inside[min(math.floor(largest_rejection * len(inside)), len(inside) - 1)]
    return sum(probability < lowest_kept for probability in outside) / len(outside)


def as_shipped(scored: Sequence[Scored]) -> Shipped:
    """Give what a citizen meets: the decision of the whole pipeline, its fallback included."""
    inside = [one for one in scored if not one.example.is_out_of_scope]
    outside = [one for one in scored if one.example.is_out_of_scope]
    return Shipped(
        right=_share(sum(one.reading.intent == one.example.intent for one in inside), len(inside)),
        rejected=_share(sum(one.reading.is_rejected for one in inside), len(inside)),
        out_of_scope_recall=_share(sum(one.reading.is_rejected for one in outside), len(outside)),
    )


def confusions(scored: Sequence[Scored]) -> Counter[tuple[str, str]]:
    """Count the pairs (meant, read), right ones included."""
    return Counter((one.example.intent, one.reading.likeliest) for one in scored)


def _share(part: float, whole: int) -> float:
    return part / whole if whole else math.nan
