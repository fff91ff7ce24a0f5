from __future__ import annotations

import asyncio

from sqlalchemy import select, update

from bot.core.citizens.models import citizens
from bot.core.deliveries.models import deliveries
from bot.core.inbox.models import UpdateState, inbox
from bot.core.inbox.repository import MOST_ATTEMPTS
from bot.gateway.worker import Backlog
from tests.factories import make_conversation, make_update


def test_what_was_announced_and_not_taken_waits():
    backlog = Backlog(heard=3)
    backlog.changes(announced=5, taken=1)
    assert backlog.holds_any
    backlog.changes(announced=5, taken=1)
    assert not backlog.holds_any


def test_taking_what_was_not_heard_of_yet_evens_out():
    backlog = Backlog(heard=0)
    backlog.changes(announced=0, taken=1)
    backlog.changes(announced=1, taken=0)
    assert not backlog.holds_any


def test_the_database_s_count_replaces_the_guess():
    backlog = Backlog(heard=0)
    backlog.changes(announced=9, taken=0)
    backlog.is_counted(0, heard=9)
    assert not backlog.holds_any
    backlog.changes(announced=10, taken=0)
    assert backlog.holds_any


async def test_one_update_left_behind_that_nobody_can_apologise_for_holds_up_nobody(product):
    """Neither other updates left behind, nor new ones of which no bell of this process rings."""
    database, vault = product.runtime.database, product.runtime.vault
    broken, other = [(await make_conversation(database, vault))[0] for _ in range(2)]
    left = [(await make_update(database, each)).inbox_id for each in (broken, other)]
    left_behind = {"state": UpdateState.WORKING, "attempt": MOST_ATTEMPTS, "owner": "gone", "lease_until": 0.0}
    async with database.unit_of_work() as connection:
        await connection.execute(update(inbox).values(**left_behind))
        its_citizen = citizens.c.id == broken.citizen_id
        await connection.execute(update(citizens).where(its_citizen).values(wrapped_key=b"broken"))
    asking, _ = await make_conversation(database, vault)
    new = (await make_update(database, asking)).inbox_id
    states = select(inbox.c.id, inbox.c.state).order_by(inbox.c.id)
    async with product.working(), asyncio.timeout(10):
        while True:
            async with database.reading() as connection:
                stand = {row.id: row.state for row in await connection.execute(states)}
                answered = (await connection.execute(select(deliveries.c.inbox_id))).scalars().all()
            if new in answered and set(stand.values()) == {UpdateState.PARKED, UpdateState.FINISHED}:
                break
            await asyncio.sleep(0.02)
    assert stand == {left[0]: UpdateState.PARKED, left[1]: UpdateState.PARKED, new: UpdateState.FINISHED}
    assert sorted(answered) == [left[1], new]
