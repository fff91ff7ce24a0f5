"""What time alone does to requests: the next registrar is offered, a forgotten request expires, reminders fall due.

Each function does up to one batch in the caller's transaction and returns what it did; no second call repeats it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.clock import LOCAL_ZONE
from bot.core.handoffs import reminders, repository, retention
from bot.core.handoffs.desk import WORKING_DAYS
from bot.core.handoffs.models import handoffs
from bot.core.handoffs.news import Newsroom
from bot.core.handoffs.rules import HandoffState
from bot.core.handoffs.service import end_without_registrar
from bot.core.vault import Vault
from bot.core.workdays import end_of_working_days

BATCH = 50


@dataclass(frozen=True, slots=True)
class Done:
    """How many were dealt with, and the conversations that were told something."""

    count: int
    told: tuple[int, ...]


async def offer_next(connection: AsyncConnection, vault: Vault, newsroom: Newsroom, *, now: datetime) -> Done:
    """Offer another registrar to those whose request nobody acknowledged within two working days."""
    waiting = (handoffs.c.state == HandoffState.WAITING, handoffs.c.offered_next_at.is_(None))
    days_off = newsroom.programme.days_off
    overdue = [
        row
        for row in await repository.list_handed(connection, *waiting, handoffs.c.handed_at < now, most=BATCH)
        if end_of_working_days(row.handed_at, WORKING_DAYS, days_off) <= now
    ]
    told = []
    for found in overdue:
        row = await repository.find(connection, handoffs.c.id == found.id, *waiting, lock=True)
        if row is not None:
            await repository.mark_offered(connection, row.id, now=now)
            told.append(await newsroom.offer_next(connection, vault, row, now=now))
    return Done(len(overdue), _known(told))


async def expire(connection: AsyncConnection, vault: Vault, newsroom: Newsroom, *, now: datetime) -> Done:
    """End the requests of which nothing was heard for 30 days; their registrars are told to erase what they have."""
    stale = await retention.list_stale(connection, now=now)
    told = []
    for handoff_id in stale:
        row = await repository.find(connection, handoffs.c.id == handoff_id, repository.is_open(), lock=True)
        if row is not None:
            await end_without_registrar(connection, row, HandoffState.EXPIRED, now=now)
            ended = await repository.find(connection, handoffs.c.id == handoff_id)
            if ended is not None:
                told.append(await newsroom.tell(connection, vault, ended, now=now))
    return Done(len(stale), _known(told))


async def remind(connection: AsyncConnection, vault: Vault, newsroom: Newsroom, *, now: datetime) -> Done:
    """Give the reminders that are due, and forget those whose consent does not stand any more."""
    await reminders.drop_unwanted(connection, now=now)
    due = await reminders.list_due(connection, now=now, most=BATCH)
    today = now.astimezone(LOCAL_ZONE).date()
    told = []
    for reminder in due:
        told.append(await newsroom.remind(connection, vault, reminder, today=today, now=now))
        await reminders.mark_done(connection, reminder, now=now)
    return Done(len(due), _known(told))


def _known(told: Sequence[int | None]) -> tuple[int, ...]:
    return tuple(conversation_id for conversation_id in told if conversation_id is not None)
