"""The product with Telegram switched on: its worker and sender, and the fake API they talk with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import select

from bot.assembly import create_sender
from bot.core.audit.log import AuditLog
from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.deliveries.outbox import Carrier
from bot.core.inbox.models import inbox
from bot.gateway.sender import Sender
from bot.gateway.telegram.carrier import TelegramCarrier
from bot.gateway.telegram.client import TelegramClient
from bot.gateway.telegram.intake import TelegramIntake
from bot.gateway.telegram.polling import Poller
from bot.gateway.telegram.setup import TelegramSetup
from bot.wiring import Runtime
from tests.broadcasting import NoWitness
from tests.fixtures.product import Product
from tests.telegram.fake_bot_api import BOT, FakeBotApi

SECRET = "webhook-secret-that-only-tests-know"
PUBLIC_URL = "https://hien-dien.test"
ACCOUNT = str(BOT["id"])
NAME = str(BOT["username"])


@dataclass(repr=False)
class TelegramProduct:
    """A product that is reached over the fake."""

    product: Product
    fake: FakeBotApi
    client: TelegramClient

    @property
    def runtime(self) -> Runtime:
        return self.product.runtime

    def sender(self, carrier: Carrier | None = None) -> Sender:
        carrier = carrier or TelegramCarrier(self.client, self.runtime.renderer, self.runtime.pictures)
        return create_sender(self.runtime, carrier, rate=self.runtime.settings.telegram_rate)

    def poller(self) -> Poller:
        return Poller(self.client, self.intake(), first_pause=0.01)

    def intake(self) -> TelegramIntake:
        return TelegramIntake(self.runtime, ACCOUNT, AuditLog(NoWitness()), NAME)

    async def set_webhook(self) -> None:
        await TelegramSetup(self.client, self.runtime.renderer, self.runtime.settings).register()

    async def push(self, *, at_once: bool = False) -> None:
        """Have everything that waits posted to the webhook, and accepted."""
        async with self.product.client() as client:
            attempts = await self.fake.updates.push(client, at_once=at_once)
        assert all(attempt.accepted for attempt in attempts), attempts

    async def post(self, update: Any, **options: Any) -> httpx.Response:
        """Post one update to the webhook, whatever became of it before."""
        async with self.product.client() as client:
            return await self.fake.updates.post(client, update, **options)

    @asynccontextmanager
    async def answering(self, sender: Sender | None = None) -> AsyncIterator[None]:
        """Run a worker and a sender during the block, and let them finish."""
        sending = asyncio.create_task((sender or self.sender()).run(self.runtime.stopping))
        try:
            async with self.product.working():
                yield
        finally:
            self.runtime.stop()
            await sending

    @asynccontextmanager
    async def polling(self) -> AsyncIterator[None]:
        """Ask for updates during the block."""
        stopping = asyncio.Event()
        task = asyncio.create_task(self.poller().run(stopping))
        try:
            yield
        finally:
            stopping.set()
            await task

    async def states(self) -> list[str]:
        """Return where each delivery stands, oldest first."""
        async with self.runtime.database.reading() as connection:
            rows = await connection.execute(select(deliveries.c.state).order_by(deliveries.c.id))
            return [DeliveryState(state).name.lower() for state in rows.scalars()]

    async def until_states(self, *wanted: str, seconds: float = 10) -> None:
        """Wait until the deliveries stand so."""
        async with asyncio.timeout(seconds):
            while await self.states() != list(wanted):
                await asyncio.sleep(0.02)

    async def count_stored(self) -> int:
        """Return how many updates the inbox holds."""
        async with self.runtime.database.reading() as connection:
            return len((await connection.execute(select(inbox.c.id))).all())
