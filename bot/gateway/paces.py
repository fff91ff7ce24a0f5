"""When a sender may send what: the channel's pace, each chat's, and the pauses that the platform asks for.

Kept in this process, so only one sends on a channel. Every `now` is in seconds of one steady clock.
"""

from __future__ import annotations

from collections.abc import Collection

import structlog

from bot.core.deliveries.errors import ChannelClosedError, ChatClosedError, SendError, SlowDownError
from bot.core.deliveries.rules import LONGEST_BACKOFF_SECONDS, LONGEST_WAIT_SECONDS
from bot.core.rates import Limiter, Rate

log = structlog.get_logger()

PERSON_RATE = Rate(3, 3)
"""One message a second to one citizen, three at once after a pause."""
LONGEST_PAUSE_SECONDS = 60.0
"""Nobody waits longer than this for what the platform said of other chats."""
_RECORDED_SECONDS = 0.2
"""So much later what was refused is due again, since that is recorded first; what came behind it must not overtake."""


class Paces:
    """The paces of one channel: of all chats together, evenly spread, and of each.

    What one chat is refused holds up that chat alone: an administrator of a group can slow their group down, or use its
    package up. Only where different chats are refused, one after the other, everybody waits.
    """

    def __init__(self, rate: Rate | None, *, group_rate: Rate | None) -> None:
        """Take the rate of all chats together, and that of each group; None means no limit."""
        self._channel = Limiter(Rate(1, rate.interval)) if rate else None
        self._people = Limiter(PERSON_RATE)
        self._groups = Limiter(group_rate) if group_rate else None
        self._closed: dict[str, float] = {}
        """By name, until when nothing may go to a chat."""
        self._refused: dict[str, float] = {}
        """Until when the platform refuses chats, since a message last got through."""
        self._paused_until = 0.0

    def wait(self, *, now: float) -> float:
        """Return 0 where a message may go to some chat now, and count it; else the seconds to wait."""
        return self._channel.wait("", now=now) if self._channel is not None else 0.0

    def wait_in(self, chat: str, *, in_group: bool, now: float) -> float:
        """Return 0 where a message may go to this chat now, and count it; else the seconds to wait."""
        refused_for = self._closed.get(chat, now) - now
        if refused_for > 0:
            return refused_for
        pace = self._groups if in_group else self._people
        if pace is None:
            return 0.0
        wait = pace.wait(chat, now=now)
        self._close(chat, wait or pace.look(chat, now=now), now=now)
        return wait

    def paused(self, *, now: float) -> float:
        """Return for how many seconds nothing may go to anybody, or 0."""
        return max(self._paused_until - now, 0.0)

    def closed(self, *, now: float) -> Collection[str]:
        """Return the names of the chats to which nothing may go now; they are few, at most what was sent of late."""
        _forget_past(self._closed, now=now)
        return frozenset(self._closed)

    def next_opening(self, *, now: float) -> float | None:
        """Return in how many seconds the next of them may be sent something; None where none is closed."""
        return min(self._closed.values()) - now if self.closed(now=now) else None

    def note_arrived(self) -> None:
        """Note that the platform took a message: it does not refuse everybody."""
        self._refused.clear()

    def note_refused(self, chat: str, failure: SendError, *, channel: str, now: float) -> None:
        """Close a chat, or pause everybody, where the platform asks for that."""
        match failure:
            case ChannelClosedError():
                log.error("sender.channel_closed", channel=channel)
                self._pause(LONGEST_BACKOFF_SECONDS, now=now)
                return
            case ChatClosedError():
                log.error("sender.chat_closed", channel=channel)
                seconds = LONGEST_BACKOFF_SECONDS
            case SlowDownError(retry_after=asked):
                seconds = min(max(asked, 1.0), LONGEST_WAIT_SECONDS)
            case _:
                return
        self._close(chat, seconds + _RECORDED_SECONDS, now=now)
        _forget_past(self._refused, now=now)
        self._refused[chat] = now + seconds
        if len(self._refused) > 1:
            log.warning("sender.paused", channel=channel)
            self._pause(min(seconds, LONGEST_PAUSE_SECONDS), now=now)

    def _close(self, chat: str, seconds: float, *, now: float) -> None:
        if seconds > 0:
            self._closed[chat] = max(self._closed.get(chat, 0.0), now + seconds)

    def _pause(self, seconds: float, *, now: float) -> None:
        self._paused_until = max(self._paused_until, now + seconds)


def _forget_past(until: dict[str, float], *, now: float) -> None:
    for key in [key for key, moment in until.items() if moment <= now]:
        del until[key]
