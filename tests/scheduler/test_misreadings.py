from bot.core.misreadings import service
from bot.core.misreadings.models import Why
from scheduler import jobs
from scheduler.schedule import TIMETABLE


async def test_the_job_forgets_what_is_past_its_time(database, clock):
    async with database.unit_of_work() as connection:
        for words in ("câu một", "câu hai"):
            await service.keep(
                connection,
                channel="web",
                words=words,
                intent="nlu_fallback",
                confidence=0.2,
                guesses=(),
                why=Why.FALLBACK,
                now=clock.now(),
            )
    clock.advance(days=91)
    await jobs.forget_old_misreadings(database, clock)
    async with database.reading() as connection:
        assert await service.list_waiting(connection) == []


def test_the_job_is_in_the_timetable():
    assert jobs.forget_old_misreadings in [job for _, job in TIMETABLE]
