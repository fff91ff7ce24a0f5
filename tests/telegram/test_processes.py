"""Telegram in processes of their own, as on many boxes, and what an operator is told about it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.cli.sentences import sentence_for_settings
from bot.core.clock import SystemClock
from bot.core.db import Database
from bot.main import run as run_product
from bot.migrations import migrate
from bot.roles import Role
from bot.settings import ROOT, Settings
from tests.cli.command import in_plain_vietnamese, run, the_sentence
from tests.fixtures.database import free_port, new_postgresql_database
from tests.telegram.fake_bot_api import FakeBotApi

NOBODY = "http://127.0.0.1:1"
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/nothing"
STRONG = {
    "secret_key": "q7Yz0mB4xN1vR8tK2wL5cJ9sD3fH6gPa",
    "actions_secret": "e5Rt7Yu8Io9Pa0Sd1Fg2Hj3Kl4Zx6Cv8",
    "environment": "production",
}


@contextmanager
def role(name: str, directory: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run one role during the block, and let it finish."""
    environment = {**os.environ, **{f"HIENDIEN_{name}": value for name, value in settings.items()}}
    environment["HIENDIEN_VAR_DIR"] = str(directory)
    with (directory / f"{name}.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", name],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, (directory / f"{name}.log").read_text()


async def test_worker_sender_and_two_pollers_apart_answer_each_message_once(postgresql_server, tmp_path):
    url = await new_postgresql_database(postgresql_server)
    fake = FakeBotApi(SystemClock())
    lan = fake.person("Lan")
    with fake.serve(), ExitStack() as stack:
        settings = {
            "DATABASE_URL": url.replace("+asyncpg", ""),
            "NLU_URL": NOBODY,
            "TELEGRAM_TOKEN": fake.token,
            "TELEGRAM_API_URL": fake.url,
        }
        lan.starts()
        stack.enter_context(role("worker", tmp_path, **settings))
        stack.enter_context(role("sender", tmp_path, **settings))
        with role("polling", tmp_path, **settings):
            await fake.until(lambda: fake.updates.polled, seconds=60)
            other = stack.enter_context(role("polling", tmp_path, **settings))
            await fake.until(lambda: len(lan.chat.texts) == 1, seconds=60)
        lan.says("còn đó không")
        await fake.until(lambda: len(lan.chat.texts) == 2, seconds=60)
        assert other.poll() is None
    assert "polled_elsewhere" not in (tmp_path / "polling.log").read_text()
    assert fake.token not in "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert fake.commands["all_private_chats", "vi"][0]["command"] == "start"


async def test_one_process_on_sqlite_does_all_of_it_and_stops_when_told(tmp_path, sqlite_url, programme):
    database = Database(sqlite_url)
    await migrate(database)
    await database.close()
    fake = FakeBotApi(SystemClock())
    lan = fake.person("Lan")
    announced: list[str] = []
    with fake.serve():
        settings = Settings(
            var_dir=tmp_path,
            database_url=sqlite_url,
            nlu_url=NOBODY,
            telegram_token=fake.token,
            telegram_api_url=fake.url,
        )
        roles = frozenset({Role.WORKER, Role.SENDER, Role.POLLING})
        task = asyncio.create_task(
            run_product(settings, roles, programme=programme, model=None, announce=announced.append)
        )
        lan.starts()
        await fake.until(lambda: len(lan.chat.texts) == 1)
        press = lan.presses(lan.chat.shown[0].buttons[0])
        await fake.until(lambda: len(lan.chat.texts) == 2 and press.answered)
        signal.raise_signal(signal.SIGTERM)
        await task
    assert announced == ["Đã dừng."]


@pytest.mark.parametrize("name", ["sender", "polling"])
def test_a_role_without_a_token_says_which_setting_is_missing(tmp_path, name):
    sentence = the_sentence(run(tmp_path, name, DATABASE_URL=NO_DATABASE))
    assert "HIENDIEN_TELEGRAM_TOKEN" in sentence


def test_polling_where_telegram_calls_us_is_refused(tmp_path):
    settings = {"DATABASE_URL": NO_DATABASE, "TELEGRAM_TOKEN": "1:x", "TELEGRAM_WEBHOOK_SECRET": "x"}
    sentence = the_sentence(run(tmp_path, "polling", **settings))
    assert "HIENDIEN_TELEGRAM_WEBHOOK_SECRET" in sentence


def test_check_tells_whose_token_it_is_or_what_is_wrong(tmp_path):
    fake = FakeBotApi(SystemClock())
    with fake.serve():
        settings = {"TELEGRAM_API_URL": fake.url, "NLU_URL": NOBODY}
        well = run(tmp_path, "check", TELEGRAM_TOKEN=fake.token, **settings)
        wrong = run(tmp_path, "check", TELEGRAM_TOKEN="1:wrong", **settings)
    away = run(tmp_path, "check", TELEGRAM_TOKEN="1:x", TELEGRAM_API_URL=f"http://127.0.0.1:{free_port()}")
    off = run(tmp_path, "check", NLU_URL=NOBODY)
    assert "✓ Telegram: bot @hien_dien_thu_bot dùng được, hỏi tin mới liên tục" in well.stdout
    assert "✗ Telegram: Telegram không nhận mã của bot" in wrong.stdout
    assert "✗ Telegram: không gọi được Telegram" in away.stdout
    assert "Telegram" not in off.stdout
    assert fake.token not in well.stdout + well.stderr


@pytest.mark.parametrize(
    "fields",
    [
        {"telegram_token": "no token"},
        {"telegram_token": "123:abc def"},
        {"telegram_api_url": "telegram"},
        {"telegram_api_url": "http://telegram.example/"},
        {"telegram_webhook_secret": "với dấu"},
        {"telegram_webhook_secret": "x" * 257},
        {"telegram_proxy": "ftp://proxy"},
        {"telegram_proxy": "http://user:pass@proxy:99999x"},
        {"telegram_proxy": "socks5://:1080"},
        {"telegram_rate": "fast"},
        {**STRONG, "telegram_webhook_secret": "short"},
        {**STRONG, "telegram_webhook_secret": STRONG["secret_key"]},
    ],
)
def test_an_unusable_setting_is_named_and_its_value_is_not(fields):
    with pytest.raises(ValidationError) as failure:
        Settings(**fields)
    sentence = in_plain_vietnamese(sentence_for_settings(failure.value))
    name = list(fields)[-1]
    assert f"HIENDIEN_{name.upper()}" in sentence
    assert fields[name] not in sentence
