"""Fakes that are passed in where the product asks for something from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from bot.core.broadcasts.checking import Found
from bot.core.ports import AssistantUnavailableError, TurnRequest, TurnResult
from bot.core.replies import Reply

MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


class FixedClock:
    """A clock that stands until it is moved."""

    def __init__(self, moment: datetime = MORNING) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


class ScriptedAssistant:
    """Answers each turn by the function it is given; keeps the requests it saw."""

    def __init__(self, answer: Callable[[TurnRequest], TurnResult | Awaitable[TurnResult]] | None = None) -> None:
        self.answer = answer or greeting
        self.requests: list[TurnRequest] = []
        self.ready = True

    async def take_turn(self, request: TurnRequest) -> TurnResult:
        self.requests.append(request)
        result = self.answer(request)
        return await result if asyncio.iscoroutine(result) or isinstance(result, Awaitable) else result

    async def is_ready(self) -> bool:
        return self.ready


class ShelfOfBulletins:
    """Has the bulletins that a test puts on it, by check code."""

    def __init__(self, *bulletins: Found) -> None:
        self.by_code = {bulletin.code: bulletin for bulletin in bulletins}

    async def find(self, code: str) -> Found | None:
        return self.by_code.get(code)


def greeting(request: TurnRequest) -> TurnResult:
    """Greet, whatever was said."""
    return TurnResult((Reply("greet", "greet"),), request.state, "greet", 0.9)


def unavailable(request: TurnRequest) -> TurnResult:
    """Fail as an NLU server that is down does."""
    raise AssistantUnavailableError(reason="scripted")
