"""A group in which many ask, or which takes nothing for a while: it waits, and nobody else does."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from tests.telegram.fake_wire import RefusedError, flood
from tests.telegram.replying import reply, write

ASKERS = 160


@pytest.fixture
def lan(fake):
    lan = fake.person("Lan")
    lan.starts()
    return lan


@pytest.fixture
async def busy(asking, fake):
    """A group in which more people asked than a sender takes at once."""
    group = fake.group()
    async with asking.runtime.database.unit_of_work() as connection:
        for number in range(ASKERS):
            await write(asking, connection, group, f"Câu {number}", person=1000 + number)
    return group


@asynccontextmanager
async def sending(product):
    task = asyncio.create_task(product.sender().run(product.runtime.stopping))
    try:
        yield
    finally:
        product.runtime.stop()
        await task


async def test_a_group_in_which_many_ask_keeps_its_pace_and_order_and_nobody_else_waits(asking, fake, busy, lan):
    loop = asyncio.get_running_loop()
    async with sending(asking):
        await fake.until(lambda: len(busy.texts) == 5)
        for text in ("một", "hai"):
            started = loop.time()
            await reply(asking, lan.chat, text)
            await fake.until(lambda text=text: lan.chat.texts[-1:] == [text])
            assert loop.time() - started < 2
        await fake.until(lambda: len(busy.texts) == 7, seconds=15)
    assert busy.texts[:7] == [f"Câu {number}" for number in range(7)]
    assert (await asking.states()).count("pending") >= ASKERS - 8


async def test_the_parts_of_an_answer_in_a_busy_group_stay_together(asking, fake):
    group = fake.group()
    await reply(asking, group, "Câu 1", "tiếp câu 1", person=1001)
    await reply(asking, group, "Câu 2", person=1002)
    async with sending(asking):
        await fake.until(lambda: len(group.texts) == 3)
    assert group.texts == ["Câu 1", "tiếp câu 1", "Câu 2"]


async def test_a_group_that_an_administrator_slowed_down_waits_alone(asking, fake, lan):
    group = fake.group()
    for number in range(4):
        await reply(asking, group, f"Câu {number}", person=1000 + number)
    fake.fails("sendMessage", *[flood(3600)] * 4, chat=group)
    async with sending(asking):
        await fake.until(lambda: len(fake.calls_of("sendMessage")) == 1)
        await asking.until_states(*["pending"] * 4)
        await reply(asking, lan.chat, "một")
        await fake.until(lambda: lan.chat.texts == ["một"])


async def test_a_group_that_is_refused_in_words_nobody_knows_waits_alone_and_loses_nothing(asking, fake, lan):
    group = fake.group()
    await reply(asking, group, "Câu", person=1000)
    fake.fails("sendMessage", RefusedError(403, "something new"), chat=group)
    with capture_logs() as logs:
        async with sending(asking):
            await fake.until(lambda: len(fake.calls_of("sendMessage")) == 1)
            await reply(asking, lan.chat, "một")
            await fake.until(lambda: lan.chat.texts == ["một"])
    assert await asking.states() == ["pending", "sent"]
    assert any(entry["event"] == "sender.chat_closed" and entry["log_level"] == "error" for entry in logs)
