"""References of requests: ``HD-7K4M-X29Q``, made to be read over the phone, with a sign that tells a mistake.

The 17 signs look and sound unlike each other in Vietnamese: no 0/O/Q, 1/I/L, 2/Z, 5/S, 6/G, 8/B, U/V; of the letters
that rhyme on "ê" (bê, xê, dê, giê, pê, tê, vê) only T; of M and N, and of L and N, one or none.
17 is a prime, and the eight signs have eight different weights: the weighted sum, which is 0 modulo 17, is never 0
again after one sign became another, or after two unequal signs changed places.
Each half holds a letter and a digit, so that no word, price or year is taken for a reference.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

SIGNS = "23456789FHKMRTWXY"
_HALF = 4
_WEIGHTS = range(1, 2 * _HALF + 1)
_LAST_INVERSE = pow(_WEIGHTS[-1], -1, len(SIGNS))
_BETWEEN = r"[\s.,_\-\u2010-\u2015]*"
_TYPED = re.compile(rf"(?:H{_BETWEEN}D)?{_BETWEEN}(?P<signs>(?:[{SIGNS}]{_BETWEEN}){{{2 * _HALF}}})")


def new_reference() -> str:
    """Make a reference that nobody can guess from another."""
    while True:
        signs = [secrets.choice(SIGNS) for _ in range(2 * _HALF - 1)]
        signs.append(SIGNS[-_sum(signs) * _LAST_INVERSE % len(SIGNS)])
        halves = signs[:_HALF], signs[_HALF:]
        if all(any(map(str.isdigit, half)) and any(map(str.isalpha, half)) for half in halves):
            return _written(signs)


def read_reference(text: str) -> str | None:
    """Return the reference that somebody typed, in any case and with any blanks or dashes in it.

    None where it is none: signs are missing, or one of them was misread.
    """
    match = _TYPED.fullmatch(text.strip().upper())
    if match is None:
        return None
    signs = [sign for sign in match["signs"] if sign in SIGNS]
    return None if _sum(signs) % len(SIGNS) else _written(signs)


def _sum(signs: Sequence[str]) -> int:
    return sum(weight * SIGNS.index(sign) for weight, sign in zip(_WEIGHTS, signs, strict=False))


def _written(signs: Sequence[str]) -> str:
    return f"HD-{''.join(signs[:_HALF])}-{''.join(signs[_HALF:])}"
