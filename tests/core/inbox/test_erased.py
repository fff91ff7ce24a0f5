"""What an erasure leaves of somebody's updates: enough to know them again, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.core.conversations import groups
from bot.core.conversations import service as conversations
from bot.core.house import House
from bot.core.inbox import erased, service
from bot.core.inbox.models import UpdateState, inbox
from bot.core.inbox.service import Message
from bot.core.rights import erasure

SECOND = timedelta(seconds=1)


@pytest.fixture
def lan(database, vault, clock, programme):
    return Lan(database, vault, clock, programme)


class Lan:
    """Writes in private and in a group, is answered, and is erased."""

    def __init__(self, database, vault, clock, programme):
        self.database, self.vault, self.clock, self.house = database, vault, clock, House(vault, programme)

    async def writes(self, update_id, *, channel="telegram", group=None, state=UpdateState.FINISHED):
        now = self.clock.now()
        async with self.database.unit_of_work() as connection:
            conversation = (
                await conversations.enter(connection, self.vault, channel=channel, external_id="7", now=now)
                if group is None
                else await groups.enter_group(connection, self.vault, channel=channel, group=group, person="7", now=now)
            )
            receipt = await service.receive(
                connection,
                conversation,
                account="1",
                update_id=update_id,
                message=Message(text="chào", press=None),
                said_at=now - SECOND,
                now=now,
            )
            done = {"state": state, "attempt": 2, "error": "ValueError", "finished_at": now}
            await connection.execute(update(inbox).where(inbox.c.id == receipt.inbox_id).values(**done))
        return conversation

    async def is_erased(self, conversation):
        self.clock.advance(minutes=5)
        async with self.database.unit_of_work() as connection:
            await erasure.erase(connection, self.house, conversation, receipt="XD-7K2MX", now=self.clock.now())

    async def rows(self):
        async with self.database.reading() as connection:
            return (await connection.execute(select(inbox).order_by(inbox.c.update_id))).all()


async def test_only_the_names_are_left_wherever_it_was_said(lan):
    private = await lan.writes("1")
    await lan.writes("2", state=UpdateState.PARKED)
    await lan.writes("3", group="-100")
    await lan.is_erased(private)
    rows, now = await lan.rows(), lan.clock.now()
    assert [row.update_id for row in rows] == ["1", "2", "3"]
    for row in rows:
        assert (row.state, row.conversation_id) == (UpdateState.ERASED, private.id)
        assert (row.payload, row.said_at, row.error, row.attempt) == (None, None, None, 0)
        assert (row.received_at, row.finished_at) == (now, now)


async def test_they_are_known_when_they_come_again(lan):
    await lan.is_erased(await lan.writes("1"))
    async with lan.database.unit_of_work() as connection:
        assert await service.is_known(connection, channel="telegram", account="1", update_id="1")
        assert await service.claim(connection, owner="worker", most=1) == []


async def test_they_are_forgotten_after_twenty_five_hours_though_the_person_writes_on(lan):
    await lan.is_erased(await lan.writes("1"))
    await lan.writes("2")
    for later, left in ((erased.KEEP_NAMES, ["1", "2"]), (erased.KEEP_NAMES + SECOND, ["2"])):
        async with lan.database.unit_of_work() as connection:
            await erased.forget_old(connection, now=lan.clock.now() + later)
        assert [row.update_id for row in await lan.rows()] == left


async def test_what_a_page_named_itself_is_gone_at_once(lan):
    await lan.is_erased(await lan.writes("1", channel="web"))
    assert await lan.rows() == []
