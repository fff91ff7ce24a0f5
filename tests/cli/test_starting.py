"""What an operator sees while the product starts."""

import asyncio
import signal
import socket
import subprocess
import sys

import pytest

from bot.core.db import Database
from bot.core.programme import load_programme
from bot.main import run
from bot.migrations import is_current, migrate
from bot.roles import Role
from bot.settings import ROOT, Settings
from tests.fixtures.database import free_port, new_postgresql_database

AT_ONCE = 3
ROUNDS = 3
MIGRATE = """
import asyncio, sys
from bot.core.db import Database
from bot.migrations import migrate
asyncio.run(migrate(Database(sys.argv[1])))
"""


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_processes_that_start_at_once_on_a_new_database_migrate_it_once(postgresql_server, round_):
    url = await new_postgresql_database(postgresql_server)
    boxes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", MIGRATE, url, cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(AT_ONCE)
    ]
    told = [(await box.communicate())[1] for box in boxes]
    assert told == [b""] * AT_ONCE
    database = Database(url)
    assert await is_current(database)
    await database.close()


async def test_the_address_is_announced_when_it_can_be_called(tmp_path, sqlite_url):
    settings = Settings(
        var_dir=tmp_path,
        database_url=sqlite_url,
        port=free_port(),
        actions_port=free_port(),
        nlu_url="http://127.0.0.1:1",
    )
    database = Database(settings.effective_database_url)
    await migrate(database)
    await database.close()
    announced = []

    def announce(text: str) -> None:
        announced.append(text)
        if settings.address in text:
            socket.create_connection(("127.0.0.1", settings.port), timeout=5).close()
            signal.raise_signal(signal.SIGTERM)

    programme = load_programme(settings.content_dir)
    await run(settings, frozenset({Role.WEB}), programme=programme, model=None, announce=announce)
    assert announced == [f"Đang chạy tại {settings.address} (Ctrl-C để dừng).", "Đã dừng."]
