"""The product with three bulletins, served for a browser: a genuine one, a stopped one, and one for training."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from bot.applications import create_app
from tests.fixtures.database import free_port
from tests.newsroom import opened_newsroom, write_bulletins

START_SECONDS = 60


@dataclass
class CheckSite:
    """A served product, and the check codes of its bulletins, capitals without hyphens."""

    url: str
    codes: dict[str, str] = field(default_factory=dict)


@contextmanager
def served_check_site(directory: Path) -> Iterator[CheckSite]:
    """Serve it from a thread of its own: the browser's tests keep this one's event loop."""
    port = free_port()
    site = CheckSite(f"http://127.0.0.1:{port}")
    ready, done = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(asyncio.run, _serve(site, directory, port, ready, done))
        serving.add_done_callback(lambda _: ready.set())
        try:
            assert ready.wait(START_SECONDS), "the product did not start"
            if serving.done():
                serving.result()
            yield site
        finally:
            done.set()
            serving.result()


async def _serve(site: CheckSite, directory: Path, port: int, ready: threading.Event, done: threading.Event) -> None:
    async with opened_newsroom(directory, port) as newsroom:
        site.codes |= await write_bulletins(newsroom)
        world = newsroom.world
        await _listen(create_app(world.product.runtime, world.approving), port, ready, done)


async def _listen(app: FastAPI, port: int, ready: threading.Event, done: threading.Event) -> None:
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    ready.set()
    await asyncio.to_thread(done.wait)
    server.should_exit = True
    await serving
