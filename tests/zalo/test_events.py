"""When something happened, by Zalo's own date, and what follows where it was long on its way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.gateway.zalo.events import Opened, Said, read_event
from tests.fakes import MORNING


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("1780000000000", datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)),
        (1780000000000, datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("0", None),
        ("9" * 15, None),
        ("9" * 400, None),
        (True, None),
        (1.5, None),
        (None, None),
        ([], None),
    ],
)
def test_the_date_is_read_where_it_can_be_one(lan, stamp, moment):
    said = read_event(lan.says("chào") | {"timestamp": stamp}, b"x")
    assert isinstance(said, Said)
    assert said.sent_at == moment


def test_who_follows_did_so_when_zalo_says(lan):
    opened = read_event(lan.follows(), b"x")
    assert isinstance(opened, Opened)
    assert opened.sent_at == MORNING


async def test_after_an_outage_zalos_repeats_get_one_apology(called, zalo, lan):
    lan.lag = timedelta(hours=2, seconds=1)
    events = [lan.says("một"), lan.says("#hd:1.abc"), lan.follows()]
    async with called.answering():
        for event in events:
            await called.post(event)
        lan.lag = timedelta()
        await called.post(lan.says("mới"))
        await zalo.until(lambda: len(lan.texts) == 2)
    assert "gián đoạn" in lan.texts[0]
    assert [request.text for request in called.product.assistant.requests] == ["mới"]
