"""The wordings of consents, as they stand in ``bot/content/consents.yaml``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from bot.core.programme.records import Day, Record, Text


class ConsentWording(Record):
    """A version of the words by which citizens agree to something; `template` holds them."""

    purpose: Literal["handoff", "reminder", "person"]
    version: Annotated[str, Field(pattern=r"^(handoff|reminder|person)-[1-9]\d{0,3}$")]
    template: Text
    since: Day


def current_wording(wordings: Sequence[ConsentWording], purpose: str) -> ConsentWording:
    """Return the newest wording of a purpose: the one whose template is shown.

    Raises:
        LookupError: the content has none.
    """
    of_purpose = [wording for wording in wordings if wording.purpose == purpose]
    if not of_purpose:
        raise LookupError(purpose)
    return max(of_purpose, key=lambda wording: wording.since)
