"""Days, months and years as they are written in Việt Nam, folded: day first, ``15/3/2026``, ``thang 3 nam 2026``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from components.grammar.said_dates import SAID_DAY, SAID_DIGIT, SAID_MONTH, SAID_YEAR, read_said

LATEST_BIRTH_YEAR = 2014
"""A date that stands alone is a birth up to this year and a founding after it: nobody asks for themselves before
school age, and a firm that old is spoken of by its years. The form that asked reads it the other way where it must."""

_YEAR = r"(?:19|20)\d\d"
_DAY_WORD = r"(?:ngay |hom )?(?:mung |mong )?"
_DATE = re.compile(
    rf"{_DAY_WORD}(?P<day>\d\d?)\s?[/.\-]\s?(?P<month>\d\d?)\s?[/.\-]\s?(?P<year>{_YEAR}|\d\d(?!\d))"
    rf"|(?:{_DAY_WORD}(?P<said_day>\d\d?|{SAID_DAY})"
    rf"|(?:ngay |hom )?(?:mung |mong |(?<=ngay )|(?<=hom ))(?P<said_digit>{SAID_DIGIT}))"
    rf" (?:thang |/)(?P<said_month>\d\d?|{SAID_MONTH}),?\s?"
    rf"(?:(?:nam |/)?(?P<said_year>{_YEAR})|nam (?P<year_in_words>{SAID_YEAR}))"
    rf"|(?:thang |t)?(?P<only_month>\d\d?)(?:\s?[/.\-]\s?|,? nam | )(?P<month_year>{_YEAR})"
    rf"|thang (?P<month_in_words>\d\d?|{SAID_MONTH}),? nam "
    rf"(?:(?P<year_of_month>{_YEAR})|(?P<said_year_of_month>{SAID_YEAR}))"
    rf"|(?:nam )?(?P<only_year>{_YEAR})|nam (?P<only_said_year>{SAID_YEAR})"
)
_YEARS = (
    "year", "said_year", "year_in_words", "month_year", "year_of_month", "said_year_of_month", "only_year",
    "only_said_year",
)  # fmt: skip
_MONTHS = ("month", "said_month", "only_month", "month_in_words")
_WORD_BEFORE_DAY = re.compile(r"(?:ngay|hom) ")
# A year of two digits is of this century up to here.
_LAST_SHORT_YEAR = 30

DATE = "(?:" + re.sub(r"\?P<\w+>", "?:", _DATE.pattern) + ")"
"""The same without names, to be put into other patterns; what it matched is read by `read_date`."""


def read_date(folded: str) -> str | None:
    """Read what `DATE` matched as YYYY-MM-DD, YYYY-MM or YYYY; None for a day that does not exist."""
    # The word for the day may have been read with the word for the birth: "sinh ngày bảy tháng chín".
    match = _DATE.fullmatch(folded) or _DATE.fullmatch(f"ngay {folded}")
    if match is None:
        return None
    part = match.groupdict()
    year, month, day = (_first(part, names) for names in (_YEARS, _MONTHS, ("day", "said_day", "said_digit")))
    number = read_said(year or "")
    if part["year"] and len(part["year"]) == len("26"):
        number += 2000 if number <= _LAST_SHORT_YEAR else 1900
    try:
        exact = date(number, read_said(month or "1"), read_said(day or "1"))
    except ValueError:
        return None
    return exact.isoformat()[: 10 if day else 7 if month else 4]


def date_span(match: re.Match[str]) -> tuple[int, int]:
    """Give where the date itself stands in the group ``fact``: without "ngày" and "hôm" before its number."""
    start, end = match.span("fact")
    word = _WORD_BEFORE_DAY.match(match["fact"])
    return start + (word.end() if word else 0), end


def _first(part: dict[str, str | None], names: Iterable[str]) -> str | None:
    return next((said for name in names if (said := part[name])), None)
