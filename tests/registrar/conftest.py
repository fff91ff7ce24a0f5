"""Registrars with tokens, and people whose requests they get, on the product in one process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest_asyncio

from bot.approving import open_log
from bot.core.conversations.service import Conversation
from bot.core.registrars import tokens
from bot.core.registrars.tokens import RegistrarScope
from tests.factories import INET, PAVIETNAM, TENTEN, make_conversation, make_handoff
from tests.fixtures.product import Product

BASE = "/api/v1/registrar"
BOTH = tuple(RegistrarScope)


@dataclass
class World:
    """What the tests of the registrar API work with."""

    product: Product
    client: httpx.AsyncClient
    ba: Conversation
    page_token: str
    tokens: dict[str, str]

    async def ask(self, method: str, path: str, registrar: str = TENTEN, **options: Any) -> httpx.Response:
        """Call the API with a registrar's token."""
        headers = {"Authorization": f"Bearer {self.tokens[registrar]}"}
        return await self.client.request(method, BASE + path, headers=headers, **options)

    async def give_token(self, registrar: str, *, scopes=BOTH, lasts=timedelta(days=30)) -> str:
        """Give a registrar one more token; return its text."""
        runtime = self.product.runtime
        async with runtime.database.unit_of_work() as connection:
            log = open_log(runtime.settings)
            text, _ = await tokens.issue(
                connection, log, registrar=registrar, scopes=scopes, lasts=lasts, by="machine", now=runtime.clock.now()
            )
        return text

    async def hand_on(self, **changes: Any) -> str:
        """Hand a request of Ba's on; return its reference."""
        return await make_handoff(self.product.runtime.database, self.ba, now=self.product.clock.now(), **changes)


@pytest_asyncio.fixture
async def world(product: Product):
    runtime = product.runtime
    ba, page_token = await make_conversation(runtime.database, runtime.vault)
    async with product.client() as client:
        made = World(product, client, ba, page_token, {})
        for registrar in (TENTEN, PAVIETNAM, INET):
            made.tokens[registrar] = await made.give_token(registrar)
        yield made
