"""The whole timetable as one table, in local time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.core.audit.checkpoints import Checkpoints
from bot.core.broadcasts.firing import Firing
from bot.core.clock import LOCAL_ZONE, Clock
from bot.core.db import Database
from bot.core.handoffs import clockwork
from bot.core.handoffs.news import Newsroom
from bot.core.vault import Vault
from bot.revocation.watching import Watch
from scheduler import jobs

Job = Callable[[Database, Clock], Coroutine[Any, Any, None]]

TIMETABLE: tuple[tuple[Any, Job], ...] = (
    # Hourly, because a commune's computer may be off at night.
    (CronTrigger(minute=10, timezone=LOCAL_ZONE), jobs.forget_idle_conversations),
    (CronTrigger(minute=20, timezone=LOCAL_ZONE), jobs.forget_old_reports),
    (CronTrigger(minute=30, timezone=LOCAL_ZONE), jobs.forget_old_misreadings),
    (CronTrigger(minute=40, timezone=LOCAL_ZONE), jobs.forget_ended_challenges),
    (CronTrigger(minute=40, timezone=LOCAL_ZONE), jobs.forget_answered_requests),
    (CronTrigger(minute=40, timezone=LOCAL_ZONE), jobs.forget_old_notices),
    (CronTrigger(minute=50, timezone=LOCAL_ZONE), jobs.forget_ended_evidence),
    (CronTrigger(minute=50, timezone=LOCAL_ZONE), jobs.forget_old_guide_places),
    (CronTrigger(minute=55, timezone=LOCAL_ZONE), jobs.forget_old_handoffs),
)
"""Trigger and job; a job's id is its function's name."""


def timetable_with(checkpoints: Checkpoints, watch: Watch, firing: Firing) -> tuple[tuple[Any, Job], ...]:
    """Return the timetable of a process that has the audit log's key, knows the certificates in use, and may fire."""
    return (
        *TIMETABLE,
        (CronTrigger(second="*/5", timezone=LOCAL_ZONE), jobs.firing_job(firing)),
        (CronTrigger(second=30, timezone=LOCAL_ZONE), jobs.lapse_job(firing)),
        (CronTrigger(second=0, timezone=LOCAL_ZONE), jobs.checkpoint_job(checkpoints)),
        (CronTrigger(hour=8, minute=0, timezone=LOCAL_ZONE), jobs.alarm_job(watch)),
    )


def handoff_timetable(vault: Vault, newsroom: Newsroom, tell: Callable[[int], None]) -> tuple[tuple[Any, Job], ...]:
    """Return the timetable of a process that tells citizens of their requests; `tell` wakes who hands it out."""
    by_day = CronTrigger(hour="8-17", minute=15, timezone=LOCAL_ZONE)  # nobody is woken by it
    works = (clockwork.offer_next, clockwork.expire, clockwork.remind)
    return tuple((by_day, jobs.handoff_job(work, vault, newsroom, tell)) for work in works)


LATE_SECONDS = 3600
"""A job that this process comes to late by no more than this still runs, once."""


async def keep_timetable(
    database: Database, clock: Clock, stopping: asyncio.Event, timetable: Iterable[tuple[Any, Job]] = TIMETABLE
) -> None:
    """Run the timetable until `stopping` is set, then wait for the jobs in hand."""
    running: set[asyncio.Task[None]] = set()

    async def shielded(job: Job) -> None:
        task = asyncio.create_task(job(database, clock))
        running.add(task)
        task.add_done_callback(running.discard)
        await asyncio.shield(task)

    scheduler = AsyncIOScheduler(
        timezone=LOCAL_ZONE, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": LATE_SECONDS}
    )
    for trigger, job in timetable:
        scheduler.add_job(shielded, trigger, args=(job,), id=job.__name__)
    scheduler.start()
    try:
        await stopping.wait()
    finally:
        scheduler.shutdown(wait=False)  # it could only cancel what runs; the shield lets that go on
        await asyncio.gather(*running)
