"""What a test can let happen to a call: refusals, lost connections, answers that take their time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.telegram.fake_updates import Bell
from tests.telegram.fake_wire import Parameters, RefusedError


@dataclass(frozen=True)
class Slow:
    """A call that is carried out after so many real seconds: for hand use, tests hold a call instead."""

    seconds: float


Transport: TypeAlias = Literal["answer_lost", "dropped", "timed_out", "unreachable", "no_connection_free"]
Fault: TypeAlias = Transport | Literal["works"] | int | RefusedError | Slow
# What the caller's HTTP client raises, and whether the call was carried out before.
TRANSPORT_FAULTS: dict[Transport, tuple[type[httpx.TransportError], bool]] = {
    "answer_lost": (httpx.RemoteProtocolError, True),
    "timed_out": (httpx.ReadTimeout, True),
    "dropped": (httpx.RemoteProtocolError, False),
    "unreachable": (httpx.ConnectError, False),
    "no_connection_free": (httpx.PoolTimeout, False),
}


class Hold:
    """A call that is kept waiting: `reached` when it came, answered after `let_go`."""

    def __init__(self, bell: Bell, *, carried_out: bool) -> None:
        self.reached = False
        self.carried_out = carried_out
        self._bell = bell
        self._let_go = False

    def let_go(self) -> None:
        """Answer it now."""
        self._let_go = True
        self._bell.ring()

    async def wait(self) -> None:
        """Wait, as the server does, until the test lets go."""
        self.reached = True
        self._bell.ring()
        await self._bell.wait_for(lambda: self._let_go)


@dataclass(frozen=True)
class Scripted:
    """What happens to the next call of a method, perhaps only in one chat."""

    method: str
    chat_id: str | None
    fault: Fault | Hold

    def fits(self, method: str, parameters: Parameters) -> bool:
        return self.method == method.lower() and self.chat_id in {None, parameters.text("chat_id")}


async def befall(fault: Fault | Hold, carry_out: Callable[[], Awaitable[Any]]) -> Any:
    """Let a scripted fault happen to a call."""
    if fault == "works":
        return await carry_out()
    if isinstance(fault, Hold):
        result = await carry_out() if fault.carried_out else None
        await fault.wait()
        return result if fault.carried_out else await carry_out()
    if isinstance(fault, Slow):
        await asyncio.sleep(fault.seconds)
        return await carry_out()
    if isinstance(fault, int):
        raise RefusedError(fault, "scripted")
    if isinstance(fault, RefusedError):
        raise fault
    error, carried_out = TRANSPORT_FAULTS[fault]
    if carried_out:
        with suppress(RefusedError):
            await carry_out()
    raise error(f"scripted: {fault}")


def on_a_wire(fake: ASGIApp) -> ASGIApp:
    """Turn what an in-process client would raise into a connection that ends in the middle of its answer."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await fake(scope, receive, send)
        except httpx.TransportError:
            headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"{", "more_body": False})

    return application
