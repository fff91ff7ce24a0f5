"""Wakes whoever waits in this process; other processes find the same rows by polling."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

INBOX_BELL = "inbox"
OUTBOX_BELL = "outbox"


def conversation_bell(conversation_id: int) -> str:
    """Return the key that rings when a conversation has something new."""
    return f"conversation:{conversation_id}"


class Doorbell:
    """Rings by key. A ring wakes those who wait at that moment; it is a hint, the database is the truth."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self.updates_announced = 0

    @contextmanager
    def expecting(self, key: str) -> Iterator[asyncio.Future[None]]:
        """Start waiting for `key` now, so that a ring before the ``await`` is not missed."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[key].add(future)
        try:
            yield future
        finally:
            waiting = self._waiting.get(key)
            if waiting is not None:
                waiting.discard(future)
                if not waiting:
                    del self._waiting[key]

    def announce_update(self) -> None:
        """Tell the workers of this process that an update was stored, and count it."""
        self.updates_announced += 1
        self.ring(INBOX_BELL)

    def ring_all(self) -> None:
        """Wake everybody, whatever they wait for: the process stops."""
        for key in list(self._waiting):
            self.ring(key)

    def ring(self, key: str) -> None:
        """Wake everybody who waits for `key`."""
        for future in self._waiting.pop(key, set()):
            if not future.done():
                future.set_result(None)


async def either(future: asyncio.Future[None], *, seconds: float) -> None:
    """Wait until `future` rings or the time is over, whichever comes first."""
    await asyncio.wait([future], timeout=seconds)


async def pause(stopping: asyncio.Event, *, seconds: float) -> None:
    """Wait some seconds, or until everything stops."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()
