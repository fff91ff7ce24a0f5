"""Where a request may go next, and what may be said of it; no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.core.errors import ConflictError, InvalidInputError


class HandoffState(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    CONTACTED = "contacted"
    NEEDS_DOCUMENTS = "needs_documents"
    REGISTERED = "registered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


_REPORTED = frozenset(
    {HandoffState.CONTACTED, HandoffState.NEEDS_DOCUMENTS, HandoffState.REGISTERED, HandoffState.DECLINED}
)
ENDED = frozenset({HandoffState.REGISTERED, HandoffState.DECLINED, HandoffState.WITHDRAWN, HandoffState.EXPIRED})
"""Nothing follows these, and whatever the citizen is reached by is erased."""
OPEN = frozenset(HandoffState) - ENDED

_BY_REGISTRAR: Mapping[HandoffState, frozenset[HandoffState]] = {
    HandoffState.WAITING: _REPORTED | {HandoffState.ACKNOWLEDGED},
    HandoffState.ACKNOWLEDGED: _REPORTED,
    HandoffState.CONTACTED: _REPORTED - {HandoffState.CONTACTED},
    HandoffState.NEEDS_DOCUMENTS: _REPORTED - {HandoffState.NEEDS_DOCUMENTS},
}

REASONS: Mapping[HandoffState, tuple[str, ...]] = {
    HandoffState.NEEDS_DOCUMENTS: (
        "identity_paper",
        "business_certificate",
        "declaration",
        "other_document",
    ),
    HandoffState.DECLINED: (
        "name_taken",
        "name_not_allowed",
        "not_in_group",
        "offer_ended",
        "not_reached",
        "citizen_declined",
        "other",
    ),
}
"""The reasons a registrar may give: codes, whose sentences are ours, so that nobody speaks through the assistant."""


class HandoffStateError(ConflictError):
    """The request is not in a state from which this follows."""


class ReasonInvalidError(InvalidInputError):
    """This status wants one of its own reasons, or none at all."""


def check_report(state: HandoffState, reported: HandoffState, reason: str) -> None:
    """Check that a registrar may report a status now.

    Raises:
        HandoffStateError: it does not follow the present one.
        ReasonInvalidError: the reason is not one of this status.
    """
    if reason not in REASONS.get(reported, ("",)):
        raise ReasonInvalidError(status=reported.value)
    if reported not in _BY_REGISTRAR.get(state, frozenset()):
        raise HandoffStateError(state=state.value)
