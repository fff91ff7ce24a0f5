"""Between Rasa's slots and entities and the core's `Case`: what a message tells, and what is known so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from actions.chat import Chat
from bot.core.programme import Programme
from bot.core.programme.answers import product_asked
from bot.core.programme.content import PRODUCTS
from bot.core.programme.eligibility import (
    PLAUSIBLE_AGES,
    Case,
    FoundedBetween,
    FoundingUnreadableError,
    judge,
    missing,
    parse_founding,
)

CASE_SLOTS = ("product", "subject", "age", "founding")
EMPTY_CASE_SLOTS: Mapping[str, None] = dict.fromkeys((*CASE_SLOTS, "failures", "helped", "judged"))
"""Every slot that a case uses, emptied."""

ANSWERING_INTENTS = frozenset({"check_eligibility", "inform", "affirm", "deny"})
"""Messages whose facts are about the case: "không, 25 tuổi" is a denial that brings one."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a message tells: slots to fill, and what it told that cannot be used.

    Attributes:
        slots: new values by slot.
        implausible_age: an age or a date of birth that nobody has, as it was told.
        needs_birthday: a year of birth was told, and the verdict hangs on whether the birthday is past.
    """

    slots: Mapping[str, Any] = field(default_factory=dict)
    implausible_age: str | None = None
    needs_birthday: bool = False


def known_case(slots: Mapping[str, Any]) -> Case:
    """Give the case as far as it is known.

    Slots come back from the dialogue state, which an older release may have written: a value that this one does not
    understand counts as not told.
    """
    product, subject, age, founding = (slots.get(name) for name in CASE_SLOTS)
    try:
        read_founding = parse_founding(founding) if isinstance(founding, str) else None
    except FoundingUnreadableError:
        read_founding = None
    return Case(
        product=next((known for known in PRODUCTS if known == product), None),
        subject=subject if isinstance(subject, str) else None,
        age=int(age) if isinstance(age, int | float) and int(age) in PLAUSIBLE_AGES else None,
        founding=read_founding,
    )


def awaits_founding_day(slots: Mapping[str, Any], programme: Programme, on: date) -> bool:
    """Tell whether the last verdict ended with a request for the day of founding, which has not come yet."""
    case = known_case(slots)
    return bool(slots.get("judged")) and missing(case) is None and judge(programme, case, on).asks_for_date


def read_told(chat: Chat, *, asked: str | None, programme: Programme, on: date) -> Told:
    """Read what a message tells about the case; `asked` is the slot that the form has asked for.

    What was asked decides between readings: "2006" answers a question for the age as a year of birth and a question
    for the founding as that.
    """
    slots: dict[str, Any] = {}
    product, subject = chat.entity("product"), chat.entity("subject")
    if subject is not None:
        slots["subject"] = subject
        # Who says "hộ kinh doanh" in the middle of a case for id.vn has changed over to the other product.
        implied = product_asked(None, subject)
        if implied is not None and chat.slots.get("product") not in (None, implied):
            slots["product"] = implied
    if product in PRODUCTS:
        slots["product"] = product
    born, founded = _birth_and_founding(chat, asked)
    if founded is not None and _is_founding(founded):
        slots["founding"] = founded
    said = chat.entity("age")
    if said is not None:
        plausible = str(said).isdecimal() and int(said) in PLAUSIBLE_AGES
        return Told({**slots, "age": int(said)}) if plausible else Told(slots, implausible_age=str(said))
    if born is None:
        return Told(slots)
    age, needs_birthday = _age_of(str(born), programme, on)
    if age is not None:
        return Told({**slots, "age": age})
    return Told(slots, needs_birthday=True) if needs_birthday else Told(slots, implausible_age=str(born))


def _birth_and_founding(chat: Chat, asked: str | None) -> tuple[Any, Any]:
    born = chat.entity("birth_date")
    founded = chat.entity("founding_date")
    if asked == "age" and born is None and chat.entity("age") is None:
        born, founded = founded, None
    elif asked == "founding" and founded is None:
        born, founded = None, born
    return born, chat.entity("founding_age") or founded


def _is_founding(value: object) -> bool:
    try:
        parse_founding(str(value))
    except FoundingUnreadableError:
        return False
    return True


def _age_of(born: str, programme: Programme, on: date) -> tuple[int | None, bool]:
    """Give the age in full years of somebody born on a day, in a month or in a year; and whether the day is needed.

    None where nobody has that age, or where the verdict hangs on the day.
    """
    try:
        period = parse_founding(born)  # the taxonomy writes dates of birth and of founding alike
    except FoundingUnreadableError:
        return None, False
    if not isinstance(period, FoundedBetween):
        return None, False
    youngest, oldest = _full_years(period.latest, on), _full_years(period.earliest, on)
    if youngest not in PLAUSIBLE_AGES or oldest not in PLAUSIBLE_AGES:
        return None, False
    groups = {judge(programme, Case("id.vn", age=age), on).group for age in (youngest, oldest)}
    return (oldest, False) if len(groups) == 1 else (None, True)


def _full_years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
