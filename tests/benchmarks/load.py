"""A small load generator: keep-alive connections to loopback, as many turns as asked for, every latency kept."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Body = dict[str, Any]
TURN_SECONDS = 30


@dataclass(frozen=True)
class Measured:
    """Latencies in milliseconds and the throughput of one run."""

    clients: int
    turns: int
    seconds: float
    latencies: list[float]

    @property
    def per_second(self) -> float:
        return self.turns / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Connection:
    """One HTTP/1.1 connection; a client library would cost more than the turn that is measured."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: Body) -> Any:
        return json.loads(await self.send(path, json.dumps(body).encode()))

    async def send(self, path: str, content: bytes, headers: Mapping[str, str] = MappingProxyType({})) -> bytes:
        """Send a body as it stands; return the answer's."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
        header = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        status = int(header.split()[1])
        length = int(header.partition("content-length:")[2].split()[0])
        answer = await reader.readexactly(length)
        assert status == 200, answer
        return answer

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()


@dataclass(frozen=True)
class Kind:
    """A kind of turn: how a conversation is opened, what is said over and over, and what a right answer is."""

    name: str
    port: int
    path: str
    opening: Callable[[str], list[Body]]
    turn: Callable[[str], Body]
    is_right: Callable[[Any], bool]
    remember: Callable[[Any], Body]


async def measure(kind: Kind, *, clients: int, turns: int, label: str) -> Measured:
    """Run `turns` turns shared by `clients` conversations; every answer is checked."""
    latencies: list[float] = []

    async def converse(name: str, count: int) -> None:
        connection = Connection(kind.port)
        kept: Body = {}
        try:
            for body in kind.opening(name):
                kept |= kind.remember(await connection.post(kind.path, {**body, **kept}))
            ready.release()
            await start.wait()
            for _ in range(count):
                before = time.perf_counter()
                answer = await asyncio.wait_for(connection.post(kind.path, {**kind.turn(name), **kept}), TURN_SECONDS)
                latencies.append((time.perf_counter() - before) * 1000)
                assert kind.is_right(answer), answer
        finally:
            connection.close()

    ready, start = asyncio.Semaphore(0), asyncio.Event()
    tasks = [asyncio.create_task(converse(f"{label}-client-{number}", turns // clients)) for number in range(clients)]
    for _ in tasks:
        await ready.acquire()
    began = time.perf_counter()
    start.set()
    await asyncio.gather(*tasks)
    return Measured(clients, len(latencies), time.perf_counter() - began, latencies)
