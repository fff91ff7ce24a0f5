"""How long a platform lets us write to somebody who is silent.

Zalo counts from a person's last interaction with the account (reference: "Windows, quotas, rates"): for 48 hours a
message costs nothing, until the seventh day it is billed, and after that it is refused. So what cannot arrive is not
queued, and staff read why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations.models import conversations


class Reach(StrEnum):
    """Whether a message to somebody arrives, as far as we know."""

    OPEN = "open"
    BILLED = "billed"
    SILENT = "silent"
    """They were silent for too long; they must write first."""
    UNREACHABLE = "unreachable"
    """The platform told that it takes nothing for them: they blocked us, or left."""


@dataclass(frozen=True, slots=True)
class Window:
    """How long after somebody's last interaction a message to them is free, and how long it is taken at all."""

    free: timedelta
    taken: timedelta


WINDOWS: Mapping[str, Window] = {"zalo": Window(timedelta(hours=48), timedelta(days=7))}
"""By channel; on every other one people can be written to at any time."""


def reach(
    channel: str, *, last_interaction_at: datetime | None, unreachable_since: datetime | None, now: datetime
) -> Reach:
    """Return whether a message arrives.

    An interaction that nobody noted was before this was counted, so that the window may be open; unless the platform
    has told that it is not (`close`).
    """
    window = WINDOWS.get(channel)
    if window is None or (last_interaction_at is None and unreachable_since is None):
        return Reach.OPEN if unreachable_since is None else Reach.UNREACHABLE
    if last_interaction_at is None or now - last_interaction_at > window.taken:
        return Reach.SILENT
    if unreachable_since is not None:
        return Reach.UNREACHABLE
    return Reach.BILLED if now - last_interaction_at > window.free else Reach.OPEN


async def find_reach(connection: AsyncConnection, conversation_id: int, *, now: datetime) -> Reach:
    """Return whether a message in a conversation arrives. In a group others keep it open: it is for the group."""
    query = select(
        conversations.c.channel,
        conversations.c.is_guest,
        conversations.c.last_interaction_at,
        conversations.c.unreachable_since,
    ).where(conversations.c.id == conversation_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None or (row.is_guest and row.unreachable_since is None):
        return Reach.OPEN
    return reach(
        row.channel,
        last_interaction_at=row.last_interaction_at,
        unreachable_since=row.unreachable_since,
        now=now,
    )


async def note_interaction(connection: AsyncConnection, *, channel: str, external_id: str, at: datetime) -> None:
    """Note that somebody did something that the platform counts, if they have a conversation; never an earlier one.

    It opens a window that was closed.
    """
    noted, unreachable = conversations.c.last_interaction_at, conversations.c.unreachable_since
    await connection.execute(
        update(conversations)
        .where(
            conversations.c.channel == channel,
            conversations.c.external_id == external_id,
            or_(noted.is_(None), noted < at),
        )
        .values(last_interaction_at=at, unreachable_since=case((noted.is_(None), None), else_=unreachable))
    )


async def find_newest_interaction(connection: AsyncConnection, *, channel: str) -> datetime | None:
    """Return when anybody last did something on a channel that counts interactions; None where nobody has yet."""
    query = select(func.max(conversations.c.last_interaction_at)).where(conversations.c.channel == channel)
    newest: datetime | None = (await connection.execute(query)).scalar_one()
    return newest


async def close(connection: AsyncConnection, conversation_id: int, *, now: datetime) -> None:
    """Note that the platform counts otherwise than we do: nothing is taken until they write again."""
    await connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(last_interaction_at=None, unreachable_since=now)
    )
