"""The composition root: the web applications, and the processes made of them.

On one box everything runs in one process as tasks (``hiendien up``).
On many boxes each role runs by itself, on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import errno
import resource
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI

from actions.runtime import ActionRuntime
from actions.server import actions_app
from bot.api import bulletins, health
from bot.api.admin.application import add_admin_api
from bot.api.check_pages import check_pages_router
from bot.api.checks import Checks
from bot.api.connections import PromptProtocol
from bot.api.errors import ProblemTexts, UnexpectedErrors, add_error_handlers
from bot.api.middleware import BodyLimit, SecurityHeaders
from bot.api.problem_pages import problem_pages_router
from bot.api.registrar.application import add_registrar_api, open_desk
from bot.approving import Approving, open_approving
from bot.core.approvals.ports import Office
from bot.core.broadcasts.checking import Bulletins
from bot.core.broadcasts.emission import Emission
from bot.core.broadcasts.firing import Firing
from bot.core.communes.directory import Communes
from bot.core.deliveries.outbox import Carrier, Outbox, Replies
from bot.core.errors import ConflictError, InvalidInputError, NotAllowedError
from bot.core.handoffs.news import Newsroom
from bot.core.house import House
from bot.core.programme import Programme
from bot.core.rates import Rate
from bot.core.rights.backups import FILE
from bot.gateway import pictures, webchat
from bot.gateway.alone import run_alone
from bot.gateway.pages import ASSETS, pages_router
from bot.gateway.privacy_page import privacy_page_router
from bot.gateway.sender import Sender, bulk_lane, reply_lane
from bot.gateway.telegram.carrier import TelegramCarrier
from bot.gateway.telegram.client import TelegramClient, account_of, open_client, token_of
from bot.gateway.telegram.intake import TelegramIntake
from bot.gateway.telegram.polling import Poller
from bot.gateway.telegram.setup import TelegramSetup
from bot.gateway.telegram.webhook import webhook_router
from bot.gateway.turns import Turns
from bot.gateway.worker import Worker
from bot.gateway.zalo.carrier import ZaloCarrier
from bot.gateway.zalo.client import ZaloClient, open_zalo_client
from bot.gateway.zalo.tokens import ZaloTokens
from bot.gateway.zalo.webhook import zalo_router
from bot.nlu_server.model import nlu_environment, nlu_python
from bot.nlu_server.supervisor import NluSupervisor
from bot.registrar_webhooks.posting import Poster, open_poster
from bot.registrar_webhooks.sender import WebhookSender
from bot.revocation.fetching import open_fetcher
from bot.revocation.hosts import open_hosts
from bot.revocation.refreshing import Refresher
from bot.revocation.source import KeptEvidence
from bot.revocation.watching import Watch
from bot.settings import Settings
from bot.wiring import Runtime, actions_secret, open_runtime
from scheduler.people import PeopleJobs
from scheduler.schedule import handoff_timetable, keep_timetable, timetable_with

log = structlog.get_logger()

MOST_CONNECTIONS = 2_000
"""Connections and requests of one listener at a time, waiting pages included; beyond, 503 is the answer."""
FILES_PER_CONNECTION = 2
GRACE_SECONDS = 5
"""How long open requests may take to end when the process stops."""


class Role(StrEnum):
    """What a process does; ``up`` does all of it."""

    WEB = "web"
    WORKER = "worker"
    SCHEDULER = "scheduler"
    SENDER = "sender"
    POLLING = "polling"
    NLU = "nlu"


class NotPolledError(InvalidInputError):
    """Polling was asked for where Telegram calls us."""


class PortInUseError(ConflictError):
    """Another program listens on this port."""


class PortForbiddenError(NotAllowedError):
    """The system keeps this port for programs with more rights."""


class AddressUnusableError(InvalidInputError):
    """This machine has no such address to listen on."""


def create_app(runtime: Runtime, approving: Approving | None = None) -> FastAPI:
    """Build the public application: chat page, web chat API, webhooks, admin API, bulletin checks, health."""
    app = FastAPI(title="Hiện Diện", version="0.1.0", docs_url=None, redoc_url=None)
    app.state.runtime = runtime
    texts = ProblemTexts.load(runtime.settings.templates_dir)
    add_error_handlers(app, texts)
    app.add_middleware(BodyLimit, texts=texts)
    app.add_middleware(UnexpectedErrors, texts=texts)
    app.add_middleware(SecurityHeaders)
    app.include_router(webchat.router)
    app.include_router(webhook_router(runtime))
    app.include_router(zalo_router(runtime))
    directory = runtime.settings.templates_dir / "web"
    app.include_router(pages_router(directory, operator_name=runtime.programme.operator.name))
    app.include_router(privacy_page_router(directory, runtime.programme.operator, assets=ASSETS))
    app.include_router(pictures.router)
    app.include_router(problem_pages_router(runtime.settings.templates_dir, texts, assets=ASSETS))
    app.include_router(health.router)
    approving = approving or open_approving(runtime.settings, runtime.database, runtime.clock)
    add_admin_api(app, runtime, approving, texts)
    add_checks(app, runtime, approving.office)
    add_registrar_api(app, runtime, approving.log)
    return app


def add_checks(app: FastAPI, runtime: Runtime, office: Office) -> None:
    """Add what tells anybody whether a bulletin is genuine."""
    found = Bulletins(runtime.database, office, runtime.clock)
    app.state.checks = Checks(found, Communes(runtime.programme.communes))
    app.include_router(bulletins.router)
    app.include_router(
        check_pages_router(
            runtime.settings.templates_dir,
            operator=runtime.programme.operator,
            outside_url=runtime.settings.outside_url,
            assets=ASSETS,
        )
    )


def create_internal_app(runtime: Runtime, approving: Approving | None = None) -> FastAPI:
    """Build the internal listener: Rasa's action calls and the metrics; never on the public port."""
    approving = approving or open_approving(runtime.settings, runtime.database, runtime.clock)
    actions = ActionRuntime(
        programme=runtime.programme,
        answers=runtime.answers,
        guides=runtime.guides,
        today=runtime.today,
        bulletins=Bulletins(runtime.database, approving.office, runtime.clock),
        outside_url=runtime.settings.outside_url,
        keeps_misread=runtime.settings.keep_misread,
    )
    app = actions_app(actions, actions_secret(runtime.settings).get_secret_value())
    app.include_router(health.internal_router)
    return app


