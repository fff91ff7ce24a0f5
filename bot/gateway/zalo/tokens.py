"""The access token that messages are sent with: kept in the database, renewed in time, by one process at a time."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum

import structlog

from bot import metrics
from bot.core.channel_tokens import service as channel_tokens
from bot.core.channel_tokens.service import KeptPair
from bot.core.clock import Clock
from bot.core.db import DATABASE_AWAY, Database
from bot.core.deliveries.errors import (
    ChannelClosedError,
    NotSentError,
    OutcomeUnknownError,
    SendError,
    SlowDownError,
)
from bot.core.leases import service as leases
from bot.core.vault import SealBrokenError, Vault
from bot.doorbell import pause
from bot.gateway.zalo import CHANNEL
from bot.gateway.zalo.client import RefreshRefusedError, TokenPair, ZaloClient

log = structlog.get_logger()

LEASE_SECONDS = 60.0
"""Longer than the exchange may take: a refresh token that somebody else may be using is never used."""
EXCHANGE_SECONDS = 20.0
WAIT_SECONDS = 30.0
"""How long to wait for the process that renews; then the message goes back to be tried later."""
POLL_SECONDS = 0.2
LOOK_SECONDS = 300.0
"""How often the pair's age is looked at; it is renewed with five of its 25 hours left."""


class TokenDeadError(ChannelClosedError):
    """No access token can be had: a person must authorise the app."""


class Step(IntEnum):
    """What a renewal has done, in order; a machine may stop after any of them."""

    LEASED = 1
    READ = 2
    NOTED = 3
    ANSWERED = 4
    KEPT = 5
    RELEASED = 6


def _go_on(step: Step) -> None:
    """Do nothing at a step."""


def token_name(app_id: str) -> str:
    """Return the name under which an app's tokens, and the lease of whoever renews them, are kept."""
    return f"zalo:{app_id}"


