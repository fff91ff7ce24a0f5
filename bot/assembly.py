"""The parts that processes are made of, put together from what they share (`Runtime`)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.api.registrar.application import open_desk
from bot.approving import Approving
from bot.core.approvals.ports import Office
from bot.core.audit.log import AuditLog
from bot.core.broadcasts.emission import Emission
from bot.core.deliveries.outbox import Carrier, Outbox, Replies
from bot.core.handoffs.news import Newsroom
from bot.core.house import House
from bot.core.rates import Rate
from bot.core.rights.backups import FILE
from bot.gateway.sender import Sender, bulk_lane, reply_lane
from bot.gateway.telegram.carrier import TelegramCarrier
from bot.gateway.telegram.client import TelegramClient, account_of
from bot.gateway.telegram.intake import TelegramIntake
from bot.gateway.telegram.polling import Poller
from bot.gateway.telegram.setup import TelegramSetup
from bot.gateway.telegram.typing import Typing
from bot.gateway.turns import Turns
from bot.gateway.worker import Worker
from bot.gateway.zalo.carrier import ZaloCarrier
from bot.gateway.zalo.client import ZaloClient
from bot.gateway.zalo.tokens import ZaloTokens
from bot.nlu_server.model import nlu_environment, nlu_python
from bot.nlu_server.supervisor import NluSupervisor
from bot.registrar_webhooks.posting import Poster
from bot.registrar_webhooks.sender import WebhookSender
from bot.settings import Settings
from bot.wiring import Runtime, actions_secret
from scheduler.people import PeopleJobs


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
        lease_seconds=runtime.settings.lease_seconds,
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
    replies = Replies(runtime.vault, runtime.clock, sends_billed=runtime.settings.zalo_billed)
    lanes = [reply_lane(replies)]
    if bulk is not None:
        lanes.append(bulk_lane(bulk))
    return Sender(
        database=runtime.database,
        lanes=lanes,
        carrier=carrier,
        clock=runtime.clock,
        doorbell=runtime.doorbell,
        rate=Rate.parse(rate),
        group_rate=Rate.parse(runtime.settings.telegram_group_rate),
    )


def create_poller(runtime: Runtime, client: TelegramClient, audit: AuditLog) -> Poller:
    """Build what asks Telegram for updates."""
    return Poller(client, TelegramIntake(runtime, account_of(runtime.settings), audit))


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
        tasks.create_task(Typing(runtime.database, client, runtime.clock).run(stopping))
        tasks.create_task(sender.run(stopping))


def create_zalo_tokens(runtime: Runtime, client: ZaloClient) -> ZaloTokens:
    """Build what keeps Zalo's tokens."""
    seed = runtime.settings.zalo_refresh_token
    return ZaloTokens(
        runtime.database, runtime.vault, runtime.clock, client, seed.get_secret_value() if seed is not None else None
    )


async def send_to_zalo(runtime: Runtime, client: ZaloClient, office: Office, stopping: asyncio.Event) -> None:
    """Keep Zalo's token fresh and send what is due, until `stopping` is set."""
    tokens = create_zalo_tokens(runtime, client)
    settings = runtime.settings
    carrier = ZaloCarrier(client, tokens, runtime.renderer, runtime.pictures, settings.zalo_group_word)
    sender = create_sender(runtime, carrier, rate=settings.zalo_rate, bulk=create_emission(runtime, office))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(tokens.keep_fresh(stopping))
        tasks.create_task(sender.run(stopping))
    await tokens.settle()


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
