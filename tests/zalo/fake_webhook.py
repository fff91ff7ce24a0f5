"""Zalo's calls of a webhook: proven in some way, again later where they fail, and none any more after the last try."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from bot.core.clock import Clock
from tests.telegram.fake_updates import Bell
from tests.zalo.fake_wire import Json, Signature, encode, sign

DEADLINE_SECONDS = 2.0
RETRY_AFTER_SECONDS = (30, 300, 900, 1800, 3600)
"""Read as gaps: reports disagree whether they are."""
HINTS = {"User-Agent": "ZaloWebhook", "X-ZEvent-Server": "OA OpenAPI"}


@dataclass(frozen=True)
class Attempt:
    """One call of the webhook; no status where nobody answered in time."""

    event_name: str
    retry: int
    status: int | None

    @property
    def accepted(self) -> bool:
        return self.status == 200


@dataclass(eq=False)
class _Pending:
    """An event that was not accepted yet, in the bytes in which it is sent every time."""

    event_name: str
    raw: bytes
    how: Signature
    due_at: datetime
    failures: int = 0


@dataclass(eq=False)
class Webhook:
    """Where events go once an address was saved; nothing is kept for later before, and while it is off."""

    clock: Clock
    bell: Bell
    url: str = ""
    is_on: bool = False
    deadline_seconds: float = DEADLINE_SECONDS
    """Real seconds, whatever the clock says."""
    how: Signature = "right"
    """How events are proven that come from now on."""
    attempts: list[Attempt] = field(default_factory=list)
    _pending: list[_Pending] = field(default_factory=list)

    @property
    def waiting(self) -> list[str]:
        """The names of the events that are not accepted yet, oldest first."""
        return [pending.event_name for pending in self._pending]

    async def save(self, client: httpx.AsyncClient, url: str) -> bool:
        """Save an address in the console: it is tried with an unsigned call first, and kept where that is answered."""
        status = await self._status_of(client.post(url, content=b"{}", headers={"Content-Type": "application/json"}))
        self.attempts.append(Attempt("", 0, status))
        if status == 200:
            self.url = url
            self.switch_on()
        self.bell.ring()
        return status == 200

    def switch_on(self) -> None:
        """Let events come again: after the last try only a person in the console can."""
        self.is_on = bool(self.url)
        self.bell.ring()

    def switch_off(self) -> None:
        """Let no event come any more, and forget those that wait."""
        self.is_on = False
        self._pending.clear()
        self.bell.ring()

    def add(self, event: Mapping[str, Any]) -> None:
        """Have an event sent, where somebody is to be sent any."""
        if self.is_on:
            self._pending.append(_Pending(str(event["event_name"]), encode(event), self.how, self.clock.now()))
            self.bell.ring()

    async def push(
        self, client: httpx.AsyncClient, *, reverse: bool = False, at_once: bool = False, again: bool = False
    ) -> list[Attempt]:
        """Send whatever is due by the clock; return the attempts.

        Args:
            client: reaches the product; redirects are not followed.
            reverse: the newest first, as nothing is promised about the order.
            at_once: all at the same time.
            again: what was accepted is sent a second time at once, as a lost answer makes it.
        """
        due = [pending for pending in self._pending if pending.due_at <= self.clock.now()]
        due = list(reversed(due)) if reverse else due
        if at_once:
            done = list(await asyncio.gather(*(self._attempt(client, pending) for pending in due)))
        else:
            done = [await self._attempt(client, pending) for pending in due if self.is_on]
        if again:
            done += [await self._attempt(client, pending) for pending in due if pending not in self._pending]
        return done

    async def post(
        self, client: httpx.AsyncClient, event: Json | bytes, *, how: Signature = "right", retry: int = 0
    ) -> httpx.Response:
        """Send one event now, whatever became of it before: a replay, or a forgery."""
        raw = event if isinstance(event, bytes) else encode(event)
        return await client.post(self.url, content=raw, headers=_headers(raw, how, retry), follow_redirects=False)

    async def post_at_once(self, client: httpx.AsyncClient, events: Iterable[Json | bytes]) -> list[httpx.Response]:
        """Send several events, or one several times, at the same moment."""
        return list(await asyncio.gather(*(self.post(client, event) for event in events)))

    async def _attempt(self, client: httpx.AsyncClient, pending: _Pending) -> Attempt:
        retry = pending.failures
        status = await self._status_of(self.post(client, pending.raw, how=pending.how, retry=retry))
        attempt = Attempt(pending.event_name, retry, status)
        self.attempts.append(attempt)
        if attempt.accepted or retry == len(RETRY_AFTER_SECONDS):
            self._pending = [other for other in self._pending if other is not pending]
        else:
            pending.due_at = self.clock.now() + timedelta(seconds=RETRY_AFTER_SECONDS[retry])
            pending.failures += 1
        if not attempt.accepted and retry == len(RETRY_AFTER_SECONDS):
            self.switch_off()
        self.bell.ring()
        return attempt

    async def _status_of(self, answer: Any) -> int | None:
        try:
            async with asyncio.timeout(self.deadline_seconds):
                response: httpx.Response = await answer
        except (TimeoutError, httpx.TransportError):
            return None
        return response.status_code


def _headers(raw: bytes, how: Signature, retry: int) -> dict[str, str]:
    again = {"num_retry": str(retry)} if retry else {}
    return {"Content-Type": "application/json"} | HINTS | sign(raw, how=how) | again
