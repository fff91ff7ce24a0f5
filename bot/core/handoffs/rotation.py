"""Whose turn it is to get a request; no I/O."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot.core.programme.points import Registrar


def taking_part(registrars: Sequence[Registrar], product: str) -> list[Registrar]:
    """Return the registrars of which something shows that they take part in the offer for a product."""
    return [
        registrar
        for registrar in registrars
        if registrar.participation is not None and product in registrar.participation.products
    ]


def in_turn(
    registrars: Sequence[Registrar],
    counts: Mapping[str, int],
    *,
    product: str,
    connected: Collection[str],
    without: Collection[str] = (),
) -> list[str]:
    """Return the keys of the registrars that may get the next request, the one whose turn it is first.

    Among those that take part for the product, it is the one with the fewest requests so far; the content's order
    decides between equals, so that they take turns.

    Args:
        registrars: as content has them.
        counts: requests of this product so far, by registrar's key; without a count there was none.
        product: what the citizen wishes for.
        connected: keys of those that fetch or receive requests. Only they are chosen from: a request must not wait
            where nobody looks.
        without: keys of those that had this request already.
    """
    keys = [registrar.key for registrar in taking_part(registrars, product)]
    left = [key for key in keys if key in connected and key not in without]
    return sorted(left, key=lambda key: counts.get(key, 0))
