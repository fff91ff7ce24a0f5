"""The whole timetable as one table, in local time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.core.clock import LOCAL_ZONE, Clock
from bot.core.db import Database
from scheduler import jobs

Job = Callable[[Database, Clock], Awaitable[None]]

TIMETABLE: tuple[tuple[Any, Job], ...] = (
    (CronTrigger(hour=3, minute=10, timezone=LOCAL_ZONE), jobs.forget_idle_conversations),
)
"""Trigger and job; a job's id is its function's name."""

LATE_SECONDS = 3600
"""A job that is late by no more than this still runs, once."""


async def keep_timetable(database: Database, clock: Clock, stopping: asyncio.Event) -> None:
    """Run the timetable until `stopping` is set, then wait for the job in hand."""
    scheduler = AsyncIOScheduler(
        timezone=LOCAL_ZONE, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": LATE_SECONDS}
    )
    for trigger, job in TIMETABLE:
        scheduler.add_job(job, trigger, args=(database, clock), id=job.__name__)
    scheduler.start()
    try:
        await stopping.wait()
    finally:
        scheduler.shutdown(wait=True)
