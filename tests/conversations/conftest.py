"""The examined conversations, held on both channels before the first of their tests looks at one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.conversations.channels import Held, hold

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
