"""Databases that are away, or stand still, when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.db import Database


@dataclass
class AwayDatabase:
    """A database that does not answer for so many readings or writings, beginning now or when told."""

    real: Database
    reads_away: int = 0
    writes_away: int = 0

    @property
    def on_sqlite(self) -> bool:
        return self.real.on_sqlite

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        if self.reads_away:
            self.reads_away -= 1
            raise OperationalError("SELECT", {}, Exception("away"))
        async with self.real.reading() as connection:
            yield connection

    @asynccontextmanager
    async def unit_of_work(self, *, fast: bool = False) -> AsyncIterator[AsyncConnection]:
        if self.writes_away:
            self.writes_away -= 1
            raise OperationalError("UPDATE", {}, Exception("away"))
        async with self.real.unit_of_work(fast=fast) as connection:
            yield connection


@dataclass
class StallingDatabase:
    """A database whose process stands still before its writing of that number, as a paused machine does."""

    real: Database
    before: int
    is_stalled: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def on_sqlite(self) -> bool:
        return self.real.on_sqlite

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with self.real.reading() as connection:
            yield connection

    @asynccontextmanager
    async def unit_of_work(self, *, fast: bool = False) -> AsyncIterator[AsyncConnection]:
        self.before -= 1
        if self.before == 0:
            self.is_stalled.set()
            await self.goes_on.wait()
        async with self.real.unit_of_work(fast=fast) as connection:
            yield connection
