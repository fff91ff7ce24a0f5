import asyncio

from bot.core.conversations import service as conversations
from bot.core.deliveries import service
from bot.core.deliveries.service import OutboundMessage, ShownButton
from bot.core.replies import Source
from tests.core.inbox.test_service import claim, finish
from tests.factories import make_conversation, make_update

QUESTION = OutboundMessage("ask_cost", "50.000 đồng", (ShownButton("Tiếp", "x~y"),), (Source("45/KH-UBND", "III.2"),))
REMINDER = OutboundMessage("greet", "Chào bạn")


async def answer(database, vault, clock, conversation, *messages):
    receipt = await make_update(database, conversation)
    (claimed,) = await claim(database)
    await finish(database, conversation, claimed, clock, messages=messages)
    async with database.reading() as connection:
        return receipt.inbox_id, await conversations.load(connection, vault, conversation.id)


async def test_replies_come_back_whole_and_in_order(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    inbox_id, conversation = await answer(database, vault, clock, conversation, QUESTION, REMINDER)
    async with database.unit_of_work() as connection:
        handed_out = await service.hand_out_answer(connection, conversation, inbox_id, now=clock.now())
    assert [(delivered.position, delivered.message) for delivered in handed_out] == [(1, QUESTION), (2, REMINDER)]


async def test_a_cursor_gives_only_what_is_behind_it_and_can_be_used_again(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    _, conversation = await answer(database, vault, clock, conversation, QUESTION)
    _, conversation = await answer(database, vault, clock, conversation, REMINDER)
    for _ in range(2):
        async with database.unit_of_work() as connection:
            handed_out = await service.hand_out_later(connection, conversation, after=1, now=clock.now())
        assert [delivered.message for delivered in handed_out] == [REMINDER]


async def test_the_cursor_never_passes_a_reply_that_was_not_handed_out(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    first, conversation = await answer(database, vault, clock, conversation, QUESTION)
    second, conversation = await answer(database, vault, clock, conversation, REMINDER)
    async with database.unit_of_work() as connection:
        assert await service.cursor_of(connection, conversation) == 0
        await service.hand_out_answer(connection, conversation, second, now=clock.now())
        assert await service.cursor_of(connection, conversation) == 0
        await service.hand_out_answer(connection, conversation, first, now=clock.now())
        assert await service.cursor_of(connection, conversation) == 2
        assert await service.has_later(connection, conversation, 1)
        assert not await service.has_later(connection, conversation, 2)


async def test_one_conversation_never_sees_another_s_replies(database, vault, clock):
    mine, _ = await make_conversation(database, vault)
    other, _ = await make_conversation(database, vault)
    await answer(database, vault, clock, other, QUESTION)
    async with database.unit_of_work() as connection:
        assert await service.hand_out_later(connection, mine, after=0, now=clock.now()) == []
        assert await service.cursor_of(connection, mine) == 0


async def test_a_long_history_is_handed_out_in_parts(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    _, conversation = await answer(database, vault, clock, conversation, *[QUESTION] * 130)
    seen, after = [], 0
    for _ in range(3):
        async with database.unit_of_work() as connection:
            part = await service.hand_out_later(connection, conversation, after=after, now=clock.now())
        seen += [delivered.position for delivered in part]
        after = seen[-1]
    assert seen == list(range(1, 131))


async def later(database, conversation, clock, key, *messages):
    async with database.unit_of_work() as connection:
        return await service.write_later(connection, conversation, key=key, messages=messages, now=clock.now())


async def test_news_comes_behind_everything_that_was_said_and_once(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    await answer(database, vault, clock, conversation, QUESTION)
    assert await later(database, conversation, clock, "reminder:1", REMINDER, QUESTION)
    assert not await later(database, conversation, clock, "reminder:1", REMINDER, QUESTION)
    async with database.unit_of_work() as connection:
        handed_out = await service.hand_out_later(connection, conversation, after=0, now=clock.now())
    assert [(delivered.position, delivered.message) for delivered in handed_out] == [
        (1, QUESTION),
        (2, REMINDER),
        (3, QUESTION),
    ]


async def test_news_that_comes_while_a_turn_is_worked_on_takes_no_place_from_its_reply(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    await make_update(database, conversation)
    (claimed,) = await claim(database)
    await later(database, conversation, clock, "reminder:1", REMINDER)
    await finish(database, conversation, claimed, clock, messages=[QUESTION])
    async with database.unit_of_work() as connection:
        handed_out = await service.hand_out_later(connection, conversation, after=0, now=clock.now())
    assert [delivered.message for delivered in handed_out] == [REMINDER, QUESTION]


async def test_the_same_news_told_twice_at_once_is_written_once(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    told = await asyncio.gather(*(later(database, conversation, clock, "reminder:1", REMINDER) for _ in range(4)))
    assert sorted(told) == [False, False, False, True]
