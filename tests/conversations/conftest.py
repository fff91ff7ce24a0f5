"""The examined conversations, held on both channels before the first of their tests looks at one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.conversations.channels import Held, hold
from tests.fixtures.server import Server
from tests.newsroom import opened_newsroom, write_bulletins

AT_ONCE = 24
"""Conversations held at the same time: mostly they wait for their next message on Telegram."""


@pytest.fixture(scope="session")
def held(request: pytest.FixtureRequest, server_of_day: Any) -> Iterator[Mapping[str, Future[Held]]]:
    """Give what came back in each conversation that a test of this run wants on both channels, by its name."""
    wanted = {
        item.callspec.params["both"]["name"]: item.callspec.params["both"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec") and "both" in item.callspec.params
    }
    servers = {day: server_of_day(day) for day in sorted({str(each["today"]) for each in wanted.values()})}
    clients = {day: server.client() for day, server in servers.items()}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {
            name: pool.submit(hold, each["turns"], clients[str(each["today"])], servers[str(each["today"])].telegram)
            for name, each in wanted.items()
        }
    for client in clients.values():
        client.close()


@pytest.fixture(scope="session")
def server_with_bulletins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    """Give a running product that has sent bulletins, and how their codes are written: ``genuine_halves`` and so on."""
    server = Server(tmp_path_factory.mktemp("product-with-bulletins"), settings={"TODAY": "2026-11-20"})
    with ThreadPoolExecutor(1) as pool:
        codes = pool.submit(asyncio.run, _seed(server)).result()
    server.start()
    server.wait_until_ready()
    halves = {f"{name}_halves": f"{code[:3]}-{code[3:]}" for name, code in codes.items()}
    loosely = {f"{name}_loosely": f"{code[:3]} {code[3:]}".lower() for name, code in codes.items()}
    yield server, {**codes, **halves, **loosely}
    assert server.stop() == 0, server.log


async def _seed(server: Server) -> dict[str, str]:
    async with opened_newsroom(server.directory, server.port) as newsroom:
        return await write_bulletins(newsroom)
