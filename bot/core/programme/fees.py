"""State fees, as templates tell them and with the documents that state them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bot.core.programme.content import FeeKind, FeeStatement, Product, Programme
from bot.core.programme.offers import cited, distinct, document_facts
from bot.core.replies import Json, Source


def fee_facts(programme: Programme, products: Sequence[Product], on: date) -> dict[str, Json]:
    """Give the fees of the products in đồng and who states them.

    ``lines`` holds ``product``, ``registration`` and ``maintenance`` (a year). ``registration_by`` and
    ``maintenance_by`` name the confirmed documents; ``maintenance_also_by`` those known from one source and in force
    on the day, to be told as such.
    """
    return {
        "lines": [
            {
                "product": product,
                "registration": programme.fee(product, "registration").amount,
                "maintenance": programme.fee(product, "maintenance").amount,
            }
            for product in products
        ],
        "registration_by": _documents(programme, _confirmed(programme, products, "registration")),
        "maintenance_by": _documents(programme, _confirmed(programme, products, "maintenance")),
        "maintenance_also_by": _documents(programme, _single_source(programme, products, on)),
    }


def fee_sources(programme: Programme, products: Sequence[Product], on: date) -> tuple[Source, ...]:
    """Give the sources of everything that `fee_facts` holds."""
    statements = (
        *_confirmed(programme, products, "registration"),
        *_confirmed(programme, products, "maintenance"),
        *_single_source(programme, products, on),
    )
    return distinct(cited(statements))


def _confirmed(programme: Programme, products: Sequence[Product], kind: FeeKind) -> list[FeeStatement]:
    return [
        statement
        for product in products
        for statement in programme.fee(product, kind).stated_in
        if statement.confidence == "confirmed"
    ]


def _single_source(programme: Programme, products: Sequence[Product], on: date) -> list[FeeStatement]:
    statements = []
    for product in products:
        for statement in programme.fee(product, "maintenance").stated_in:
            begins = programme.legal_basis(statement.document).in_force_from
            if statement.confidence == "single_source" and (begins is None or begins <= on):
                statements.append(statement)
    return statements


def _documents(programme: Programme, statements: Iterable[FeeStatement]) -> list[Json]:
    numbers = dict.fromkeys(statement.document for statement in statements)
    return [document_facts(programme, number) for number in numbers]
