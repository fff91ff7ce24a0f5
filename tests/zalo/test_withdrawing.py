"""Who tells Zalo itself that the account may not have their data: all of it is erased, and the receipt is kept."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.citizens.models import citizens
from bot.core.conversations.models import conversations
from bot.core.deliveries.models import deliveries
from bot.core.inbox import service as inbox
from bot.core.rights.models import erasures
from bot.gateway.zalo.events import Ignored, read_event
from tests.zalo.fake_zalo import OA_ID


async def rows(called, *columns):
    async with called.runtime.database.reading() as connection:
        return [tuple(row) for row in await connection.execute(select(*columns).order_by(columns[0]))]


async def until_answered(called):
    async with asyncio.timeout(10):
        while True:
            async with called.runtime.database.reading() as connection:
                if await inbox.count_unfinished(connection) == 0:
                    return
            await asyncio.sleep(0.01)


async def test_all_of_a_persons_conversations_are_erased_once_and_nothing_is_said(on_each_database, zalo, lan):
    called = on_each_database
    other, group = zalo.person(3), zalo.group()
    async with called.answering():
        for event in (lan.says("chào"), other.says("chào"), lan.says(f"[@{OA_ID}] chào", where=group)):
            await called.post(event)
        await called.until_states("sent", "sent", "sent")
        before = await rows(called, citizens.c.id)
        withdrawal = lan.withdraws()
        assert (await called.post(withdrawal)).status_code == 200
        assert (await called.post(withdrawal)).status_code == 200
        await until_answered(called)
    assert len(await rows(called, erasures.c.receipt)) == 1
    gone = [(person, key) for person, key in await rows(called, citizens.c.id, citizens.c.wrapped_key) if key is None]
    assert len(gone) == 2
    assert len(before) == 3
    assert len(await rows(called, deliveries.c.id)) == 1
    assert (len(lan.texts), len(group.texts), len(other.texts)) == (1, 1, 1)


async def test_whoever_wrote_in_groups_only_is_erased_in_each(called, zalo, lan):
    async with called.answering():
        for number in (1, 2):
            await called.post(lan.says(f"[@{OA_ID}] chào", where=zalo.group(number)))
        await called.until_states("sent", "sent")
        await called.post(lan.withdraws())
        await until_answered(called)
    assert len(await rows(called, erasures.c.receipt)) == 2
    assert await rows(called, deliveries.c.id) == []


async def test_it_is_done_however_late_the_event_comes(called, lan):
    async with called.answering():
        await called.post(lan.says("chào"))
        await called.until_states("sent")
        lan.lag = timedelta(hours=3)
        await called.post(lan.withdraws())
        await until_answered(called)
    assert len(await rows(called, erasures.c.receipt)) == 1
    assert await rows(called, deliveries.c.id) == []


async def test_whoever_never_wrote_has_nothing_to_be_erased(called, lan):
    assert (await called.post(lan.withdraws())).status_code == 200
    assert await called.count_stored() == 0
    assert await rows(called, conversations.c.id) == []


@pytest.mark.parametrize("place", ["user_id", "sender", "follower"])
async def test_wherever_the_event_names_the_person(called, zalo, lan, place):
    async with called.answering():
        await called.post(lan.says("chào"))
        await called.until_states("sent")
        named = {place: lan.user_id if place == "user_id" else {"id": lan.user_id}}
        await called.post(zalo.event("user_withdraw", oa_id=OA_ID, **named))
        await until_answered(called)
    assert len(await rows(called, erasures.c.receipt)) == 1


async def test_what_somebody_writes_in_zalos_own_inbox_is_counted_and_no_input(called, zalo, lan):
    echo = zalo.human_answers(lan, "Chào cô")
    assert (await called.post(echo)).status_code == 200
    assert await called.count_stored() == 0
    assert read_event(echo, b"x") == Ignored("written_by_hand")
