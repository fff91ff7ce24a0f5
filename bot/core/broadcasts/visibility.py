"""Who may see a broadcast, and who may work on it.

Officers, admins and auditors see what goes to any area of theirs; to change something takes a role in *all* of its
areas. What somebody may not see is, to them, not there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.broadcasts import kinds, repository
from bot.core.broadcasts.errors import BroadcastUnknownError
from bot.core.broadcasts.repository import PAGE, BroadcastRow
from bot.core.broadcasts.states import State
from bot.core.staff.accounts import Caller
from bot.core.staff.errors import NotAuthorisedError
from bot.core.staff.roles import Role, in_force

READERS = (Role.OFFICER, Role.ADMIN, Role.AUDITOR)


def seen_areas(by: Caller, *, now: datetime) -> frozenset[str] | None:
    """Return the areas of which somebody sees something; None where it is all of them."""
    held = [holding for holding in by.holdings if holding.role in READERS and holding.is_in_force(now)]
    if any(not holding.areas for holding in held):
        return None
    return frozenset(area for holding in held for area in holding.areas)


def may_see(by: Caller, areas: Collection[str], *, now: datetime) -> bool:
    """Tell whether somebody sees what goes to these areas."""
    seen = seen_areas(by, now=now)
    return seen is None or not seen.isdisjoint(areas)


def check_may(by: Caller, *roles: Role, areas: Collection[str], now: datetime) -> None:
    """Raise unless somebody has one of the roles in all of these areas.

    Raises:
        NotAuthorisedError: they have not.
    """
    if not any(in_force(by.holdings, role, now=now, areas=areas) for role in roles):
        raise NotAuthorisedError(lacks=roles[0].value)


async def get(
    connection: AsyncConnection,
    broadcast_id: str,
    *,
    by: Caller,
    now: datetime,
    kind: str | None = None,
    locked: bool = False,
) -> BroadcastRow:
    """Return a broadcast that somebody may see, of a kind where one is named.

    Raises:
        BroadcastUnknownError: there is none, or they may not see it.
        DigestMismatchError: its bytes were tampered with.
    """
    row = await repository.find(connection, broadcast_id, locked=locked)
    if row is None or kind not in {None, row.kind}:
        raise BroadcastUnknownError(broadcast=broadcast_id)
    if not may_see(by, kinds.read(row.kind, row.subject).audience.areas, now=now):
        raise BroadcastUnknownError(broadcast=broadcast_id)
    return row


async def list_visible(
    connection: AsyncConnection,
    *,
    by: Caller,
    now: datetime,
    kind: str | None = None,
    state: State | None = None,
    before: str | None = None,
    most: int = PAGE,
) -> Sequence[BroadcastRow]:
    """Return the broadcasts that somebody may see, the newest first; `before` is the last id of the page before."""
    areas = seen_areas(by, now=now)
    return await repository.list_newest_first(connection, areas=areas, kind=kind, state=state, before=before, most=most)
