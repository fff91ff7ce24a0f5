"""Between Rasa's slots and entities and the core's `Case`: what a message tells, and what is known so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args

from actions.chat import Chat
from bot.core.programme import Programme
from bot.core.programme.answers import product_asked
from bot.core.programme.cases import (
    PLAUSIBLE_AGES,
    Case,
    Founding,
    FoundingUnreadableError,
    Period,
    PeriodUnreadableError,
    Slot,
    ages_of,
    parse_founding,
    parse_period,
)
from bot.core.programme.content import PRODUCTS, Product
from bot.core.programme.eligibility import product_of

CASE_SLOTS = ("product", "subject", "age", "birth", "founding", "certificate", "unknown")
EMPTY_CASE_SLOTS: Mapping[str, None] = dict.fromkeys((*CASE_SLOTS, "failures", "helped", "judged"))
"""Every slot that a case uses, emptied."""

ANSWERING_INTENTS = frozenset({"check_eligibility", "inform", "affirm", "deny"})
"""Messages whose facts are about the case: "không, 25 tuổi" is a denial that brings one."""

SLOTS_ANSWERING: Mapping[Slot, frozenset[str]] = {
    "product": frozenset({"product"}),
    "age": frozenset({"age", "birth"}),
    "birthday": frozenset({"age", "birth"}),
    "founding": frozenset({"founding"}),
    "founding_day": frozenset({"founding"}),
    "certificate": frozenset({"certificate"}),
}
"""Rasa's slots that an answer to each question fills."""

_ABOUT_PERSON = frozenset({"age", "birthday"})
_ABOUT_FIRM = frozenset({"founding", "founding_day"})
_DECIDES_FOR = {"enterprise": "founding", "household_business": "certificate"}
_CERTIFICATE = {"yes": True, "no": False}
_YES_OR_NO = {"affirm": True, "deny": False, "past": True, "to_come": False}


@dataclass(frozen=True, slots=True)
class Told:
    """What a message tells: slots to fill (None empties one), and what it told that cannot be used.

    Attributes:
        slots: new values by slot.
        implausible_age: an age or a date of birth that nobody has, as it was told.
    """

    slots: Mapping[str, Any] = field(default_factory=dict)
    implausible_age: str | None = None


def known_case(slots: Mapping[str, Any]) -> Case:
    """Give the case as far as it is known.

    Slots come back from the dialogue state, which an older release may have written: a value that this one does not
    understand counts as not told.
    """
    product, subject, age, birth, founding, certificate, unknown = (slots.get(name) for name in CASE_SLOTS)
    return Case(
        product=next((known for known in PRODUCTS if known == product), None),
        subject=subject if isinstance(subject, str) else None,
        # Rasa's JSON makes 20 into 20.0 at times.
        age=int(age) if isinstance(age, int | float) and int(age) in PLAUSIBLE_AGES else None,
        born=_period(birth),
        founding=_founding(founding),
        certificate=certificate if isinstance(certificate, bool) else None,
        unknown=frozenset(slot for slot in get_args(Slot) if isinstance(unknown, str) and slot in unknown.split()),
    )


def slots_of_judged(case: Case, on: date) -> Mapping[str, Any]:
    """Give what is kept once a verdict was told: of a date of birth only the age, all that corrections need."""
    ages = ages_of(case, on)
    if case.born is None or ages is None or ages[0] != ages[1]:
        return {"judged": True}
    return {"judged": True, "age": ages[0], "birth": None}


def continues(chat: Chat, told: Told, programme: Programme, on: date) -> bool:
    """Tell whether a typed request for judgement is about the case that was judged last.

    It is when it adds to that case, or says nothing of any ("vậy có được không"); not when it names another product,
    or a business of which it does not tell what decides: that may well be another one.
    """
    if not (chat.slots.get("judged") and chat.text):
        return False
    known = known_case(chat.slots)
    subject = chat.entity("subject")
    if subject in _DECIDES_FOR and _DECIDES_FOR[subject] not in told.slots:
        return False
    return product_of(programme, known_case({**chat.slots, **told.slots}), on) == product_of(programme, known, on)


