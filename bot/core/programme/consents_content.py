"""The wordings of consents, as they stand in ``bot/content/consents.yaml``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from bot.core.programme.records import Day, Record, Text


class ConsentWording(Record):
    """A version of the words by which citizens agree to something; `template` holds them."""

    purpose: Literal["handoff", "reminder", "person"]
    version: Annotated[str, Field(pattern=r"^(handoff|handoff-next|reminder|person)-[1-9]\d{0,3}$")]
    template: Text
    since: Day


def current_wording(wordings: Sequence[ConsentWording], template: str) -> ConsentWording:
    """Return the newest wording that a template holds: what somebody agrees to who was just shown it.

    Raises:
        LookupError: nobody agrees to anything by these words.
    """
    of_template = [wording for wording in wordings if wording.template == template]
    if not of_template:
        raise LookupError(template)
    return max(of_template, key=lambda wording: wording.since)
