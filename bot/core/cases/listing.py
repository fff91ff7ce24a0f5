"""Which cases somebody on the staff sees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.cases import repository
from bot.core.cases.models import CaseState, cases
from bot.core.cases.repository import CaseRow
from bot.core.cases.rules import SEEING, may_see
from bot.core.staff.roles import Holding


async def list_visible(
    connection: AsyncConnection, holdings: Sequence[Holding], *, closed: bool, most: int, now: datetime
) -> Sequence[CaseRow]:
    """Return up to `most` cases that somebody with these roles sees: urgent ones first, then by when they are due."""
    state = cases.c.state == CaseState.CLOSED if closed else repository.is_open()
    if may_see(holdings, "", now=now):
        return await repository.list_rows(connection, state, most=most)
    areas = {
        area for holding in holdings if holding.role in SEEING and holding.is_in_force(now) for area in holding.areas
    }
    return await repository.list_rows(connection, state, cases.c.area.in_(areas), most=most)
