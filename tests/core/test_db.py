from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError, StatementError

from bot.core.citizens.models import citizens
from bot.core.db import database_now
from bot.migrations import is_current, migrate
from bot.migrations.models import metadata


async def test_migrations_give_exactly_the_tables_of_the_code(database):
    async with database.reading() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
    assert differences == []


async def test_migrating_twice_changes_nothing(database):
    await migrate(database)
    assert await is_current(database)


async def test_moments_come_back_aware_in_utc(database):
    local = datetime(2026, 11, 20, 8, 30, tzinfo=timezone(timedelta(hours=7)))
    async with database.unit_of_work() as connection:
        await connection.execute(insert(citizens).values(id="a", created_at=local))
    async with database.reading() as connection:
        stored = (await connection.execute(select(citizens.c.created_at))).scalar_one()
    assert stored == local
    assert stored.tzinfo is UTC


async def test_a_naive_moment_is_refused(database):
    async with database.unit_of_work() as connection:
        with pytest.raises(StatementError, match="naive"):
            await connection.execute(insert(citizens).values(id="a", created_at=datetime(2026, 11, 20)))  # noqa: DTZ001


async def test_a_block_that_raises_leaves_nothing(database):
    with pytest.raises(RuntimeError):
        async with database.unit_of_work() as connection:
            await connection.execute(insert(citizens).values(id="a", created_at=datetime.now(UTC)))
            raise RuntimeError
    async with database.reading() as connection:
        assert (await connection.execute(select(citizens.c.id))).all() == []


async def test_a_reading_connection_cannot_write(database):
    async with database.reading() as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(insert(citizens).values(id="a", created_at=datetime.now(UTC)))


async def test_the_database_tells_the_time_in_seconds(database):
    before = datetime.now(UTC).timestamp()
    async with database.reading() as connection:
        told = (await connection.execute(select(database_now()))).scalar_one()
    assert before - 1 < told < datetime.now(UTC).timestamp() + 1
