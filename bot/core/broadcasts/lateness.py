"""Too late is not sent: how long after its moment something may still leave; no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from bot.core.broadcasts.repository import EditionRow, HistoryRow
from bot.core.broadcasts.states import State

SENT_AGAIN = "sent-again"
"""Reason in the history where a person has a message sent once more that may not have arrived."""


def deadline(edition: EditionRow, history: Sequence[HistoryRow], *, late: timedelta) -> datetime:
    """Return the last moment at which a message of an edition may leave.

    It counts from the edition's moment, or from when a person last let it go on; the signed end holds in any case.
    """
    let_go = [
        line.at
        for before, line in pairwise(history)
        if (before.state is State.PAUSED and line.state in {State.SENDING, State.SCHEDULED})
        or line.reason == SENT_AGAIN
    ]
    return last_moment(edition, let_go, late=late)


def last_moment(edition: EditionRow, let_go: Iterable[datetime], *, late: timedelta) -> datetime:
    """Return the last moment at which a message of an edition may leave that was let go on at these."""
    return min(edition.not_after, max([edition.fire_at, *let_go]) + late)
