"""Fetching every list ahead of its end, in one process for all."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import structlog
from cryptography import x509

from bot.core.approvals.authorities import Path, list_paths
from bot.core.approvals.ports import Office
from bot.core.clock import Clock
from bot.core.db import DATABASE_AWAY, Database
from bot.core.errors import ProductError
from bot.core.revocations import repository
from bot.core.revocations.repository import Note
from bot.doorbell import pause
from bot.revocation.fetching import Fetcher
from bot.revocation.gathering import fetch_list
from bot.revocation.pieces import list_addresses
from bot.revocation.source import KeptEvidence

log = structlog.get_logger()

BETWEEN_ROUNDS = 30.0
PATIENCE = 60.0
"""Seconds for one list while nobody waits for it: some have megabytes."""
MOST_AT_ONCE = 4

LONGEST_UNASKED = timedelta(hours=1)
"""An authority brings its list out early when it has revoked somebody in a hurry."""
SOONEST_AGAIN = timedelta(minutes=1)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(minutes=30)


def next_fetch(note: Note, *, jitter: float) -> datetime:
    """Return when to fetch a list anew: within the hour, and in any case while a fifth of its time is left.

    `jitter`, from 0 to 1, brings it forward by up to a tenth, so that not everybody comes at once.
    """
    spare = (note.next_update - note.this_update) / 5
    wait = max(min(note.fetched_at + LONGEST_UNASKED, note.next_update - spare) - note.fetched_at, SOONEST_AGAIN)
    return note.fetched_at + wait * (1 - jitter / 10)


def next_retry(failures: int, *, now: datetime, jitter: float) -> datetime:
    """Return when to try again after so many failures: each time twice as late, up to half an hour."""
    wait = min(FIRST_RETRY * (1 << min(failures - 1, 10)), LONGEST_RETRY)
    return now + wait * (1 - jitter / 2)


class Refresher:
    """Fetches the configured lists, and those that enrolled certificates name at listed hosts."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        office: Office,
        evidence: KeptEvidence,
        fetcher: Fetcher,
        *,
        urls: Collection[str],
        chance: random.Random | None = None,
    ) -> None:
        """Take `urls` as configured, and `chance` for the jitter."""
        self._database = database
        self._clock = clock
        self._office = office
        self._evidence = evidence
        self._fetcher = fetcher
        self._urls = tuple(urls)
        self._chance = chance or random.Random()  # noqa: S311 - only spreads load
        self._due: dict[str, datetime] = {}
        self._failures: dict[str, int] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Make a round every half minute until `stopping` is set."""
        while not stopping.is_set():
            try:
                await self.make_round()
            except (*DATABASE_AWAY, ProductError) as error:
                log.error("revocation.round_failed", error=type(error).__name__)
            await pause(stopping, seconds=BETWEEN_ROUNDS)

    async def make_round(self) -> None:
        """Take in what was put by hand, and fetch each list that is due."""
        await self._evidence.take_in_files()
        now = self._clock.now()
        async with self._database.reading() as connection:
            paths = await list_paths(connection, self._office, now=now)
            notes = await repository.list_notes(connection)
        authorities = {one for path in paths for one in path[1:]} | set(self._office.roots.roots)
        urls = self._addresses(paths)
        for url in urls:
            if url not in self._due:
                self._due[url] = self._first_due(url, notes, now)
        due = [url for url in urls if self._due[url] <= now]
        places = asyncio.Semaphore(MOST_AT_ONCE)

        async def fetch(url: str) -> None:
            async with places:
                await self._fetch(url, authorities, now)

        await asyncio.gather(*(fetch(url) for url in due))

    async def _fetch(self, url: str, authorities: Collection[x509.Certificate], now: datetime) -> None:
        piece = await fetch_list(self._fetcher, url, authorities, seconds=PATIENCE, now=now)
        if piece is not None:
            await self._evidence.keep([piece])
        if piece is None or piece.note.next_update <= now:
            self._failures[url] = self._failures.get(url, 0) + 1
            self._due[url] = next_retry(self._failures[url], now=now, jitter=self._chance.random())
            return
        self._failures.pop(url, None)
        self._due[url] = next_fetch(piece.note, jitter=self._chance.random())

    def _addresses(self, paths: Sequence[Path]) -> Sequence[str]:
        named = [url for path in paths for one in path[:-1] for url in list_addresses(one)]
        return [url for url in dict.fromkeys((*self._urls, *named)) if self._fetcher.may_ask(url)]

    def _first_due(self, url: str, notes: Sequence[Note], now: datetime) -> datetime:
        """Return when a list is due that another process, or this one before it was started anew, may have fetched."""
        kept = [note for note in notes if note.source == url and note.next_update > now]
        return next_fetch(kept[0], jitter=self._chance.random()) if kept else now
