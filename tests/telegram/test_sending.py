"""What becomes of a reply on its way to a chat."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from bot.core.conversations import service as conversations
from bot.core.db import Database
from bot.core.deliveries import outbox
from bot.core.deliveries.models import deliveries
from bot.core.deliveries.outbox import Replies
from bot.core.deliveries.service import Delivered
from bot.core.ports import TurnResult
from bot.core.rendering import TemplateBrokenError
from bot.core.replies import Reply
from bot.gateway.sender import Sender, reply_lane
from bot.gateway.telegram import CHANNEL
from bot.gateway.telegram.carrier import TelegramCarrier
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import Person
from tests.telegram.fake_wire import RefusedError, flood
from tests.telegram.product import TelegramProduct
from tests.telegram.replying import answer, one_reply
from tests.waiting import until


@pytest.fixture
def lan(fake: FakeBotApi) -> Person:
    return fake.person("Lan")


async def test_replies_arrive_in_order_with_sources_below_and_buttons_on_the_last(asking, fake, lan):
    async with asking.answering():
        await answer(asking, lan)
        await fake.until(lambda: len(lan.chat.texts) == 2)
    first, second = lan.chat.shown
    assert (first.buttons, second.buttons) == ([], ["Giá bao nhiêu?"])
    assert second.text.endswith("Nguồn: 45/KH-UBND (III.2, phần đầu); 20/2023/TT-BTC (Điều 3)")
    assert [entity["type"] for entity in second.entities] == ["expandable_blockquote"]
    assert await asking.states() == ["sent", "sent"]


async def test_a_blocked_bot_stops_and_drops_what_was_still_to_come(asking, fake, lan):
    await answer(asking, lan)
    lan.blocks()
    async with asking.answering():
        await asking.until_states("failed", "cancelled")
    assert len(fake.calls_of("sendMessage")) == 1


async def test_a_chat_that_is_gone_is_a_chat_that_cannot_be_reached(asking, fake, lan):
    await answer(asking, lan)
    fake.fails("sendMessage", RefusedError(400, "chat not found"))
    async with asking.answering():
        await asking.until_states("failed", "cancelled")


async def test_refusals_of_different_people_in_words_nobody_knows_pause_everybody_and_lose_nothing(asking, fake, lan):
    for person in (lan, fake.person("Minh")):
        await answer(asking, person)
    fake.fails("sendMessage", *[RefusedError(403, "something new")] * 2)
    sender = asking.sender()
    with capture_logs() as logs:
        async with asking.answering(sender):
            await fake.until(lambda: len(fake.calls_of("sendMessage")) == 2)
    await answer(asking, fake.person("Chi"))
    assert not await sender._claim(sender._lanes[0])
    assert await asking.states() == ["pending"] * 6
    assert {"sender.chat_closed", "sender.paused"} <= {entry["event"] for entry in logs}


async def test_a_flood_without_a_number_of_seconds_is_waited_out_too(asking, fake, lan):
    await answer(asking, lan)
    fake.fails("sendMessage", RefusedError(429))
    async with asking.answering():
        await fake.until(lambda: len(fake.calls_of("sendMessage")) == 1)
    assert await asking.states() == ["pending", "pending"]


async def test_a_flood_waits_as_long_as_telegram_says_and_then_sends_once(asking, fake, lan):
    await answer(asking, lan)
    fake.fails("sendMessage", flood(1))
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with asking.answering():
        await asking.until_states("sent", "sent")
    assert loop.time() - started >= 1
    assert len(lan.chat.texts) == 2


async def test_a_flood_that_repeats_pauses_everybody(asking, fake, lan):
    minh = fake.person("Minh")
    for person in (lan, minh):
        await answer(asking, person)
    fake.fails("sendMessage", flood(30), flood(30))
    sender = asking.sender()
    async with asking.answering(sender):
        await fake.until(lambda: len(fake.calls_of("sendMessage")) == 2)
        await asking.until_states(*["pending"] * 4)
        await answer(asking, fake.person("Chi"))
        assert not await sender._claim(sender._lanes[0])
    assert len(fake.calls_of("sendMessage")) == 2
    assert await asking.states() == ["pending"] * 6


@pytest.mark.parametrize("fault", ["answer_lost", "timed_out", "dropped", 500, 502])
async def test_a_message_that_may_have_arrived_is_never_sent_again(asking, fake, lan, fault):
    await answer(asking, lan)
    fake.fails("sendMessage", fault)
    async with asking.answering():
        await asking.until_states("unknown", "sent")
    assert len(fake.calls_of("sendMessage")) == 2
    assert len(lan.chat.texts) == (2 if fault in {"answer_lost", "timed_out"} else 1)


@pytest.mark.parametrize("fault", ["unreachable", "no_connection_free"])
async def test_a_message_that_surely_did_not_leave_is_sent_later(asking, fake, lan, fault):
    await answer(asking, lan)
    fake.fails("sendMessage", fault)
    async with asking.answering():
        await asking.until_states("sent", "sent")
    assert len(lan.chat.texts) == 2


async def test_a_sender_that_dies_before_recording_leaves_the_message_unknown_and_not_doubled(asking, fake, lan):
    await answer(asking, lan)
    runtime = asking.runtime
    replies = Replies(runtime.vault, runtime.clock)
    async with runtime.database.unit_of_work() as connection:
        (parcel,) = await replies.claim(connection, channel=CHANNEL, owner="dead", most=8)
    async with runtime.database.unit_of_work() as connection:
        assert await outbox.begin(connection, parcel.claimed, lease_seconds=0.2)
    await TelegramCarrier(asking.client, runtime.renderer, runtime.pictures).send(
        str(lan.chat.chat_id), parcel.delivered
    )
    async with asking.answering():
        await asking.until_states("unknown", "sent")
    assert len(lan.chat.texts) == 2
    async with runtime.database.unit_of_work() as connection:
        assert not await replies.record_sent(connection, parcel, message_id="1", now=asking.product.clock.now())
    assert await asking.states() == ["unknown", "sent"]


async def test_what_a_sender_had_only_leased_when_it_died_is_sent_later(asking, fake, lan):
    await answer(asking, lan)
    runtime = asking.runtime
    replies = Replies(runtime.vault, runtime.clock)
    async with runtime.database.unit_of_work() as connection:
        (parcel,) = await replies.claim(connection, channel=CHANNEL, owner="dead", most=8, lease_seconds=0.2)
    async with asking.answering():
        await asking.until_states("sent", "sent")
    assert len(lan.chat.texts) == 2
    async with runtime.database.unit_of_work() as connection:
        assert not await outbox.begin(connection, parcel.claimed)


async def test_a_failure_of_one_person_s_chat_holds_up_nobody_else(asking, fake, lan):
    minh = fake.person("Minh")
    hold = fake.holds("sendMessage", chat=lan.chat)
    for person in (lan, minh):
        await answer(asking, person)
    async with asking.answering():
        await fake.until(lambda: hold.reached and len(minh.chat.texts) == 2)
        assert len(lan.chat.texts) == 1
        hold.let_go()
        await asking.until_states("sent", "sent", "sent", "sent")


async def test_many_replies_to_one_person_keep_their_order_and_telegram_s_pace(asking, fake, lan):
    replies = tuple(Reply("greet", "message_too_long", {"limit": number}) for number in range(1, 6))
    await answer(asking, lan, replies=lambda request: TurnResult(replies, request.state, "greet", 0.9))
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with asking.answering():
        await asking.until_states(*["sent"] * 5, seconds=20)
    assert loop.time() - started >= 1
    assert [f"dài quá {number} ký tự" in text for number, text in enumerate(lan.chat.texts, start=1)] == [True] * 5


async def test_a_bot_s_pace_bounds_all_chats_together(asking, fake):
    for number in range(3):
        await answer(asking, fake.person(f"Người {number}"), replies=one_reply)
    rated = replace(asking.runtime, settings=asking.runtime.settings.model_copy(update={"telegram_rate": "4/1s"}))
    paced = replace(asking.product, runtime=rated)
    loop = asyncio.get_running_loop()
    started = loop.time()
    product = TelegramProduct(paced, fake, asking.client)
    async with product.answering(product.sender()):
        await product.until_states("sent", "sent", "sent")
    assert loop.time() - started >= 0.5


async def test_markup_that_telegram_cannot_read_is_sent_once_as_plain_text_and_reported(asking, fake, lan):
    await answer(asking, lan, replies=one_reply)
    fake.fails("sendMessage", RefusedError(400, "can't parse entities: unsupported start tag"))
    with capture_logs() as logs:
        async with asking.answering():
            await asking.until_states("sent")
    assert any(entry["event"] == "telegram.markup_refused" and entry["log_level"] == "error" for entry in logs)
    assert len(lan.chat.texts) == 1


async def test_a_message_that_telegram_will_never_take_fails_and_the_next_one_goes(asking, fake, lan):
    await answer(asking, lan)
    fake.fails("sendMessage", RefusedError(400, "message is too long"))
    with capture_logs() as logs:
        async with asking.answering():
            await asking.until_states("failed", "sent")
    (told,) = [entry for entry in logs if entry["event"] == "delivery.failed"]
    assert (told["log_level"], told["then"]) == ("error", "failed")


async def test_a_refused_token_sends_nothing_loses_nothing_and_stays_out_of_the_log(asking, fake, lan):
    await answer(asking, lan)
    fake.fails("sendMessage", 401)
    with capture_logs() as logs:
        async with asking.answering():
            await fake.until(lambda: len(fake.calls_of("sendMessage")) == 1)
    assert await asking.states() == ["pending", "pending"]
    assert any(entry["event"] == "sender.channel_closed" for entry in logs)
    assert fake.token not in str(logs)


async def test_two_senders_share_the_work_without_doubling_it(asking, fake):
    people = [fake.person(f"Người {number}") for number in range(6)]
    for person in people:
        await answer(asking, person)
    other = asyncio.create_task(asking.sender().run(asking.runtime.stopping))
    async with asking.answering():
        await asking.until_states(*["sent"] * 12, seconds=20)
    await other
    assert [len(person.chat.texts) for person in people] == [2] * 6


async def test_a_carrier_that_breaks_leaves_the_message_unknown(asking, lan):
    class Broken:
        channel = CHANNEL

        async def send(self, recipient: str, delivered: Delivered) -> str:
            raise ZeroDivisionError

    await answer(asking, lan, replies=one_reply)
    with capture_logs() as logs:
        async with asking.answering(asking.sender(Broken())):
            await asking.until_states("unknown")
    assert any(entry["event"] == "delivery.broken" for entry in logs)


async def test_a_message_that_cannot_be_opened_any_more_holds_up_nobody(asking, fake, lan):
    minh = fake.person("Minh")
    for person in (lan, minh):
        await answer(asking, person, replies=one_reply)
    async with asking.runtime.database.unit_of_work() as connection:
        first = select(func.min(deliveries.c.id)).scalar_subquery()
        await connection.execute(update(deliveries).where(deliveries.c.id == first).values(payload=b"x" * 40))
    async with asking.answering():
        await asking.until_states("failed", "sent")
    assert (len(lan.chat.texts), len(minh.chat.texts)) == (0, 1)


async def test_a_message_that_opens_to_nonsense_fails_and_the_others_go(asking, fake, lan):
    minh = fake.person("Minh")
    for person in (lan, minh):
        await answer(asking, person, replies=one_reply)
    async with asking.runtime.database.unit_of_work() as connection:
        query = select(deliveries.c.id, deliveries.c.conversation_id, deliveries.c.dedupe_key).order_by(deliveries.c.id)
        first = (await connection.execute(query.limit(1))).one()
        conversation = await conversations.load(connection, asking.runtime.vault, first.conversation_id)
        payload = conversation.key.seal(b'{"topic": 5}', place=f"delivery:{first.dedupe_key}")
        await connection.execute(update(deliveries).where(deliveries.c.id == first.id).values(payload=payload))
    with capture_logs() as logs:
        async with asking.answering():
            await asking.until_states("failed", "sent")
    assert any(entry["event"] == "delivery.unreadable" for entry in logs)
    assert (len(lan.chat.texts), len(minh.chat.texts)) == (0, 1)


class BrokenRenderer:
    """Has no template that works, or breaks altogether."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def render(self, *_, **__):
        raise self._error


