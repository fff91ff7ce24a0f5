import asyncio

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


async def test_the_timetable_ends_when_the_process_stops(database, clock):
    stopping = asyncio.Event()
    keeping = asyncio.create_task(keep_timetable(database, clock, stopping))
    await asyncio.sleep(0)
    stopping.set()
    await asyncio.wait_for(keeping, 5)