def read_told(chat: Chat, *, asked: Slot | None, programme: Programme, on: date) -> Told:
    """Read what a message tells about the case; `asked` is what the form has asked for.

    What was asked decides between readings, and else what the case is about: "2006" answers a question for the age as
    a year of birth and a question for the founding as that. A plain yes or no answers the questions that take one.
    """
    slots: dict[str, Any] = _who_and_what(chat, programme, on)
    about = asked or product_of(programme, known_case({**chat.slots, **slots}), on)
    born, founded = _birth_and_founding(chat, about, on)
    if founded is not None and _founding(founded) is not None:
        slots["founding"] = founded
    if (certificate := _CERTIFICATE.get(str(chat.entity("certificate")))) is not None:
        slots["certificate"] = certificate
    said = chat.entity("age")
    if said is not None:
        if not (str(said).isdecimal() and int(said) in PLAUSIBLE_AGES):
            return Told(slots, implausible_age=str(said))
        return Told({**slots, "age": int(said), **({"birth": None} if chat.slots.get("birth") else {})})
    if born is not None:
        if not _is_plausible_birth(_period(born), on):
            return Told(slots, implausible_age=str(born))
        return Told({**slots, "birth": born, **({"age": None} if chat.slots.get("age") else {})})
    return Told(slots or _plain_answer(chat, asked, on))


def _who_and_what(chat: Chat, programme: Programme, on: date) -> dict[str, Any]:
    """Read the product and the subject; who names the one of another case has changed over to it."""
    slots: dict[str, Any] = {}
    known_product, known_subject = (chat.slots.get(name) for name in ("product", "subject"))
    product, subject = chat.entity("product"), chat.entity("subject")
    if subject is None and chat.entity("nationality") is not None:
        # That one is Vietnamese tells who asks only where nothing else did: shop owners are as well.
        is_open = product_of(programme, known_case(chat.slots), on) is None
        subject = "citizen" if is_open or known_subject == "foreigner" else None
    if subject is not None:
        slots["subject"] = subject
        implied = product_asked(None, subject)
        if implied is not None and known_product not in (None, implied):
            slots["product"] = implied
        if known_subject not in (None, subject) and chat.slots.get("certificate") is not None:
            slots["certificate"] = None  # what one business has says nothing of another
    if product in PRODUCTS:
        slots["product"] = product
        if subject is None and known_subject is not None and product_asked(None, known_subject) not in (None, product):
            slots["subject"] = None
    return slots


def _birth_and_founding(chat: Chat, about: Slot | Product | None, on: date) -> tuple[Any, Any]:
    """Give what a message tells of a birth and of a founding, each as text of the taxonomy or None."""
    born, founded, day = (chat.entity(name) for name in ("birth_date", "founding_date", "date"))
    if str(day).startswith("--"):  # a day of any year says nothing of a birth or a founding
        day = None
    age = chat.entity("founding_age")
    if (relative := chat.entity("founding_relative")) is not None:
        founded = _resolved(str(relative), on)
    if about in _ABOUT_PERSON or (about == "id.vn" and chat.slots.get("judged")):
        # The grammar takes a date that stands alone for a founding where it is late for a birth.
        if born is None and chat.entity("age") is None:
            born, founded = founded or day, None
    elif (about in _ABOUT_FIRM or (about == "biz.vn" and chat.slots.get("judged"))) and founded is None and age is None:
        born, founded = None, born or day
    return born, age or founded


def _resolved(relative: str, on: date) -> str:
    """Give the year or month of "last year" and the like: years back, then the month where one was told."""
    years_back, _, month = relative.partition("-")
    year = str(on.year - int(years_back))
    return f"{year}-{month}" if month else year


def _plain_answer(chat: Chat, asked: Slot | None, on: date) -> dict[str, Any]:
    """Read a yes or no to a question that takes one; whether a birthday is past may be said in words as well."""
    yes = _YES_OR_NO.get(str(chat.entity("birthday") or chat.intent))
    if yes is None:
        return {}
    if asked == "certificate" and chat.entity("birthday") is None:
        return {"certificate": yes}
    ages = ages_of(known_case(chat.slots), on)
    if asked == "birthday" and ages is not None:
        return {"age": ages[1 if yes else 0], "birth": None}
    return {}


def _is_plausible_birth(born: Period | None, on: date) -> bool:
    ages = ages_of(Case(born=born), on)
    return ages is not None and all(age in PLAUSIBLE_AGES for age in ages)


def _period(text: object) -> Period | None:
    try:
        return parse_period(text) if isinstance(text, str) else None
    except PeriodUnreadableError:
        return None


def _founding(text: object) -> Founding | None:
    try:
        return parse_founding(text) if isinstance(text, str) else None
    except FoundingUnreadableError:
        return None
