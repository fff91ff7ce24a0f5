"""Calls that the long runs have found to be too much once."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from bot.core.db import Database
from tests.telegram.conftest import telegram_product
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_updates import SECRET_HEADER
from tests.telegram.product import PUBLIC_URL, SECRET


@pytest.fixture
async def on_telegram(sqlite_url, tmp_path, vault, clock, programme, renderer):
    webhook = {"telegram_webhook_secret": SECRET, "public_url": PUBLIC_URL}
    parts = (sqlite_url, tmp_path, vault, clock, programme, renderer)
    async with telegram_product(FakeBotApi(clock), *parts, **webhook) as product:
        yield product


@pytest.mark.parametrize("kind", ["private", "supergroup"])
async def test_a_press_whose_name_cannot_be_written_is_no_press(on_telegram, kind: str) -> None:
    """It would have to go back to Telegram in the answer, which then was a 500."""
    person = b'"from":{"id":9000000000001,"is_bot":false,"first_name":"Lan"}'
    message = b'"message":{"message_id":1,"date":0,"chat":{"id":9000000000001,"type":"%s"}}' % kind.encode()
    press = b'{"id":"\\ud800",%s,%s,"chat_instance":"1","data":"1.AAAA"}' % (person, message)
    async with on_telegram.product.client() as client:
        answer = await client.post(
            "/webhooks/telegram",
            content=b'{"update_id":7,"callback_query":%s}' % press,
            headers={SECRET_HEADER: SECRET},
        )
    assert (answer.status_code, answer.content) == (200, b"")
    assert await on_telegram.count_stored() == 0


async def test_who_waits_for_the_one_writer_gets_it_in_the_order_of_coming(sqlite_url) -> None:
    """Under a flood some webhooks and turns waited for seconds, because those who came later were let in first."""
    database = Database(sqlite_url)
    order: list[str] = []

    async def write(name: str) -> None:
        for _ in range(5):
            async with database.unit_of_work() as connection:
                order.append(name)
                await connection.execute(text("SELECT 1"))

    try:
        await asyncio.gather(*(write(name) for name in "abcd"))
    finally:
        await database.close()
    assert "".join(order) == "abcd" * 5