def create_worker(runtime: Runtime) -> Worker:
    """Build the worker of this process."""
    turns = Turns(
        assistant=runtime.assistant,
        programme=runtime.programme,
        answers=runtime.answers,
        renderer=runtime.renderer,
        vault=runtime.vault,
        today=runtime.today,
    )
    return Worker(
        database=runtime.database,
        vault=runtime.vault,
        turns=turns,
        clock=runtime.clock,
        doorbell=runtime.doorbell,
        house=House(runtime.vault, runtime.programme),
    )


def create_newsroom(runtime: Runtime) -> Newsroom:
    """Build what tells citizens of their requests outside their turns."""
    return Newsroom(runtime.programme, runtime.composer)


def create_people_jobs(runtime: Runtime) -> PeopleJobs:
    """Build the jobs about cases and erasures."""
    erasure_list = runtime.settings.var_dir / "erasures" / FILE
    return PeopleJobs(runtime.vault, runtime.composer, runtime.tell, erasure_list)


def create_webhook_sender(runtime: Runtime, approving: Approving, poster: Poster) -> WebhookSender:
    """Build what delivers to registrars' own endpoints."""
    return WebhookSender(
        database=runtime.database,
        vault=runtime.vault,
        desk=open_desk(runtime, approving.log),
        audit=approving.log,
        poster=poster,
        clock=runtime.clock,
    )


