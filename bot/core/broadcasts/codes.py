"""Check codes: short enough to be typed from a poster, derived from what was signed; no I/O.

Six signs without vowels, so that no code is a word, and without signs that are taken for each other (0 O, 1 I L, 2 Z,
5 S, 8 B, 6 G). Each half has a letter and a digit, and there are three letters at least: so the assistant knows a code
in the middle of a sentence, also one in two halves.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import count, islice

from bot.core.statements.values import write_moment

ALPHABET = "CDFHJKMNPQRTVWX2346789"
LENGTH = 6
_HALF = LENGTH // 2
_FEWEST_DIGITS, _FEWEST_LETTERS = 2, 3
_SEARCHED = 64
"""Codes that are tried when one is checked; with a million editions one in forty needs a second one."""
_BETWEEN = re.compile(r"[\s\-–—.]+")


def candidates(subject: bytes, fire_at: datetime) -> Iterator[str]:
    """Return the codes that may stand for an edition; the first that no other edition has is its own.

    Each is read from SHA-256 over the approved bytes, the moment as statements write it, and a number of four bytes
    that counts from 0.
    """
    signed = subject + write_moment(fire_at).encode()
    codes = (_read_off(hashlib.sha256(signed + number.to_bytes(4, "big")).digest()) for number in count())
    return filter(_is_well_formed, codes)


def is_derived(code: str, subject: bytes, fire_at: datetime) -> bool:
    """Tell whether a code follows from what was signed: one that somebody chose does not."""
    return code in islice(candidates(subject, fire_at), _SEARCHED)


def read(typed: str) -> str | None:
    """Return the code that somebody typed, in any case, in halves or not; None where it can be none."""
    code = _BETWEEN.sub("", typed).upper()
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) and _has_both(code) else None


def show(code: str) -> str:
    """Return a code as people read it: ``5YN-TK2``."""
    return f"{code[:_HALF]}-{code[_HALF:]}"


def _read_off(raw: bytes) -> str:
    value, code = int.from_bytes(raw, "big"), ""
    for _ in range(LENGTH):
        value, at = divmod(value, len(ALPHABET))
        code += ALPHABET[at]
    return code


def _is_well_formed(code: str) -> bool:
    return _has_both(code) and not any(half.isalpha() or half.isdigit() for half in (code[:_HALF], code[_HALF:]))


def _has_both(code: str) -> bool:
    digits = sum(map(str.isdigit, code))
    return digits >= _FEWEST_DIGITS and len(code) - digits >= _FEWEST_LETTERS
