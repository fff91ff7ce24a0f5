"""The library's own bot, driving the fake instead of the real API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.request import HTTPXRequest

from tests.telegram.fake_bot_api import FakeBotApi

MENU = InlineKeyboardMarkup([[InlineKeyboardButton("Tôi có được ưu đãi?", callback_data="a1")]])


@asynccontextmanager
async def a_bot(fake: FakeBotApi, *, token: str | None = None, in_process: bool = True) -> AsyncIterator[Bot]:
    """Give a bot that knows its name, in this process or on the port the fake serves."""
    options = {"transport": httpx.ASGITransport(app=fake)} if in_process else {}
    requests = [HTTPXRequest(httpx_kwargs=options) for _ in range(2)]
    bot = Bot(token or fake.token, base_url=fake.base_url, request=requests[0], get_updates_request=requests[1])
    async with bot:
        yield bot
