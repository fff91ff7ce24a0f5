"""What the platform has for the bot: updates, kept until they are polled, accepted by its webhook, or too old."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import httpx

from bot.core.clock import Clock
from tests.telegram.fake_wire import Json, RefusedError

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
# The waits of the public server; where it draws 60 to 120 s, the earliest.
RETRY_AFTER_SECONDS = (0, 2, 4, 8, 16, 32, 60)
LONGEST_RETRY_AFTER = 3600
KEPT = timedelta(hours=24)
PRESS_KEPT = timedelta(seconds=150)
ONLY_WHEN_ASKED_FOR = {"chat_member", "message_reaction", "message_reaction_count"}
LONGEST_POLL_SECONDS = 50


class Bell:
    """Wakes whoever waits, from any thread and in any event loop."""

    def __init__(self) -> None:
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def ring(self) -> None:
        """Let everyone who waits look again."""
        for loop, event in list(self._waiting):
            with contextlib.suppress(RuntimeError):  # a loop of another thread has just ended: nobody waits there
                loop.call_soon_threadsafe(event.set)

    async def wait_for(self, condition: Callable[[], bool]) -> None:
        """Return once `condition` holds; it is asked now and at every ring."""
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        self._waiting.add(waiter)
        try:
            while not condition():
                await waiter[1].wait()
                waiter[1].clear()
        finally:
            self._waiting.discard(waiter)


@dataclass
class Webhook:
    """Where updates are posted to."""

    url: str
    secret: str
    max_connections: int
    last_error: tuple[int, str] | None = None


@dataclass(frozen=True)
class Attempt:
    """One POST to the webhook; no status when nobody answered."""

    update_id: int
    status: int | None

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass
class _Pending:
    """An update that is not delivered; those of one queue go out one after another."""

    update: Json
    queue: tuple[str, int]
    due_at: datetime
    expires_at: datetime
    failures: int = 0

    @property
    def update_id(self) -> int:
        return int(self.update["update_id"])


@dataclass(eq=False)
class _Poll:
    """A getUpdates that is held open."""

    over: bool = False
    conflict: str = ""


@dataclass(eq=False)
class Updates:
    """The updates of one bot and the ways in which it gets them."""

    clock: Clock
    bell: Bell
    webhook: Webhook | None = None
    allowed: tuple[str, ...] = ()
    _pending: list[_Pending] = field(default_factory=list)
    _poll: _Poll | None = None
    _numbers: count[int] = field(default_factory=lambda: count(700_000_001))
    # People may write from threads of their own, and a poll that confirms one number confirms all below it.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def waiting(self) -> list[Json]:
        """The updates neither confirmed nor accepted nor too old, oldest first."""
        return [pending.update for pending in self._current()]

    def _current(self) -> list[_Pending]:
        return [pending for pending in self._pending if pending.expires_at > self.clock.now()]

    def add(self, kind: str, content: Json, *, queue: tuple[str, int] = ("other", 0)) -> Json:
        """Keep an update for the bot, of any kind also an unknown one, unless it did not ask for it; return it."""
        wanted = kind in self.allowed or (not self.allowed and kind not in ONLY_WHEN_ASKED_FOR)
        with self._lock:
            update = {"update_id": next(self._numbers), kind: content}
            if wanted:
                now = self.clock.now()
                kept = PRESS_KEPT if kind == "callback_query" else KEPT
                self._pending.append(_Pending(update, queue, now, now + kept))
        if wanted:
            self.bell.ring()
        return update

    def drop_all(self) -> None:
        """Forget every update."""
        with self._lock:
            self._pending.clear()

    async def poll(self, *, offset: int, limit: int, seconds: float) -> list[Json]:
        """Confirm what comes before `offset`; return what waits, as soon as something does.

        Raises:
            RefusedError: 409 when a webhook is set, or when another poll or a webhook ends this one.
        """
        if self.webhook is not None:
            raise RefusedError(
                409,
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            )
        self.end_polls("terminated by other getUpdates request; make sure that only one bot instance is running")
        self._confirm(offset)
        poll = self._poll = _Poll()
        self.bell.ring()
        try:
            async with asyncio.timeout(min(seconds, LONGEST_POLL_SECONDS)):
                await self.bell.wait_for(lambda: poll.over or bool(self.waiting))
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None
        if poll.conflict:
            raise RefusedError(409, poll.conflict)
        return self.waiting[:limit]

    @property
    def polled(self) -> bool:
        """Whether a poll is held open now."""
        return self._poll is not None

    def end_polls(self, conflict: str = "") -> None:
        """Let the open poll return with nothing, or be refused as `conflict` says."""
        if self._poll is not None:
            self._poll.over, self._poll.conflict = True, conflict
            self.bell.ring()

    def _confirm(self, offset: int) -> None:
        with self._lock:
            if offset < 0:
                self._pending = self._current()[offset:]
            else:
                self._pending = [pending for pending in self._current() if pending.update_id >= offset]

    async def push(self, client: httpx.AsyncClient, *, at_once: bool = False) -> list[Attempt]:
        """Post to the webhook whatever is due by the clock; return the attempts.

        An update that is not accepted is posted again at once, then later and later; it holds back those of its
        queue only. With `at_once` all queues go at the same time, so a press may overtake a message.
        """
        queues: dict[tuple[str, int], list[_Pending]] = {}
        for pending in self._current():
            queues.setdefault(pending.queue if at_once else ("all", 0), []).append(pending)
        done = await asyncio.gather(*(self._post_due(client, queue) for queue in queues.values()))
        return [attempt for attempts in done for attempt in attempts]

    async def _post_due(self, client: httpx.AsyncClient, queue: Sequence[_Pending]) -> list[Attempt]:
        attempts: list[Attempt] = []
        blocked = set()
        for pending in queue:
            while pending.queue not in blocked:
                if pending.due_at > self.clock.now():
                    blocked.add(pending.queue)
                    break
                attempts.append(await self._attempt(client, pending))
                if attempts[-1].accepted:
                    with self._lock:
                        self._pending = [other for other in self._pending if other is not pending]
                    break
        return attempts

    async def _attempt(self, client: httpx.AsyncClient, pending: _Pending) -> Attempt:
        assert self.webhook is not None, "no webhook is set"
        wait = RETRY_AFTER_SECONDS[min(pending.failures, len(RETRY_AFTER_SECONDS) - 1)]
        try:
            response = await self.post(client, pending.update)
        except httpx.TransportError as error:
            attempt, reason = Attempt(pending.update_id, None), f"Connection failed: {type(error).__name__}"
        else:
            attempt = Attempt(pending.update_id, response.status_code)
            reason = f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}"
            wanted = response.headers.get("Retry-After", "")
            if wanted.isdecimal() and int(wanted) > 0:
                wait = min(int(wanted), LONGEST_RETRY_AFTER)
        if not attempt.accepted:
            pending.failures += 1
            pending.due_at = self.clock.now() + timedelta(seconds=wait)
            self.webhook.last_error = (int(self.clock.now().timestamp()), reason)
        return attempt

    async def post(self, client: httpx.AsyncClient, update: Json, *, secret: str | None = None) -> httpx.Response:
        """Post one update to the webhook now, whatever became of it before: a replay.

        Args:
            client: reaches the product; redirects are not followed.
            update: as the person's deed returned it, or any other.
            secret: sent in place of the one that was set; empty sends no header.
        """
        assert self.webhook is not None, "no webhook is set"
        secret = self.webhook.secret if secret is None else secret
        headers = {SECRET_HEADER: secret} if secret else {}
        return await client.post(self.webhook.url, json=update, headers=headers, follow_redirects=False)

    async def post_at_once(self, client: httpx.AsyncClient, updates: Iterable[Json]) -> list[httpx.Response]:
        """Post several updates, or one several times, at the same moment."""
        return list(await asyncio.gather(*(self.post(client, update) for update in updates)))
