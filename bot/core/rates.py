"""How often somebody may write: the generic cell rate algorithm (GCRA) over keys kept in this process."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.core.errors import ThrottledError

_UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in `seconds`, with `burst` of them, by default the whole count, allowed at once after a pause."""

    count: int
    seconds: float
    burst: int | None = None

    @classmethod
    def parse(cls, text: str) -> Rate | None:
        """Read ``30/1m`` or ``1/4s burst 5``; ``0`` means no limit and gives None.

        Raises:
            ValueError: it is neither.
        """
        if text == "0":
            return None
        match = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)([smh])(?: burst ([1-9]\d*))?", text)
        if match is None:
            raise ValueError(f"not a rate: {text!r}")
        return cls(int(match[1]), int(match[2]) * _UNITS[match[3]], int(match[4]) if match[4] else None)

    @property
    def tolerance(self) -> float:
        """Seconds by which one may come earlier than evenly spread."""
        return self.interval * ((self.burst or self.count) - 1)

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
        early = self.look(key, now=now)
        if early > 0:
            return early
        self._arrivals[key] = max(self._arrivals.get(key, now), now) + self._rate.interval
        self._arrivals.move_to_end(key)
        while len(self._arrivals) > self._most_keys:
            self._arrivals.popitem(last=False)
        return 0.0

    def look(self, key: str, *, now: float) -> float:
        """Return the seconds that one for `key` would have to wait at `now`, counting nothing."""
        return max(self._arrivals.get(key, now) - now - self._rate.tolerance, 0.0)


class ChatLimits:
    """Limits who writes to a rate: a conversation's owner apart from its guests, and each address to ten times that.

    A whole village may share one IPv4 address; one home has a whole IPv6 /64, which therefore counts as one address.
    Waiting pages are not counted but limited in number, since they last.
    """

    CONVERSATIONS_PER_ADDRESS = 10
    OPEN_POLLS_PER_CONVERSATION = 4

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._conversations = Limiter(rate)
        self._addresses = Limiter(Rate(rate.count * self.CONVERSATIONS_PER_ADDRESS, rate.seconds))
        self._open_polls: Counter[int] = Counter()

    def count_address(self, address: str, *, now: float) -> None:
        """Count a request of an address.

        Raises:
            ThrottledError: it sent too many.
        """
        _refuse_for(self._addresses.wait(neighbourhood(address), now=now))

    def count_message(self, writer: str, *, now: float) -> None:
        """Count a message of a conversation's owner, or of a guest.

        Raises:
            ThrottledError: too many were sent.
        """
        _refuse_for(self._conversations.wait(writer, now=now))

    def is_late(self, age: float) -> bool:
        """Tell of a message that was said `age` seconds ago whether it was longer on its way than the rate's time."""
        return age > self._rate.seconds

    def count_late_message(self, writer: str, *, said_at: float) -> None:
        """Count a message that comes with everything else that waited, in any order, by when it was said.

        It counts among what was said in the same stretch of the rate's time, and takes nothing of the share of now.
        `said_at` is in seconds of the calendar.

        Raises:
            ThrottledError: too many were sent then.
        """
        stretch = said_at // self._rate.seconds
        _refuse_for(self._conversations.wait(f"{writer}@{stretch:.0f}", now=stretch * self._rate.seconds))

    @contextmanager
    def polling(self, conversation_id: int) -> Iterator[None]:
        """Hold one of a conversation's places for waiting pages.

        Raises:
            ThrottledError: all are taken.
        """
        if self._open_polls[conversation_id] >= self.OPEN_POLLS_PER_CONVERSATION:
            raise ThrottledError(retry_after=self._rate.interval)
        self._open_polls[conversation_id] += 1
        try:
            yield
        finally:
            self._open_polls[conversation_id] -= 1
            if not self._open_polls[conversation_id]:
                del self._open_polls[conversation_id]


def _refuse_for(seconds: float) -> None:
    if seconds > 0:
        raise ThrottledError(retry_after=seconds)


def neighbourhood(address: str) -> str:
    """Return what one home is likely to share: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
