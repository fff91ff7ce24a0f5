"""What is no answer of the Bot API's ends nothing: it is a failure like others, and what was asked is asked again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from telegram.error import Forbidden, TelegramError

from bot.assembly import send_to_telegram
from bot.core.deliveries.errors import SendError
from bot.core.rendering import TemplateBrokenError
from bot.gateway.telegram.client import TelegramClient, ask_username, open_client
from bot.gateway.telegram.polling import Poller
from bot.gateway.telegram.setup import TelegramSetup
from bot.gateway.telegram.typing import Typing
from bot.settings import Settings
from tests.telegram.bulletins import opened_bulletins
from tests.telegram.fake_bot_api import BOT, TOKEN, FakeBotApi
from tests.telegram.fake_people import Person
from tests.telegram.fake_wire import OddlyAnsweredError, RefusedError
from tests.waiting import until

CHAT = {"id": 5, "type": "private", "first_name": "Lan"}
SENT = {"message_id": 7, "date": 1, "chat": CHAT, "from": BOT, "text": "chào"}
PHOTO = {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]}
CALLS: Mapping[str, tuple[Callable[[TelegramClient], Awaitable[Any]], Any, Callable[[Any], bool]]] = {
    "getMe": (lambda it: it.get_me(), BOT, lambda user: isinstance(user.username, str)),
    "getUpdates": (
        lambda it: it.fetch_updates(offset=None, seconds=0),
        [{"update_id": 1}],
        lambda found: isinstance(found, list),
    ),
    "getWebhookInfo": (
        lambda it: it.get_webhook_info(),
        {"url": "", "has_custom_certificate": False, "pending_update_count": 0},
        lambda info: isinstance(info.url, str),
    ),
    "deleteWebhook": (lambda it: it.delete_webhook(), True, lambda done: done is True),
    "setWebhook": (lambda it: it.set_webhook("https://a.example"), True, lambda done: done is True),
    "setMyCommands": (lambda it: it.set_my_commands([("menu", "Menu")]), True, lambda done: done is True),
    "sendChatAction": (lambda it: it.send_chat_action(5, "typing"), True, lambda done: done is True),
    "answerCallbackQuery": (lambda it: it.answer_callback_query("8"), True, lambda done: done is True),
    "sendMessage": (lambda it: it.send_message(5, "chào"), SENT, lambda sent: isinstance(sent.message_id, int)),
    "sendPhoto": (
        lambda it: it.send_photo(5, b"png", filename="a.png"),
        SENT | PHOTO,
        lambda sent: isinstance(sent.message_id, int) and all(isinstance(size.file_id, str) for size in sent.photo),
    ),
}
"""The calls that the product makes: how, what the Bot API answers, and what there must be in an answer to go on."""
ODD = (
    '{"ok":true}',
    '{"ok":true,"result":null}',
    '{"ok":true,"result":"yes"}',
    '{"ok":true,"result":[null]}',
    '{"ok":true,"result":{}}',
    '{"ok":false,"error_code":403,"description":"Forbidden"}',
    "[]",
    "null",
    "7",
    "",
    "<html><body>Sign in to the network</body></html>",
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(max_size=5), of, max_size=3), max_leaves=8
)
STATUSES = st.sampled_from([200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 407, 409, 413, 429, 500, 502, 504])


class Answers(httpx.AsyncBaseTransport):
    """Answers every call with what it was given."""

    status = 200
    body = b""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(self.status, content=self.body)


@asynccontextmanager
async def asking_of(answers: Answers) -> AsyncIterator[TelegramClient]:
    async with open_client(Settings(telegram_token=TOKEN), transport=answers) as client:
        yield client


@st.composite
def envelopes(draw: st.DrawFn, result: Any) -> bytes:
    """Give an answer with something in it exchanged or left out; now and then anything at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=20) | VALUES.map(lambda value: json.dumps(value).encode()))
    envelope = json.loads(json.dumps({"ok": True, "result": result, "description": "x", "parameters": {}}))
    for name in ("retry_after", "migrate_to_chat_id"):
        if draw(st.booleans()):
            envelope["parameters"][name] = draw(VALUES)
    for _ in range(draw(st.integers(0, 3))):
        _change(draw, envelope)
    return json.dumps(envelope).encode()


def _change(draw: st.DrawFn, node: Any) -> None:
    """Go down to some place in an answer and change it there."""
    while isinstance(node, (dict, list)) and node:
        key = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[key], (dict, list)) or draw(st.booleans()):
            if draw(st.booleans()):
                del node[key]
            else:
                node[key] = draw(VALUES)
            return
        node = node[key]


@pytest.fixture(scope="module")
def heard() -> Iterator[Callable[[str, Answers], Any]]:
    """Give what makes a call and returns what it gave, with one client for all."""
    answers = Answers()

    async def ask(method: str, client: TelegramClient) -> Any:
        return await CALLS[method][0](client)

    def hear(method: str, given: Answers) -> Any:
        answers.status, answers.body = given.status, given.body
        return runner.run(ask(method, client))

    with asyncio.Runner() as runner:
        opening = asking_of(answers)
        client = runner.run(opening.__aenter__())
        yield hear
        runner.run(opening.__aexit__(None, None, None))


@pytest.mark.parametrize("method", CALLS)
@given(data=st.data())
def test_whatever_comes_back_is_usable_or_one_of_the_library_s_failures(heard, method, data):
    _, result, is_usable = CALLS[method]
    answers = Answers()
    answers.status, answers.body = data.draw(STATUSES), data.draw(envelopes(result))
    try:
        answer = heard(method, answers)
    except TelegramError:
        return
    assert is_usable(answer)