def create_sender(runtime: Runtime, carrier: Carrier, *, rate: str, bulk: Outbox[Any] | None = None) -> Sender:
    """Build the sender of one channel, for all of whose citizens together `rate` holds.

    `bulk` is where what goes to many waits, if this process may send it.
    """
    lanes = [reply_lane(Replies(runtime.vault))]
    if bulk is not None:
        lanes.append(bulk_lane(bulk, Rate.parse(runtime.settings.telegram_group_rate)))
    return Sender(
        database=runtime.database,
        lanes=lanes,
        carrier=carrier,
        clock=runtime.clock,
        doorbell=runtime.doorbell,
        rate=Rate.parse(rate),
    )


def create_poller(runtime: Runtime, client: TelegramClient) -> Poller:
    """Build what asks Telegram for updates."""
    return Poller(client, TelegramIntake(runtime, account_of(runtime.settings)))


def create_emission(runtime: Runtime, office: Office) -> Emission:
    """Build what gives a sender the editions that may leave."""
    settings = runtime.settings
    return Emission(
        runtime.database,
        office,
        runtime.renderer,
        runtime.clock,
        public_url=settings.outside_url,
        late=settings.late,
    )


async def send_to_telegram(runtime: Runtime, client: TelegramClient, office: Office, stopping: asyncio.Event) -> None:
    """Tell Telegram about the bot and send what is due, until `stopping` is set."""
    carrier = TelegramCarrier(client, runtime.renderer, runtime.pictures)
    rate = runtime.settings.telegram_rate
    sender = create_sender(runtime, carrier, rate=rate, bulk=create_emission(runtime, office))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(TelegramSetup(client, runtime.renderer, runtime.settings).run(stopping))
        tasks.create_task(sender.run(stopping))


def create_zalo_tokens(runtime: Runtime, client: ZaloClient) -> ZaloTokens:
    """Build what keeps Zalo's tokens."""
    seed = runtime.settings.zalo_refresh_token
    return ZaloTokens(
        runtime.database, runtime.vault, runtime.clock, client, seed.get_secret_value() if seed is not None else None
    )


async def send_to_zalo(runtime: Runtime, client: ZaloClient, stopping: asyncio.Event) -> None:
    """Keep Zalo's token fresh and send what is due, until `stopping` is set."""
    tokens = create_zalo_tokens(runtime, client)
    carrier = ZaloCarrier(client, tokens, runtime.renderer, runtime.pictures)
    sender = create_sender(runtime, carrier, rate=runtime.settings.zalo_rate)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(tokens.keep_fresh(stopping))
        tasks.create_task(sender.run(stopping))


def create_supervisor(runtime: Runtime, model: Path) -> NluSupervisor:
    """Build the keeper of the NLU server's process, serving `model`."""
    settings = runtime.settings
    log_path = settings.var_dir / "log" / "nlu.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    return NluSupervisor(
        command=[*nlu_command(settings, model), "--watch-stdin"],
        directory=settings.nlu_dir,
        environment=nlu_environment(**nlu_secrets(settings)),
        log_path=log_path,
        assistant=runtime.assistant,
    )


def nlu_secrets(settings: Settings) -> dict[str, str]:
    """Return the secrets that the NLU server needs, as its environment names them."""
    secrets = {"HIENDIEN_ACTIONS_SECRET": actions_secret(settings).get_secret_value()}
    if settings.nlu_secret is not None:
        secrets["HIENDIEN_NLU_SECRET"] = settings.nlu_secret.get_secret_value()
    return secrets


def nlu_command(settings: Settings, model: Path, *, host: str = "127.0.0.1") -> list[str]:
    """Return the command line of the NLU server."""
    actions_url = f"http://{settings.actions_host}:{settings.actions_port}/internal/actions"
    python = str(nlu_python(settings))
    options = {"--host": host, "--port": settings.nlu_port, "--model": model, "--actions-url": actions_url}
    return [python, "serve.py", *(str(part) for option in options.items() for part in option)]


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


