"""Where a broadcast or an edition stands, and the one table of how that may change; no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.core.broadcasts.errors import TransitionRefusedError


class State(StrEnum):
    """Where it stands. An edition begins at ``SCHEDULED``."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    """Waits for signatures."""
    RETURNED = "returned"
    """An admin wants it changed."""
    REJECTED = "rejected"
    APPROVED = "approved"
    """Enough have signed."""
    SCHEDULED = "scheduled"
    """The clock has it; a series stays here from one moment to the next."""
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"
    EXPIRED = "expired"
    """Its time passed before it was sent."""


ALLOWED: Mapping[State, frozenset[State]] = {
    # A change makes a draft of it again, wherever it stood before the clock let it go.
    State.DRAFT: frozenset({State.DRAFT, State.SUBMITTED, State.STOPPED}),
    State.SUBMITTED: frozenset(
        {State.DRAFT, State.RETURNED, State.REJECTED, State.APPROVED, State.STOPPED, State.EXPIRED}
    ),
    State.RETURNED: frozenset({State.DRAFT, State.STOPPED}),
    State.REJECTED: frozenset(),
    State.APPROVED: frozenset({State.SCHEDULED}),
    State.SCHEDULED: frozenset({State.DRAFT, State.SENDING, State.PAUSED, State.DONE, State.STOPPED, State.EXPIRED}),
    State.SENDING: frozenset({State.PAUSED, State.DONE, State.STOPPED, State.EXPIRED}),
    # It is done where its time passes after some got it.
    State.PAUSED: frozenset({State.DRAFT, State.SCHEDULED, State.SENDING, State.DONE, State.STOPPED, State.EXPIRED}),
    # Somebody has a message sent once more of which nobody knows whether it arrived; or it is called back.
    State.DONE: frozenset({State.SENDING, State.STOPPED}),
    State.STOPPED: frozenset(),
    State.EXPIRED: frozenset(),
}
"""From each state, where it may go."""


def check_transition(old: State, new: State) -> None:
    """Raise unless a broadcast may go from one state to the other.

    Raises:
        TransitionRefusedError: it may not.
    """
    if new not in ALLOWED[old]:
        raise TransitionRefusedError(state=old.value, wanted=new.value)
