"""The counts of the guides for staff."""

from __future__ import annotations

import pytest_asyncio

from bot.core.guides import counts
from bot.core.guides.counts import Counted, Tally
from tests.attacks.world import opened_world


@pytest_asyncio.fixture
async def world(product):
    async with opened_world(product) as opened:
        yield opened


async def test_an_admin_reads_the_counts_worst_first(world):
    async with world.database.unit_of_work() as connection:
        happened = [Counted(Tally.REACHED, "sign-token", 1), Counted(Tally.REACHED, "sign-token", 2)]
        await counts.add(connection, [*happened, Counted(Tally.STUCK, "sign-token", 2)])
    answer = await world.client.get("/api/v1/guides/stats", headers=world.an.headers)
    assert answer.json() == [
        {"guide": "sign-token", "step": 2, "reached": 1, "done": 0, "stuck": 1, "left": 0},
        {"guide": "sign-token", "step": 1, "reached": 1, "done": 0, "stuck": 0, "left": 0},
    ]


async def test_nobody_else_reads_them(world):
    assert (await world.client.get("/api/v1/guides/stats")).status_code == 401
    assert (await world.client.get("/api/v1/guides/stats", headers=world.chi.headers)).status_code == 403
