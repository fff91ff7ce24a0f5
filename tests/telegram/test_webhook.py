"""What comes in by the webhook, and what the person sees then."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.core.conversations.models import conversations
from bot.core.rates import ChatLimits, Rate
from bot.core.replies import Press
from bot.gateway.telegram.setup import TelegramSetup
from bot.gateway.telegram.webhook import PATH, SECRET_HEADER
from tests.fixtures.product import Product
from tests.gateway.talking import asking as asking_an_age
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import Person
from tests.telegram.product import NAME, PUBLIC_URL, SECRET, TelegramProduct
from tests.waiting import until

URL = PUBLIC_URL + PATH


@pytest.fixture
def lan(fake: FakeBotApi) -> Person:
    return fake.person("Lan")


async def unreachable(product: TelegramProduct) -> list[bool]:
    async with product.runtime.database.reading() as connection:
        rows = await connection.execute(select(conversations.c.unreachable_since).order_by(conversations.c.id))
        return [since is not None for since in rows.scalars()]


async def test_a_question_is_answered_in_the_chat_and_the_bot_says_once_what_it_is(called, fake, lan):
    async with called.answering():
        for number, text in enumerate(("chào", "chào lần nữa"), start=1):
            lan.says(text)
            await called.push()
            await fake.until(lambda number=number: len(lan.chat.texts) == number)
    first, second = lan.chat.texts
    assert "trợ lý tự động (AI)" in first
    assert "trợ lý tự động (AI)" not in second
    assert [request.text for request in called.product.assistant.requests] == ["chào", "chào lần nữa"]
    assert {request.channel for request in called.product.assistant.requests} == {"telegram"}
    assert await called.states() == ["sent", "sent"]


async def test_an_update_that_comes_three_times_is_answered_once(called, fake, lan):
    update = lan.says("chào")
    async with called.product.client() as client:
        answers = await fake.updates.post_at_once(client, [update, update])
        answers.append(await fake.updates.post(client, update))
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert await called.count_stored() == 1
    async with called.answering():
        await fake.until(lambda: len(lan.chat.texts) == 1)
        await called.post(update)
    assert len(lan.chat.texts) == 1
    assert len(called.product.assistant.requests) == 1


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], SECRET + "x"])
async def test_without_the_secret_nothing_is_stored(called, lan, secret):
    answer = await called.post(lan.says("chào"), secret=secret)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert await called.count_stored() == 0


async def test_the_secret_is_asked_for_before_the_body_is_read(called):
    async with called.product.client() as client:
        unproved = await client.post(URL, content=b"{", headers={SECRET_HEADER: "wrong\xe9".encode("latin-1")})
        too_large = await client.post(URL, content=b"x" * (1024 * 1024 + 1), headers={SECRET_HEADER: SECRET})
    assert unproved.status_code == 401
    assert too_large.status_code == 413


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"update_id": "x", "message": {}}',
        b'{"update_id": 1, "message": {"chat": 5}}',
        b'{"update_id": 2, "message": {"message_id": 1, "date": 0, "chat": {"id": "7", "type": "private"}}}',
        b'{"update_id": 3, "message": {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}, "text": {}}}',
        b'{"update_id": 4, "callback_query": {"id": 1}}',
        b'{"update_id": 5, "something_new": {"a": 1}}',
        b'{"update_id": 6, "inline_query": {}}',
        b"\xff\xfe",
    ],
)
async def test_what_cannot_be_read_is_taken_and_left(called, content):
    async with called.product.client() as client:
        answer = await client.post(URL, content=content, headers={SECRET_HEADER: SECRET})
    assert answer.status_code == 200
    assert answer.content == b""
    assert await called.count_stored() == 0


async def test_there_is_no_webhook_where_telegram_is_polled_or_off(asking, product: Product):
    for box in (asking.product, product):
        async with box.client() as client:
            answer = await client.post(PATH, json={}, headers={SECRET_HEADER: SECRET})
        assert answer.status_code == 404


async def test_a_pressed_button_is_answered_in_the_response_and_means_what_it_said(called, fake, lan):
    called.product.assistant.answer = asking_an_age
    async with called.answering():
        lan.starts()
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 1)
        press = lan.presses(lan.chat.shown[0].buttons[0])
        answer = await called.post(press.update)
        await fake.until(lambda: len(lan.chat.texts) == 2)
    query_id = press.update["callback_query"]["id"]
    assert answer.json() == {"method": "answerCallbackQuery", "callback_query_id": query_id}
    assert len(press.update["callback_query"]["data"].encode()) <= 64
    assert called.product.assistant.requests[-1].press == Press.of("ask_cost", product="id.vn")


async def test_a_press_on_a_message_that_telegram_no_longer_shows_still_counts(called, fake, lan):
    called.product.assistant.answer = asking_an_age
    async with called.answering():
        lan.starts()
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 1)
        lan.presses(lan.chat.shown[0].buttons[0], content_lost=True)
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 2)
    assert called.product.assistant.requests[-1].press == Press.of("ask_cost", product="id.vn")


async def test_somebody_else_s_or_unknown_button_data_gets_a_kind_answer(called, fake, lan):
    called.product.assistant.answer = asking_an_age
    minh = fake.person("Minh")
    async with called.answering():
        for person in (lan, minh):
            person.starts()
            await called.push()
        await fake.until(lambda: len(lan.chat.texts) == len(minh.chat.texts) == 1)
        stolen = lan.chat.shown[0].keyboard[0][0]["callback_data"]
        for number, data in enumerate((stolen, "1.", "999999999.aaaa", "x" * 64, "１.đ"), start=2):
            minh.forges_press(data)
            await called.push()
            await fake.until(lambda number=number: len(minh.chat.texts) == number)
    assert all("Nút này cũ rồi" in text for text in minh.chat.texts[1:])
    assert all(shown.buttons for shown in minh.chat.shown[1:])
    assert [request.press for request in called.product.assistant.requests] == [Press.of("start_over")] * 2


async def test_an_identity_number_reaches_neither_the_assistant_nor_the_disk(called, fake, lan, tmp_path):
    async with called.answering():
        lan.says("em là Lan, cccd 079 203 001 234, em 20 tuổi")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 1)
    assert called.product.assistant.requests[0].text == "em là Lan, cccd , em 20 tuổi"
    assert "số giấy tờ khỏi tin nhắn" in lan.chat.texts[0]
    for path in (path for path in Path(tmp_path).iterdir() if path.is_file()):
        content = path.read_bytes()
        assert not any(secret in content for secret in (b"079 203 001 234", b"079203001234", "em là".encode()))


async def test_what_is_no_text_gets_a_fitting_answer_and_is_not_kept(called, fake, lan):
    deeds = {
        lan.sends_photo: "Mình không xem được ảnh",
        lan.sends_document: "Mình không xem được tệp",
        lan.sends_voice: "Mình không nghe được tin nhắn thoại",
        lan.sends_video: "Mình không xem được video",
        lan.sends_sticker: "Mình chưa hiểu nhãn dán",
        lan.sends_location: "Mình không cần vị trí của bạn",
        lan.sends_contact: "Mình không cần số liên hệ này",
    }
    async with called.answering():
        for number, deed in enumerate(deeds, start=1):
            deed()
            await called.push()
            await fake.until(lambda number=number: len(lan.chat.texts) == number)
    for text, expected in zip(lan.chat.texts, deeds.values(), strict=True):
        assert expected in text
    assert called.product.assistant.requests == []
    assert not fake.calls_of("getFile")


async def test_a_photo_s_caption_is_read_and_the_photo_warned_about(called, fake, lan):
    async with called.answering():
        lan.sends_photo("giá id.vn bao nhiêu")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 1)
    assert called.product.assistant.requests[0].text == "giá id.vn bao nhiêu"
    assert "đừng gửi ảnh hay tệp giấy tờ" in lan.chat.texts[0]
    assert "Chào bạn!" in lan.chat.texts[0]


async def test_pictures_sent_together_are_refused_together_and_what_stands_with_one_is_read(called, fake, lan):
    async with called.answering():
        lan.sends_photo("giá id.vn bao nhiêu", album="70")
        for album in ("70", "70", "70", "71", "71", ""):
            lan.sends_photo(album=album)
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 4)
        lan.says("chào")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 5)
    assert ["Mình không xem được ảnh" in text for text in lan.chat.texts] == [True] * 4 + [False]
    assert called.product.assistant.requests[0].text == "giá id.vn bao nhiêu"


@pytest.mark.parametrize(
    ("typed", "pressed"),
    [
        ("/start", "start_over"),
        ("/start ref-123", "start_over"),
        ("/START@hien_dien_thu_bot", "start_over"),
        ("/menu", "ask_capabilities"),
        ("/giup", "ask_capabilities"),
        ("/huy", "cancel"),
    ],
)
async def test_our_commands_are_presses(asking, typed, pressed):
    lan = asking.fake.person()
    await asking.intake().take(lan.says(typed))
    async with asking.product.working():
        await asking.until_states("pending")
    assert asking.product.assistant.requests[0].press == Press(pressed)


async def test_other_commands_are_text_without_the_slash(asking):
    await asking.intake().take(asking.fake.person().says("/restart ngay"))
    async with asking.product.working():
        await asking.until_states("pending")
    assert asking.product.assistant.requests[0].text == "restart ngay"


async def test_talk_among_people_and_service_messages_are_left_alone(called, fake, lan):
    lan.says("chào")
    fake.updates.drop_all()
    for update in (
        lan.says("chào cả nhà", where=fake.group()),
        lan.sends(pinned_message=None),
        lan.sends(message_auto_delete_timer_changed={"message_auto_delete_time": 60}),
    ):
        assert (await called.post(update)).status_code == 200
    assert await called.count_stored() == 0


async def test_who_writes_too_fast_is_told_once_a_minute(called, fake, lan):
    limited = replace(called.runtime, chat_limits=ChatLimits(Rate(2, 60)))
    called.product.runtime = limited
    async with called.product.client() as client, called.answering():
        for number in range(6):
            update = lan.says(f"câu {number}")
            assert (await fake.updates.post(client, update)).status_code == 200
        await fake.until(lambda: len(lan.chat.texts) == 3)
    assert "nhắn hơi nhanh" in lan.chat.texts[2]
    assert await called.count_stored() == 3


async def test_who_blocks_the_bot_cannot_be_reached_until_they_come_back(called, fake, lan):
    lan.says("chào")
    await called.push()
    async with called.product.working():
        await called.until_states("pending")
    lan.blocks()
    await called.push()
    assert await called.states() == ["pending"]
    assert await unreachable(called) == [True]
    lan.unblocks()
    await called.push()
    assert await unreachable(called) == [False]
    lan.blocks()
    await called.push()
    lan.unblocks()
    lan.says("chào lại")
    await called.push(at_once=True)
    assert await unreachable(called) == [False]


async def test_a_stranger_who_blocks_the_bot_leaves_no_trace(called, lan):
    lan.blocks()
    await called.push()
    assert await unreachable(called) == []


async def test_telegram_is_told_the_commands_and_where_to_call(called, fake):
    names = [command["command"] for command in fake.commands["all_private_chats", "vi"]]
    assert names == ["start", "menu", "huy", "giup"]
    assert all(command["description"] for command in fake.commands["all_private_chats", ""])
    assert fake.updates.webhook.url == f"{URL}?bot={NAME}"
    assert fake.updates.webhook.secret == SECRET
    assert set(fake.updates.allowed) == {"message", "edited_message", "callback_query", "my_chat_member"}


async def test_two_people_s_messages_at_once_are_both_answered(called, fake):
    people = [fake.person(name) for name in ("An", "Bình", "Chi", "Dũng")]
    updates = [person.says("chào") for person in people]
    async with called.answering(), called.product.client() as client:
        answers = await fake.updates.post_at_once(client, updates)
        await fake.until(lambda: all(len(person.chat.texts) == 1 for person in people))
    assert {answer.status_code for answer in answers} == {200}


async def test_two_first_messages_of_one_person_at_once_open_one_conversation(called, fake, lan):
    updates: list[Mapping[str, object]] = [lan.says("một"), lan.says("hai")]
    async with called.product.client() as client:
        await fake.updates.post_at_once(client, updates)
    assert await unreachable(called) == [False]
    assert await called.count_stored() == 2


@asynccontextmanager
async def setting_up(product, **options):
    """Keep Telegram told about the bot during the block."""
    stopping = asyncio.Event()
    setup = TelegramSetup(product.client, product.runtime.renderer, product.runtime.settings, **options)
    task = asyncio.create_task(setup.run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


async def test_what_telegram_must_know_is_told_until_it_is_heard(called, fake):
    fake.commands.clear()
    fake.fails("setMyCommands", 500)
    called.product.clock.advance(minutes=1)
    with capture_logs() as logs:
        async with setting_up(called):
            await until(lambda: len(logs) == 2)
    assert [entry["event"] for entry in logs] == ["telegram.setup_failed", "telegram.set_up"]
    assert fake.commands


async def test_a_webhook_that_a_poller_took_away_is_set_again_and_nothing_is_lost(called, fake, lan):
    called.product.clock.advance(minutes=1)
    with capture_logs() as logs:
        async with setting_up(called, look_seconds=0.05), called.answering():
            await until(lambda: len(logs) == 1)
            called.product.clock.advance(minutes=1)
            await called.client.delete_webhook()
            lan.says("chào")
            await fake.until(lambda: fake.updates.webhook is not None)
            await called.push()
            await fake.until(lambda: len(lan.chat.texts) == 1)
    told = [entry["event"] for entry in logs if entry["event"].startswith("telegram.")]
    assert told == ["telegram.set_up", "telegram.webhook_gone"]
    assert fake.updates.webhook.secret == SECRET


async def test_without_an_https_address_the_webhook_is_not_registered_and_that_is_said(called, fake):
    fake.updates.webhook = None
    settings = called.runtime.settings.model_copy(update={"public_url": None})
    with capture_logs() as logs:
        await TelegramSetup(called.client, called.runtime.renderer, settings).run(asyncio.Event())
    assert "telegram.webhook_not_registered" in [entry["event"] for entry in logs]
    assert fake.updates.webhook is None


async def test_half_an_emoji_is_answered_as_an_empty_message(called, fake, lan):
    update = lan.says("x")
    fake.updates.drop_all()
    content = json.dumps(update).replace('"x"', '"\\ud83d"').encode()
    async with called.product.client() as client, called.answering():
        answer = await client.post(URL, content=content, headers={SECRET_HEADER: SECRET})
        await fake.until(lambda: len(lan.chat.texts) == 1)
    assert answer.status_code == 200
    assert called.product.assistant.requests == []
