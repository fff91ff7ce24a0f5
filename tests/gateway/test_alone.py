import asyncio

import pytest_asyncio
from sqlalchemy import update
from structlog.testing import capture_logs

from bot.core.db import Database, database_now
from bot.core.leases.models import leases
from bot.gateway.alone import run_alone
from tests.fixtures.database import new_postgresql_database
from tests.waiting import until

LEASE_SECONDS = 0.6


@pytest_asyncio.fixture
async def shared(postgresql_server, migrated_postgresql):
    database = Database(await new_postgresql_database(postgresql_server, like=migrated_postgresql))
    yield database
    await database.close()


class Work:
    """Notes who works; ends when it is told to."""

    def __init__(self, name: str, working: list[str]) -> None:
        self.name = name
        self.working = working
        self.starts = 0

    async def __call__(self, stopping: asyncio.Event) -> None:
        self.starts += 1
        self.working.append(self.name)
        await stopping.wait()
        self.working.remove(self.name)


async def take_over(database: Database) -> None:
    """Give the lease to somebody else for a second, as after a long pause of its holder."""
    async with database.unit_of_work() as connection:
        await connection.execute(
            update(leases).values(owner="somebody else", fence=leases.c.fence + 1, until=database_now() + 1)
        )


def start(database, work, stopping):
    return asyncio.create_task(run_alone(database, "polling", work, stopping, lease_seconds=LEASE_SECONDS))


async def test_only_one_works_and_the_next_one_takes_over_when_it_stops(shared):
    working: list[str] = []
    endings = [asyncio.Event(), asyncio.Event()]
    tasks = [start(shared, Work(name, working), ending) for name, ending in zip("ab", endings, strict=True)]
    await until(lambda: len(working) == 1)
    first = "ab".index(working[0])
    endings[first].set()
    await tasks[first]
    await until(lambda: working == ["ab"[1 - first]])
    endings[1 - first].set()
    await tasks[1 - first]
    assert working == []


async def test_who_loses_the_lease_stops_and_waits(shared):
    working: list[str] = []
    work, stopping = Work("a", working), asyncio.Event()
    task = start(shared, work, stopping)
    await until(lambda: working == ["a"])
    await take_over(shared)
    await until(lambda: working == [])
    await until(lambda: working == ["a"])
    stopping.set()
    await task
    assert work.starts == 2


async def test_on_sqlite_the_one_process_works_at_once(sqlite_url):
    database = Database(sqlite_url)
    working: list[str] = []
    stopping = asyncio.Event()
    task = start(database, Work("a", working), stopping)
    await until(lambda: working == ["a"])
    stopping.set()
    await task
    await database.close()


async def test_without_a_database_nobody_works_and_that_is_said():
    away = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    stopping = asyncio.Event()
    work = Work("a", [])
    with capture_logs() as logs:
        task = start(away, work, stopping)
        await until(lambda: bool(logs))
        stopping.set()
        await task
    assert logs[0]["event"] == "lease.database_away"
    assert work.starts == 0
    await away.close()
