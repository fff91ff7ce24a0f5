"""The access token that messages are sent with: kept in the database, renewed in time, by one process at a time."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum

import structlog

from bot import metrics
from bot.core.channel_tokens import service as channel_tokens
from bot.core.channel_tokens.service import KeptPair
from bot.core.clock import Clock
from bot.core.db import DATABASE_AWAY, Database, is_refused_for_good
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
WAIT_SECONDS = 6.0
"""How long a message waits for a token; then it goes back to be tried later. It may wait twice in the time in which it
must be sent, and with what is left Zalo is asked."""
POLL_SECONDS = 0.2
LOOK_SECONDS = 300.0
"""How often the pair's age is looked at; it is renewed with five of its 25 hours left."""
KEEP_PAUSE_SECONDS = 1.0


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
    wait_seconds: float = WAIT_SECONDS
    reached: Callable[[Step], None] = _go_on
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _renewals: dict[str | None, asyncio.Task[str]] = field(default_factory=dict, init=False)
    """Under way, by the access token that is to be replaced."""

    @property
    def name(self) -> str:
        """Return what the tokens are kept under."""
        return token_name(self.client.app_id)

    async def access(self) -> str:
        """Return an access token that has not ended; whoever keeps it fresh makes sure that there is one.

        Raises:
            TokenDeadError: there is none, and only a person can bring one.
            NotSentError, SlowDownError: one had to be had first, and was not to be had in time.
        """
        return await self._soon(self._usable())

    async def another(self, refused: str) -> str:
        """Return another access token than the one that Zalo just refused.

        Raises:
            TokenDeadError, NotSentError, SlowDownError: as `access`.
        """
        return await self._soon(self._other_than(refused))

    async def fresh(self) -> str:
        """Return an access token with a good part of its life before it, renewing it where it is due.

        Raises:
            TokenDeadError: there is none, and only a person can bring one.
            NotSentError, SlowDownError: nothing came of it now.
        """
        kept = await self._find()
        if kept is not None and self._is_fresh(kept):
            return kept.access
        return await self._renewed(worn=kept.access if kept is not None else None)

    async def keep_fresh(self, stopping: asyncio.Event) -> None:
        """Renew the pair in time until `stopping` is set and by nothing else ended, so that no message has to wait."""
        await self._guarded(self._end_lease_of_the_killed, otherwise="zalo.lease_not_ended")
        while not stopping.is_set():
            await self._guarded(self.fresh, otherwise="zalo.token_not_renewed")
            await self._guarded(self._learn_account, otherwise="zalo.account_not_learnt")
            await self._guarded(self._measure, otherwise="zalo.token_not_measured")
            await pause(stopping, seconds=LOOK_SECONDS)

    async def settle(self) -> None:
        """Wait until no renewal of this process is under way: its pair would be lost with the process."""
        if self._renewals:
            await asyncio.wait(self._renewals.values())

    async def _guarded(self, duty: Callable[[], Awaitable[object]], *, otherwise: str) -> None:
        """Do a duty that is done again later; `otherwise` names in the log that it could not be done."""
        try:
            await duty()
        except (SendError, SealBrokenError, *DATABASE_AWAY) as error:
            log.error(otherwise, error=type(error).__name__)
        except Exception as error:
            log.error(otherwise, error=type(error).__name__, exc_info=error)

    async def keep_authorised(self, pair: TokenPair) -> None:
        """Keep the pair that a person's permission gave, in place of whatever there is.

        Raises:
            NotSentError: another process is renewing the old one and does not come to an end.
        """
        async with self._alone():
            await self._keep(None, pair)

    def _is_fresh(self, kept: KeptPair) -> bool:
        return kept.dead_since is None and self.clock.now() < kept.renew_at

    async def _usable(self) -> str:
        kept = await self._find()
        if kept is not None and kept.access and kept.dead_since is None and self.clock.now() < kept.expires_at:
            return kept.access
        return await self._renewed(worn=kept.access if kept is not None else None)

    async def _other_than(self, refused: str) -> str:
        kept = await self._find()
        if kept is not None and kept.access not in {refused, ""} and kept.dead_since is None:
            return kept.access
        return await self._renewed(worn=refused)

    async def _soon(self, token: Awaitable[str]) -> str:
        """Wait for a token as long as a message may. Whatever goes wrong here, nothing of the message was sent."""
        try:
            async with asyncio.timeout(self.wait_seconds):
                return await token
        except SendError:
            raise
        except SealBrokenError as error:
            log.error("zalo.token_sealed", error=type(error).__name__)
            raise TokenDeadError from error
        except DATABASE_AWAY as error:  # an end of the time is among them
            raise NotSentError from error
        except Exception as error:
            log.error("zalo.token_broken", error=type(error).__name__, exc_info=error)
            raise NotSentError from error

    async def _renewed(self, *, worn: str | None) -> str:
        """Return what replaces a token. Whoever waits for it may be called off, as a message is; an exchange never."""
        renewal = self._renewals.get(worn)
        if renewal is None:
            renewal = self._renewals[worn] = asyncio.create_task(self._renew(worn=worn))
            renewal.add_done_callback(lambda _: self._renewals.pop(worn, None))
        return await asyncio.shield(renewal)

    async def _renew(self, *, worn: str | None) -> str:
        async with self._turn, self._alone():
            access: str | None = None
            while access is None:
                kept = await self._find()
                if kept is not None and kept.access != worn and self._is_fresh(kept):
                    return kept.access  # somebody else was faster
                access = await self._exchange(kept)
            self.reached(Step.KEPT)
        self.reached(Step.RELEASED)
        log.info("zalo.token_renewed")
        return access

    async def _exchange(self, kept: KeptPair | None) -> str | None:
        """Use a refresh token and keep what it gives, having noted first that it may be used up from now on.

        None where somebody has kept another pair meanwhile: then that one counts, and is to be read.

        Raises:
            TokenDeadError: Zalo takes it no more.
            NotSentError, SlowDownError: nothing came of it, as far as we know.
        """
        refresh, seed_sha256 = self._refresh_token(kept)
        was_uncertain = kept is not None and kept.dead_since is None and kept.is_uncertain
        if kept is not None and was_uncertain:
            # Cut off before: the call may never have left, so the same token is tried.
            log.error("zalo.token_uncertain", since=str(kept.exchange_began_at))
        self.reached(Step.READ)
        async with self.database.unit_of_work() as connection:
            mark = await channel_tokens.begin_exchange(
                connection, self.vault, self.name, kept, refresh=refresh, seed_sha256=seed_sha256, now=self.clock.now()
            )
        if mark is None:
            return None
        self.reached(Step.NOTED)
        try:
            async with asyncio.timeout(EXCHANGE_SECONDS):
                pair = await self.client.refresh(refresh)
        except RefreshRefusedError as error:
            if not await self._note_dead(mark, error, is_lost=was_uncertain):
                return None
            log.error("zalo.token_lost" if was_uncertain else "zalo.token_dead", told=error.told)
            raise TokenDeadError from error
        except (NotSentError, SlowDownError):
            if not was_uncertain:
                async with self.database.unit_of_work() as connection:
                    await channel_tokens.call_off(connection, self.name, mark)
            raise
        except (OutcomeUnknownError, TimeoutError) as error:
            # Of the token nothing is known; of the message that waits for it, that it was not sent.
            raise NotSentError from error
        self.reached(Step.ANSWERED)
        # Kept before it is used: from here on the old refresh token is worth nothing.
        account = kept.account if kept is not None and kept.refresh == refresh else ""
        is_kept = await self._keep(mark, pair, seed_sha256=seed_sha256, account=account)
        return pair.access if is_kept else None

    def _refresh_token(self, kept: KeptPair | None) -> tuple[str, str]:
        """Return the refresh token to use; a new one in the settings revives a dead channel."""
        seed_sha256 = hashlib.sha256(self.seed.encode()).hexdigest() if self.seed else ""
        if kept is not None and kept.dead_since is None:
            return kept.refresh, kept.seed_sha256
        if self.seed and (kept is None or kept.seed_sha256 != seed_sha256):
            return self.seed, seed_sha256
        raise TokenDeadError

    async def _end_lease_of_the_killed(self) -> None:
        """Drop the lease of whoever renewed before this process: on SQLite there is one process that sends.

        A person who authorises at this moment may lose the lease by it, and no pair: theirs replaces whatever there is.
        """
        if self.database.on_sqlite:
            async with self.database.unit_of_work() as connection:
                await leases.end(connection, name=self.name)

    async def _learn_account(self) -> None:
        """Ask once for which account the pair speaks, and keep it: events of others are not ours."""
        kept = await self._find()
        if kept is None or kept.account or not self._is_fresh(kept):
            return
        account = await self.client.account(kept.access)
        async with self.database.unit_of_work() as connection:
            await channel_tokens.note_account(connection, self.vault, self.name, kept, account)
        log.info("zalo.account_learnt", account=account)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Hold the lease of this app's tokens."""
        owner = f"{self.name}-{secrets.token_hex(6)}"
        # Longer than the lease of one that was killed.
        deadline = asyncio.get_running_loop().time() + self.lease_seconds + POLL_SECONDS
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

    async def _keep(self, mark: bytes | None, pair: TokenPair, *, seed_sha256: str = "", account: str = "") -> bool:
        """Keep a pair that is nowhere else yet, trying until it is written; False where a newer one is there."""
        while True:
            try:
                async with self.database.unit_of_work() as connection:
                    return await channel_tokens.keep(
                        connection,
                        self.vault,
                        self.name,
                        mark,
                        access=pair.access,
                        refresh=pair.refresh,
                        lasts=pair.lasts,
                        seed_sha256=seed_sha256,
                        account=account,
                        now=self.clock.now(),
                    )
            except DATABASE_AWAY as error:
                if is_refused_for_good(error):
                    raise
                log.error("zalo.token_not_kept", error=type(error).__name__)
            await asyncio.sleep(KEEP_PAUSE_SECONDS)

    async def _note_dead(self, mark: bytes, error: RefreshRefusedError, *, is_lost: bool) -> bool:
        async with self.database.unit_of_work() as connection:
            return await channel_tokens.note_dead(
                connection, self.name, mark, error=str(error.told), is_lost=is_lost, now=self.clock.now()
            )

    async def _measure(self) -> None:
        """Tell the metrics how the pair stands."""
        kept = await self._find()
        is_dead = kept is None or kept.dead_since is not None
        state = 2 if is_dead else 1 if kept is not None and kept.is_uncertain else 0
        metrics.CHANNEL_TOKEN.labels(channel=CHANNEL).set(state)
