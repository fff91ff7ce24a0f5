"""The composition root: the processes, made of the applications and the assembled parts.

On one box everything runs in one process as tasks (``hiendien up``).
On many boxes each role runs by itself, on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

from bot.applications import create_app, create_internal_app
from bot.approving import Approving, open_approving
from bot.assembly import (
    create_newsroom,
    create_people_jobs,
    create_poller,
    create_supervisor,
    create_webhook_sender,
    create_worker,
    send_to_telegram,
    send_to_zalo,
)
from bot.core.approvals.ports import Office
from bot.core.broadcasts.firing import Firing
from bot.core.errors import InvalidInputError
from bot.core.programme import Programme
from bot.gateway.alone import Work, run_alone
from bot.gateway.telegram.client import TelegramClient, open_client, token_of
from bot.gateway.zalo.client import open_zalo_client
from bot.listening import create_server, make_room_for_connections, serve
from bot.nlu_server.supervisor import NluSupervisor
from bot.registrar_webhooks.posting import Poster, open_poster
from bot.revocation.fetching import open_fetcher
from bot.revocation.hosts import open_hosts
from bot.revocation.refreshing import Refresher
from bot.revocation.source import KeptEvidence
from bot.revocation.watching import Watch
from bot.roles import Role
from bot.settings import Settings
from bot.wiring import Runtime, open_runtime
from scheduler.schedule import handoff_timetable, keep_timetable, timetable_with


class NotPolledError(InvalidInputError):
    """Polling was asked for where Telegram calls us."""


def check_channels(settings: Settings, roles: frozenset[Role]) -> None:
    """Find out before anything is started that a channel of the roles is switched off.

    Raises:
        TelegramOffError: there is no token.
        NotPolledError: there is a webhook's secret.
    """
    if Role.POLLING in roles or (Role.SENDER in roles and settings.zalo_app_id is None):
        token_of(settings)
    if Role.POLLING in roles and not settings.polls_telegram:
        raise NotPolledError


async def run(
    settings: Settings,
    roles: frozenset[Role],
    *,
    programme: Programme,
    model: Path | None,
    announce: Callable[[str], None],
) -> None:
    """Run the given roles until SIGINT or SIGTERM, then stop them: first what takes work in, last what it needs.

    `model` is served by a supervised NLU server where the roles hold ``nlu``.
    """
    make_room_for_connections()
    async with open_runtime(settings, programme=programme) as runtime, AsyncExitStack() as resources:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, runtime.stop)
        work_done = asyncio.Event()
        hosts = open_hosts(settings)
        fetcher = await resources.enter_async_context(open_fetcher(hosts))
        evidence = KeptEvidence(runtime.database, runtime.clock, settings, fetcher)
        approving = open_approving(
            settings, runtime.database, runtime.clock, revocation=evidence, prepare=evidence.prepare
        )
        await approving.check_log(runtime.database)
        watch = Watch(runtime.database, runtime.clock, approving.office, approving.signer, hosts)
        async with asyncio.TaskGroup() as supports:
            if Role.WEB in roles:
                internal = create_server(
                    create_internal_app(runtime, approving), settings.actions_host, settings.actions_port, settings
                )
                supports.create_task(serve(internal, work_done))
            if Role.NLU in roles and model is not None:
                supervisor = create_supervisor(runtime, model)
                supports.create_task(supervisor.run(work_done))
                supports.create_task(_tell_when_ready(supervisor, announce, work_done))
            try:
                async with asyncio.TaskGroup() as work:
                    if Role.WEB in roles:
                        public = create_server(create_app(runtime, approving), settings.host, settings.port, settings)
                        public.when_listening = lambda: announce(f"Đang chạy tại {settings.address} (Ctrl-C để dừng).")
                        work.create_task(serve(public, runtime.stopping))
                        work.create_task(watch.run(runtime.stopping))
                    if Role.WORKER in roles:
                        work.create_task(create_worker(runtime).run(runtime.stopping))
                    if Role.SCHEDULER in roles:
                        poster = await resources.enter_async_context(open_poster(loopback=settings.registrar_loopback))
                        refresher = Refresher(
                            runtime.database, runtime.clock, approving.office, evidence, fetcher, urls=settings.crl_urls
                        )
                        for duty in _scheduler_duties(runtime, approving, watch, refresher, poster):
                            work.create_task(duty)
                    if settings.telegram_token is not None and roles & {Role.SENDER, Role.POLLING}:
                        client = await resources.enter_async_context(open_client(settings))
                        for duty in _telegram_duties(runtime, client, approving.office, roles):
                            work.create_task(duty)
                    if settings.zalo_app_id is not None and Role.SENDER in roles:
                        zalo = await resources.enter_async_context(open_zalo_client(settings))
                        send = partial(send_to_zalo, runtime, zalo, approving.office)
                        work.create_task(_alone(runtime, "zalo.sender", send))
            finally:
                runtime.stop()
                work_done.set()
    announce("Đã dừng.")


def _scheduler_duties(
    runtime: Runtime, approving: Approving, watch: Watch, refresher: Refresher, poster: Poster
) -> Iterator[Coroutine[Any, Any, None]]:
    """Give what the clock's process does."""
    firing = Firing(runtime.database, approving.office, late=runtime.settings.late)
    timetable = (
        *timetable_with(approving.checkpoints, watch, firing),
        *handoff_timetable(runtime.vault, create_newsroom(runtime), runtime.tell),
        *create_people_jobs(runtime).timetable(),
    )
    yield keep_timetable(runtime.database, runtime.clock, runtime.stopping, timetable)
    yield _alone(runtime, "revocation.lists", refresher.run)
    yield create_webhook_sender(runtime, approving, poster).run(runtime.stopping)


def _telegram_duties(
    runtime: Runtime, client: TelegramClient, office: Office, roles: frozenset[Role]
) -> Iterator[Coroutine[Any, Any, None]]:
    """Give what this process does for Telegram; each of it only one process does at a time."""
    if Role.SENDER in roles:
        send = partial(send_to_telegram, runtime, client, office)
        yield _alone(runtime, "telegram.sender", send)
    if Role.POLLING in roles:
        poll = create_poller(runtime, client, office.log).run
        yield _alone(runtime, "telegram.polling", poll)


def _alone(runtime: Runtime, name: str, work: Work) -> Coroutine[Any, Any, None]:
    """Do what only one process does at a time; another waits for the lease of one that died."""
    lease_seconds = runtime.settings.lease_seconds
    return run_alone(runtime.database, name, work, runtime.stopping, lease_seconds=lease_seconds)


async def _tell_when_ready(supervisor: NluSupervisor, announce: Callable[[str], None], stopping: asyncio.Event) -> None:
    ready = asyncio.create_task(supervisor.ready.wait())
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({ready, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if ready.done():
        announce("Trợ lý đã hiểu được tin nhắn.")
    for task in (ready, stopped):
        task.cancel()
