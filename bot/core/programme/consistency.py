"""What no record of the content alone can show to be wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product as pairs
from typing import get_args

from pydantic import BaseModel

from bot.core.programme.content import POINT_FILES, PRODUCTS, FeeKind, OfferKind, Programme
from bot.core.programme.content_problems import ContentProblem, Place
from bot.core.programme.dx_day_consistency import contradictions_of_the_day
from bot.core.programme.points import INTENTS
from bot.core.text import fold


def contradictions(programme: Programme) -> Iterator[tuple[Place, ContentProblem, dict[str, str]]]:
    """Yield what each record alone cannot show to be wrong, with its place and what its text names."""
    numbers = Counter(basis.number for basis in programme.legal_bases)
    for index, basis in enumerate(programme.legal_bases):
        if numbers[basis.number] > 1:
            yield ("legal_bases", index), ContentProblem.LISTED_TWICE, {"number": basis.number}
    for place, number in _citations(programme, ()):
        if number not in numbers:
            yield place, ContentProblem.DOCUMENT_UNKNOWN, {"number": number}
    for index, offer in enumerate(programme.offers):
        if offer.valid_to is not None and offer.valid_to < offer.valid_from:
            yield ("offers", index, "valid_to"), ContentProblem.ENDS_BEFORE_IT_BEGINS, {}
    yield from _repeated(programme)
    for place, name in _agencies_named(programme):
        if programme.agency(name) is None:
            yield place, ContentProblem.AGENCY_UNKNOWN, {"agency": name}
    offered = {(offer.product, offer.kind) for offer in programme.offers}
    for product, offer_kind in pairs(PRODUCTS, get_args(OfferKind)):
        if (product, offer_kind) not in offered:
            yield ("offers",), ContentProblem.OFFER_MISSING, {"kind": offer_kind, "product": product}
    stated = Counter((fee.product, fee.kind) for fee in programme.fees)
    for product, fee_kind in pairs(PRODUCTS, get_args(FeeKind)):
        if stated[product, fee_kind] != 1:
            yield ("fees",), ContentProblem.FEE_NOT_ONCE, {"kind": fee_kind, "product": product}
    for index, fee in enumerate(programme.fees):
        if all(statement.confidence != "confirmed" for statement in fee.stated_in):
            yield ("fees", index), ContentProblem.FEE_UNCONFIRMED, {}
    yield from _communes(programme)
    yield from contradictions_of_the_day(programme)


def _citations(value: object, place: Place) -> Iterator[tuple[Place, str]]:
    """Yield every document number that is cited, with its place."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if name in ("document", "legal_basis"):
                yield (*place, name), inner
            else:
                yield from _citations(inner, (*place, name))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, item in enumerate(value):
            yield from _citations(item, (*place, index))


def _repeated(programme: Programme) -> Iterator[tuple[Place, ContentProblem, dict[str, str]]]:
    """Yield what may be there once only and is there again; or not at all."""
    seen: set[str] = set()
    for name in (*POINT_FILES, "claims"):
        for index, record in enumerate(getattr(programme, name)):
            if record.key in seen:
                yield (name, index, "key"), ContentProblem.KEY_TAKEN, {"key": record.key}
            seen.add(record.key)
    called: dict[str, str] = {}
    for index, agency in enumerate(programme.agencies):
        for calling in (agency.name, *agency.aliases):
            if called.setdefault(fold(calling), agency.name) != agency.name:
                yield ("agencies", index), ContentProblem.CALLING_SHARED, {"calling": calling}
    topics = Counter(topic.intent for topic in programme.topics)
    for intent in INTENTS:
        if topics[intent] != 1:
            yield ("topics",), ContentProblem.TOPIC_NOT_ONCE, {"intent": intent}


def _communes(programme: Programme) -> Iterator[tuple[Place, ContentProblem, dict[str, str]]]:
    """Yield communes under a code that is taken, or of a name that no unit bears."""
    units = {(unit.now, unit.province) for unit in programme.localities.units}
    seen: set[str] = set()
    for index, commune in enumerate(programme.communes):
        if commune.code in seen:
            yield ("communes", index, "code"), ContentProblem.KEY_TAKEN, {"key": commune.code}
        seen.add(commune.code)
        if (commune.full_name, commune.province) not in units:
            facts = {"name": commune.full_name, "province": commune.province}
            yield ("communes", index, "name"), ContentProblem.PLACE_UNKNOWN, facts


def _agencies_named(programme: Programme) -> Iterator[tuple[Place, str]]:
    """Yield every agency that a statement names, with its place."""
    for name in POINT_FILES:
        for index, point in enumerate(getattr(programme, name)):
            for position, agency in enumerate(point.agencies):
                yield (name, index, "agencies", position), agency
