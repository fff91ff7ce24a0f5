"""What is kept of a parked update, and what counts as too late, on both databases."""

from __future__ import annotations

from datetime import timedelta

from bot.core.conversations import service as conversations
from bot.core.inbox import lateness, parked, repository, service
from bot.core.inbox.service import Message
from tests.factories import make_conversation, make_update

OLD = timedelta(hours=25)


async def park(database, conversation):
    """Have an update fail for good."""
    receipt = await make_update(database, conversation)
    async with database.unit_of_work() as connection:
        (claimed,) = await service.claim(connection, owner="worker", most=1)
        assert await repository.park(connection, claimed, error="RuntimeError", now=claimed.received_at)
    return receipt.inbox_id


async def test_parked_updates_are_listed_page_by_page_and_settled_once(database, vault):
    conversation, _ = await make_conversation(database, vault)
    first, second = [await park(database, conversation) for _ in range(2)]
    async with database.unit_of_work() as connection:
        assert [row.id for row in await repository.list_parked(connection, after=0, most=1)] == [first]
        (row,) = await repository.list_parked(connection, after=first, most=5)
        assert (row.id, row.error, row.is_kept, row.retry_of) == (second, "RuntimeError", True, None)
        assert await repository.count_parked(connection) == 2
        found = await repository.find_parked(connection, first)
        assert conversation.key.open(found.payload, place=found.place)
        assert await repository.settle_parked(connection, first)
        assert not await repository.settle_parked(connection, first)
        assert await repository.find_parked(connection, first) is None
        assert await repository.count_parked(connection) == 1


async def test_the_messages_of_parked_updates_are_forgotten_in_time(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    inbox_id = await park(database, conversation)
    async with database.unit_of_work() as connection:
        assert await parked.forget_old(connection, now=clock.now() + parked.KEEP_PARKED) == 0
        assert await parked.forget_old(connection, now=clock.now() + parked.KEEP_PARKED + timedelta(seconds=1)) == 1
        assert (await repository.find_parked(connection, inbox_id)).payload is None


async def write(database, vault, clock, *, ago):
    now = clock.now()
    async with database.unit_of_work() as connection:
        conversation = await conversations.enter(connection, vault, channel="telegram", external_id="7", now=now)
        await service.receive(
            connection,
            conversation,
            account="1",
            update_id=str(ago),
            message=Message(text="chào", press=None),
            said_at=now - ago,
            now=now,
        )


async def test_a_late_update_is_covered_by_a_later_late_one_or_by_an_apology(database, vault, clock):
    await write(database, vault, clock, ago=OLD)
    now = clock.now()
    async with database.unit_of_work() as connection:
        (claimed,) = await service.claim(connection, owner="worker", most=1)
        lan = await conversations.load(connection, vault, claimed.conversation_id)
        assert lateness.is_late(claimed, now=now)
        assert not await lateness.is_covered(connection, lan, claimed, now=now)
    await write(database, vault, clock, ago=timedelta())
    async with database.unit_of_work() as connection:
        assert not await lateness.is_covered(connection, lan, claimed, now=now)
    await write(database, vault, clock, ago=OLD + timedelta(seconds=1))
    async with database.unit_of_work() as connection:
        assert await lateness.is_covered(connection, lan, claimed, now=now)
        await service.pass_over(connection, claimed, now=now)
        await lateness.note_apology(connection, claimed.conversation_id, now=now)
        assert await lateness.is_covered(connection, lan, claimed, now=now)
