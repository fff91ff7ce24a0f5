"""The general answer of each intent: its facts and sources, beside the statements that lead its topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from bot.core.conversations.retention import KEEP_IDLE
from bot.core.programme.content import Product, Programme
from bot.core.programme.fees import fee_facts, fee_sources
from bot.core.programme.offers import OfferStanding, Standing, cited, document_facts
from bot.core.programme.points import Intent
from bot.core.replies import Json, Source

Told: TypeAlias = tuple[dict[str, Json], tuple[Source, ...]]
"""Facts for a template, and where they stand."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a general answer is about: the offers of the products meant, on a day."""

    programme: Programme
    offers: Sequence[OfferStanding]
    on: date

    @property
    def products(self) -> Sequence[Product]:
        """The products meant."""
        return [offer.product for offer in self.offers]


def overview(intent: str, scope: Scope) -> Told:
    """Give what the general answer of an intent tells besides its leading statements and where the offer stands."""
    tell = _TOLD.get(intent)
    return tell(scope) if tell else ({}, ())


def fees_of_open(scope: Scope) -> Told:
    """Give the fees of the offers that are open: what is told as free is told with what it costs afterwards."""
    still_open = [offer.product for offer in scope.offers if offer.standing is Standing.OPEN]
    return _fees_of(scope, still_open) if still_open else ({"fees": None}, ())


def _fees(scope: Scope) -> Told:
    return _fees_of(scope, scope.products)


def _fees_of(scope: Scope, products: Sequence[Product]) -> Told:
    facts: dict[str, Json] = {"fees": fee_facts(scope.programme, products, scope.on)}
    return facts, fee_sources(scope.programme, products, scope.on)


def _programme(scope: Scope) -> Told:
    facts, sources = _phase(scope)
    fees, of_fees = fees_of_open(scope)
    return {**facts, **fees}, (*sources, *of_fees)


def _phase(scope: Scope) -> Told:
    phase = scope.programme.programme
    facts: dict[str, Json] = {
        "decision": document_facts(scope.programme, phase.legal_basis),
        "phase_from": phase.phase_from,
        "phase_to": phase.phase_to,
    }
    return facts, cited(phase.sources)


def _offer(scope: Scope) -> Told:
    fees, sources = fees_of_open(scope)
    return {"packages": _packages(scope), **fees}, (*_group_sources(scope, "ask_offer"), *sources)


def _duration(scope: Scope) -> Told:
    facts, sources = _fees(scope)
    return {"packages": _packages(scope), **facts}, (*_group_sources(scope, "ask_duration"), *sources)


def _packages(scope: Scope) -> list[Json]:
    return [
        {"product": offer.product, "includes": list(offer.services.includes), "years": offer.services.years}
        for offer in scope.offers
    ]


def _group_sources(scope: Scope, intent: Intent) -> tuple[Source, ...]:
    """Give where the plan says what each group gets."""
    return tuple(
        source
        for point in scope.programme.groups
        if intent in point.about and set(point.products) <= set(scope.products)
        for source in cited(point.sources)
    )


def _rules(scope: Scope) -> Told:
    rules = scope.programme.eligibility
    facts: dict[str, Json] = {
        "products": list(scope.products),
        "age_from": rules.citizen.age_from,
        "age_unsettled": rules.citizen.age_unsettled,
        "years_since_founding": rules.enterprise.years_since_founding,
    }
    sources_of: Mapping[Product, tuple[Source, ...]] = {
        "id.vn": cited(rules.citizen.sources),
        "biz.vn": cited((*rules.enterprise.sources, *rules.household_business.sources)),
    }
    return facts, tuple(source for product in scope.products for source in sources_of[product])


def _registrars(scope: Scope) -> Told:
    shown = [
        (registrar, registrar.participation)
        for registrar in scope.programme.registrars
        if registrar.participation and set(registrar.participation.products) & set(scope.products)
    ]
    facts: dict[str, Json] = {
        "products": list(scope.products),
        "taking_part": [
            {
                "brand": registrar.brand,
                "site": registrar.site,
                "products": list(participation.products),
                "evidence": participation.evidence,
            }
            for registrar, participation in shown
        ],
    }
    return facts, tuple(source for registrar, _ in shown for source in cited(registrar.sources))


def _materials(scope: Scope) -> Told:
    shelves = scope.programme.materials
    facts: dict[str, Json] = {
        "shelves": [{"code": shelf.code, "page": shelf.page, "have": shelf.original is not None} for shelf in shelves]
    }
    return facts, tuple(source for shelf in shelves for source in cited(shelf.sources))


def _operator(scope: Scope) -> Told:
    operator = scope.programme.operator
    return {
        "operator_name": operator.name,
        "operator_contact": operator.contact,
        "operator_hours": operator.hours,
        "controller": operator.controller,
        "operator_email": operator.email,
        "kept_days": KEEP_IDLE.days,
    }, ()


def _registering(scope: Scope) -> Told:
    facts, sources = _registrars(scope)
    return {**facts, **_operator(scope)[0]}, sources


_TOLD: Mapping[str, Callable[[Scope], Told]] = {
    "ask_programme": _programme,
    "ask_offer": _offer,
    "ask_cost": _fees,
    "ask_eligibility": _rules,
    "ask_duration": _duration,
    "ask_renewal": _fees,
    "ask_programme_period": _phase,
    "ask_registrars": _registrars,
    "start_registration": _registering,
    "check_registration_status": _operator,
    "ask_support": _operator,
    "ask_materials": _materials,
    "ask_legal_basis": _phase,
    "ask_scam_safety": _operator,
    "report_scam": _operator,
    "check_bulletin": _operator,
    "ask_privacy": _operator,
    "delete_my_data": _operator,
    "withdraw_consent": _operator,
}
