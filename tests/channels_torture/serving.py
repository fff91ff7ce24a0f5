"""Fakes on loopback ports, for products that are processes of their own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from tests.zalo.fake_zalo import APP_ID, APP_SECRET, OA_SECRET, FakeZalo


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an application in a thread of its own during the block; give its address, without a slash at the end."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), name="served")
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def settings_for(zalo: FakeZalo) -> dict[str, str]:
    """Return the settings, without their prefix, of a product that a fake Zalo calls and that calls it."""
    return {
        "ZALO_APP_ID": APP_ID,
        "ZALO_APP_SECRET": APP_SECRET,
        "ZALO_OA_SECRET": OA_SECRET,
        "ZALO_REFRESH_TOKEN": "first-refresh-token",
        "ZALO_API_URL": zalo.url,
        "ZALO_OAUTH_URL": zalo.oauth_url,
        "ZALO_RATE": "0",
    }
