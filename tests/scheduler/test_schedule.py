import asyncio
from datetime import UTC, datetime

from apscheduler.triggers.date import DateTrigger
from sqlalchemy import func, select

from bot.core.conversations.models import conversations
from scheduler import jobs
from scheduler.schedule import TIMETABLE, keep_timetable
from tests.factories import make_conversation


def test_every_job_has_its_own_name():
    names = [job.__name__ for _, job in TIMETABLE]
    assert len(names) == len(set(names))


async def test_the_nightly_job_forgets_every_idle_conversation(database, vault, clock):
    for _ in range(3):
        await make_conversation(database, vault)
    clock.advance(days=31)
    await jobs.forget_idle_conversations(database, clock)
    async with database.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(conversations))).scalar_one() == 0


async def test_a_stop_waits_for_the_job_in_hand(database, clock):
    stopping, started, may_end, ended = (asyncio.Event() for _ in range(4))

    async def slow_job(database, clock):
        started.set()
        await may_end.wait()
        ended.set()

    at_once = DateTrigger(run_date=datetime.now(UTC))
    keeping = asyncio.create_task(keep_timetable(database, clock, stopping, [(at_once, slow_job)]))
    await asyncio.wait_for(started.wait(), 5)
    stopping.set()
    done, _ = await asyncio.wait([keeping], timeout=0.2)
    assert not done
    may_end.set()
    await asyncio.wait_for(keeping, 5)
    assert ended.is_set()