@pytest.mark.parametrize("method", CALLS)
async def test_what_the_bot_api_answers_is_taken(method):
    call, result, is_usable = CALLS[method]
    answers = Answers()
    answers.body = json.dumps({"ok": True, "result": result}).encode()
    async with asking_of(answers) as client:
        assert is_usable(await call(client))


@pytest.mark.parametrize("body", ODD)
async def test_whose_token_it_is_cannot_be_told_from_an_odd_answer(body):
    answers = Answers()
    answers.body = body.encode()
    async with asking_of(answers) as client:
        with pytest.raises(SendError):
            await ask_username(client)


@pytest.mark.parametrize("status", [400, 403])
async def test_a_page_that_refuses_is_not_told_as_a_fault_of_the_message(status):
    answers = Answers()
    answers.status, answers.body = status, b"<html><body><h1>Refused</h1></body></html>"
    async with asking_of(answers) as client:
        with pytest.raises(Forbidden):
            await client.send_message(5, "chào")


@pytest.fixture
def lan(fake: FakeBotApi) -> Person:
    return fake.person("Lan")


@pytest.mark.parametrize("body", [ODD[0], ODD[1], ODD[6], ODD[-1]])
async def test_odd_answers_to_each_call_end_nothing_and_the_next_message_is_answered(asking, fake, lan, body):
    for method in ("getMe", "setMyCommands", "sendChatAction", "deleteWebhook", "getUpdates", "sendMessage"):
        fake.fails(method, OddlyAnsweredError(body))
    lan.says("một")
    stopping = asyncio.Event()
    async with opened_bulletins(asking) as bulletins:
        sending = asyncio.create_task(
            send_to_telegram(asking.runtime, asking.client, bulletins.province.office, stopping)
        )
        async with asking.product.working(), asking.polling():
            await fake.until(lambda: len(fake.calls_of("sendMessage")) == 1, seconds=20)
            lan.says("hai")
            await fake.until(lambda: bool(lan.chat.texts), seconds=20)
            assert not sending.done()
        stopping.set()
        await sending


async def test_typing_is_shown_again_after_odd_answers(asking, fake, lan):
    lan.starts()
    lan.says("chào")
    await asking.intake().take(fake.updates.waiting[-1])
    fake.fails("sendChatAction", OddlyAnsweredError('{"ok":true}'))
    asking.product.clock.advance(seconds=5)
    with capture_logs() as logs:
        await Typing(asking.runtime.database, asking.client, asking.product.clock).show()
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("telegram.typing_not_shown", "info")]
    await Typing(asking.runtime.database, asking.client, asking.product.clock).show()
    assert lan.chat.actions == ["typing"]


async def test_a_broken_description_of_a_command_does_not_end_what_sends(asking):
    class Breaking:
        def __init__(self):
            self.asked = 0

        def render(self, *_, **__):
            self.asked += 1
            if self.asked == 1:
                raise TemplateBrokenError
            return "Mô tả"

    renderer = Breaking()
    with capture_logs() as logs:
        await TelegramSetup(asking.client, renderer, asking.runtime.settings).run(asyncio.Event())
    assert [entry["event"] for entry in logs] == ["telegram.setup_broken", "telegram.set_up"]


class Scripted:
    """A client whose answers to polls are given; then it stops."""

    def __init__(self, client: TelegramClient, stopping: asyncio.Event, *answers: Any) -> None:
        self._client, self._stopping, self._answers = client, stopping, list(answers)
        self.offsets: list[int | None] = []

    async def delete_webhook(self, **_: Any) -> bool:
        return True

    async def get_me(self) -> Any:
        return await self._client.get_me()

    async def fetch_updates(self, *, offset: int | None, seconds: float) -> Any:
        self.offsets.append(offset)
        if not self._answers:
            self._stopping.set()
            return []
        return self._answers.pop(0)


async def test_a_number_below_zero_is_not_confirmed_which_would_drop_what_waits(asking):
    stopping = asyncio.Event()
    client = Scripted(asking.client, stopping, [{"update_id": 9}], [{"update_id": -7}, {"update_id": True}])
    await Poller(client, asking.intake(), first_pause=0.01).run(stopping)
    assert client.offsets[:3] == [None, 10, 10]


async def test_updates_of_which_none_can_be_confirmed_are_not_asked_for_without_a_pause(asking):
    stopping = asyncio.Event()
    client = Scripted(asking.client, stopping, *([{"no": "number"}] for _ in range(3)))
    with capture_logs() as logs:
        await Poller(client, asking.intake(), first_pause=0.01).run(stopping)
    failed = [entry["seconds"] for entry in logs if entry["event"] == "telegram.polling_failed"]
    assert failed == [0.01, 0.02, 0.04]


async def test_a_pause_that_telegram_asks_for_has_an_end(asking, fake):
    """Ten years, in words of Telegram's, are an error of somebody's: waiting them out would be the end of polling."""
    fake.fails("getUpdates", RefusedError(429, "retry after 315360000", {"retry_after": 315_360_000}))
    stopping = asyncio.Event()
    with capture_logs() as logs:
        task = asyncio.create_task(Poller(asking.client, asking.intake(), first_pause=0.01).run(stopping))
        await until(lambda: bool(logs))
        stopping.set()
        await task
    assert [(entry["event"], entry["seconds"]) for entry in logs] == [("telegram.polling_failed", 3600)]