@dataclass(frozen=True, slots=True, repr=False)
class ZaloTokens:
    """Gives the access token of one app; `seed` is the refresh token that the settings bring.

    `reached` is told each step of a renewal.
    """

    database: Database
    vault: Vault
    clock: Clock
    client: ZaloClient
    seed: str | None = None
    lease_seconds: float = LEASE_SECONDS
    reached: Callable[[Step], None] = _go_on
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _renewals: set[asyncio.Task[str]] = field(default_factory=set, init=False)

    @property
    def name(self) -> str:
        """Return what the tokens are kept under."""
        return token_name(self.client.app_id)

    async def access(self) -> str:
        """Return an access token that should be good, renewing it first where it is about to end.

        Raises:
            TokenDeadError: there is none, and only a person can bring one.
            NotSentError: another process is renewing it and does not come to an end.
        """
        kept = await self._find()
        if kept is not None and self._is_good(kept):
            return kept.access
        return await self._renew(worn=kept.access if kept is not None else None)

    async def another(self, refused: str) -> str:
        """Return another access token than the one that Zalo just refused.

        Raises:
            TokenDeadError, NotSentError: as `access`.
        """
        kept = await self._find()
        if kept is not None and kept.access not in {refused, ""} and kept.dead_since is None:
            return kept.access
        return await self._renew(worn=refused)

    async def keep_fresh(self, stopping: asyncio.Event) -> None:
        """Renew the pair in time until `stopping` is set, so that no message has to wait for it."""
        while not stopping.is_set():
            try:
                await self.access()
            except (SendError, SealBrokenError, *DATABASE_AWAY) as error:
                log.error("zalo.token_not_renewed", error=type(error).__name__)
            await self._measure()
            await pause(stopping, seconds=LOOK_SECONDS)

    async def keep_authorised(self, pair: TokenPair) -> None:
        """Keep the pair that a person's permission gave, in place of whatever there is.

        Raises:
            NotSentError: another process is renewing the old one and does not come to an end.
        """
        async with self._alone():
            await self._keep(pair, seed_sha256="")

    def _is_good(self, kept: KeptPair) -> bool:
        return kept.dead_since is None and self.clock.now() < kept.renew_at

    async def _renew(self, *, worn: str | None) -> str:
        # Whoever waits for it may be called off, as a message is that takes too long; an exchange never is.
        renewal = asyncio.create_task(self._renew_alone(worn=worn))
        self._renewals.add(renewal)
        renewal.add_done_callback(self._renewals.discard)
        return await asyncio.shield(renewal)

    async def _renew_alone(self, *, worn: str | None) -> str:
        async with self._turn, self._alone():
            kept = await self._find()
            if kept is not None and kept.access != worn and self._is_good(kept):
                return kept.access  # somebody else was faster
            pair = await self._exchange(kept, *self._refresh_token(kept))
            self.reached(Step.KEPT)
        self.reached(Step.RELEASED)
        log.info("zalo.token_renewed")
        return pair.access

    async def _exchange(self, kept: KeptPair | None, refresh: str, seed_sha256: str) -> TokenPair:
        """Use a refresh token and keep what it gives, having noted first that it may be used up from now on.

        Raises:
            TokenDeadError: Zalo takes it no more.
            NotSentError: nothing came of it, as far as we know.
        """
        was_uncertain = kept is not None and kept.dead_since is None and kept.is_uncertain
        if kept is not None and was_uncertain:
            # Cut off before: the call may never have left, so the same token is tried.
            log.error("zalo.token_uncertain", since=str(kept.exchange_began_at))
        self.reached(Step.READ)
        async with self.database.unit_of_work() as connection:
            await channel_tokens.begin_exchange(
                connection, self.vault, self.name, refresh=refresh, seed_sha256=seed_sha256, now=self.clock.now()
            )
        self.reached(Step.NOTED)
        try:
            async with asyncio.timeout(EXCHANGE_SECONDS):
                pair = await self.client.refresh(refresh)
        except RefreshRefusedError as error:
            log.error("zalo.token_lost" if was_uncertain else "zalo.token_dead", told=error.told)
            await self._note_dead(error, is_lost=was_uncertain)
            raise TokenDeadError from error
        except (NotSentError, SlowDownError):
            if not was_uncertain:
                async with self.database.unit_of_work() as connection:
                    await channel_tokens.call_off(connection, self.name)
            raise
        except (OutcomeUnknownError, TimeoutError) as error:
            # Of the token nothing is known; of the message that waits for it, that it was not sent.
            raise NotSentError from error
        self.reached(Step.ANSWERED)
        # Kept before it is used: from here on the old refresh token is worth nothing.
        await self._keep(pair, seed_sha256=seed_sha256)
        return pair

    def _refresh_token(self, kept: KeptPair | None) -> tuple[str, str]:
        """Return the refresh token to use; a new one in the settings revives a dead channel."""
        seed_sha256 = hashlib.sha256(self.seed.encode()).hexdigest() if self.seed else ""
        if kept is not None and kept.dead_since is None:
            return kept.refresh, kept.seed_sha256
        if self.seed and (kept is None or kept.seed_sha256 != seed_sha256):
            return self.seed, seed_sha256
        raise TokenDeadError

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold the lease of this app's tokens."""
        owner = f"{self.name}-{secrets.token_hex(6)}"
        deadline = asyncio.get_running_loop().time() + WAIT_SECONDS
        while True:
            async with self.database.unit_of_work() as connection:
                lease = await leases.take(connection, name=self.name, owner=owner, seconds=self.lease_seconds)
            if lease is not None:
                self.reached(Step.LEASED)
                break
            if asyncio.get_running_loop().time() > deadline:
                raise NotSentError
            await asyncio.sleep(POLL_SECONDS)
        try:
            yield
        finally:
            async with self.database.unit_of_work() as connection:
                await leases.give_up(connection, lease)

    async def _find(self) -> KeptPair | None:
        async with self.database.reading() as connection:
            return await channel_tokens.find(connection, self.vault, self.name)

    async def _keep(self, pair: TokenPair, *, seed_sha256: str) -> None:
        async with self.database.unit_of_work() as connection:
            await channel_tokens.keep(
                connection,
                self.vault,
                self.name,
                access=pair.access,
                refresh=pair.refresh,
                lasts=pair.lasts,
                seed_sha256=seed_sha256,
                now=self.clock.now(),
            )

    async def _note_dead(self, error: RefreshRefusedError, *, is_lost: bool) -> None:
        async with self.database.unit_of_work() as connection:
            await channel_tokens.note_dead(
                connection, self.name, error=str(error.told), is_lost=is_lost, now=self.clock.now()
            )

    async def _measure(self) -> None:
        """Tell the metrics how the pair stands."""
        try:
            kept = await self._find()
        except (SealBrokenError, *DATABASE_AWAY):
            return
        is_dead = kept is None or kept.dead_since is not None
        state = 2 if is_dead else 1 if kept is not None and kept.is_uncertain else 0
        metrics.CHANNEL_TOKEN.labels(channel=CHANNEL).set(state)
