"""Whether the offer stands on a given day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from bot.core.programme.content import Citation, Offer, OfferKind, Product, Programme
from bot.core.replies import Json, Source

Item = TypeVar("Item")

CHECK_STAYS_FRESH = timedelta(days=90)
"""How long a check vouches for a record whose end is unknown."""


class Standing(StrEnum):
    """Where an offer stands on a day."""

    OPEN = "open"
    CLOSED = "closed"
    UNSETTLED = "unsettled"


def record_standing(offer: Offer, on: date) -> Standing:
    """Say where one record stands.

    Outside its known days it is closed. With its end unknown it is open only while it is confirmed and its last
    check is at most `CHECK_STAYS_FRESH` before the day.
    """
    if on < offer.valid_from:
        return Standing.CLOSED
    if offer.valid_to is not None:
        return Standing.OPEN if on <= offer.valid_to else Standing.CLOSED
    fresh = on <= offer.last_checked + CHECK_STAYS_FRESH
    return Standing.OPEN if fresh and offer.confidence == "confirmed" else Standing.UNSETTLED


@dataclass(frozen=True, slots=True)
class Part:
    """One half of the offer for a product on a day: the fee waiver, or the services.

    Attributes:
        until: the last day while open; None when it is unknown.
        begins_on: the first day of a part that has not begun; None otherwise.
        ended_on: the last day of the latest record that is over; None when none is.
        unsettled_by: the record that leaves it unsettled; None otherwise.
        years: for how many years it is given.
    """

    standing: Standing
    until: date | None
    begins_on: date | None
    ended_on: date | None
    unsettled_by: Offer | None
    years: int
    includes: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class OfferStanding:
    """Where the whole offer for a product stands on a day.

    `standing` is open or closed when both parts are; anything else is unsettled and told part by part.
    """

    product: Product
    standing: Standing
    waiver: Part
    services: Part

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources of both parts, each once."""
        return distinct((*self.services.sources, *self.waiver.sources))

    @property
    def until(self) -> date | None:
        """The last day on which all of it is known to be open; None when it is not open or no end is known."""
        ends = [part.until for part in (self.waiver, self.services) if part.until is not None]
        return min(ends) if self.standing is Standing.OPEN and ends else None


def offer_standing(programme: Programme, product: Product, on: date) -> OfferStanding:
    """Work out where the offer for a product stands on a day."""
    waiver = _part(programme, product, "waiver", on)
    services = _part(programme, product, "services", on)
    standing = waiver.standing if waiver.standing == services.standing else Standing.UNSETTLED
    return OfferStanding(product, standing, waiver, services)


def offer_facts(programme: Programme, offers: Sequence[OfferStanding]) -> list[Json]:
    """Give what templates tell about where offers stand; products that stand alike are told together.

    Each item holds ``products``, ``standing``, ``until`` (an ISO day or null), ``years``, and the parts ``waiver``
    and ``services``: ``standing``, ``until``, ``begins_on``, ``ended_on``, ``unsettled_by`` (a document's kind and
    number, or null) and ``one_source_only``, which says how far that document's content is known.
    """
    alike: list[tuple[dict[str, Json], list[Json]]] = []
    for offer in offers:
        facts: dict[str, Json] = {
            "standing": offer.standing.value,
            "until": _iso(offer.until),
            "years": offer.waiver.years,
            "waiver": _part_facts(programme, offer.waiver),
            "services": _part_facts(programme, offer.services),
        }
        for told, products in alike:
            if told == facts:
                products.append(offer.product)
                break
        else:
            alike.append((facts, [offer.product]))
    return [{"products": products, **facts} for facts, products in alike]


def document_facts(programme: Programme, number: str) -> dict[str, Json]:
    """Give what templates need to name a document in a sentence: ``kind`` and ``number``."""
    return {"kind": programme.legal_basis(number).kind, "number": number}


def distinct(items: Iterable[Item]) -> tuple[Item, ...]:
    """Give each item once, in the order of first mention."""
    return tuple(dict.fromkeys(items))


def cited(citations: Iterable[Citation]) -> tuple[Source, ...]:
    """Give citations of the content the form in which replies carry them."""
    return tuple(Source(citation.document, citation.section) for citation in citations)


def _part(programme: Programme, product: Product, kind: OfferKind, on: date) -> Part:
    records = [offer for offer in programme.offers if offer.product == product and offer.kind == kind]
    standings = {record_standing(record, on) for record in records}
    standing = next(each for each in (Standing.OPEN, Standing.UNSETTLED, Standing.CLOSED) if each in standings)
    deciding = [record for record in records if record_standing(record, on) is standing]
    over = [record for record in records if record.valid_to is not None and record.valid_to < on]
    told = deciding if standing is Standing.OPEN else [*over, *deciding]
    ends = [record.valid_to for record in deciding if record.valid_to is not None]
    begins = [record.valid_from for record in records if record.valid_from > on]
    return Part(
        standing=standing,
        until=max(ends) if standing is Standing.OPEN and len(ends) == len(deciding) else None,
        begins_on=min(begins) if standing is Standing.CLOSED and begins else None,
        ended_on=max((record.valid_to for record in over if record.valid_to is not None), default=None),
        unsettled_by=deciding[-1] if standing is Standing.UNSETTLED else None,
        years=deciding[-1].years,
        includes=deciding[-1].includes,
        sources=distinct(source for record in told for source in cited(record.sources)),
    )


def _part_facts(programme: Programme, part: Part) -> dict[str, Json]:
    record = part.unsettled_by
    return {
        "standing": part.standing.value,
        "until": _iso(part.until),
        "begins_on": _iso(part.begins_on),
        "ended_on": _iso(part.ended_on),
        "unsettled_by": document_facts(programme, record.legal_basis) if record else None,
        "one_source_only": record is not None and record.confidence == "single_source",
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
