"""Bulletins on the fake: a province whose admins sign, its clock, and the sender that brings them to groups."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bot.assembly import create_emission, create_sender
from bot.gateway.sender import Sender
from bot.gateway.telegram.carrier import TelegramCarrier
from scheduler.jobs import firing_job
from tests.signed_broadcasts import Province, opened_province
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import Chat
from tests.telegram.product import TelegramProduct


@dataclass
class Bulletins:
    """A province and a product that sends for it, in one database."""

    province: Province
    telegram: TelegramProduct
    fake: FakeBotApi

    async def group(self, title: str = "Tổ dân phố", *, kind: str = "supergroup", **options) -> Chat:
        """Take a group into use."""
        chat = self.fake.group(title, kind=kind)
        await self.province.group(str(chat.chat_id), **options)
        return chat

    async def channel(self, title: str = "Kênh của xã", **options) -> Chat:
        """Take a channel into use."""
        chat = self.fake.channel(title)
        await self.province.group(str(chat.chat_id), **options)
        return chat

    def sender(self, **settings: str) -> Sender:
        """Give the sender of a process."""
        runtime = self.telegram.runtime
        rated = replace(runtime, settings=runtime.settings.model_copy(update={"telegram_group_rate": "0"} | settings))
        carrier = TelegramCarrier(self.telegram.client, runtime.renderer, runtime.pictures)
        return create_sender(
            rated, carrier, rate=rated.settings.telegram_rate, bulk=create_emission(rated, self.province.office)
        )

    async def tick(self) -> None:
        """Do what the scheduler does every five seconds."""
        await firing_job(self.province.firing)(self.province.database, self.province.clock)

    async def send(self, sender: Sender | None = None) -> None:
        """Send what is due now, and record it."""
        sender = sender or self.sender()
        await sender._sweep()
        await sender._begin_due(asyncio.Event())
        if sender._under_way:
            await asyncio.wait(sender._under_way)
        await self.province.emission.sweep()


@asynccontextmanager
async def opened_bulletins(telegram: TelegramProduct) -> AsyncIterator[Bulletins]:
    """Found the province in a product's empty database."""
    async with opened_province(telegram.runtime.database, telegram.product.clock) as province:
        yield Bulletins(province, telegram, telegram.fake)
