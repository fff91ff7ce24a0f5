"""The worker: takes conversations' oldest updates, has them answered, and writes the outcome in one transaction."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics
from bot.core.clock import Clock
from bot.core.conversations import service as conversations
from bot.core.conversations.service import Conversation, SpeakerChangedError
from bot.core.db import DATABASE_AWAY, Database
from bot.core.deliveries.service import OutboundMessage
from bot.core.effects import apply_effect
from bot.core.guides import progress as guides
from bot.core.handoffs import turns as handoffs
from bot.core.house import House
from bot.core.inbox import lateness
from bot.core.inbox import service as inbox
from bot.core.inbox.parked import reference_of
from bot.core.inbox.repository import Abandoned, ClaimedUpdate
from bot.core.inbox.service import LEASE_SECONDS, LeaseLostError
from bot.core.rights import erasure
from bot.core.rights.offer import ERASE
from bot.core.vault import Vault
from bot.doorbell import INBOX_BELL, OUTBOX_BELL, Doorbell, conversation_bell, either
from bot.gateway.turns import Turns, worth_remembering
from bot.gateway.urgency import bears_no_delay

log = structlog.get_logger()

MOST_AT_ONCE = 16
"""Conversations answered at the same time; the NLU server is one process and gains nothing from more."""
QUIET_POLL_SECONDS = 0.5
SHARED_POLL_SECONDS = 0.1
"""How often the inbox is looked at without a ring: seldom where only this process stores updates."""
SWEEP_SECONDS = 2.0
LATE = "late"
"""What a turn is called in logs and metrics whose message came too late."""
TURN_LIMIT_SHARE = 2 / 3
"""Of its lease: a turn ends before that does, so that a lease need not be renewed."""


@dataclass(slots=True)
class Backlog:
    """How many updates are stored and not taken, as far as this process knows: they wait behind one in hand.

    Only then does the end of a turn look for more, since every look at the inbox takes the one writer. It is a guess
    between two counts: other processes store and take updates too.
    """

    heard: int
    waiting: int = 0

    @property
    def holds_any(self) -> bool:
        """True where something is likely to wait."""
        return self.waiting > 0

    def is_counted(self, waiting: int, *, heard: int) -> None:
        """Take over what the database counted, when so many announcements had been heard."""
        self.waiting, self.heard = waiting, heard

    def changes(self, *, announced: int, taken: int) -> None:
        """Note what was announced in all until now, and what was just taken."""
        self.waiting += announced - self.heard - taken
        self.heard = announced


@dataclass(frozen=True, slots=True)
class Worker:
    """Answers updates until it is told to stop, then finishes those it holds."""

    database: Database
    vault: Vault
    turns: Turns
    clock: Clock
    doorbell: Doorbell
    house: House
    lease_seconds: float = LEASE_SECONDS

    @property
    def poll_seconds(self) -> float:
        """Seconds between two looks at the inbox without a ring."""
        return QUIET_POLL_SECONDS if self.database.on_sqlite else SHARED_POLL_SECONDS

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping` is set; return when the turns in hand are finished."""
        owner = f"worker-{secrets.token_hex(6)}"
        running: set[asyncio.Task[None]] = set()
        backlog = Backlog(heard=self.doorbell.updates_announced)
        next_sweep = 0.0

        def finished(task: asyncio.Task[None]) -> None:
            was_full = len(running) == MOST_AT_ONCE
            running.discard(task)
            if was_full or backlog.holds_any:
                self.doorbell.ring(INBOX_BELL)

        while not stopping.is_set():
            with self.doorbell.expecting(INBOX_BELL) as bell:
                try:
                    if time.monotonic() >= next_sweep:
                        next_sweep = time.monotonic() + SWEEP_SECONDS
                        backlog.is_counted(await self._sweep() - len(running), heard=self.doorbell.updates_announced)
                    announced = self.doorbell.updates_announced
                    claimed = await self._claim(owner, MOST_AT_ONCE - len(running))
                    backlog.changes(announced=announced, taken=len(claimed))
                    for update in claimed:
                        task = asyncio.create_task(self._take(update))
                        running.add(task)
                        task.add_done_callback(finished)
                    await either(bell, seconds=self.poll_seconds)
                except DATABASE_AWAY as error:
                    # Said every two seconds until the database is back; a traceback each time would fill the disk.
                    log.error("worker.database_away", error=type(error).__name__)
                    await either(bell, seconds=SWEEP_SECONDS)
                except Exception as error:
                    log.error("worker.failed", error=type(error).__name__, exc_info=error)
                    await either(bell, seconds=SWEEP_SECONDS)
        if running:
            await asyncio.wait(running)

    async def _claim(self, owner: str, most: int) -> list[ClaimedUpdate]:
        if most <= 0:
            return []
        async with self.database.unit_of_work() as connection:
            return list(await inbox.claim(connection, owner=owner, most=most, lease_seconds=self.lease_seconds))

    async def _sweep(self) -> int:
        """Park what dying workers left behind, with an apology; return how many updates are unfinished."""
        async with self.database.reading() as connection:
            abandoned = await inbox.list_abandoned(connection)
        # Each for itself: one that cannot be parked holds up neither the others nor the answers to new messages.
        parked = [each for each in abandoned if await self._park(each)]
        async with self.database.reading() as connection:
            unfinished, parked_in_all = await inbox.count_unfinished(connection), await inbox.count_parked(connection)
        metrics.INBOX_UNFINISHED.set(unfinished)
        metrics.INBOX_PARKED.set(parked_in_all)
        for each in parked:
            self.doorbell.ring(conversation_bell(each.conversation_id))
        if parked:
            self.doorbell.ring(OUTBOX_BELL)
            log.error("inbox.parked", references=[reference_of(each.id) for each in parked])
        return unfinished

    async def _park(self, abandoned: Abandoned) -> bool:
        """Park one update with an apology, or without where none can be written; return whether it is parked now."""
        now = self.clock.now()
        for apologises in (True, False):
            try:
                async with self.database.unit_of_work() as connection:
                    if not await inbox.park_abandoned(connection, abandoned, now=now):
                        return False
                    if apologises:
                        conversation, apology = await self._apology(connection, abandoned)
                        await inbox.apologise(connection, conversation, abandoned.id, apology=apology, now=now)
            except Exception as error:
                log.error(
                    "inbox.not_parked",
                    reference=reference_of(abandoned.id),
                    with_apology=apologises,
                    error=type(error).__name__,
                    exc_info=error,
                )
            else:
                return True
        return False

    async def _take(self, claimed: ClaimedUpdate) -> None:
        started = time.perf_counter()
        turn_id = reference_of(claimed.id)
        try:
            async with asyncio.timeout(self.lease_seconds * TURN_LIMIT_SHARE):
                intent = await self._answer(claimed, turn_id)
        except LeaseLostError:
            log.warning("turn.lease_lost", turn=turn_id)
            return
        except SpeakerChangedError as error:
            # A person took over while the assistant thought, or gave back: the message is for the other one.
            log.info("turn.speaker_changed", turn=turn_id)
            await self._fail(claimed, error)
        except Exception as error:
            log.error("turn.failed", turn=turn_id, error=type(error).__name__, exc_info=error)
            metrics.TURNS.labels(outcome="failed").inc()
            await self._fail(claimed, error)
        else:
            seconds = time.perf_counter() - started
            metrics.TURNS.labels(outcome=intent if intent in {"unavailable", LATE} else "answered").inc()
            metrics.TURN_SECONDS.observe(seconds)
            log.info("turn.finished", turn=turn_id, intent=intent, milliseconds=round(seconds * 1000, 1))
        finally:
            self.doorbell.ring(conversation_bell(claimed.conversation_id))
            self.doorbell.ring(OUTBOX_BELL)

    async def _answer(self, claimed: ClaimedUpdate, turn_id: str) -> str:
        async with self.database.reading() as connection:
            conversation = await conversations.load(connection, self.vault, claimed.conversation_id)
            progress = await guides.find(connection, conversation.citizen_id)
            state = guides.joined(conversation.state, progress)
            state = await handoffs.joined(connection, self.turns.programme, state, now=self.clock.now())
        message = inbox.open_message(conversation, claimed)
        is_late = lateness.is_late(claimed, now=self.clock.now())
        if is_late and not bears_no_delay(conversation, message, self.turns.programme):
            return await self._answer_late(conversation, claimed)
        conversation = replace(conversation, state=state)
        answer = await self.turns.answer(conversation, message, turn_id=turn_id)
        # Where nothing is done first, the one writer need not wait for the rendering.
        messages = self.turns.render(conversation, answer) if answer.effect is None else ()
        now = self.clock.now()
        async with self.database.unit_of_work() as connection:
            await conversations.check_floor(connection, conversation)
            if answer.effect is not None:
                outcome = await apply_effect(connection, conversation, answer.effect, house=self.house, now=now)
                # It may have given the conversation to somebody new, with another key.
                conversation = await conversations.load(connection, self.vault, conversation.id)
                messages = self.turns.render(conversation, answer, outcome)
            await inbox.finish_turn(
                connection,
                conversation,
                claimed,
                messages=messages,
                state=handoffs.kept(answer.state),
                told=worth_remembering(conversation, answer, messages),
                now=now,
            )
        if answer.effect is not None and answer.effect.name == ERASE:
            await self._clean_pages(now)
        return answer.intent

    async def _answer_late(self, conversation: Conversation, claimed: ClaimedUpdate) -> str:
        """Close what came too late: silently, or with the one apology for all of it."""
        now = self.clock.now()
        async with self.database.unit_of_work() as connection:
            await conversations.check_floor(connection, conversation)
            if await lateness.is_covered(connection, conversation, claimed, now=now):
                await inbox.pass_over(connection, claimed, now=now)
                return LATE
            messages = self.turns.late_apology(conversation)
            await inbox.finish_turn(
                connection, conversation, claimed, messages=messages, state=conversation.state, now=now
            )
            await lateness.note_apology(connection, conversation.id, now=now)
        return LATE

    async def _clean_pages(self, erased_at: datetime) -> None:
        """Have the database forget the pages that still hold what was just erased; a job does it again if it fails."""
        try:
            if await self.database.drop_old_pages():
                async with self.database.unit_of_work() as connection:
                    await erasure.mark_cleaned(connection, before=erased_at, now=self.clock.now())
        except DATABASE_AWAY as error:
            log.warning("erasure.pages_kept", error=type(error).__name__)

    async def _apology(
        self, connection: AsyncConnection, failed: ClaimedUpdate | Abandoned
    ) -> tuple[Conversation, Sequence[OutboundMessage]]:
        """Give what is said about a failed update, and in which conversation.

        Nothing while a person speaks there, or where it was a second chance: one apology was said before.
        """
        floor = await conversations.hold(connection, failed.conversation_id)
        conversation = await conversations.load(connection, self.vault, failed.conversation_id)
        if floor.case_id is not None or failed.retry_of is not None:
            return conversation, ()
        return conversation, self.turns.apology(conversation, reference=reference_of(failed.id))

    async def _fail(self, claimed: ClaimedUpdate, error: Exception) -> None:
        try:
            async with self.database.unit_of_work() as connection:
                if not inbox.is_last_attempt(claimed):
                    await inbox.give_back(connection, claimed, error=error)
                    return
                conversation, apology = await self._apology(connection, claimed)
                await inbox.give_up(
                    connection, conversation, claimed, error=error, apology=apology, now=self.clock.now()
                )
        except Exception as failure:
            log.error("turn.not_put_back", update=claimed.id, error=type(failure).__name__, exc_info=failure)
