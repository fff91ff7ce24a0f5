from datetime import timedelta

import pytest

from bot.core.composing import Composer
from bot.core.handoffs import service
from bot.core.handoffs.news import Newsroom
from bot.core.handoffs.rules import HandoffState
from scheduler import jobs
from scheduler.schedule import TIMETABLE, handoff_timetable
from tests.factories import make_conversation, make_handoff


@pytest.fixture
async def waiting(database, vault, clock):
    """Give the conversations of sixty people whose requests nobody takes up: more than a batch."""
    clock.moment -= timedelta(days=4)  # a Monday
    conversations = []
    for _ in range(60):
        conversation, _ = await make_conversation(database, vault)
        await make_handoff(database, conversation, now=clock.now())
        conversations.append(conversation)
    return conversations


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_everybody_is_told_and_rung_for_once(database, vault, clock, programme, renderer, waiting):
    rung = []
    timetable = handoff_timetable(vault, Newsroom(programme, Composer(renderer, vault)), rung.append)
    by_name = {job.__name__: job for _, job in timetable}
    assert set(by_name) == {"offer_next_handoffs", "expire_handoffs", "remind_handoffs"}
    assert not {job.__name__ for _, job in TIMETABLE} & set(by_name)
    clock.advance(days=3)
    for _ in range(2):
        await by_name["offer_next_handoffs"](database, clock)
    assert sorted(rung) == sorted(conversation.id for conversation in waiting)
    clock.advance(days=30)
    await by_name["expire_handoffs"](database, clock)
    assert len(rung) == 2 * len(waiting)
    async with database.reading() as connection:
        assert (await service.find_last(connection, waiting[-1])).state is HandoffState.EXPIRED
    clock.advance(days=30)
    await jobs.forget_old_handoffs(database, clock)
    async with database.reading() as connection:
        assert await service.find_last(connection, waiting[-1]) is None


def test_the_job_that_forgets_is_in_the_timetable():
    assert jobs.forget_old_handoffs in [job for _, job in TIMETABLE]
