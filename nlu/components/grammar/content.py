"""What rules know of the programme's facts: the names in the product's own content, so that none stands twice."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from components.folding import fold
from components.grammar.entity import Sentence

_HOI, _NGA = "\N{COMBINING HOOK ABOVE}", "\N{COMBINING TILDE}"

CONTENT = Path(__file__).parents[3] / "bot" / "content"


def read_content(name: str) -> Any:
    """Read one file of the content. The product checks its shape; here it is only read."""
    return yaml.safe_load((CONTENT / f"{name}.yaml").read_text("utf-8"))[name]


class Names:
    """Names and what each stands for, found in a folded text and believed as far as they were typed.

    A word typed with accents has to have those of the name: "các số" is not "các sở". One typed with none may be any.
    """

    def __init__(self, meanings: Iterable[tuple[str, str]]) -> None:
        """Take pairs of a name, spelled as it should be, and its meaning; the first of equals wins."""
        self._spellings: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for name, meaning in meanings:
            self._spellings[fold(name).folded].append((name, meaning))

    @property
    def pattern(self) -> str:
        """The source of a pattern for any of the names, the longest first."""
        by_first_word: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted(self._spellings, key=len, reverse=True):
            first, blank, rest = name.partition(" ")
            by_first_word[first].append(re.escape(blank + rest))
        # Grouped by the first word, so that a text without it is passed over at once.
        words = (rf"{re.escape(first)}(?:{'|'.join(rests)})" for first, rests in by_first_word.items())
        return rf"(?:{'|'.join(words)})(?![a-z0-9])"

    def meaning(self, sentence: Sentence, match: re.Match[str], group: str) -> str | None:
        """Tell what was found stands for; None where its accents make it something else."""
        typed = sentence.typed(match, group)
        spellings = self._spellings[match[group]]
        return next((meaning for name, meaning in spellings if may_be(typed, name)), None)


def may_be(typed: str, name: str) -> bool:
    """Tell whether each typed word has the accents of the name's, or none, so that it may be meant.

    Two of the tones are one in the speech of the South, and many write "triễn lãm" as they say it; in a name of several
    words that changes nothing, a single word would be another one.
    """
    is_long = " " in name
    pairs = zip(_accents_of_words(typed, southern=is_long), _accents_of_words(name, southern=is_long), strict=False)
    return all(not seen or seen == wanted for seen, wanted in pairs)


def _accents_of_words(text: str, *, southern: bool) -> Iterator[list[str]]:
    """Give each word's accents. Sorted, because "ủy" and "uỷ" are both right."""
    for word in text.lower().replace("đ", "d\N{COMBINING SHORT STROKE OVERLAY}").split():
        marks = (mark for mark in unicodedata.normalize("NFD", word) if unicodedata.combining(mark))
        yield sorted(_NGA if southern and mark == _HOI else mark for mark in marks)


def aliases(records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Give what each record is called, its own name first, and that name as the meaning."""
    for record in records:
        for called in (record["name"], *record["aliases"]):
            yield called, record["name"]
