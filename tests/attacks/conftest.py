from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.attacks.world import World, opened_world
from tests.fixtures.product import Product, build_product


@pytest_asyncio.fixture
async def world(product: Product) -> AsyncIterator[World]:
    """Give the province on SQLite."""
    async with opened_world(product) as opened:
        yield opened


@pytest_asyncio.fixture
async def anywhere(database_url, tmp_path, vault, clock, programme, renderer) -> AsyncIterator[World]:
    """Give the province, once on SQLite and once on PostgreSQL."""
    async with (
        build_product(database_url, tmp_path, vault, clock, programme, renderer) as product,
        opened_world(product) as opened,
    ):
        yield opened
