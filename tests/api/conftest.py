from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.attacks.world import opened_world
from tests.fixtures.product import Product
from tests.newsroom import Newsroom


@pytest_asyncio.fixture
async def newsroom(product: Product) -> AsyncIterator[Newsroom]:
    """Give a newsroom in a province on SQLite."""
    async with opened_world(product, has_broadcasts=True) as world:
        yield Newsroom(world)
