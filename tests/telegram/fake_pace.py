"""How fast one may send: about 30 messages a second to all chats, and about one a second to each."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from tests.telegram.fake_wire import flood


@dataclass
class Pace:
    """Counts what was sent; a chat takes `burst` messages in as many seconds, all at once or not."""

    per_second: int = 30
    burst: int = 5
    _all: deque[float] = field(default_factory=deque)
    _by_chat: dict[int, deque[float]] = field(default_factory=dict)

    def count(self, chat_id: int, now: float) -> None:
        """Count one more message to a chat.

        Raises:
            RefusedError: 429, with the seconds after which there is room.
        """
        chat = self._by_chat.setdefault(chat_id, deque())
        _check(self._all, self.per_second, 1.0, now)
        _check(chat, self.burst, float(self.burst), now)
        self._all.append(now)
        chat.append(now)


def _check(sent: deque[float], most: int, seconds: float, now: float) -> None:
    while sent and sent[0] <= now - seconds:
        sent.popleft()
    if len(sent) >= most:
        raise flood(max(1, math.ceil(sent[0] + seconds - now)))
