"""Updates that are asked for: nothing is lost or answered twice, whatever fails on the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from structlog.testing import capture_logs

from bot.core.audit.log import AuditLog
from bot.gateway.telegram.intake import TelegramIntake
from bot.gateway.telegram.polling import Poller
from tests.broadcasting import NoWitness
from tests.gateway.talking import asking as asking_an_age
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import Person
from tests.telegram.product import ACCOUNT, PUBLIC_URL


@pytest.fixture
def lan(fake: FakeBotApi) -> Person:
    return fake.person("Lan")


class StumblingIntake:
    """Passes updates on, but fails at the first as it is told."""

    def __init__(self, intake, error: Exception) -> None:
        self._intake = intake
        self._errors = [error]
        self.taken: list[int] = []
        self.learned: list[str] = []

    def learn(self, username):
        self.learned.append(username)

    async def take(self, update):
        if self._errors:
            raise self._errors.pop()
        self.taken.append(update["update_id"])
        return await self._intake.take(update)


async def test_a_conversation_by_polling(asking, fake, lan):
    asking.product.assistant.answer = asking_an_age
    async with asking.answering(), asking.polling():
        lan.starts()
        await fake.until(lambda: len(lan.chat.texts) == 1)
        press = lan.presses(lan.chat.shown[0].buttons[0])
        await fake.until(lambda: len(lan.chat.texts) == 2 and press.answered)
    assert len(asking.product.assistant.requests) == 2
    assert await asking.count_stored() == 2


async def test_what_was_stored_and_not_confirmed_comes_again_and_is_answered_once(asking, fake, lan):
    update = lan.says("chào")
    await asking.intake().take(update)
    async with asking.answering(), asking.polling():
        await fake.until(lambda: len(lan.chat.texts) == 1)
        lan.says("lần hai")
        await fake.until(lambda: len(lan.chat.texts) == 2)
    assert len(asking.product.assistant.requests) == 2


@pytest.mark.parametrize(
    "error", [DBAPIError("INSERT", {}, Exception("away")), PoolTimeoutError("no connection free"), ConnectionError()]
)
async def test_an_update_is_confirmed_only_after_it_was_stored(asking, fake, lan, error):
    update = lan.says("chào")
    intake = StumblingIntake(asking.intake(), error)
    stopping = asyncio.Event()
    with capture_logs() as logs:
        task = asyncio.create_task(Poller(asking.client, intake, first_pause=0.01).run(stopping))
        await fake.until(lambda: not fake.updates.waiting)
        stopping.set()
        await task
    assert intake.taken == [update["update_id"]]
    assert [entry["event"] for entry in logs] == ["telegram.polling_failed"]


async def test_an_update_that_can_never_be_stored_does_not_hold_up_the_others(asking, fake, lan):
    lan.says("chào")
    other = lan.says("chào nữa")
    intake = StumblingIntake(asking.intake(), ZeroDivisionError())
    stopping = asyncio.Event()
    with capture_logs() as logs:
        task = asyncio.create_task(Poller(asking.client, intake, first_pause=0.01).run(stopping))
        await fake.until(lambda: not fake.updates.waiting)
        stopping.set()
        await task
    assert intake.taken == [other["update_id"]]
    assert "telegram.update_dropped" in [entry["event"] for entry in logs]


class CodedError(Exception):
    """What PostgreSQL's driver raises: the code tells what went wrong."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


