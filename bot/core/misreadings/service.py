"""Use cases of misreadings: a person lets one be kept or takes it back, staff label them, and they are exported."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.clock import LOCAL_ZONE
from bot.core.errors import ConflictError, NotFoundError
from bot.core.misreadings import repository
from bot.core.misreadings.models import MisreadingState, Why
from bot.core.misreadings.repository import MisreadingRow
from bot.core.misreadings.scrubbing import scrubbed
from bot.core.text import fold

MOST_GUESSES = 5
MOST_WAITING = 2_000
"""More than staff will ever look through: a flood must not fill the table."""


class MisreadingGoneError(NotFoundError):
    """The misreading was taken back or is past its time."""


class MisreadingDecidedError(ConflictError):
    """Somebody else has decided about the misreading meanwhile."""


class Keeping(StrEnum):
    """What became of the permission to keep a message."""

    KEPT = "kept"
    NOT_KEPT = "not_kept"


class Dropping(StrEnum):
    """What became of the wish to take a message back."""

    DROPPED = "dropped"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Misreading:
    """A misreading with its words, as staff see it.

    Attributes:
        intent: as it was understood; `confidence` is that of the first of the `guesses`, which come likeliest first.
        times: how often the words came.
        label: the right intent, once somebody gave it.
    """

    id: int
    words: str
    channel: str
    intent: str
    confidence: float
    guesses: tuple[str, ...]
    why: Why
    times: int
    last_on: date
    label: str | None = None
    exported: bool = False


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many there are: by state, and of the waiting ones by channel and cause.

    Attributes:
        first_guess_right: labelled ones whose label is what the assistant took for likeliest.
    """

    states: Mapping[MisreadingState, int]
    exported: int
    first_guess_right: int
    channels: Mapping[str, int]
    causes: Mapping[str, int]
    labels: Mapping[str, int]


async def keep(
    connection: AsyncConnection,
    *,
    channel: str,
    words: str,
    intent: str,
    confidence: float,
    guesses: Sequence[str],
    why: Why,
    now: datetime,
) -> Keeping:
    """Keep what somebody let us keep, or count it where it is here; nothing that `scrubbed` would not let pass."""
    clean = scrubbed(words)
    if clean is None:
        return Keeping.NOT_KEPT
    today = now.astimezone(LOCAL_ZONE).date()
    digest = _digest(clean)
    if await repository.count_again(connection, digest, on=today):
        return Keeping.KEPT
    if await repository.count_waiting(connection) >= MOST_WAITING:
        return Keeping.NOT_KEPT
    await repository.add(
        connection,
        digest,
        on=today,
        words=clean,
        channel=channel,
        intent=intent,
        confidence=confidence,
        guesses=" ".join(guesses[:MOST_GUESSES]),
        why=why,
    )
    return Keeping.KEPT


async def drop(connection: AsyncConnection, *, words: str) -> Dropping:
    """Take one coming of these words back, whatever staff did with them meanwhile; with the last one they go."""
    is_gone = not await repository.count_less(connection, _digest(words))
    return Dropping.GONE if is_gone else Dropping.DROPPED


async def list_waiting(connection: AsyncConnection, *, most: int = MOST_WAITING) -> Sequence[Misreading]:
    """Return what nobody has decided about, those that came most often first."""
    return [_read(row) for row in await repository.list_waiting(connection, most=most)]


async def label(connection: AsyncConnection, misreading_id: int, intent: str, *, by: str, now: datetime) -> None:
    """Give a waiting misreading the right intent.

    Raises:
        MisreadingGoneError, MisreadingDecidedError: it does not wait any more.
    """
    await _check_state(connection, misreading_id, MisreadingState.WAITING)
    await repository.save(
        connection, misreading_id, state=MisreadingState.LABELLED, label=intent, decided_by=by, decided_at=now
    )


async def dismiss(connection: AsyncConnection, misreading_id: int, *, by: str, now: datetime) -> None:
    """Put a waiting misreading away and blank its words; the same words are not asked about again.

    Raises:
        MisreadingGoneError, MisreadingDecidedError: it does not wait any more.
    """
    await _check_state(connection, misreading_id, MisreadingState.WAITING)
    await repository.save(
        connection, misreading_id, state=MisreadingState.DISMISSED, words=None, decided_by=by, decided_at=now
    )


async def reopen(connection: AsyncConnection, misreading: Misreading) -> None:
    """Take back a decision about a misreading that the caller still has as it was: it waits again.

    Raises:
        MisreadingGoneError: it was taken back by its writer or is past its time.
    """
    await _check_state(connection, misreading.id, *MisreadingState)
    await repository.save(
        connection,
        misreading.id,
        state=MisreadingState.WAITING,
        words=misreading.words,
        label=None,
        decided_by=None,
        decided_at=None,
        exported_at=None,
    )


async def list_labelled(connection: AsyncConnection) -> Sequence[Misreading]:
    """Return all that have a label, by label."""
    return [_read(row) for row in await repository.list_labelled(connection)]


async def mark_exported(connection: AsyncConnection, exported: Sequence[Misreading], *, now: datetime) -> None:
    """Note that these were written into training data; the first time counts."""
    await repository.mark_exported(connection, [misreading.id for misreading in exported], now=now)


async def statistics(connection: AsyncConnection) -> Statistics:
    """Count what there is."""
    labelled = await list_labelled(connection)
    return Statistics(
        states=await repository.count_states(connection),
        exported=sum(misreading.exported for misreading in labelled),
        first_guess_right=sum(misreading.guesses[:1] == (misreading.label,) for misreading in labelled),
        channels=await repository.count_by(connection, "channel", state=MisreadingState.WAITING),
        causes=await repository.count_by(connection, "why", state=MisreadingState.WAITING),
        labels=await repository.count_by(connection, "label", state=MisreadingState.LABELLED),
    )


async def _check_state(connection: AsyncConnection, misreading_id: int, *allowed: MisreadingState) -> None:
    state = await repository.find_state(connection, misreading_id)
    if state is None:
        raise MisreadingGoneError
    if state not in allowed:
        raise MisreadingDecidedError


def _read(row: MisreadingRow) -> Misreading:
    return Misreading(
        id=row.id,
        words=row.words or "",
        channel=row.channel,
        intent=row.intent,
        confidence=row.confidence,
        guesses=tuple(row.guesses.split()),
        why=Why(row.why),
        times=row.times,
        last_on=row.last_on,
        label=row.label,
        exported=row.exported_at is not None,
    )


def _digest(words: str) -> str:
    return hashlib.sha256(" ".join(fold(words).split()).encode()).hexdigest()
