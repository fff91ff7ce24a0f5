"""How often somebody may write: the generic cell rate algorithm (GCRA) over keys kept in this process."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass

_UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in `seconds`, with the whole count allowed at once after a pause."""

    count: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> Rate | None:
        """Read ``30/1m``; ``0`` means no limit and gives None.

        Raises:
            ValueError: it is neither.
        """
        if text == "0":
            return None
        match = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)([smh])", text)
        if match is None:
            raise ValueError(f"not a rate: {text!r}")
        return cls(int(match[1]), int(match[2]) * _UNITS[match[3]])

    @property
    def interval(self) -> float:
        """Seconds between two, in the long run."""
        return self.seconds / self.count


class Limiter:
    """Counts keys against one rate; keeps at most `most_keys` of them, forgetting the longest idle."""

    def __init__(self, rate: Rate, *, most_keys: int = 50_000) -> None:
        self._rate = rate
        self._most_keys = most_keys
        self._arrivals: OrderedDict[str, float] = OrderedDict()

    def wait(self, key: str, *, now: float) -> float:
        """Count one for `key` at `now` and return 0; or return the seconds to wait, counting nothing.

        `now` is in seconds of any steady clock.
        """
        arrival = max(self._arrivals.get(key, now), now)
        tolerance = self._rate.seconds - self._rate.interval
        if arrival - now > tolerance:
            return arrival - now - tolerance
        self._arrivals[key] = arrival + self._rate.interval
        self._arrivals.move_to_end(key)
        while len(self._arrivals) > self._most_keys:
            self._arrivals.popitem(last=False)
        return 0.0


class ChatLimits:
    """Limits a conversation to a rate, and an address to ten times that: a whole village may share one address."""

    CONVERSATIONS_PER_ADDRESS = 10

    def __init__(self, rate: Rate) -> None:
        self._conversations = Limiter(rate)
        self._addresses = Limiter(Rate(rate.count * self.CONVERSATIONS_PER_ADDRESS, rate.seconds))

    def wait(self, *, conversation: str, address: str, now: float) -> float:
        """Count one request and return 0; or return the seconds to wait."""
        return self._addresses.wait(address, now=now) or self._conversations.wait(conversation, now=now)
