"""Running one use case on the installation's database from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cli.database import DatabaseNotReadyError, named_database_failures
from bot.core.db import Database, sqlite_file
from bot.migrations import is_current
from bot.settings import Settings

T = TypeVar("T")


def in_one_transaction(
    settings: Settings, work: Callable[[AsyncConnection], Awaitable[T]], *, writes: bool = True
) -> T:
    """Do the work in a transaction of its own; without `writes`, in a snapshot that cannot write.

    Raises:
        DatabaseNotReadyError: there is no database, or it is of another release.
        DatabaseUnreachableError, DatabaseRefusedError, DatabaseFileUnusableError: it cannot be used.
    """
    return asyncio.run(_in_one_transaction(settings.effective_database_url, work, writes=writes))


async def _in_one_transaction(url: str, work: Callable[[AsyncConnection], Awaitable[T]], *, writes: bool) -> T:
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise DatabaseNotReadyError
    database = Database(url)
    try:
        with named_database_failures(url):
            if not await is_current(database):
                raise DatabaseNotReadyError
            async with database.unit_of_work() if writes else database.reading() as connection:
                return await work(connection)
    finally:
        await database.close()
