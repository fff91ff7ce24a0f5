import asyncio

import pytest
from sqlalchemy import select, update

from bot.core.conversations import service as conversations
from bot.core.deliveries import service as deliveries
from bot.core.deliveries.service import OutboundMessage
from bot.core.inbox import repository, service
from bot.core.inbox.models import UpdateState, inbox
from bot.core.inbox.repository import Abandoned
from bot.core.inbox.service import LeaseLostError
from bot.core.ports import DialogueState
from tests.factories import make_conversation, make_update

HELLO = [OutboundMessage("greet", "Chào bạn")]


async def claim(database, *, owner="worker", most=10, lease_seconds=15.0):
    async with database.unit_of_work() as connection:
        return await service.claim(connection, owner=owner, most=most, lease_seconds=lease_seconds)


async def finish(database, conversation, claimed, clock, messages=HELLO, state=DialogueState()):
    async with database.unit_of_work() as connection:
        await service.finish_turn(connection, conversation, claimed, messages=messages, state=state, now=clock.now())


async def state_of(database, inbox_id):
    async with database.reading() as connection:
        return (await connection.execute(select(inbox).where(inbox.c.id == inbox_id))).one()


async def test_a_repeated_update_is_stored_once(database, vault):
    conversation, _ = await make_conversation(database, vault)
    first = await make_update(database, conversation, update_id="17")
    second = await make_update(database, conversation, update_id="17", text="khác")
    assert not first.repeated
    assert second.repeated
    assert second.inbox_id == first.inbox_id


