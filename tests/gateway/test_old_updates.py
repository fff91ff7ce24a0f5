"""After an outage: what came too late is apologised for once, and what must not wait is done however late it is."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.assembly import create_worker
from bot.core.cases import service as cases
from bot.core.cases.rules import Why, new_reference
from bot.core.conversations import groups
from bot.core.conversations import service as conversations
from bot.core.deliveries import service as deliveries
from bot.core.inbox import service as inbox
from bot.core.inbox.service import Message
from bot.core.ports import DialogueState, TurnResult
from bot.core.replies import Reply
from bot.core.rights import offer as rights
from bot.core.rights.models import erasures
from tests.fixtures.product import build_product

LIMITS = {"telegram": timedelta(hours=24), "zalo": timedelta(hours=2)}
SECOND = timedelta(seconds=1)
LATE, ANSWERED = "error", "greet"


class Citizen:
    """Somebody who writes on a channel; what they write arrives when a test says so."""

    def __init__(self, product, channel, name="200"):
        self.product, self.channel, self.name = product, channel, name
        self.runtime = product.runtime

    async def sends(self, text="xin chào", *, ago=timedelta(), press=None, group=None):
        now, vault = self.runtime.clock.now(), self.runtime.vault
        async with self.runtime.database.unit_of_work() as connection:
            conversation = (
                await conversations.enter(connection, vault, channel=self.channel, external_id=self.name, now=now)
                if group is None
                else await groups.enter_group(
                    connection, vault, channel=self.channel, group=group, person=self.name, now=now
                )
            )
            await inbox.receive(
                connection,
                conversation,
                account="1",
                update_id=uuid.uuid4().hex,
                message=Message(text=None if press else text, press=press),
                said_at=now - ago,
                now=now,
            )
        return conversation

    async def told(self):
        """Give the topics of what they were told."""
        async with self.runtime.database.unit_of_work() as connection:
            conversation = await conversations.find_by_name(connection, self.runtime.vault, self.channel, self.name)
            now = self.runtime.clock.now()
            shown = await deliveries.hand_out_later(connection, conversation, after=0, now=now)
        return [delivered.message.topic for delivered in shown]


@pytest.fixture(params=LIMITS)
def channel(request):
    return request.param


@pytest_asyncio.fixture
async def product(sqlite_url, tmp_path, vault, clock, programme, renderer):
    async with build_product(sqlite_url, tmp_path, vault, clock, programme, renderer) as built:
        yield built


@pytest.fixture
def lan(product, channel):
    return Citizen(product, channel)


async def work(product):
    """Answer everything that waits."""
    stopping, database = asyncio.Event(), product.runtime.database
    working = asyncio.create_task(create_worker(product.runtime).run(stopping))
    async with asyncio.timeout(10):
        while True:
            async with database.reading() as connection:
                if await inbox.count_unfinished(connection) == 0:
                    break
            await asyncio.sleep(0.01)
    stopping.set()
    await working


async def test_what_is_just_in_time_is_answered(product, channel, lan):
    await lan.sends(ago=LIMITS[channel])
    await work(product)
    assert await lan.told() == [ANSWERED]


async def test_several_late_ones_that_wait_together_get_one_apology_and_nobody_is_asked(product, channel, lan):
    for number in range(5):
        await lan.sends(ago=LIMITS[channel] + (5 - number) * SECOND)
    await work(product)
    assert await lan.told() == [LATE]
    assert product.assistant.requests == []


async def test_several_late_ones_that_come_one_by_one_get_one_apology(product, channel, lan):
    for number in range(3):
        await lan.sends(ago=LIMITS[channel] + (5 - number) * SECOND)
        await work(product)
    assert await lan.told() == [LATE]


async def test_a_late_press_is_like_a_late_word(product, channel, lan):
    await lan.sends(press="ask_cost", ago=LIMITS[channel] + SECOND)
    await lan.sends(press="ask_offer", ago=LIMITS[channel] + SECOND)
    await work(product)
    assert await lan.told() == [LATE]


async def test_what_is_new_is_answered_behind_the_apology(product, channel, lan):
    await lan.sends("cũ", ago=LIMITS[channel] + SECOND)
    await lan.sends("mới")
    await work(product)
    assert await lan.told() == [LATE, ANSWERED]
    assert [request.text for request in product.assistant.requests] == ["mới"]


async def test_the_next_outage_gets_its_own_apology(product, channel, lan):
    await lan.sends(ago=LIMITS[channel] + SECOND)
    await work(product)
    product.clock.advance(days=3)
    await lan.sends(ago=LIMITS[channel] + SECOND)
    await work(product)
    assert await lan.told() == [LATE, LATE]


async def test_what_waited_too_long_here_is_late_as_well(product, channel, lan):
    await lan.sends()
    product.clock.advance(seconds=(LIMITS[channel] + SECOND).total_seconds())
    await work(product)
    assert await lan.told() == [LATE]


async def test_everybody_gets_an_apology_of_their_own(product, channel, lan):
    other = Citizen(product, channel, "300")
    for citizen in (lan, other):
        await citizen.sends(ago=LIMITS[channel] + SECOND)
    await work(product)
    assert (await lan.told(), await other.told()) == ([LATE], [LATE])


async def test_a_date_that_is_still_to_come_is_not_believed(product, channel, lan):
    await lan.sends(ago=-timedelta(days=400))
    product.clock.advance(seconds=(LIMITS[channel] + SECOND).total_seconds())
    await work(product)
    assert await lan.told() == [LATE]


async def test_who_may_want_to_die_is_answered_however_late(product, channel, lan):
    await lan.sends("tôi muốn tự tử", ago=LIMITS[channel] + SECOND)
    await work(product)
    assert await lan.told() == ["request_human"]
    assert product.assistant.requests == []


@pytest.mark.parametrize("how", ["button", "topic", "words"])
async def test_a_right_is_used_however_late_and_the_rest_gets_its_apology(product, channel, lan, how):
    """Passed over in silence it would stand as if it had been done: nobody presses that button twice."""
    operator = product.runtime.programme.operator
    product.assistant.answer = lambda request: TurnResult(
        (Reply("x", "thank"),), DialogueState(), "right", 1.0, rights.erasing(operator).effect
    )
    said = {
        "button": {"press": "delete_my_data?deciding=do"},
        "topic": {"press": "withdraw_consent"},
        "words": {"text": "tôi rút lại đồng ý"},
    }
    await lan.sends("cũ", ago=LIMITS[channel] + 3 * SECOND)
    await lan.sends(**said[how], ago=LIMITS[channel] + 2 * SECOND)
    await lan.sends("alo", ago=LIMITS[channel] + SECOND)
    await work(product)
    assert len(product.assistant.requests) == 1
    assert await lan.told() == ["x", LATE]
    async with product.runtime.database.reading() as connection:
        assert len((await connection.execute(select(erasures.c.receipt))).all()) == 1


async def test_what_only_leads_to_a_right_or_undoes_nothing_is_late_like_anything_else(product, channel, lan):
    await lan.sends(press="ask_privacy", ago=LIMITS[channel] + 2 * SECOND)
    await lan.sends(press="affirm", ago=LIMITS[channel] + SECOND)
    await work(product)
    assert await lan.told() == [LATE]
    assert product.assistant.requests == []


async def test_on_the_web_nothing_is_late(product):
    lan = Citizen(product, "web")
    await lan.sends(ago=timedelta(days=9))
    await work(product)
    assert await lan.told() == [ANSWERED]


async def test_what_is_said_to_staff_is_heard_however_late(product, channel, lan):
    conversation = await lan.sends()
    await work(product)
    runtime, now, reference = product.runtime, product.clock.now(), new_reference()
    async with runtime.database.unit_of_work() as connection:
        conversation = await conversations.load(connection, runtime.vault, conversation.id)
        await cases.open_case(
            connection, conversation, reference=reference, why=Why.ASKED, wording="", due_at=now, now=now
        )
    await lan.sends("mai tôi ra xã", ago=LIMITS[channel] + SECOND)
    await work(product)
    async with runtime.database.reading() as connection:
        said = await cases.list_said(connection, runtime.vault, await cases.get(connection, reference))
    assert [each.text for each in said] == ["mai tôi ra xã"]
