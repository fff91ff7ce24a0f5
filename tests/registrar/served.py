"""The product on loopback in a thread of its own, for clients that wait while they ask."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvicorn

from bot.core.programme import Programme
from bot.core.rates import Limiter, Rate
from bot.core.rendering import Renderer
from bot.core.vault import Vault
from tests.factories import make_conversation
from tests.fakes import FixedClock
from tests.fixtures.database import free_port
from tests.fixtures.product import Product, build_product
from tests.registrar.conftest import World

T = TypeVar("T")
ENDLESS = Rate(1_000_000, 1)
START_SECONDS = 30


@dataclass
class Served:
    """A product that is served, and what the test knows of it."""

    world: World
    url: str
    loop: asyncio.AbstractEventLoop

    @property
    def product(self) -> Product:
        return self.world.product

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something where the product lives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(START_SECONDS)


@contextmanager
def served(directory: Path, migrated: Path, programme: Programme, renderer: Renderer) -> Iterator[Served]:
    """Serve a product of its own during the block, with nobody slowed down."""
    file = shutil.copy(migrated, directory / "test.sqlite3")
    started: Future[tuple[Served, uvicorn.Server]] = Future()

    async def live() -> None:
        vault, port = Vault(["a master secret that only the tests know"]), free_port()
        url = f"sqlite+aiosqlite:///{file}"
        async with build_product(url, directory, vault, FixedClock(), programme, renderer) as product:
            state = product.app.state
            state.registrar_office = replace(
                state.registrar_office, requests=Limiter(ENDLESS), guesses=Limiter(ENDLESS)
            )
            ba, page_token = await make_conversation(product.runtime.database, vault)
            async with httpx.AsyncClient() as client:
                world = World(product, client, ba, page_token, {})
                server = uvicorn.Server(uvicorn.Config(product.app, port=port, log_config=None, lifespan="off"))
                serving = asyncio.create_task(server.serve())
                while not server.started:
                    await asyncio.sleep(0.01)
                here = asyncio.get_running_loop()
                started.set_result((Served(world, f"http://127.0.0.1:{port}", here), server))
                await serving

    thread = threading.Thread(target=lambda: asyncio.run(live()))
    thread.start()
    try:
        found, server = started.result(START_SECONDS)
        try:
            yield found
        finally:
            server.should_exit = True
    finally:
        thread.join()
