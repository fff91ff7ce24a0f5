"""The jobs about people: cases that wait for staff, and erasures that must hold.

Each opens units of work, calls one core use case, and logs one line without a word of anybody's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from apscheduler.triggers.cron import CronTrigger

from bot.core.cases import retention as cases
from bot.core.clock import LOCAL_ZONE, Clock
from bot.core.composing import Composer
from bot.core.conversations import retention as conversations
from bot.core.db import Database
from bot.core.inbox import erased, parked
from bot.core.rights import backups, erasure
from bot.core.vault import Vault

log = structlog.get_logger()

Job = Callable[[Database, Clock], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, repr=False)
class PeopleJobs:
    """The jobs, and what they work with.

    Attributes:
        tell: wakes whoever hands out what a conversation was told.
        erasure_list: the file of erasures outside of the database.
    """

    vault: Vault
    composer: Composer
    tell: Callable[[int], None]
    erasure_list: Path

    def timetable(self) -> tuple[tuple[Any, Job], ...]:
        """Return triggers and jobs; a job's id is its function's name."""
        every_minute = CronTrigger(second=30, timezone=LOCAL_ZONE)
        return (
            (every_minute, self.escalate_unanswered_cases),
            (every_minute, self.resume_silent_cases),
            (CronTrigger(minute=25, timezone=LOCAL_ZONE), self.forget_old_cases),
            (CronTrigger(minute=35, timezone=LOCAL_ZONE), self.forget_recent_turns),
            (CronTrigger(minute=15, timezone=LOCAL_ZONE), self.forget_idle_words),
            (CronTrigger(minute=45, timezone=LOCAL_ZONE), self.forget_parked_messages),
            (CronTrigger(minute=50, timezone=LOCAL_ZONE), self.forget_erased_updates),
            (CronTrigger(second=0, timezone=LOCAL_ZONE), self.keep_erasures),
        )

    async def escalate_unanswered_cases(self, database: Database, clock: Clock) -> None:
        """Escalate the cases that nobody answered in time."""
        now = clock.now()
        async with database.unit_of_work() as connection:
            told = await cases.escalate_unanswered(connection, self.vault, self.composer, now=now)
        self._wake(told)
        if told:
            log.warning("cases.escalated", cases=[reference for reference, _ in told])

    async def resume_silent_cases(self, database: Database, clock: Clock) -> None:
        """Let the assistant speak again where no person said anything for a day."""
        now = clock.now()
        async with database.unit_of_work() as connection:
            told = await cases.resume_silent(connection, self.vault, self.composer, now=now)
        self._wake(told)
        if told:
            log.warning("cases.lapsed", cases=[reference for reference, _ in told])

    async def forget_old_cases(self, database: Database, clock: Clock) -> None:
        """Forget the cases past their time."""
        await self._forget(database, clock, cases.forget_old, "cases.forgotten")

    async def forget_recent_turns(self, database: Database, clock: Clock) -> None:
        """Forget the last turns of conversations that nobody wrote in for a day."""
        await self._forget(database, clock, conversations.forget_recent_turns, "recent_turns.forgotten")

    async def forget_idle_words(self, database: Database, clock: Clock) -> None:
        """Forget what was said in conversations that are kept longer for something on its way."""
        await self._forget(database, clock, conversations.forget_idle_words, "words.forgotten")

    async def forget_parked_messages(self, database: Database, clock: Clock) -> None:
        """Forget the messages of updates that failed every time and that nobody gave a second chance."""
        await self._forget(database, clock, parked.forget_old, "parked.forgotten")

    async def forget_erased_updates(self, database: Database, clock: Clock) -> None:
        """Forget the names of updates whose citizens were erased, now that no platform delivers them again."""
        await self._forget(database, clock, erased.forget_old, "erased_updates.forgotten")

    async def keep_erasures(self, database: Database, clock: Clock) -> None:
        """Erase again who came back with an older copy of the database; clean pages; write the list anew."""
        listed, now = backups.read_list(self.erasure_list), clock.now()
        async with database.unit_of_work() as connection:
            again = await backups.erase_again(connection, self.vault, listed, now=now)
            await backups.forget_old_receipts(connection, now=now)
            kept = await backups.list_kept(connection)
            unclean = await erasure.count_unclean(connection)
        if kept != listed:
            backups.write_list(self.erasure_list, kept)
        if unclean and await database.drop_old_pages():
            async with database.unit_of_work() as connection:
                await erasure.mark_cleaned(connection, before=now, now=clock.now())
        if again:
            log.warning("erasures.repeated", count=again)

    async def _forget(
        self,
        database: Database,
        clock: Clock,
        forget: Callable[..., Awaitable[int]],
        event: str,
    ) -> None:
        now: datetime = clock.now()
        async with database.unit_of_work() as connection:
            forgotten = await forget(connection, now=now)
        if forgotten:
            await database.drop_old_pages()
        log.info(event, count=forgotten)

    def _wake(self, told: Sequence[tuple[str, int]]) -> None:
        for _, conversation_id in told:
            self.tell(conversation_id)
