"""Who was silent: 48 hours free, seven days billed, then nothing is sent and staff read why."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.core.cases import service as cases
from bot.core.cases.rules import AnswerCostsError, CitizenSilentError, Why, new_reference
from bot.core.conversations import service as conversations
from bot.core.conversations import windows
from bot.core.conversations.windows import Reach, reach
from bot.core.deliveries import undelivered
from bot.core.deliveries.models import DeliveryState
from bot.core.notifying import notify
from bot.core.replies import Reply
from tests.fakes import MORNING
from tests.zalo.fake_zalo import FREE, WINDOW

SECOND = timedelta(seconds=1)
NEWS = Reply("greet", "goodbye")


@pytest.mark.parametrize(
    ("silent", "blocked", "expected"),
    [
        (FREE, False, Reach.OPEN),
        (FREE + SECOND, False, Reach.BILLED),
        (WINDOW, False, Reach.BILLED),
        (WINDOW + SECOND, False, Reach.SILENT),
        (FREE, True, Reach.UNREACHABLE),
        (WINDOW + SECOND, True, Reach.SILENT),
        (None, False, Reach.OPEN),
        (None, True, Reach.SILENT),
    ],
)
def test_whether_a_message_arrives_follows_from_the_last_interaction(silent, blocked, expected):
    last = None if silent is None else MORNING - silent
    found = reach("zalo", last_interaction_at=last, unreachable_since=MORNING if blocked else None, now=MORNING)
    assert found is expected


@pytest.mark.parametrize("channel", ["telegram", "web"])
def test_other_channels_have_no_such_window(channel):
    long_ago = MORNING - timedelta(days=400)
    assert reach(channel, last_interaction_at=long_ago, unreachable_since=None, now=MORNING) is Reach.OPEN


async def tell(called, person, key="handoff:HD-22BC-3456:next:1"):
    """Tell somebody something unasked."""
    runtime = called.runtime
    now = runtime.clock.now()
    async with runtime.database.unit_of_work() as connection:
        conversation = await conversations.find_by_name(connection, runtime.vault, "zalo", person.user_id)
        await notify(connection, runtime.composer, conversation, [NEWS], key=key, now=now)


async def reach_of(called, person):
    runtime = called.runtime
    async with runtime.database.unit_of_work() as connection:
        conversation = await conversations.find_by_name(connection, runtime.vault, "zalo", person.user_id)
        return await windows.find_reach(connection, conversation.id, now=runtime.clock.now())


async def open_case(called, person):
    runtime, now = called.runtime, called.runtime.clock.now()
    reference = new_reference()
    async with runtime.database.unit_of_work() as connection:
        conversation = await conversations.find_by_name(connection, runtime.vault, "zalo", person.user_id)
        await cases.open_case(
            connection, conversation, reference=reference, why=Why.ASKED, wording="", due_at=now, now=now
        )
    return reference


async def answer_case(called, reference, **options):
    runtime = called.runtime
    async with runtime.database.unit_of_work() as connection:
        case = await cases.get(connection, reference)
        said = {"text": "Mời cô ra xã.", "name": "answer-0001", "staff_id": "nv-1", "now": runtime.clock.now()}
        return await cases.answer(connection, runtime.vault, runtime.composer, case, **{**said, **options})


async def list_undelivered(called):
    async with called.runtime.database.reading() as connection:
        return await undelivered.list_undelivered(connection, after=0, most=10)


async def test_news_after_two_days_go_and_are_billed(called, zalo, lan):
    async with called.answering():
        await called.post(lan.says("chào"))
        await zalo.until(lambda: len(lan.texts) == 1)
        zalo.clock.advance(days=3)
        assert await reach_of(called, lan) is Reach.BILLED
        await tell(called, lan)
        await zalo.until(lambda: len(lan.texts) == 2)
    assert lan.seen[1].billed


async def test_news_after_seven_days_are_never_sent_and_listed_with_what_they_are_about(on_each_database, zalo, lan):
    called = on_each_database
    async with called.answering():
        await called.post(lan.says("chào"))
        await zalo.until(lambda: len(lan.texts) == 1)
        calls = len(zalo.calls)
        zalo.clock.advance(days=7, seconds=1)
        await tell(called, lan)
        await called.until_states("sent", "failed")
    assert len(zalo.calls) == calls
    (lost,) = await list_undelivered(called)
    assert (lost.about, lost.state, lost.error) == ("HD-22BC-3456", DeliveryState.FAILED, "silent-too-long")


async def test_what_waited_until_the_window_closed_is_not_sent_either(called, zalo, lan):
    await called.post(lan.says("chào"))
    await tell(called, lan)
    zalo.clock.advance(days=7, seconds=1)
    async with called.answering():
        await called.until_states("failed", "failed")
    assert zalo.calls == []


@pytest.mark.parametrize("code", [-230, -232])
async def test_what_zalo_counts_otherwise_closes_the_window_until_they_do_something(on_each_database, zalo, lan, code):
    called = on_each_database
    async with called.answering():
        await called.post(lan.says("chào"))
        await zalo.until(lambda: len(lan.texts) == 1)
        zalo.let("message/cs", code)
        await tell(called, lan)
        await called.until_states("sent", "failed")
        assert await reach_of(called, lan) is Reach.SILENT
        await tell(called, lan, key="handoff:HD-22BC-3456:next:2")
        assert await called.states() == ["sent", "failed", "failed"]
        await called.post(lan.says("có ai không", where=zalo.group()))
        assert await reach_of(called, lan) is Reach.OPEN


@pytest.mark.parametrize("does", ["follows", "opens_chat", "says", "says_in_group", "presses"])
async def test_what_people_do_opens_the_window_anew(called, zalo, lan, does):
    await called.post(lan.says("chào"))
    zalo.clock.advance(days=8)
    assert await reach_of(called, lan) is Reach.SILENT
    deeds = {
        "follows": lan.follows,
        "opens_chat": lan.opens_chat,
        "says": lambda: lan.says("2"),
        "says_in_group": lambda: lan.says("mai họp", where=zalo.group()),
        "presses": lambda: lan.says("#hd:1.abc"),
    }
    await called.post(deeds[does]())
    assert await reach_of(called, lan) is Reach.OPEN


@pytest.mark.parametrize("does", ["sees", "reacts"])
async def test_what_zalo_does_not_count_opens_nothing(called, zalo, lan, does):
    async with called.answering():
        await called.post(lan.says("chào"))
        await zalo.until(lambda: len(lan.texts) == 1)
        zalo.clock.advance(days=8)
        await called.post(getattr(lan, does)(lan.seen[0]))
        assert await reach_of(called, lan) is Reach.SILENT


async def test_an_event_that_comes_late_counts_from_when_it_happened(called, zalo, lan):
    await called.post(lan.says("chào"))
    zalo.clock.advance(days=8)
    lan.lag = timedelta(days=7, seconds=1)
    await called.post(lan.says("từ hôm trước"))
    assert await reach_of(called, lan) is Reach.SILENT


async def test_staff_are_told_that_an_answer_cannot_go(called, zalo, lan):
    await called.post(lan.says("chào"))
    reference = await open_case(called, lan)
    zalo.clock.advance(days=3)
    with pytest.raises(AnswerCostsError):
        await answer_case(called, reference, sends_billed=False)
    zalo.clock.advance(days=5)
    with pytest.raises(CitizenSilentError):
        await answer_case(called, reference)
    assert await list_undelivered(called) == []
    await called.post(lan.says("còn đây"))
    assert await answer_case(called, reference)


class TestWhereBilledOnesAreNotSent:
    @pytest.fixture
    def settings(self, settings):
        return settings | {"zalo_billed": False}

    async def test_news_after_two_days_stay(self, called, zalo, lan):
        async with called.answering():
            await called.post(lan.says("chào"))
            await zalo.until(lambda: len(lan.texts) == 1)
            zalo.clock.advance(days=3)
            await tell(called, lan)
            await called.until_states("sent", "failed")
        (lost,) = await list_undelivered(called)
        assert lost.error == "costs-money"


async def test_several_workers_note_one_last_interaction(called, zalo, lan):
    first, second = lan.says("một"), lan.says("hai")
    zalo.clock.advance(hours=1)
    third = lan.says("ba")
    await asyncio.gather(*(called.post(event) for event in (third, second, first)))
    zalo.clock.advance(days=7)
    assert await reach_of(called, lan) is Reach.BILLED
