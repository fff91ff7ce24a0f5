"""One short function per job: open a unit of work, call one core use case, log one line."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from bot import metrics
from bot.core.approvals import service as approvals
from bot.core.audit.checkpoints import Checkpoints
from bot.core.broadcasts.firing import Firing
from bot.core.clock import Clock
from bot.core.consents import service as consents
from bot.core.conversations import retention
from bot.core.db import Database
from bot.core.guides import progress as guides
from bot.core.handoffs import retention as handoffs_retention
from bot.core.handoffs.clockwork import Done
from bot.core.handoffs.news import Newsroom
from bot.core.misreadings import retention as misreadings_retention
from bot.core.notices import retention as notices_retention
from bot.core.reports import retention as reports_retention
from bot.core.requests import retention as requests_retention
from bot.core.revocations import retention as revocations_retention
from bot.core.vault import Vault
from bot.revocation.watching import Watch

log = structlog.get_logger()


async def forget_idle_conversations(database: Database, clock: Clock) -> None:
    """Forget the conversations that nobody came back to, a batch a transaction, until none is left."""
    total = 0
    while True:
        async with database.unit_of_work() as connection:
            forgotten = await retention.forget_idle(connection, now=clock.now())
        total += forgotten
        if not forgotten:
            break
    if total:
        await database.drop_old_pages()
    log.info("conversations.forgotten", count=total)


async def forget_old_reports(database: Database, clock: Clock) -> None:
    """Forget the reports that are past their time."""
    async with database.unit_of_work() as connection:
        forgotten = await reports_retention.forget_old(connection, now=clock.now())
    if forgotten:
        await database.drop_old_pages()
    log.info("reports.forgotten", count=forgotten)


async def forget_old_misreadings(database: Database, clock: Clock) -> None:
    """Forget the misreadings that are past their time."""
    async with database.unit_of_work() as connection:
        forgotten = await misreadings_retention.forget_old(connection, now=clock.now())
    if forgotten:
        await database.drop_old_pages()
    log.info("misreadings.forgotten", count=forgotten)


async def forget_old_guide_places(database: Database, clock: Clock) -> None:
    """Forget where people were in a guide that they did not come back to."""
    async with database.unit_of_work() as connection:
        forgotten = await guides.forget_old(connection, now=clock.now())
    if forgotten:
        await database.drop_old_pages()
    log.info("guides.forgotten", count=forgotten)


async def forget_old_notices(database: Database, clock: Clock) -> None:
    """Forget what staff were told long ago."""
    async with database.unit_of_work() as connection:
        forgotten = await notices_retention.forget_old(connection, now=clock.now())
    log.info("notices.forgotten", count=forgotten)


async def forget_answered_requests(database: Database, clock: Clock) -> None:
    """Forget the answers to requests that nobody will repeat any more."""
    async with database.unit_of_work() as connection:
        forgotten = await requests_retention.forget_old(connection, now=clock.now())
    log.info("requests.forgotten", count=forgotten)


async def forget_old_handoffs(database: Database, clock: Clock) -> None:
    """Forget the requests that ended long ago, and the consents that nobody asks a proof of any more."""
    total = 0
    while True:
        async with database.unit_of_work() as connection:
            forgotten = await handoffs_retention.forget_old(connection, now=clock.now())
        total += forgotten
        if not forgotten:
            break
    async with database.unit_of_work() as connection:
        ended = await consents.forget_old(connection, now=clock.now())
    if total or ended:
        await database.drop_old_pages()
    log.info("handoffs.forgotten", count=total, consents=ended)


def handoff_job(
    work: Callable[..., Coroutine[Any, Any, Done]], vault: Vault, newsroom: Newsroom, tell: Callable[[int], None]
) -> Callable[[Database, Clock], Coroutine[Any, Any, None]]:
    """Return the job that does one thing that time does to requests, a batch a transaction, until none is left."""

    async def pass_time(database: Database, clock: Clock) -> None:
        total = 0
        while True:
            async with database.unit_of_work() as connection:
                done = await work(connection, vault, newsroom, now=clock.now())
            for conversation_id in done.told:
                tell(conversation_id)
            total += done.count
            if not done.count:
                break
        log.info("handoffs.seen_to", work=work.__name__, count=total)

    pass_time.__name__ = f"{work.__name__}_handoffs"
    return pass_time


async def forget_ended_challenges(database: Database, clock: Clock) -> None:
    """Forget the challenges that nobody answered."""
    async with database.unit_of_work() as connection:
        forgotten = await approvals.forget_ended_challenges(connection, now=clock.now())
    log.info("challenges.forgotten", count=forgotten)


async def forget_ended_evidence(database: Database, clock: Clock) -> None:
    """Forget revocation evidence that ended long ago."""
    async with database.unit_of_work() as connection:
        forgotten = await revocations_retention.forget_ended(connection, now=clock.now())
    log.info("revocation.forgotten", count=forgotten)


def alarm_job(watch: Watch) -> Callable[[Database, Clock], Coroutine[Any, Any, None]]:
    """Return the job that warns of certificates that end, and of authorities about which nothing fresh is known."""

    async def warn_of_certificates(database: Database, clock: Clock) -> None:
        await watch.warn()

    return warn_of_certificates


def firing_job(firing: Firing) -> Callable[[Database, Clock], Coroutine[Any, Any, None]]:
    """Return the job that fires the broadcasts whose moment has come; what one of them breaks holds up no other."""

    async def fire_due_broadcasts(database: Database, clock: Clock) -> None:
        for row in await firing.list_due(now=clock.now()):
            try:
                outcome = await firing.take(row, now=clock.now())
            except Exception as error:
                log.error("broadcast.not_fired", broadcast=row.id, error=type(error).__name__, exc_info=error)
                continue
            log.info("broadcast.due", broadcast=row.id, outcome=outcome.value)
            metrics.BROADCAST_MOMENTS.labels(outcome=outcome.value).inc()

    return fire_due_broadcasts


def lapse_job(firing: Firing) -> Callable[[Database, Clock], Coroutine[Any, Any, None]]:
    """Return the job that ends the broadcasts that nobody approved, or let go on, in time."""

    async def end_unapproved_broadcasts(database: Database, clock: Clock) -> None:
        lapsed = await firing.lapse(now=clock.now())
        if lapsed:
            log.info("broadcasts.lapsed", count=lapsed)

    return end_unapproved_broadcasts


def checkpoint_job(checkpoints: Checkpoints) -> Callable[[Database, Clock], Coroutine[Any, Any, None]]:
    """Return the job that has the audit log's key sign where the log stands, when that is due."""

    async def make_due_checkpoint(database: Database, clock: Clock) -> None:
        made = await checkpoints.make_if_due(now=clock.now())
        if made is not None:
            log.info("audit.checkpoint_made", size=made.size)

    return make_due_checkpoint
