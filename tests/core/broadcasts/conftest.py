from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from bot.core.db import Database
from tests.fakes import FixedClock
from tests.signed_broadcasts import Province, opened_province


@pytest_asyncio.fixture
async def province(database: Database, clock: FixedClock) -> AsyncIterator[Province]:
    """Give a province whose admins sign, on each database."""
    async with opened_province(database, clock) as opened:
        yield opened
