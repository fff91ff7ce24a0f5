"""What rules read from and what they give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from components.folding import FoldedText

# "không phải công ty"; with a comma after it ("không phải, 21") what follows is the correction and not denied.
_NOT_THIS = re.compile(r"(?<![a-z0-9])(?:khong|khg|kg|ko|k|hong|hok|hem|chang|dau) phai(?: la)? $")
_LONGEST_DENIAL = len(" khong phai la ")


@dataclass(frozen=True)
class Entity:
    """One fact in a message; start and end count characters of the text as sent."""

    name: str
    value: str | int
    start: int
    end: int


@dataclass(frozen=True)
class Found:
    """One fact as a rule finds it; start and end count characters of the folded text."""

    name: str
    value: str | int
    start: int
    end: int


@dataclass
class Sentence:
    """A folded message and what has been read of it so far."""

    text: FoldedText
    found: list[Found] = field(default_factory=list)
    _read: bytearray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # One flag a character, so that asking what is free costs the same however much has been read.
        self._read = bytearray(len(self.text.folded))

    def matches(self, pattern: re.Pattern[str], *, whole: bool = False) -> Iterator[re.Match[str]]:
        """Give the matches, or the match with the whole message, that no rule has read and no word denies."""
        folded = self.text.folded
        candidates = (pattern.fullmatch(folded),) if whole else pattern.finditer(folded)
        for match in candidates:
            if match is None:
                continue
            start, end = read_span(match)
            denied = _NOT_THIS.search(folded, max(0, start - _LONGEST_DENIAL), start)
            if self._is_free(start, end) and not denied:
                yield match

    def take(self, found: Found) -> None:
        """Keep what a rule found, unless it stands on something already read."""
        if self._is_free(found.start, found.end):
            self.found.append(found)
            self._read[found.start : found.end] = b"\1" * (found.end - found.start)

    def typed(self, match: re.Match[str], group: str | int = 0) -> str:
        """Give what a group of a match was in the text as sent."""
        start, end = self.text.raw_span(*match.span(group))
        return self.text.raw[start:end]

    def _is_free(self, start: int, end: int) -> bool:
        return not any(self._read[start:end])


def read_span(match: re.Match[str]) -> tuple[int, int]:
    """Give where the fact itself stands: the group ``fact`` where a pattern has one, else the whole match."""
    return match.span("fact") if "fact" in match.re.groupindex else match.span()
