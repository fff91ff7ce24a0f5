"""The database: one set of tables and statements for SQLite (one box) and PostgreSQL (many boxes).

On SQLite there is one writer connection (``BEGIN IMMEDIATE``, WAL, ``synchronous=FULL``) and read-only
connections apart, because several writers in a process only wait for each other. Its statements run without a driver
thread (`bot.core.sqlite` says why).
Leases are counted on the database's own clock, so that two boxes need not agree on the time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Float, Integer, MetaData, TypeDecorator, event, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from bot.core import sqlite
from bot.core.writer_queue import WriterQueue

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

RowId = BigInteger().with_variant(Integer(), "sqlite")
"""An integer key: SQLite numbers rows by itself only for the exact type INTEGER."""

BUSY_SECONDS = 2.0
"""How long a statement waits for another program that has the file; nothing else in this process goes on meanwhile."""
READ_CONNECTIONS = 4
POOL_SECONDS = 30
"""How long one waits for a connection."""

DATABASE_AWAY = (OSError, SQLAlchemyError)
"""What is raised where the database cannot be reached, is too busy, or has no connection free. What it refuses for its
values is among it: `is_refused_for_good` tells them apart where one row must not hold up the others."""
_DATA_EXCEPTION = "22"
"""The class of PostgreSQL's codes for values that do not fit; its driver's adapter has no class of errors for them."""


def is_refused_for_good(error: BaseException) -> bool:
    """Tell whether a statement was refused for its values, so that it would be refused every time."""
    if isinstance(error, DBAPIError):
        code = getattr(error.orig, "sqlstate", None) or ""
        return isinstance(error, (DataError, IntegrityError)) or code.startswith(_DATA_EXCEPTION)
    return isinstance(error, StatementError)


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware on both sides, kept in UTC.

    Raises:
        ValueError: a naive datetime is about to be stored.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back what was stored, aware, in UTC; SQLite forgets the zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class database_now(FunctionElement[float]):  # noqa: N801 - reads as an SQL function where it is used
    """The database's clock in seconds since 1970, with fractions."""

    type = Float()
    inherit_cache = True


@compiles(database_now, "postgresql")
def _now_on_postgresql(element: Any, compiler: Any, **kwargs: Any) -> str:
    return "extract(epoch from clock_timestamp())::double precision"


@compiles(database_now, "sqlite")
def _now_on_sqlite(element: Any, compiler: Any, **kwargs: Any) -> str:
    # unixepoch('subsec') would read better; Debian 12's SQLite 3.40 does not know it.
    return "((julianday('now') - 2440587.5) * 86400.0)"


class Database:
    """The database of this process."""

    def __init__(self, url: str) -> None:
        """Prepare engines for `url` (an SQLAlchemy URL with an asynchronous driver); nothing is connected yet."""
        self.url = url
        self.on_sqlite = url.startswith("sqlite")
        self._writer: AsyncEngine
        self._reader: AsyncEngine
        self._queue = WriterQueue() if self.on_sqlite else None
        if self.on_sqlite:
            self._writer = _sqlite_engine(url, connections=1)
            self._reader = _sqlite_engine(url, connections=READ_CONNECTIONS)
            _prepare_sqlite(self._writer.sync_engine, begin="BEGIN IMMEDIATE", read_only=False)
            _prepare_sqlite(self._reader.sync_engine, begin="BEGIN", read_only=True)
        else:
            self._writer = self._reader = create_async_engine(
                url, hide_parameters=True, pool_size=10, max_overflow=10, pool_pre_ping=True
            )

    @asynccontextmanager
    async def unit_of_work(self, *, fast: bool = False) -> AsyncIterator[AsyncConnection]:
        """Open one transaction: committed at the end of the block, rolled back when it raises.

        SQLite has one writer, whom all wait for in the order of coming. `fast` goes first, and is for what is short and
        must not wait: the answer to a platform's call, and what became of a message that was sent. (The pool would
        give the connection to whoever asks just when it is free.)
        """
        async with AsyncExitStack() as stack:
            if self._queue is not None:
                await stack.enter_async_context(self._queue.turn(fast=fast, seconds=POOL_SECONDS))
            yield await stack.enter_async_context(self._writer.begin())

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a snapshot that cannot write."""
        async with self._reader.connect() as connection:
            try:
                if not self.on_sqlite:
                    await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
                yield connection
            finally:
                await connection.rollback()

    async def drop_old_pages(self) -> bool:
        """Empty SQLite's write-ahead log, where what was deleted still stands; False where somebody was just in it.

        What was deleted is overwritten in the file itself (``secure_delete``). PostgreSQL has ways of its own, which
        nothing here hurries: docs/retention.md says what that means.
        """
        file = sqlite_file(self.url)
        if file is None:
            return True
        return await asyncio.to_thread(sqlite.empty_log, str(file), busy_seconds=BUSY_SECONDS)

    async def close(self) -> None:
        """Close every connection."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite URL; None for other databases."""
    return Path(url.partition(":///")[2]) if url.startswith("sqlite") else None


def _sqlite_engine(url: str, *, connections: int) -> AsyncEngine:
    path = str(sqlite_file(url))
    return create_async_engine(
        url,
        async_creator=lambda: sqlite.connect(path, busy_seconds=BUSY_SECONDS),
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        pool_reset_on_return=None,  # every block ends its own transaction
    )


def _prepare_sqlite(engine: Engine, *, begin: str, read_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def beginning(connection: Any) -> None:
        connection.exec_driver_sql(begin)
