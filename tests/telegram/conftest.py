"""A fake Bot API, the library that drives it, and someone to talk with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from telegram import Bot

from bot.core.programme import Programme
from bot.core.rendering import Renderer
from bot.core.vault import Vault
from bot.gateway.telegram.client import open_client
from tests.fakes import FixedClock
from tests.fixtures.product import build_product
from tests.telegram.driving import a_bot
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import Person
from tests.telegram.product import PUBLIC_URL, SECRET, TelegramProduct


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def fake(clock: FixedClock) -> FakeBotApi:
    return FakeBotApi(clock)


@pytest.fixture
async def bot(fake: FakeBotApi) -> AsyncIterator[Bot]:
    async with a_bot(fake) as bot:
        yield bot


@pytest.fixture
def lan(fake: FakeBotApi) -> Person:
    """Someone who has written and whose words the bot has."""
    person = fake.person("Lan")
    person.starts()
    fake.updates.drop_all()
    return person


@asynccontextmanager
async def telegram_product(fake: FakeBotApi, *parts: Any, **settings: Any) -> AsyncIterator[TelegramProduct]:
    """Build a product that knows the fake's token."""
    given = {"telegram_token": fake.token, "telegram_api_url": fake.url, "telegram_rate": "0", **settings}
    async with (
        build_product(*parts, **given) as product,
        open_client(product.runtime.settings, transport=httpx.ASGITransport(app=fake)) as client,
    ):
        yield TelegramProduct(product, fake, client)


@pytest.fixture
async def called(
    fake: FakeBotApi,
    database_url: str,
    tmp_path: Path,
    vault: Vault,
    clock: FixedClock,
    programme: Programme,
    renderer: Renderer,
) -> AsyncIterator[TelegramProduct]:
    """Give a product that Telegram calls, on each database."""
    parts = (database_url, tmp_path, vault, clock, programme, renderer)
    webhook = {"telegram_webhook_secret": SECRET, "public_url": PUBLIC_URL}
    async with telegram_product(fake, *parts, **webhook) as product:
        await product.set_webhook()
        yield product


@pytest.fixture
async def asking(
    fake: FakeBotApi,
    database_url: str,
    tmp_path: Path,
    vault: Vault,
    clock: FixedClock,
    programme: Programme,
    renderer: Renderer,
) -> AsyncIterator[TelegramProduct]:
    """Give a product that asks Telegram, on each database."""
    async with telegram_product(fake, database_url, tmp_path, vault, clock, programme, renderer) as product:
        yield product