def check_ports(settings: Settings, roles: frozenset[Role]) -> None:
    """Find an address that cannot be listened on before anything is started.

    Raises:
        PortInUseError, PortForbiddenError: with the port and the name of its setting.
        AddressUnusableError: with the host and the name of its setting.
    """
    wanted = []
    if Role.WEB in roles:
        wanted += [(settings.host, settings.port, "HIENDIEN_HOST", "HIENDIEN_PORT")]
        wanted += [(settings.actions_host, settings.actions_port, "HIENDIEN_ACTIONS_HOST", "HIENDIEN_ACTIONS_PORT")]
    if Role.NLU in roles:
        wanted += [("127.0.0.1", settings.nlu_port, "HIENDIEN_NLU_URL", "HIENDIEN_NLU_PORT")]
    for host, port, host_setting, port_setting in wanted:
        try:
            _try_to_bind(host, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUseError(port=port, setting=port_setting) from error
            if error.errno in (errno.EACCES, errno.EPERM):
                raise PortForbiddenError(port=port, setting=port_setting) from error
            raise AddressUnusableError(host=host, setting=host_setting) from error


def _try_to_bind(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


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
    _make_room_for_connections()
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
                internal = _server(
                    create_internal_app(runtime, approving), settings.actions_host, settings.actions_port, settings
                )
                supports.create_task(_serve(internal, work_done))
            if Role.NLU in roles and model is not None:
                supervisor = create_supervisor(runtime, model)
                supports.create_task(supervisor.run(work_done))
                supports.create_task(_tell_when_ready(supervisor, announce, work_done))
            try:
                async with asyncio.TaskGroup() as work:
                    if Role.WEB in roles:
                        public = _server(create_app(runtime, approving), settings.host, settings.port, settings)
                        public.when_listening = lambda: announce(f"Đang chạy tại {settings.address} (Ctrl-C để dừng).")
                        work.create_task(_serve(public, runtime.stopping))
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
                        send = partial(send_to_zalo, runtime, zalo)
                        work.create_task(run_alone(runtime.database, "zalo.sender", send, runtime.stopping))
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
    yield run_alone(runtime.database, "revocation.lists", refresher.run, runtime.stopping)
    yield create_webhook_sender(runtime, approving, poster).run(runtime.stopping)


def _telegram_duties(
    runtime: Runtime, client: TelegramClient, office: Office, roles: frozenset[Role]
) -> Iterator[Coroutine[Any, Any, None]]:
    """Give what this process does for Telegram; each of it only one process does at a time."""
    if Role.SENDER in roles:
        send = partial(send_to_telegram, runtime, client, office)
        yield run_alone(runtime.database, "telegram.sender", send, runtime.stopping)
    if Role.POLLING in roles:
        poll = create_poller(runtime, client).run
        yield run_alone(runtime.database, "telegram.polling", poll, runtime.stopping)


def _make_room_for_connections() -> None:
    """Raise the limit of open files, which many systems set to 1,024, as far as it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS * FILES_PER_CONNECTION
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


class _Server(uvicorn.Server):
    """A uvicorn server that leaves the signals to us, since several share this process, and says when it listens."""

    when_listening: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.when_listening is not None:
            self.when_listening()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: FastAPI, host: str, port: int, settings: Settings) -> _Server:
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=PromptProtocol,
        limit_concurrency=MOST_CONNECTIONS,
        log_config=None,
        access_log=False,  # a request line can hold a token
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="off",
    )
    return _Server(config)


async def _serve(server: _Server, stopping: asyncio.Event) -> None:
    async with _ending(server, stopping):
        await server.serve()
    if not stopping.is_set():
        raise RuntimeError("a web server ended by itself")


@asynccontextmanager
async def _ending(server: _Server, stopping: asyncio.Event) -> AsyncIterator[None]:
    async def end() -> None:
        await stopping.wait()
        server.should_exit = True

    task = asyncio.create_task(end())
    try:
        yield
    finally:
        task.cancel()


async def _tell_when_ready(supervisor: NluSupervisor, announce: Callable[[str], None], stopping: asyncio.Event) -> None:
    ready = asyncio.create_task(supervisor.ready.wait())
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({ready, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if ready.done():
        announce("Trợ lý đã hiểu được tin nhắn.")
    for task in (ready, stopped):
        task.cancel()
