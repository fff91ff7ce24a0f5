"""What people do reaches the bot: by polling, by webhook, and as presses."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from telegram import Bot, Message, Update
from telegram.error import BadRequest, Conflict, NetworkError, RetryAfter

from tests.telegram.driving import MENU, a_bot
from tests.telegram.fake_people import NotPossibleError
from tests.telegram.fake_updates import SECRET_HEADER

HOOK = "https://bot.test/webhooks/telegram"

# Making a RetryAfter warns in this version of the library, whatever the product does.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


class Product:
    """A webhook that answers as scripted, else 200, and keeps what it was sent."""

    def __init__(self, *statuses: int, headers: dict[str, str] | None = None) -> None:
        self.statuses = list(statuses)
        self.headers = headers or {}
        self.received: list[int] = []
        self.secrets: list[str | None] = []
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self))

    async def __call__(self, scope, receive, send) -> None:
        request = Request(scope, receive)
        self.received.append((await request.json())["update_id"])
        self.secrets.append(request.headers.get(SECRET_HEADER))
        status = self.statuses.pop(0) if self.statuses else 200
        await Response(status_code=status, headers=self.headers)(scope, receive, send)


# Presses


async def test_a_press_arrives_and_is_answered_once(bot, lan):
    await bot.send_message(lan.user_id, "Chọn:", reply_markup=MENU)
    press = lan.presses("Tôi có được ưu đãi?")
    (update,) = await bot.get_updates()
    query = update.callback_query
    assert query is not None
    assert isinstance(query.message, Message)
    assert (query.data, query.from_user.id, query.message.text) == ("a1", lan.user_id, "Chọn:")
    await query.answer("Được")
    assert (press.answered, press.notice) == (True, "Được")
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await query.answer()


async def test_a_press_is_too_old_after_150_seconds(bot, lan, clock):
    await bot.send_message(lan.user_id, "Chọn:", reply_markup=MENU)
    lan.presses("Tôi có được ưu đãi?")
    (update,) = await bot.get_updates()
    clock.advance(seconds=151)
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await update.callback_query.answer()
    assert await bot.get_updates() == ()


async def test_a_press_may_come_without_its_message_or_from_no_button(bot, lan):
    lan.forges_press("x")
    await bot.send_message(lan.user_id, "Chọn:", reply_markup=MENU)
    lan.presses("Tôi có được ưu đãi?", content_lost=True)
    lan.forges_press("y")
    queries = [update.callback_query for update in await bot.get_updates()]
    assert [(query.data, query.message.is_accessible) for query in queries] == [
        ("x", False),
        ("a1", False),
        ("y", True),
    ]
    with pytest.raises(NotPossibleError, match="Tôi có được ưu đãi"):
        lan.presses("Không có")


# Polling


async def test_every_deed_arrives_as_the_library_reads_it(fake, bot, lan):
    lan.starts("ma-gioi-thieu")
    lan.says("ten mien gia bao nhieu")
    lan.edits("tên miền giá bao nhiêu")
    lan.sends_photo("xem giúp")
    lan.sends_document()
    lan.sends_voice()
    lan.sends_video()
    lan.sends_sticker()
    lan.sends_location()
    lan.sends_contact()
    lan.sends(dice={"emoji": "🎲", "value": 3})
    lan.blocks()
    lan.unblocks()
    fake.updates.add("something_new", {})
    *updates, changed, unknown = await bot.get_updates()
    start, said, edited = (update.effective_message for update in updates[:3])
    assert (start.text, start.entities[0].type, start.entities[0].length) == ("/start ma-gioi-thieu", "bot_command", 6)
    assert edited.message_id == said.message_id
    assert (updates[2].edited_message.text, edited.edit_date) == ("tên miền giá bao nhiêu", said.date)
    assert [update.message.effective_attachment is not None for update in updates[3:11]] == [True] * 8
    assert updates[3].message.caption == "xem giúp"
    assert updates[11].my_chat_member.new_chat_member.status == "kicked"
    assert changed.my_chat_member.new_chat_member.status == "member"
    assert unknown.effective_user is None


async def test_an_offset_confirms_and_forgets(bot, lan):
    updates = [lan.says(text)["update_id"] for text in ("một", "hai", "ba")]
    assert await ids(bot, limit=2) == updates[:2]
    assert await ids(bot, limit=2) == updates[:2]
    assert await ids(bot, offset=updates[1]) == updates[1:]
    assert await ids(bot) == updates[1:]
    assert await ids(bot, offset=-1) == updates[2:]
    assert await ids(bot, offset=updates[2] + 1) == []


async def ids(bot: Bot, **options: int) -> list[int]:
    return [update.update_id for update in await bot.get_updates(**options)]


async def test_updates_are_kept_a_day(bot, lan, clock):
    lan.says("một")
    clock.advance(hours=24)
    assert await ids(bot) == []


async def test_only_the_kinds_asked_for_are_kept_from_then_on(bot, lan):
    await bot.get_updates(allowed_updates=[Update.MESSAGE])
    lan.blocks()
    lan.unblocks()
    said = lan.says("chào")
    assert await ids(bot) == [said["update_id"]]


async def test_a_poll_is_held_until_something_is_said(fake, bot, lan):
    polling = asyncio.create_task(ids(bot, timeout=50))
    await fake.until(lambda: fake.updates.polled)
    said = lan.says("chào")
    assert await polling == [said["update_id"]]


async def test_a_poll_can_be_ended_with_nothing(fake, bot):
    polling = asyncio.create_task(ids(bot, timeout=50))
    await fake.until(lambda: fake.updates.polled)
    fake.updates.end_polls()
    assert await polling == []


async def test_a_second_poller_ends_the_first(fake, bot, lan):
    first = asyncio.create_task(ids(bot, timeout=50))
    await fake.until(lambda: fake.updates.polled)
    second = asyncio.create_task(ids(bot, timeout=50))
    with pytest.raises(Conflict, match="other getUpdates"):
        await first
    said = lan.says("chào")
    assert await second == [said["update_id"]]


async def test_a_webhook_and_polling_exclude_each_other(fake, bot, lan, clock):
    polling = asyncio.create_task(ids(bot, timeout=50))
    await fake.until(lambda: fake.updates.polled)
    await bot.set_webhook(HOOK)
    with pytest.raises(Conflict, match="setWebhook"):
        await polling
    said = lan.says("chào")
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await ids(bot) == [said["update_id"]]
    await bot.delete_webhook(drop_pending_updates=True)
    assert await ids(bot) == []


# Webhook


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("http://bot.test/x", {}),
        ("https://bot.test:8000/x", {}),
        (HOOK, {"secret_token": "a" * 257}),
        (HOOK, {"secret_token": "có dấu"}),
    ],
)
async def test_a_webhook_that_telegram_refuses_is_refused(fake, bot, url, options):
    with pytest.raises(BadRequest):
        await bot.set_webhook(url, **options)
    assert (await bot.get_webhook_info()).url == ""


async def test_a_webhook_is_set_once_a_second(bot, clock):
    await bot.set_webhook(HOOK)
    with pytest.raises(RetryAfter):
        await bot.set_webhook(HOOK)
    clock.advance(seconds=1)
    await bot.set_webhook(HOOK)


async def test_updates_are_pushed_with_the_secret(fake, bot, lan):
    product = Product()
    await bot.set_webhook(HOOK, secret_token="a" * 256)
    sent = [lan.says("một")["update_id"], lan.says("hai")["update_id"]]
    attempts = await fake.updates.push(product.client)
    assert [attempt.update_id for attempt in attempts] == product.received == sent
    assert product.secrets == ["a" * 256] * 2
    assert (await bot.get_webhook_info()).pending_update_count == 0


async def test_a_refused_update_comes_again_and_holds_back_its_chat_only(fake, bot, lan, clock):
    product = Product(503, 302, 404)
    await bot.set_webhook(HOOK)
    minh = fake.person("Minh")
    first, second, other = (person.says("x")["update_id"] for person in (lan, lan, minh))
    await fake.updates.push(product.client)
    assert product.received == [first, first, other, other]
    info = await bot.get_webhook_info()
    assert (info.pending_update_count, info.last_error_message) == (2, "Wrong response from the webhook: 404 Not Found")
    assert await fake.updates.push(product.client) == []
    clock.advance(seconds=2)
    await fake.updates.push(product.client)
    assert product.received[4:] == [first, second]


async def test_retry_after_is_obeyed_and_old_updates_expire(fake, bot, lan, clock):
    product = Product(*[503] * 9, headers={"Retry-After": "60"})
    await bot.set_webhook(HOOK)
    lan.says("x")
    await fake.updates.push(product.client)
    assert await fake.updates.push(product.client) == []
    clock.advance(seconds=60)
    assert [attempt.status for attempt in await fake.updates.push(product.client)] == [503]
    clock.advance(hours=24)
    assert await fake.updates.push(product.client) == []


async def test_an_update_can_be_replayed_alone_at_once_and_with_a_wrong_secret(fake, bot, lan):
    product = Product()
    await bot.set_webhook(HOOK, secret_token="right")
    update = lan.says("x")
    await fake.updates.push(product.client)
    await fake.updates.post(product.client, update)
    await fake.updates.post_at_once(product.client, [update, update])
    await fake.updates.post(product.client, update, secret="wrong")
    await fake.updates.post(product.client, update, secret="")
    assert product.received == [update["update_id"]] * 6
    assert product.secrets == ["right"] * 4 + ["wrong", None]


async def test_a_press_and_a_message_can_come_at_once(fake, bot, lan):
    product = Product()
    await bot.set_webhook(HOOK)
    await bot.send_message(lan.user_id, "Chọn:", reply_markup=MENU)
    sent = {lan.says("x")["update_id"], lan.presses("Tôi có được ưu đãi?").update["update_id"]}
    await fake.updates.push(product.client, at_once=True)
    assert set(product.received) == sent


# On a port


async def test_on_a_port_it_is_the_same(fake, lan):
    with fake.serve():
        async with a_bot(fake, in_process=False) as bot:
            polling = asyncio.create_task(ids(bot, timeout=50))
            await fake.until(lambda: fake.updates.polled)
            said = lan.says("chào")
            assert await polling == [said["update_id"]]
            fake.fails("sendMessage", "answer_lost", "dropped")
            for text in ("một", "hai"):
                with pytest.raises(NetworkError, match="RemoteProtocolError"):
                    await bot.send_message(lan.user_id, text)
    assert lan.chat.texts == ["một"]