async def test_broken_sources_do_not_keep_the_answer_back(asking, fake, lan):
    await answer(asking, lan)
    carrier = TelegramCarrier(asking.client, BrokenRenderer(TemplateBrokenError()), asking.runtime.pictures)
    with capture_logs() as logs:
        async with asking.answering(asking.sender(carrier)):
            await asking.until_states("sent", "sent")
    assert any(entry["event"] == "telegram.sources_broken" and entry["log_level"] == "error" for entry in logs)
    assert "Nguồn:" not in lan.chat.texts[1]


async def test_a_message_that_breaks_before_it_is_sent_has_failed_and_is_not_unknown(asking, fake, lan):
    await answer(asking, lan)
    carrier = TelegramCarrier(asking.client, BrokenRenderer(ZeroDivisionError()), asking.runtime.pictures)
    async with asking.answering(asking.sender(carrier)):
        await asking.until_states("sent", "failed")
    assert len(fake.calls_of("sendMessage")) == 1


async def test_what_was_claimed_and_not_begun_goes_back_when_everything_stops(asking, fake):
    for number in range(3):
        await answer(asking, fake.person(f"Người {number}"), replies=one_reply)
    rated = replace(asking.runtime, settings=asking.runtime.settings.model_copy(update={"telegram_rate": "1/5s"}))
    product = TelegramProduct(replace(asking.product, runtime=rated), fake, asking.client)
    async with product.answering(product.sender()):
        await product.until_states("sent", "sending", "sending")
    assert await product.states() == ["sent", "pending", "pending"]
    async with asking.runtime.database.reading() as connection:
        assert list((await connection.execute(select(deliveries.c.attempt))).scalars()) == [1, 0, 0]


def test_the_client_does_not_show_its_token(asking):
    assert asking.fake.token not in f"{asking.client!r} {asking.client}"


async def test_a_database_that_is_away_is_reported_and_waited_for(asking, tmp_path):
    away = Database(f"sqlite+aiosqlite:///{tmp_path / 'nothing' / 'here.sqlite3'}")
    lanes = [reply_lane(Replies(asking.runtime.vault, asking.runtime.clock))]
    parts = {"lanes": lanes, "clock": asking.product.clock, "doorbell": asking.runtime.doorbell}
    carrier = TelegramCarrier(asking.client, asking.runtime.renderer, asking.runtime.pictures)
    stopping = asyncio.Event()
    with capture_logs() as logs:
        task = asyncio.create_task(Sender(database=away, carrier=carrier, rate=None, **parts).run(stopping))
        await until(lambda: bool(logs))
        stopping.set()
        asking.runtime.doorbell.ring_all()
        await task
    assert {entry["event"] for entry in logs} == {"sender.database_away"}
