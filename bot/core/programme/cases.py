"""What somebody told about their case, in the terms that the rules of `eligibility` judge."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from bot.core.errors import InvalidInputError
from bot.core.programme.records import Product

Slot: TypeAlias = Literal["product", "age", "birthday", "founding", "founding_day", "certificate"]
"""What may have to be asked.

``birthday`` is whether this year's is past, where a year of birth leaves two ages; ``founding_day`` is the exact day,
where what was told of the founding lies on both sides of the limit.
"""

PLAUSIBLE_AGES = range(1, 121)
"""Ages in full years that are worth judging; anything else is a slip of the finger."""

_DURATION = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?", re.ASCII)
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


class PeriodUnreadableError(InvalidInputError):
    """A day, month or year is not of the form of the taxonomy."""


class FoundingUnreadableError(InvalidInputError):
    """A founding date or age is not of the form of the taxonomy."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days on which something may have happened, both included; one and the same day when it is exact."""

    earliest: date
    latest: date

    @property
    def is_one_day(self) -> bool:
        """Whether the day is known."""
        return self.earliest == self.latest


@dataclass(frozen=True, slots=True)
class FoundedAgo:
    """A firm's age as somebody says it, and so only roughly true."""

    months: int
    days: int = 0


Founding: TypeAlias = FoundedAgo | Period


@dataclass(frozen=True, slots=True)
class Case:
    """What somebody told about their case; None is not told yet.

    Attributes:
        subject: a value of the taxonomy.
        age: in full years; where it is told, `born` is not looked at.
        born: when the person was born, as far as it was told.
        certificate: whether a household business has its registration certificate.
        unknown: what was asked and the citizen cannot tell.
    """

    product: Product | None = None
    subject: str | None = None
    age: int | None = None
    born: Period | None = None
    founding: Founding | None = None
    certificate: bool | None = None
    unknown: frozenset[Slot] = frozenset()


def parse_period(text: str) -> Period:
    """Read the taxonomy's day (``2006-03-15``), month (``2006-03``) or year (``2006``).

    Raises:
        PeriodUnreadableError: when it is none of them.
    """
    match = _DAY.fullmatch(text)
    if match is None:
        raise PeriodUnreadableError(text=text)
    year, month, day = (int(part or 0) for part in match.groups())
    first_month, last_month = (month, month) if month else (1, 12)
    try:
        return Period(
            date(year, first_month, day or 1),
            date(year, last_month, day or calendar.monthrange(year, last_month)[1]),
        )
    except ValueError as error:
        raise PeriodUnreadableError(text=text) from error


def parse_founding(text: str) -> Founding:
    """Read the taxonomy's `founding_age` (``P3M``, ``P1Y2M``, ``P10D``) or `founding_date` (day, month or year).

    Raises:
        FoundingUnreadableError: when it is neither.
    """
    if duration := _DURATION.fullmatch(text):
        years, months, days = (int(part or 0) for part in duration.groups())
        return FoundedAgo(12 * years + months, days)
    try:
        return parse_period(text)
    except PeriodUnreadableError as error:
        raise FoundingUnreadableError(text=text) from error


def ages_of(case: Case, on: date) -> tuple[int, int] | None:
    """Give the lowest and the highest age in full years that somebody may have on a day; None when nothing was told."""
    if case.age is not None:
        return case.age, case.age
    if case.born is None:
        return None
    return _full_years(case.born.latest, on), _full_years(case.born.earliest, on)


def birthday(born: date, years: int) -> date:
    """Give the day on which somebody completes so many years; who was born on 29 February does so by 1 March."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def _full_years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
