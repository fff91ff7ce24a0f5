"""Builds what a process lives on: the one place where things with a lifetime are made."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

from pydantic import SecretStr

from bot.core.clock import Clock, SystemClock, content_day
from bot.core.composing import Composer
from bot.core.db import Database
from bot.core.guides import Guides, load_guides
from bot.core.guides.pictures import Pictures
from bot.core.guides.walk import Walk
from bot.core.ports import Assistant
from bot.core.programme import Programme, load_programme
from bot.core.programme.answers import Answers
from bot.core.rates import ChatLimits, Rate
from bot.core.rendering import Renderer
from bot.core.vault import Vault
from bot.doorbell import OUTBOX_BELL, Doorbell, conversation_bell
from bot.rasa_client import RasaAssistant
from bot.settings import Settings, read_or_create_secret

RING_POLL_SECONDS = 5.0
"""How often a row is looked for where every writer is in this process and rings."""


READINESS_SECONDS = 1.0


@dataclass(slots=True)
class Readiness:
    """What the assistant said when it was last asked whether it is ready."""

    asked_at: float = -math.inf
    is_ready: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Runtime:
    """What one process holds; closed once, at its end.

    It has no `repr`: that would spell out secrets and all content wherever a task or an error is described.
    """

    settings: Settings
    database: Database
    vault: Vault
    assistant: Assistant
    programme: Programme
    answers: Answers
    guides: Guides
    pictures: Pictures
    renderer: Renderer
    clock: Clock
    today: Callable[[], date]
    chat_limits: ChatLimits | None
    doorbell: Doorbell = field(default_factory=Doorbell)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    readiness: Readiness = field(default_factory=Readiness)

    @property
    def composer(self) -> Composer:
        """What makes messages of replies, in a turn and outside one."""
        return Composer(self.renderer, self.vault)

    @property
    def walk(self) -> Walk:
        """The way through this process's guides."""
        return Walk(self.guides)

    def tell(self, conversation_id: int) -> None:
        """Wake whoever hands out or carries what a conversation was told outside a turn."""
        self.doorbell.ring(conversation_bell(conversation_id))
        self.doorbell.ring(OUTBOX_BELL)

    def stop(self) -> None:
        """Tell everything in this process to come to its end."""
        self.stopping.set()
        self.doorbell.ring_all()

    async def assistant_is_ready(self) -> bool:
        """Tell whether the assistant would answer; asked at most once a second, however many ask."""
        now = time.monotonic()
        if now >= self.readiness.asked_at + READINESS_SECONDS:
            self.readiness.asked_at = now
            self.readiness.is_ready = await self.assistant.is_ready()
        return self.readiness.is_ready

    def poll_seconds(self, elsewhere: float) -> float:
        """Return how long to trust the bell: `elsewhere` seconds where other processes may write the row."""
        return RING_POLL_SECONDS if self.database.on_sqlite else elsewhere


@asynccontextmanager
async def open_runtime(settings: Settings, *, programme: Programme | None = None) -> AsyncIterator[Runtime]:
    """Build a runtime and close it at the end of the block.

    Raises:
        ContentError, TemplateBrokenError: content or texts are broken.
    """
    database = Database(settings.effective_database_url)
    assistant = RasaAssistant(
        settings.effective_nlu_url, secret=settings.nlu_secret.get_secret_value() if settings.nlu_secret else None
    )
    facts = programme or load_programme(settings.content_dir)
    guides = load_guides(settings.content_dir)
    clock = SystemClock()
    rate = Rate.parse(settings.chat_rate_limit)
    runtime = Runtime(
        settings=settings,
        database=database,
        vault=Vault([key.get_secret_value() for key in master_secrets(settings)]),
        assistant=assistant,
        programme=facts,
        answers=Answers(facts),
        guides=guides,
        pictures=Pictures(guides),
        renderer=Renderer(settings.templates_dir),
        clock=clock,
        today=content_day(clock, settings.today),
        chat_limits=ChatLimits(rate) if rate else None,
    )
    try:
        yield runtime
    finally:
        await assistant.close()
        await database.close()


def master_secrets(settings: Settings) -> tuple[SecretStr, ...]:
    """Return the master secrets, newest first; in development one is made once and kept under ``var/``."""
    return settings.secret_keys or (read_or_create_secret(settings.var_dir / "secret_key"),)


def actions_secret(settings: Settings) -> SecretStr:
    """Return what the NLU server must show to have an action run; made once in development."""
    return settings.actions_secret or read_or_create_secret(settings.var_dir / "actions_secret")
