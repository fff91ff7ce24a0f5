"""The references that a citizen may name, and what each is about; no I/O."""

from __future__ import annotations

import re
import secrets

from bot.core.cases.rules import read_reference as read_case
from bot.core.consents.service import Purpose
from bot.core.handoffs.references import read_reference as read_handoff
from bot.core.reports.rules import read_reference as read_report
from bot.core.text import fold

ALL = "all"
"""Stands for every consent."""
_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"  # as of reports
_SHORT = re.compile(r"(?<!\w)(?:BC|YC) ?-? ?[0-9A-Z]{5}(?!\w)", re.IGNORECASE)
_LONG = re.compile(r"(?<!\w)HD(?: ?-? ?[0-9A-Z]{4}){2}(?!\w)", re.IGNORECASE)
_EVERYTHING = re.compile(r"(?<!\w)(?:tat ca|het|toan bo|moi)(?!\w)")


def new_receipt() -> str:
    """Make the number of a receipt for an erasure: ``XD-7K2MX``."""
    return "XD-" + "".join(secrets.choice(_LETTERS) for _ in range(5))


def kind_of(reference: str) -> Purpose | None:
    """Return what a reference is about; None for a report of fraud."""
    if read_handoff(reference) is not None:
        return Purpose.HANDOFF
    return Purpose.PERSON if read_case(reference) is not None else None


def reference_in(text: str) -> str | None:
    """Return the first reference in a message, as it is stored, or `ALL`; None where it names neither."""
    for found in (*_LONG.findall(text), *_SHORT.findall(text)):
        letters = "".join(character for character in found.upper() if character.isalnum())
        reference = read_handoff(found) or read_case(f"YC-{letters[2:]}" if letters.startswith("YC") else "")
        reference = reference or read_report(f"BC-{letters[2:]}" if letters.startswith("BC") else "")
        if reference is not None:
            return reference
    return ALL if _EVERYTHING.search(fold(text)) else None
