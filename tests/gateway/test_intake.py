"""How fast somebody may write on a platform: what is dropped then, and what never is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.cases import service as cases
from bot.core.cases.rules import Why, new_reference
from bot.core.conversations import service as conversations
from bot.core.inbox import service as inbox
from bot.core.inbox.models import inbox as inbox_table
from bot.core.inbox.service import Message
from bot.gateway.intake import Arrival, Intake, Outcome
from tests.fixtures.product import build_product

STORED, REPEATED, WARNED, THROTTLED = Outcome.STORED, Outcome.REPEATED, Outcome.WARNED, Outcome.THROTTLED
RATE = "3/1m"
NOW = timedelta()


class Writer:
    """Somebody who writes at a rate of three a minute at most."""

    def __init__(self, product, channel):
        self.runtime = product.limited_to(RATE).runtime
        self.channel = channel
        self.intake = Intake(self.runtime, channel, steady=lambda: 1_000.0)
        self.written = 0

    async def writes(self, text="giá?", *, ago=NOW, update_id=None, group=None):
        """Send a message that was written so long ago; give what became of it."""
        self.written += 1
        now = self.runtime.clock.now()
        arrival = Arrival(
            account="1", update_id=update_id or str(self.written), person="200", group=group, said_at=now - ago
        )
        async with self.runtime.database.unit_of_work() as connection:
            self.conversation = await self.intake.enter(connection, arrival, now=now)
            message = Message(text=text, press=None, asked_as="77")
            return await self.intake.store(connection, self.conversation, arrival, message, now=now)

    async def count_stored(self):
        async with self.runtime.database.reading() as connection:
            return len((await connection.execute(select(inbox_table.c.id))).all())

    async def heads(self):
        """Give what is answered next in each conversation."""
        vault = self.runtime.vault
        async with self.runtime.database.unit_of_work() as connection:
            claimed = await inbox.claim(connection, owner="worker", most=9)
            return [
                inbox.open_message(await conversations.load(connection, vault, each.conversation_id), each)
                for each in claimed
            ]


@pytest.fixture(params=["telegram", "zalo"])
def channel(request):
    return request.param


@pytest.fixture
async def lan(database_url, channel, tmp_path, vault, clock, programme, renderer):
    async with build_product(database_url, tmp_path, vault, clock, programme, renderer) as product:
        yield Writer(product, channel)


async def test_who_writes_too_fast_is_told_so_once_and_the_rest_is_dropped(lan):
    assert [await lan.writes() for _ in range(6)] == [STORED, STORED, STORED, WARNED, THROTTLED, THROTTLED]
    assert await lan.count_stored() == 4


async def test_the_warning_in_a_group_still_answers_the_message_there(lan):
    assert [await lan.writes(group=group) for group in (None, None, None, "-100")] == [STORED, STORED, STORED, WARNED]
    _, warning = await lan.heads()
    assert (warning.text, warning.too_many, warning.asked_as) == (None, True, "77")


async def test_who_may_want_to_die_is_heard_however_fast_they_write(lan):
    for _ in range(5):
        await lan.writes()
    assert await lan.writes("tôi không muốn sống nữa") is STORED


async def test_what_staff_read_is_heard_however_fast_it_is_written(lan):
    await lan.writes()
    now = lan.runtime.clock.now()
    async with lan.runtime.database.unit_of_work() as connection:
        await cases.open_case(
            connection, lan.conversation, reference=new_reference(), why=Why.ASKED, wording="", due_at=now, now=now
        )
    assert {await lan.writes("mai tôi ra xã") for _ in range(8)} == {STORED}


async def test_what_comes_again_does_not_count(lan):
    await lan.writes(update_id="a")
    assert {await lan.writes(update_id="a") for _ in range(10)} == {REPEATED}
    assert [await lan.writes() for _ in range(3)] == [STORED, STORED, WARNED]


@pytest.mark.parametrize("order", ["as written", "newest first"])
async def test_what_waited_counts_by_when_it_was_written_in_whatever_order_it_comes(lan, order):
    """After an outage a platform delivers hours of somebody's messages at once."""
    minutes = range(100, 1, -2) if order == "as written" else range(2, 101, 2)
    for ago in minutes:
        for _ in range(3):
            assert await lan.writes(ago=timedelta(minutes=ago)) is STORED
    assert await lan.writes(ago=timedelta(minutes=50)) is WARNED
    assert await lan.writes() is STORED, "and leaves what is written now its whole share"


async def test_what_waited_is_as_much_too_much_as_it_was_then(lan):
    outcomes = [await lan.writes(ago=timedelta(hours=1)) for _ in range(6)]
    assert outcomes == [STORED, STORED, STORED, WARNED, THROTTLED, THROTTLED]