class RefusingDatabase:
    """Raises what it is told to."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def unit_of_work(self, *, fast=False):
        raise self._error


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("INSERT", {}, Exception()),
        DataError("INSERT", {}, Exception()),
        DBAPIError("INSERT", {}, CodedError("22021")),
    ],
)
async def test_what_the_database_will_never_take_is_passed_over_and_reported(asking, lan, error):
    runtime = replace(asking.runtime, database=RefusingDatabase(error))
    with capture_logs() as logs:
        assert await TelegramIntake(runtime, ACCOUNT, AuditLog(NoWitness())).take(lan.says("chào")) is None
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("telegram.update_refused", "error")]


@pytest.mark.parametrize(
    "error", [OperationalError("INSERT", {}, Exception()), DBAPIError("INSERT", {}, CodedError("57P03"))]
)
async def test_what_the_database_may_take_later_is_not_passed_over(asking, lan, error):
    runtime = replace(asking.runtime, database=RefusingDatabase(error))
    with pytest.raises(DBAPIError):
        await TelegramIntake(runtime, ACCOUNT, AuditLog(NoWitness())).take(lan.says("chào"))


async def test_after_an_empty_answer_updates_are_asked_for_from_anywhere(asking):
    class Quiet:
        def __init__(self):
            self.answers = [[{"update_id": 900}, {"update_id": 7}], [], []]
            self.offsets = []

        async def delete_webhook(self, **_):
            return True

        async def get_me(self):
            return await asking.client.get_me()

        async def fetch_updates(self, *, offset, seconds):
            self.offsets.append(offset)
            if not self.answers:
                stopping.set()
                return []
            return self.answers.pop(0)

    client, stopping = Quiet(), asyncio.Event()
    await Poller(client, asking.intake(), first_pause=0.01).run(stopping)
    assert client.offsets[:3] == [None, 8, None]


@pytest.mark.parametrize("fault", ["unreachable", "answer_lost", "timed_out", 500, 502, 401])
async def test_a_fault_of_the_network_is_waited_out(asking, fake, lan, fault):
    fake.fails("deleteWebhook", fault)
    fake.fails("getUpdates", fault)
    lan.says("chào")
    async with asking.answering(), asking.polling():
        await fake.until(lambda: len(lan.chat.texts) == 1)


async def test_a_second_poller_is_reported_and_nothing_is_lost(asking, fake, lan):
    with capture_logs() as logs:
        async with asking.answering(), asking.polling():
            await fake.until(lambda: fake.updates.polled)
            await asking.client.fetch_updates(offset=None, seconds=0)
            lan.says("chào")
            await fake.until(lambda: len(lan.chat.texts) == 1)
    assert "telegram.polled_elsewhere" in [entry["event"] for entry in logs]
    assert "telegram.webhook_in_the_way" not in [entry["event"] for entry in logs]
    assert len(fake.calls_of("deleteWebhook")) == 1


async def test_a_webhook_that_somebody_sets_meanwhile_is_taken_away_and_nothing_is_lost(asking, fake, lan):
    """As where a process with the old setting starts once more while this one asks already."""
    with capture_logs() as logs:
        async with asking.answering(), asking.polling():
            lan.says("một")
            await fake.until(lambda: len(lan.chat.texts) == 1)
            await asking.client.set_webhook("https://old.example/webhooks/telegram?token=secret")
            lan.says("hai")
            await fake.until(lambda: len(lan.chat.texts) == 2)
            assert fake.updates.webhook is None
    assert [request.text for request in asking.product.assistant.requests] == ["một", "hai"]
    (told,) = [entry for entry in logs if entry["event"].startswith("telegram.") and entry["log_level"] == "warning"]
    assert (told["event"], told["host"]) == ("telegram.webhook_in_the_way", "old.example")
    assert "secret" not in str(told)


async def test_who_cannot_find_out_what_is_in_the_way_takes_a_webhook_for_it(asking, fake, lan):
    fake.fails("getWebhookInfo", "answer_lost")
    with capture_logs() as logs:
        async with asking.answering(), asking.polling():
            await fake.until(lambda: fake.updates.polled)
            await asking.client.set_webhook("https://old.example/")
            lan.says("chào")
            await fake.until(lambda: len(lan.chat.texts) == 1)
    assert "telegram.polling_refused" in [entry["event"] for entry in logs]


async def test_what_no_chat_of_ours_is_about_is_confirmed_and_left(asking, fake):
    fake.updates.add("something_new", {"a": 1})
    fake.updates.add("message", {"chat": 5})
    async with asking.polling():
        await fake.until(lambda: not fake.updates.waiting)
    assert await asking.count_stored() == 0


async def test_from_webhook_to_polling_and_back_nothing_is_lost_or_answered_twice(called, fake, lan):
    async with called.answering():
        first = lan.says("một")
        await called.push()
        await called.post(first)
        lan.says("hai")
        async with called.polling():
            await fake.until(lambda: len(lan.chat.texts) == 2)
            lan.says("ba")
            await fake.until(lambda: len(lan.chat.texts) == 3)
        lan.says("bốn")
        called.product.clock.advance(minutes=1)
        await called.set_webhook()
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 4)
    assert [request.text for request in called.product.assistant.requests] == ["một", "hai", "ba", "bốn"]
    assert await called.count_stored() == 4
    assert fake.updates.webhook.url.startswith(PUBLIC_URL)


async def test_stopping_does_not_wait_for_the_end_of_a_poll(asking, fake):
    loop = asyncio.get_running_loop()
    async with asking.polling():
        await fake.until(lambda: fake.updates.polled)
        started = loop.time()
    assert loop.time() - started < 5
    assert asking.client.token.partition(":")[0] == ACCOUNT


async def test_an_answer_that_is_no_list_of_updates_is_reported_and_waited_out(asking, fake, lan):
    class Confused:
        def __init__(self):
            self.answers = [5]

        async def delete_webhook(self, **_):
            return True

        async def get_me(self):
            return await asking.client.get_me()

        async def fetch_updates(self, **options):
            return self.answers.pop() if self.answers else await asking.client.fetch_updates(**options)

    lan.says("chào")
    stopping = asyncio.Event()
    with capture_logs() as logs:
        task = asyncio.create_task(Poller(Confused(), asking.intake(), first_pause=0.01).run(stopping))
        await fake.until(lambda: not fake.updates.waiting)
        stopping.set()
        await task
    assert "telegram.polling_broken" in [entry["event"] for entry in logs]
    assert await asking.count_stored() == 1
