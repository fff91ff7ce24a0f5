"""What is written of a message that was sent, and when."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import update
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from structlog.testing import capture_logs

from bot.core.db import Database
from bot.core.deliveries import outbox
from bot.core.deliveries.models import deliveries
from bot.core.deliveries.outbox import Replies
from bot.core.deliveries.service import Delivered
from bot.gateway.sender import Sender, reply_lane
from bot.gateway.telegram import CHANNEL
from bot.gateway.telegram.carrier import TelegramCarrier
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import Person
from tests.telegram.fake_wire import RefusedError
from tests.telegram.replying import answer, one_reply


@pytest.fixture
def lan(fake: FakeBotApi) -> Person:
    return fake.person("Lan")


class StumblingDatabase:
    """A database that has no connection free as often as it is told."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.on_sqlite = database.on_sqlite
        self.reading = database.reading
        self.failures = 0

    @asynccontextmanager
    async def unit_of_work(self, *, fast=False):
        if self.failures:
            self.failures -= 1
            raise PoolTimeoutError("no connection free")
        async with self._database.unit_of_work(fast=fast) as connection:
            yield connection


class CrowdedDatabase:
    """A database where, from a moment on, only who goes first comes to write."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.on_sqlite = database.on_sqlite
        self.reading = database.reading
        self.has_room = asyncio.Event()
        self.has_room.set()

    @asynccontextmanager
    async def unit_of_work(self, *, fast=False):
        if not fast:
            await self.has_room.wait()
        async with self._database.unit_of_work(fast=fast) as connection:
            yield connection


@pytest.mark.parametrize("refusal", [None, RefusedError(400, "message is too long")])
async def test_an_outcome_is_recorded_before_others_write(asking, fake, lan, refusal):
    await answer(asking, lan, replies=one_reply)
    if refusal is not None:
        fake.fails("sendMessage", refusal)
    database = CrowdedDatabase(asking.runtime.database)

    class Carrier(TelegramCarrier):
        async def send(self, recipient: str, delivered: Delivered) -> str:
            database.has_room.clear()
            return await super().send(recipient, delivered)

    lanes = [reply_lane(Replies(asking.runtime.vault, asking.runtime.clock))]
    parts = {"lanes": lanes, "clock": asking.product.clock, "doorbell": asking.runtime.doorbell}
    carrier = Carrier(asking.client, asking.runtime.renderer, asking.runtime.pictures)
    async with asking.answering(Sender(database=database, carrier=carrier, rate=None, **parts)):
        await asking.until_states("sent" if refusal is None else "failed")
        database.has_room.set()


@pytest.mark.parametrize("refusal", [None, RefusedError(400, "message is too long")])
async def test_an_outcome_is_recorded_when_the_database_is_back(asking, fake, lan, refusal):
    await answer(asking, lan, replies=one_reply)
    if refusal is not None:
        fake.fails("sendMessage", refusal)
    database = StumblingDatabase(asking.runtime.database)
    lanes = [reply_lane(Replies(asking.runtime.vault, asking.runtime.clock))]
    parts = {"lanes": lanes, "clock": asking.product.clock, "doorbell": asking.runtime.doorbell}

    class Carrier(TelegramCarrier):
        async def send(self, recipient: str, delivered: Delivered) -> str:
            database.failures = 2
            return await super().send(recipient, delivered)

    carrier = Carrier(asking.client, asking.runtime.renderer, asking.runtime.pictures)
    async with asking.answering(Sender(database=database, carrier=carrier, rate=None, **parts)):
        await asking.until_states("sent" if refusal is None else "failed")
    assert len(fake.calls_of("sendMessage")) == 1


async def test_what_is_sent_after_its_lease_counts_as_unknown_and_not_as_sent(asking, fake, lan):
    await answer(asking, lan, replies=one_reply)
    database = asking.runtime.database

    class Carrier(TelegramCarrier):
        async def send(self, recipient: str, delivered: Delivered) -> str:
            async with database.unit_of_work() as connection:
                await connection.execute(update(deliveries).values(lease_until=0.0))
                await outbox.settle_abandoned(connection, channel=CHANNEL)
            return await super().send(recipient, delivered)

    before = {outcome: counted(outcome) for outcome in ("sent", "unknown")}
    carrier = Carrier(asking.client, asking.runtime.renderer, asking.runtime.pictures)
    with capture_logs() as logs:
        async with asking.answering(asking.sender(carrier)):
            await asking.until_states("unknown")
    assert "delivery.lease_gone" in {entry["event"] for entry in logs}
    assert (counted("sent"), counted("unknown")) == (before["sent"], before["unknown"] + 1)


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("hiendien_deliveries_total", {"channel": CHANNEL, "outcome": outcome}) or 0.0
