"""Who writes next where only one may: in the order of coming, with a lane for what must not wait."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MOST_IN_A_ROW = 8
"""How many of the fast lane go before one of the others does, so that nobody waits for ever."""


class WriterQueue:
    """A lock with two lanes, for the tasks of one event loop."""

    def __init__(self) -> None:
        """Begin with nobody inside."""
        self._is_taken = False
        self._fast: deque[asyncio.Future[None]] = deque()
        self._slow: deque[asyncio.Future[None]] = deque()
        self._in_a_row = 0

    @asynccontextmanager
    async def turn(self, *, fast: bool, seconds: float) -> AsyncIterator[None]:
        """Hold it during the block.

        Raises:
            TimeoutError: it did not come to our turn within `seconds`.
        """
        async with asyncio.timeout(seconds):
            await self._enter(self._fast if fast else self._slow)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, lane: deque[asyncio.Future[None]]) -> None:
        if not self._is_taken:
            self._is_taken = True
            return
        turn = asyncio.get_running_loop().create_future()
        lane.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()  # it was just given to us
            raise

    def _leave(self) -> None:
        """Give it to whoever is next; those who gave up waiting are passed over."""
        while self._fast or self._slow:
            goes_fast = bool(self._fast) and (not self._slow or self._in_a_row < MOST_IN_A_ROW)
            turn = (self._fast if goes_fast else self._slow).popleft()
            if turn.done():
                continue
            self._in_a_row = self._in_a_row + 1 if goes_fast else 0
            turn.set_result(None)
            return
        self._is_taken = False
