"""Days, months and years as they are written in Việt Nam, folded: day first, ``15/3/2026``, ``thang 3 nam 2026``."""

from __future__ import annotations

import re
from datetime import date

LATEST_BIRTH_YEAR = 2014
"""A date that stands alone is a birth up to this year and a founding after it: nobody asks for themselves before
school age, and a firm that old is spoken of by its years. The form that asked reads it the other way where it must."""

_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?:ngay |hom |mung |mong )?(?P<day>\d\d?)\s?[/.\-]\s?(?P<month>\d\d?)\s?[/.\-]\s?(?P<year>{_YEAR})"
    rf"|(?:ngay |hom |mung |mong )?(?P<said_day>\d\d?) (?:thang |/)(?P<said_month>\d\d?),?\s?(?:nam |/)?"
    rf"(?P<said_year>{_YEAR})"
    rf"|(?:thang |t)?(?P<only_month>\d\d?)(?:\s?[/.\-]\s?|,? nam | )(?P<month_year>{_YEAR})"
    rf"|(?:nam )?(?P<only_year>{_YEAR})"
)

DATE = "(?:" + re.sub(r"\?P<\w+>", "?:", _DATE.pattern) + ")"
"""The same without names, to be put into other patterns; what it matched is read by `read_date`."""


def read_date(folded: str) -> str | None:
    """Read what `DATE` matched as YYYY-MM-DD, YYYY-MM or YYYY; None for a day that does not exist."""
    match = _DATE.fullmatch(folded)
    if match is None:
        return None
    part = match.groupdict()
    year = part["year"] or part["said_year"] or part["month_year"] or part["only_year"]
    month = part["month"] or part["said_month"] or part["only_month"]
    day = part["day"] or part["said_day"]
    try:
        exact = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return exact.isoformat()[: 10 if day else 7 if month else 4]
