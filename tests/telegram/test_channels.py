"""A channel as the destination of bulletins: it gets them, and whether the bot may post there is known."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.core.destinations import repository as places
from tests.broadcasting import broadcast_draft
from tests.telegram.bulletins import Bulletins, opened_bulletins
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import Chat, Person
from tests.telegram.fake_wire import RefusedError
from tests.telegram.product import NAME, TelegramProduct


@pytest_asyncio.fixture
async def bulletins(asking: TelegramProduct) -> AsyncIterator[Bulletins]:
    async with opened_bulletins(asking) as opened:
        yield opened


@pytest.fixture
def minh(fake: FakeBotApi) -> Person:
    return fake.person("Minh")


async def is_reachable(bulletins: Bulletins, chat: Chat) -> bool:
    async with bulletins.province.database.reading() as connection:
        row = await places.find_in_use(connection, channel="telegram-group", address=str(chat.chat_id))
    assert row is not None
    return row.unreachable_since is None


async def test_a_bulletin_reaches_a_channel_as_it_reaches_a_group(bulletins):
    channel = await bulletins.channel()
    edition = await bulletins.province.fired(broadcast_draft(text="Họp thôn <tối nay>."))
    for _ in range(2):
        await bulletins.send()
    (shown,) = channel.shown
    assert "Họp thôn <tối nay>." in shown.text
    assert edition.check_code in shown.text
    assert shown.message["sender_chat"]["id"] == channel.chat_id
    (arrival,) = await bulletins.province.deliveries(edition)
    assert arrival.state.name == "SENT"


async def test_that_the_bot_lost_the_right_to_post_or_got_it_back_is_noted_at_once(bulletins, minh):
    channel = await bulletins.channel()
    deeds = (
        (lambda: minh.makes_bot(channel, "administrator", can_post_messages=False), False),
        (lambda: minh.makes_bot(channel, "administrator", can_post_messages=True), True),
        (lambda: minh.kicks_bot_from(channel), False),
        (lambda: minh.adds_bot_to(channel), True),
        (lambda: minh.makes_bot(channel, "left"), False),
    )
    for deed, expected in deeds:
        await bulletins.telegram.intake().take(deed())
        assert await is_reachable(bulletins, channel) is expected


async def test_what_becomes_of_the_bot_in_a_channel_that_gets_nothing_from_us_is_left(bulletins, minh, fake):
    channel, other = await bulletins.channel(), fake.channel("Kênh lạ")
    await bulletins.telegram.intake().take(minh.kicks_bot_from(other))
    assert await is_reachable(bulletins, channel)


async def test_the_address_of_a_channel_that_is_no_destination_yet_stands_in_the_log(bulletins, minh, fake):
    other = fake.channel("Kênh mới")
    minh.kicks_bot_from(other)
    with capture_logs() as logged:
        await bulletins.telegram.intake().take(minh.adds_bot_to(other))
    assert {"event": "telegram.let_into", "address": str(other.chat_id), "log_level": "info"} in logged
    assert "Kênh mới" not in str(logged)


async def test_a_channel_that_does_not_let_the_bot_post_is_unreachable_and_holds_up_no_other(bulletins, minh):
    silenced, kicked, other = [await bulletins.channel(f"Kênh {number}") for number in range(3)]
    minh.makes_bot(silenced, "administrator", can_post_messages=False)
    minh.kicks_bot_from(kicked)
    edition = await bulletins.province.fired()
    await bulletins.send()
    assert sorted(each.state.name for each in await bulletins.province.deliveries(edition)) == [
        "FAILED",
        "FAILED",
        "SENT",
    ]
    assert [await is_reachable(bulletins, chat) for chat in (silenced, kicked, other)] == [False, False, True]


@pytest.mark.parametrize("said", ["CHAT_ADMIN_REQUIRED", "PEER_ID_INVALID"])
async def test_a_channel_that_refuses_in_other_words_is_unreachable_too(bulletins, fake, said):
    channel = await bulletins.channel()
    fake.fails("sendMessage", RefusedError(400, said))
    await bulletins.province.fired()
    await bulletins.send()
    assert not await is_reachable(bulletins, channel)


async def test_what_is_posted_in_a_channel_is_not_answered_or_kept(bulletins, fake, minh):
    channel = await bulletins.channel()
    fake.updates.allowed = ("channel_post",)  # as where somebody asked for it with the same token
    for text in (f"@{NAME} giá?", "/start"):
        post = {"message_id": 5, "sender_chat": channel.wire(), "chat": channel.wire(), "date": 1, "text": text}
        await bulletins.telegram.intake().take(fake.updates.add("channel_post", post))
        await bulletins.telegram.intake().take(fake.updates.add("message", post))
    assert await bulletins.telegram.count_stored() == 0
