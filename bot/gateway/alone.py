"""Runs what only one of many processes may do at a time, under a lease."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable

import structlog

from bot.core.db import DATABASE_AWAY, Database
from bot.core.leases import service as leases
from bot.core.leases.service import Lease
from bot.doorbell import pause

log = structlog.get_logger()

Work = Callable[[asyncio.Event], Awaitable[None]]
"""Works until the event it is given is set."""


async def run_alone(
    database: Database, name: str, work: Work, stopping: asyncio.Event, *, lease_seconds: float
) -> None:
    """Run `work` whenever this process holds the lease `name`, until `stopping` is set.

    A process that loses its lease stops the work, and waits to get it again. On SQLite there is one process, and no
    need to wait for the lease of one that was killed.
    """
    if database.on_sqlite:
        await work(stopping)
        return
    owner = f"{name}-{secrets.token_hex(6)}"
    while not stopping.is_set():
        try:
            async with database.unit_of_work() as connection:
                lease = await leases.take(connection, name=name, owner=owner, seconds=lease_seconds)
        except DATABASE_AWAY as error:
            log.error("lease.database_away", lease=name, error=type(error).__name__)
            lease = None
        if lease is None:
            await pause(stopping, seconds=lease_seconds / 3)
            continue
        log.info("lease.taken", lease=name)
        await _work_while_held(database, lease, work, stopping, lease_seconds=lease_seconds)


async def _work_while_held(
    database: Database, lease: Lease, work: Work, stopping: asyncio.Event, *, lease_seconds: float
) -> None:
    ending = asyncio.Event()
    working = asyncio.ensure_future(work(ending))
    stopped = asyncio.ensure_future(stopping.wait())
    held_until = time.monotonic() + lease_seconds
    try:
        while not stopping.is_set() and not working.done():
            await asyncio.wait({working, stopped}, timeout=lease_seconds / 3, return_when=asyncio.FIRST_COMPLETED)
            asked_at = time.monotonic()
            kept = await _keep(database, lease, lease_seconds=lease_seconds)
            if kept:
                held_until = asked_at + lease_seconds
            elif kept is False or time.monotonic() + lease_seconds / 3 > held_until:
                log.warning("lease.lost", lease=lease.name)
                break
    finally:
        ending.set()
        stopped.cancel()
        await working
    try:
        async with database.unit_of_work() as connection:
            await leases.give_up(connection, lease)
    except DATABASE_AWAY as error:
        log.warning("lease.not_given_up", lease=lease.name, error=type(error).__name__)


async def _keep(database: Database, lease: Lease, *, lease_seconds: float) -> bool | None:
    """Prolong a lease; False where somebody else has it, None where the database does not say."""
    try:
        async with database.unit_of_work() as connection:
            return await leases.keep(connection, lease, seconds=lease_seconds)
    except DATABASE_AWAY:
        return None
