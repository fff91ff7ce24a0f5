"""Days of which the words beside them do not tell what they are of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.grammar.dates import DATE, date_span, read_date
from components.grammar.entity import Found, Sentence

_WHOLE_DAY = len("2026-03-15")
_DAY = re.compile(rf"(?<![a-z0-9/.\-])(?P<fact>{DATE})(?![a-z0-9/]|[.\-]\d)")


def find_days(sentence: Sentence) -> Iterator[Found]:
    """Find whole days ("xem lại giấy thì là 31/5/2024"): what was asked or judged decides what they are of."""
    for match in sentence.matches(_DAY):
        value = read_date(match["fact"])
        if value is not None and len(value) == _WHOLE_DAY:
            yield Found("date", value, *date_span(match))
