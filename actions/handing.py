"""Between Rasa's slots and entities and a request's draft: what is kept of it, and what a message tells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from actions.case import known_case
from actions.chat import NLU_FALLBACK, Chat
from bot.core.handoffs.draft import Draft, Question, known_product, registrars_for
from bot.core.handoffs.steps import REGISTERING, Step
from bot.core.handoffs.turns import AGREED_ON, CONSENT, CONTACT, PERSON, SENDING, WHOSE_TURN
from bot.core.programme.cases import Case, PeriodUnreadableError, ages_of, parse_period
from bot.core.programme.points import Registrar
from bot.core.programme.records import Product
from bot.core.text import fold

SLOT_OF: Mapping[Question, str] = {
    "name": "handoff_name",
    "product": "handoff_product",
    "adult": "handoff_adult",
    "registrar": "handoff_registrar",
    "consent": CONSENT,
    "person": PERSON,
    "contact": CONTACT,
    "sending": SENDING,
}
"""Rasa's slot for what each question asks for."""
QUESTION_OF: Mapping[str, Question] = {slot: question for question, slot in SLOT_OF.items()}
FAILURES, REFUSED = "handoff_failures", "handoff_refused"
"""Answers that could not be used; the wished name that was refused."""

CONTACT_SLOTS: Mapping[str, None] = dict.fromkeys((CONSENT, AGREED_ON, PERSON, CONTACT, SENDING))
"""What goes whenever the dialogue is left: the consent, and all that was told after it."""
LEFT_SLOTS: Mapping[str, None] = {**CONTACT_SLOTS, **dict.fromkeys((FAILURES, REFUSED, WHOSE_TURN))}
"""What goes when the dialogue is left in the middle; name and registrar stay, so that it can be taken up again."""
EMPTY_HANDOFF_SLOTS: Mapping[str, None] = dict.fromkeys((*SLOT_OF.values(), *LEFT_SLOTS))
"""Every slot that a request uses, emptied."""

ADULT_AGE = 18
"""Years from which somebody agrees for themselves (reference: nobody younger is asked for data)."""

NOT_UNDERSTOOD = frozenset({NLU_FALLBACK, "out_of_scope"})
ANSWERING = NOT_UNDERSTOOD | {"inform", "affirm", "deny", "dont_know", "check_domain", "start_registration"}
"""Messages that the form deals with itself; all others are side questions or leave it."""

_YES = re.compile(
    r"(?:co|dong y|ok|oke|okie|yes|da|vang|u|uh|uk|duoc|gui|du|tren 18)"
    r"(?: (?:co|dong y|da|vang|gui|di|nhe|nha|nghen|a|em|toi|minh|luon|giup|gium|cho|ho|roi|tuoi|du|18|va))*"
)
"""Folded: nothing but words for yes. Whatever holds any other word agrees to nothing."""
_NO = re.compile(
    r"(?:khong|ko|k|hong|hok|thoi|chua|kh|khoi)"
    r"(?: (?:dong y|gui|can|muon|nua|dau|a|nhe|nha|em|toi|minh|du|18|tuoi|co|da|khoi|khong|ko))*"
)
_ANYONE = re.compile(
    r"(?<!\w)(?:chon giup|chon dum|chon gium|chon ho|tuy|dau cung|nao cung|ai cung|bat ky|sao cung)(?!\w)"
)
_NOBODY_S_AGE = 120


def known_draft(slots: Mapping[str, Any], on: date) -> Draft:
    """Give the request as far as it is told; a value that this release does not understand counts as not told."""
    consent = _text(slots, "consent")
    adult = slots.get(SLOT_OF["adult"])
    if not isinstance(adult, bool):
        adult = _adult_by_case(known_case(slots), on)
    # A consent holds for the day on which it was given: whoever comes back later is asked again.
    is_of_today = slots.get(AGREED_ON) == on.isoformat()
    agreed = None if consent is None or not is_of_today else consent != REFUSED_CONSENT
    sent = slots.get(SLOT_OF["sending"])
    return Draft(
        wish=_text(slots, "name"),
        product=known_product(slots.get(SLOT_OF["product"])),
        adult=adult,
        registrar=_text(slots, "registrar"),
        agreed=agreed,
        person=_text(slots, "person") if agreed else None,
        contact=_text(slots, "contact") if agreed else None,
        sent=sent if isinstance(sent, bool) else None,
    )


REFUSED_CONSENT = "refused"
"""Stands in the slot of the consent instead of a wording's version."""


def in_turn(slots: Mapping[str, Any], product: str | None) -> list[str]:
    """Give the keys of the registrars that can get a request for a product, whose turn it is first.

    The worker found them for this turn. Without a product: those that can get one for either.
    """
    written = slots.get(WHOSE_TURN)
    known = parse_qsl(written) if isinstance(written, str) else []
    return [key for meant, key in known if product in (None, meant)]


def to_choose_from(slots: Mapping[str, Any], registrars: Sequence[Registrar], product: Product) -> list[Registrar]:
    """Give the registrars that a citizen may choose from for a product: they take part, and can get a request."""
    reached = in_turn(slots, product)
    return [registrar for registrar in registrars_for(registrars, product) if registrar.key in reached]


def pressed_step(chat: Chat) -> Step | None:
    """Read which step a button is."""
    return next((known for known in Step if known == chat.entity(REGISTERING)), None)


def says_yes(chat: Chat) -> bool:
    """Tell whether a message is nothing but a yes."""
    return _YES.fullmatch(_plain(chat.text)) is not None


def says_no(chat: Chat) -> bool:
    """Tell whether a message is nothing but a no."""
    return _NO.fullmatch(_plain(chat.text)) is not None


def leaves_the_choice(chat: Chat) -> bool:
    """Tell whether a message leaves the choice to us."""
    return chat.intent == "dont_know" or _ANYONE.search(_plain(chat.text)) is not None


def told_adult(chat: Chat, on: date) -> bool | None:
    """Tell whether the age that a message tells is of age; None where it tells none."""
    age = chat.entity("age")
    if str(age).isdecimal() and 0 < int(age) <= _NOBODY_S_AGE:
        return int(age) >= ADULT_AGE
    try:
        born = parse_period(str(chat.entity("birth_date") or ""))
    except PeriodUnreadableError:
        return None
    return _adult_by_case(Case(born=born), on)


def _adult_by_case(case: Case, on: date) -> bool | None:
    """Tell from an age that was told whether its citizen is of age; None where it leaves that open."""
    ages = ages_of(case, on)
    if ages is None or ages[0] < ADULT_AGE <= ages[1]:
        return None
    return ages[0] >= ADULT_AGE


def _text(slots: Mapping[str, Any], question: Question) -> str | None:
    value = slots.get(SLOT_OF[question])
    return value if isinstance(value, str) else None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))
