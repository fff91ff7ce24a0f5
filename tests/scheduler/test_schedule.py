import asyncio
from datetime import UTC, datetime

from apscheduler.triggers.date import DateTrigger
from sqlalchemy import func, select

from bot.core.broadcasts.states import State
from bot.core.conversations.models import conversations
from bot.core.notices import service as notices
from bot.core.requests import service as requests
from bot.core.requests.repository import Answer
from scheduler import jobs
from scheduler.schedule import TIMETABLE, keep_timetable
from tests.broadcasting import make_caller
from tests.factories import make_conversation
from tests.signed_broadcasts import opened_province


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


async def test_old_notices_and_answers_are_forgotten(database, clock):
    officer = await make_caller(database, now=clock.now())
    answered = {"staff_id": officer.staff_id, "key": "k", "request_sha256": "0" * 64}
    async with database.unit_of_work() as connection:
        told = {"kind": "broadcast-missed", "facts": {}, "about": "bc-1"}
        await notices.tell(connection, staff_ids=[officer.staff_id], **told, now=clock.now())
        await requests.keep(connection, **answered, answer=Answer(204, {}, b""), now=clock.now())
    clock.advance(days=91)
    await jobs.forget_old_notices(database, clock)
    await jobs.forget_answered_requests(database, clock)
    async with database.reading() as connection:
        assert not await notices.list_of(connection, officer.staff_id)
        assert await requests.find(connection, **answered) is None


async def test_what_nobody_approved_in_time_is_ended(database, clock):
    async with opened_province(database, clock) as province:
        row = await province.bureau.submitted()
        clock.advance(hours=2)
        job = jobs.lapse_job(province.firing)
        await job(database, clock)
        await job(database, clock)
        assert (await province.row(row.id)).state is State.EXPIRED
        assert len(await province.log_lines("broadcast.lapsed")) == 1