async def test_the_message_is_unreadable_in_the_database_and_blank_when_finished(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    receipt = await make_update(database, conversation, text="quán bà Ba")
    row = await state_of(database, receipt.inbox_id)
    assert "quán".encode() not in row.payload
    (claimed,) = await claim(database)
    assert service.open_message(conversation, claimed).text == "quán bà Ba"
    await finish(database, conversation, claimed, clock)
    row = await state_of(database, receipt.inbox_id)
    assert row.payload is None
    assert row.state == UpdateState.FINISHED


async def test_a_conversation_is_worked_on_one_update_at_a_time_in_order(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    receipts = [await make_update(database, conversation) for _ in range(3)]
    seen = []
    for _ in receipts:
        claims = await claim(database)
        assert len(claims) == 1
        assert await claim(database, owner="another") == []
        seen.append(claims[0].id)
        conversation = await reload(database, vault, conversation)
        await finish(database, conversation, claims[0], clock)
    assert seen == [receipt.inbox_id for receipt in receipts]


async def reload(database, vault, conversation):
    async with database.reading() as connection:
        return await conversations.load(connection, vault, conversation.id)


async def test_many_conversations_are_claimed_at_once(database, vault):
    for _ in range(5):
        conversation, _ = await make_conversation(database, vault)
        await make_update(database, conversation)
        await make_update(database, conversation)
    assert len(await claim(database, most=3)) == 3
    assert len(await claim(database, most=10)) == 2


async def test_workers_racing_for_updates_share_them_without_overlap(database, vault):
    for _ in range(20):
        conversation, _ = await make_conversation(database, vault)
        await make_update(database, conversation)
    claims = await asyncio.gather(*(claim(database, owner=f"worker-{number}", most=5) for number in range(6)))
    ids = [claimed.id for batch in claims for claimed in batch]
    assert len(ids) == len(set(ids))
    rest = await claim(database, most=20)
    assert len(set(ids) | {claimed.id for claimed in rest}) == 20


async def test_an_expired_lease_goes_to_the_next_worker_and_the_first_cannot_finish(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    await make_update(database, conversation)
    (slow,) = await claim(database, owner="slow", lease_seconds=-1)
    (quick,) = await claim(database, owner="quick")
    assert quick.id == slow.id
    assert quick.attempt == 2
    with pytest.raises(LeaseLostError):
        await finish(database, conversation, slow, clock, state=DialogueState("eligibility_form", {"age": 20}))
    await finish(database, conversation, quick, clock)
    async with database.unit_of_work() as connection:
        handed_out = await deliveries.hand_out_later(connection, conversation, after=0, now=clock.now())
    assert [delivered.message for delivered in handed_out] == HELLO
    assert (await reload(database, vault, conversation)).state == DialogueState()


async def test_the_same_worker_cannot_finish_a_turn_twice(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    await make_update(database, conversation)
    (claimed,) = await claim(database)
    await finish(database, conversation, claimed, clock)
    with pytest.raises(LeaseLostError):
        await finish(database, conversation, claimed, clock)


async def test_a_failed_turn_waits_longer_each_time_and_is_parked_after_five(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    receipt = await make_update(database, conversation)
    await make_update(database, conversation, text="câu sau")
    waits = []
    for attempt in range(1, 6):
        (claimed,) = await claim(database)
        assert claimed.id == receipt.inbox_id
        assert claimed.attempt == attempt
        if service.is_last_attempt(claimed):
            break
        async with database.unit_of_work() as connection:
            before = (await connection.execute(select(repository.database_now()))).scalar_one()
            await service.give_back(connection, claimed, error=ValueError("with private words"))
        assert await claim(database) == []
        row = await state_of(database, receipt.inbox_id)
        assert row.error == "ValueError"
        waits.append(row.not_before - before)
        await make_ready(database)
    assert waits == pytest.approx([0.2, 0.8, 3.2, 12.8], abs=0.2)
    async with database.unit_of_work() as connection:
        await service.give_up(connection, conversation, claimed, error=ValueError(), apology=HELLO, now=clock.now())
    assert (await state_of(database, receipt.inbox_id)).state == UpdateState.PARKED
    (following,) = await claim(database)
    assert following.id > receipt.inbox_id


async def make_ready(database):
    async with database.unit_of_work() as connection:
        await connection.execute(update(inbox).values(not_before=0))


async def test_an_update_whose_workers_die_five_times_is_parked_by_the_sweep(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    receipt = await make_update(database, conversation)
    for _ in range(5):
        assert len(await claim(database, lease_seconds=-1)) == 1
    assert await claim(database) == []
    left_behind = Abandoned(receipt.inbox_id, conversation.id, retry_of=None)
    async with database.unit_of_work() as connection:
        assert await service.list_abandoned(connection) == [left_behind]
        assert await service.park_abandoned(connection, left_behind, now=clock.now())
        assert not await service.park_abandoned(connection, left_behind, now=clock.now())
        assert await service.list_abandoned(connection) == []
        assert await repository.count_unfinished(connection) == 0
    row = await state_of(database, receipt.inbox_id)
    assert row.state == UpdateState.PARKED


async def test_giving_up_after_the_lease_is_lost_is_refused(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    await make_update(database, conversation)
    (slow,) = await claim(database, owner="slow", lease_seconds=-1)
    await claim(database, owner="quick")
    with pytest.raises(LeaseLostError):
        async with database.unit_of_work() as connection:
            await service.give_up(connection, conversation, slow, error=ValueError(), apology=HELLO, now=clock.now())


async def test_a_conversation_s_updates_are_stored_in_the_order_in_which_they_came(database, vault, clock):
    """On PostgreSQL ids are given out before the commit: a later update could be worked on before an earlier one."""
    conversation, token = await make_conversation(database, vault)
    stored = []

    async def store(text, first_in: asyncio.Event, may_commit: asyncio.Event):
        async with database.unit_of_work() as connection:
            admission = await conversations.admit(
                connection, vault, channel="web", external_id=conversation.external_id, tokens=[token], now=clock.now()
            )
            first_in.set()
            message = service.Message(text=text, press=None)
            receipt = await service.receive(
                connection, admission.conversation, account="", update_id=text, message=message, now=clock.now()
            )
            await may_commit.wait()
            stored.append(receipt.inbox_id)

    entered, release, free = asyncio.Event(), asyncio.Event(), asyncio.Event()
    free.set()
    first = asyncio.create_task(store("first", entered, release))
    await entered.wait()
    second = asyncio.create_task(store("second", asyncio.Event(), free))
    done, _ = await asyncio.wait([second], timeout=0.3)
    assert not done
    release.set()
    await asyncio.gather(first, second)
    assert stored == sorted(stored)
