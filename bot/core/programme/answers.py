"""Answers to questions about the programme in general: facts, sources and buttons, narrowed to what was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from bot.core.programme.content import PRODUCTS, Product, Programme
from bot.core.programme.fees import fee_facts, fee_sources
from bot.core.programme.offers import (
    OfferStanding,
    Standing,
    cited,
    distinct,
    document_facts,
    offer_facts,
    offer_standing,
)
from bot.core.programme.topics import topic_button
from bot.core.replies import Button, Json, Reply, Source

PRODUCT_OF_SUBJECT: Mapping[str, Product] = {
    "citizen": "id.vn",
    "student": "id.vn",
    "enterprise": "biz.vn",
    "household_business": "biz.vn",
}
"""Which product is made for a kind of applicant; the taxonomy's other subjects have none."""

_OUTSIDE_THE_OFFER = frozenset({"com.vn", "other"})

Told: TypeAlias = tuple[dict[str, Json], tuple[Source, ...]]
"""The facts and sources that one intent adds to what every answer holds."""


def answer(programme: Programme, intent: str, *, product: str | None, subject: str | None, on: date) -> Reply:
    """Answer one of `ANSWERED` as things stand on a day.

    Product and subject take any value of the taxonomy; those that name one of the two products narrow the answer to
    it. Every answer tells where the offer stands.
    """
    products = _narrowed(intent, product, subject)
    offers = [offer_standing(programme, each, on) for each in products]
    facts, sources = _TOLD[intent](programme, offers, on)
    return Reply(
        topic=intent,
        template=intent,
        facts={
            "offers": offer_facts(programme, offers),
            "outside_the_offer": product in _OUTSIDE_THE_OFFER,
            "subject": subject,
            **facts,
        },
        buttons=_buttons(intent, products, subject),
        sources=distinct((*sources, *(source for offer in offers for source in offer.sources))),
    )


def product_asked(product: str | None, subject: str | None) -> Product | None:
    """Give the product that somebody means by naming it, or else by who they are; None when neither tells."""
    for known in PRODUCTS:
        if product == known:
            return known
    return PRODUCT_OF_SUBJECT.get(subject) if subject else None


def _narrowed(intent: str, product: str | None, subject: str | None) -> Sequence[Product]:
    meant = product_asked(product, subject)
    of_subject = product_asked(None, subject)
    if meant is None:
        return PRODUCTS
    # A shop owner who asks whether they qualify for id.vn is told of the product that is made for them as well.
    if intent == "ask_eligibility" and of_subject is not None and of_subject != meant:
        return PRODUCTS
    return (meant,)


def _programme(programme: Programme, offers: Sequence[OfferStanding], on: date) -> Told:
    phase = programme.programme
    fees, sources = _fees_of_open(programme, offers, on)
    facts: dict[str, Json] = {
        "decision": document_facts(programme, phase.legal_basis),
        "issuer": programme.legal_basis(phase.legal_basis).issuer,
        "phase_from": phase.phase_from,
        "phase_to": phase.phase_to,
        **fees,
    }
    return facts, (*cited(phase.sources), *sources)


def _packages(programme: Programme, offers: Sequence[OfferStanding], on: date) -> Told:
    packages: list[Json] = [
        {"product": offer.product, "includes": list(offer.services.includes), "years": offer.services.years}
        for offer in offers
    ]
    fees, sources = _fees_of_open(programme, offers, on)
    return {"packages": packages, **fees}, sources


def _fees(programme: Programme, offers: Sequence[OfferStanding], on: date) -> Told:
    products = [offer.product for offer in offers]
    return {"fees": fee_facts(programme, products, on)}, fee_sources(programme, products, on)


def _fees_of_open(programme: Programme, offers: Sequence[OfferStanding], on: date) -> Told:
    # What is told as free is told with what it costs afterwards; what is not free here has `ask_cost` for its price.
    still_open = [offer for offer in offers if offer.standing is Standing.OPEN]
    return _fees(programme, still_open, on) if still_open else ({"fees": None}, ())


def _rules(programme: Programme, offers: Sequence[OfferStanding], on: date) -> Told:
    rules = programme.eligibility
    facts: dict[str, Json] = {
        "products": [offer.product for offer in offers],
        "age_from": rules.citizen.age_from,
        "age_unsettled": rules.citizen.age_unsettled,
        "years_since_founding": rules.enterprise.years_since_founding,
    }
    sources_of: Mapping[Product, tuple[Source, ...]] = {
        "id.vn": cited(rules.citizen.sources),
        "biz.vn": cited((*rules.enterprise.sources, *rules.household_business.sources)),
    }
    return facts, tuple(source for offer in offers for source in sources_of[offer.product])


_TOLD: Mapping[str, Callable[[Programme, Sequence[OfferStanding], date], Told]] = {
    "ask_programme": _programme,
    "ask_offer": _packages,
    "ask_cost": _fees,
    "ask_eligibility": _rules,
    "ask_duration": _fees,
}

ANSWERED: frozenset[str] = frozenset(_TOLD)
"""The intents that `answer` has an answer to."""

_NEIGHBOURS: Mapping[str, tuple[str, ...]] = {
    "ask_programme": ("check_eligibility", "ask_offer", "ask_eligibility", "ask_cost"),
    "ask_offer": ("check_eligibility", "ask_cost", "ask_eligibility"),
    "ask_cost": ("check_eligibility", "ask_offer", "ask_duration"),
    "ask_eligibility": ("check_eligibility", "ask_offer", "ask_cost"),
    "ask_duration": ("check_eligibility", "ask_cost", "ask_offer"),
}


def _buttons(intent: str, products: Sequence[Product], subject: str | None) -> tuple[Button, ...]:
    entities: dict[str, str] = {"product": products[0]} if len(products) == 1 else {}
    if subject is not None and subject in PRODUCT_OF_SUBJECT:
        entities["subject"] = subject
    return tuple(topic_button(neighbour, **entities) for neighbour in _NEIGHBOURS[intent])
