"""What can be wrong with the content."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

Place: TypeAlias = tuple[str | int, ...]
"""The way into the content: the file's name, then keys and positions from 0."""


class ContentProblem(Enum):
    """What can be wrong with a content file; the text is for developers; operators are told in their own language."""

    UNREADABLE = "cannot be read ({reason}); restore the file"
    NOT_TEXT = "is not text: {reason}; remove it"
    NOT_YAML = "is not YAML: {reason}; correct it"
    NOT_ONE_TOP_KEY = "must hold exactly one key at its top: `{key}:`"
    REPEATED_KEY = "`{key}` stands here twice; keep one"

    MISSING_FIELD = "{place}: is missing; add this field"
    UNKNOWN_FIELD = "{place}: is not known; remove this field or correct its name"
    NOT_A_CHOICE = "{place}: must be one of {choices}"
    NOT_A_DAY = "{place}: must be a day of the calendar, written like 2025-12-31"
    NOT_A_WHOLE_NUMBER = "{place}: must be a whole number, without a dot"
    NOT_POSITIVE = "{place}: must be more than zero"
    NOT_TRUE_OR_FALSE = "{place}: must be true or false"
    NOT_A_TEXT = "{place}: must be a text; put it in quotation marks"
    EMPTY = "{place}: must not be empty"
    NOT_IN_FORM = "{place}: is not written in the form of its neighbours"
    WRONG_SHAPE = "{place}: must have the shape of its neighbours"

    LISTED_TWICE = "{number} is listed twice; keep one"
    KEY_TAKEN = "{key} names another record already; choose another key"
    CALLING_SHARED = "{calling} calls two agencies; keep it with one of them"
    AGENCY_UNKNOWN = "{agency} is not in agencies.yaml; add the agency there or correct the name"
    TOPIC_NOT_ONCE = "{intent} must have exactly one entry"
    DOCUMENT_UNKNOWN = "{number} is not in legal_bases.yaml; add the document there or correct the number"
    ENDS_BEFORE_IT_BEGINS = "the record ends before it begins; correct one of the days"
    WRITTEN_OTHERWISE = "the days as they are written are not the ones beside them; correct one or the other"
    BODY_UNKNOWN = "{body} is not in dx_day_bodies.yaml; add the body there or correct the name"
    PLACE_UNKNOWN = "{name} of {province} is not in localities.yaml; add the unit there or correct the name"
    ACTIVITY_NOT_ONCE = "{activity} must have exactly one entry"
    OFFER_MISSING = "there is no {kind} record for {product}; add one"
    FEE_NOT_ONCE = "there must be exactly one {kind} fee for {product}"
    FEE_UNCONFIRMED = "no confirmed document states this fee; a fee is never told from one source alone"
