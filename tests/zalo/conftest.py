"""A fake Zalo and a product that it calls, on each database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.assembly import create_sender, create_zalo_tokens
from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.inbox.models import inbox
from bot.gateway.zalo.carrier import ZaloCarrier
from bot.gateway.zalo.client import ZaloClient, open_zalo_client
from bot.gateway.zalo.tokens import ZaloTokens
from bot.gateway.zalo.webhook import PATH
from bot.wiring import Runtime
from tests.fakes import FixedClock
from tests.fixtures.product import Product, build_product
from tests.zalo.fake_zalo import APP_ID, APP_SECRET, OA_SECRET, FakePerson, FakeZalo, encode, sign
from tests.zalo.open_api import Api

SETTINGS: dict[str, Any] = {
    "zalo_app_id": APP_ID,
    "zalo_app_secret": APP_SECRET,
    "zalo_oa_secret": OA_SECRET,
    "zalo_refresh_token": "first-refresh-token",
    "zalo_api_url": FakeZalo.url,
    "zalo_oauth_url": FakeZalo.oauth_url,
    "zalo_rate": "0",
}


@dataclass(repr=False)
class ZaloProduct:
    """A product that Zalo calls."""

    product: Product
    zalo: FakeZalo
    client: ZaloClient

    @property
    def runtime(self) -> Runtime:
        return self.product.runtime

    @property
    def tokens(self) -> ZaloTokens:
        return create_zalo_tokens(self.runtime, self.client)

    async def post(self, event: dict[str, Any] | bytes, *, how: Any = "right") -> httpx.Response:
        """Call the webhook with an event, proven in some way."""
        raw = event if isinstance(event, bytes) else encode(event)
        async with self.product.client() as client:
            return await client.post(PATH, content=raw, headers=sign(raw, how=how))

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Run a worker and a sender during the block, and let them finish."""
        word = self.runtime.settings.zalo_group_word
        carrier = ZaloCarrier(self.client, self.tokens, self.runtime.renderer, self.runtime.pictures, word)
        sender = create_sender(self.runtime, carrier, rate="0")
        sending = asyncio.create_task(sender.run(self.runtime.stopping))
        try:
            async with self.product.working():
                yield
        finally:
            self.runtime.stop()
            await sending

    async def until_states(self, *wanted: str, seconds: float = 10) -> None:
        """Wait until the deliveries stand so."""
        async with asyncio.timeout(seconds):
            while await self.states() != list(wanted):
                await asyncio.sleep(0.02)

    async def states(self) -> list[str]:
        async with self.runtime.database.reading() as connection:
            rows = await connection.execute(select(deliveries.c.state).order_by(deliveries.c.id))
            return [DeliveryState(state).name.lower() for state in rows.scalars()]

    async def count_stored(self) -> int:
        async with self.runtime.database.reading() as connection:
            return len((await connection.execute(select(inbox.c.id))).all())


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def zalo(clock: FixedClock) -> FakeZalo:
    return FakeZalo(clock)


@pytest.fixture
def lan(zalo: FakeZalo) -> FakePerson:
    return zalo.person()


@pytest.fixture
def settings() -> dict[str, Any]:
    return SETTINGS


@asynccontextmanager
async def zalo_product(zalo: FakeZalo, *parts: Any, **settings: Any) -> AsyncIterator[ZaloProduct]:
    """Build a product that Zalo calls."""
    async with (
        build_product(*parts, **settings) as product,
        open_zalo_client(product.runtime.settings, transport=zalo.transport()) as client,
    ):
        yield ZaloProduct(product, zalo, client)


@pytest.fixture
async def called(
    zalo: FakeZalo, settings, sqlite_url, tmp_path, vault, clock, programme, renderer
) -> AsyncIterator[ZaloProduct]:
    """Give a product that Zalo calls."""
    parts = (sqlite_url, tmp_path, vault, clock, programme, renderer)
    async with zalo_product(zalo, *parts, **settings) as product:
        yield product


@pytest.fixture
async def on_each_database(
    zalo: FakeZalo, settings, database_url, tmp_path, vault, clock, programme, renderer
) -> AsyncIterator[ZaloProduct]:
    """Give a product that Zalo calls, on each database."""
    parts = (database_url, tmp_path, vault, clock, programme, renderer)
    async with zalo_product(zalo, *parts, **settings) as product:
        yield product


@pytest.fixture
async def http(zalo: FakeZalo):
    async with httpx.AsyncClient(transport=zalo.transport(), base_url=zalo.url) as client:
        yield client


@pytest.fixture
async def api(zalo, http) -> Api:
    """The open API with a good token, as any client of it would call it."""
    api = Api(http)
    await api.exchange(grant_type="refresh_token", refresh_token=zalo.tokens.refresh)
    return api
