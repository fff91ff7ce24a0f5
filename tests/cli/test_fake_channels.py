"""``hiendien dev fake-channels`` as a developer starts it, talks through it and stops it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.settings import ROOT
from tests.cli.command import in_plain_vietnamese, run, the_sentence

STRONG = {"SECRET_KEY": "q7Yz0mB4xN1vR8tK2wL5cJ9sD3fH6gPa", "ACTIONS_SECRET": "a7Yz0mB4xN1vR8tK2wL5cJ9sD3fH6gPb"}
SECONDS = 300
ANY_PORT = ("--port", "0", "--telegram-port", "0", "--zalo-port", "0")
COMMAND = ("dev", "fake-channels")
WITHOUT_TESTS = (
    "import sys; sys.modules['tests'] = None; sys.argv = ['hiendien', 'dev', 'fake-channels'];"
    "from bot.cli import main; main()"
)


class Running:
    """The command, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def said(self) -> str:
        return self._log.read_text("utf-8")

    @property
    def page(self) -> str:
        """The address of the page, once it is told."""
        until(lambda: "Nhấn Ctrl-C" in self.said or self.process.poll() is not None)
        found = re.search(r"Mở trang trò chuyện: (\S+)", self.said)
        assert found, self.said
        return found[1]

    def look(self) -> Any:
        return httpx.get(f"{self.page}/control/state", trust_env=False).json()

    def do(self, deed: str, **fields: object) -> None:
        assert httpx.post(f"{self.page}/control/{deed}", json=fields, trust_env=False).json() == {"ok": True}

    def answers(self, chat: str) -> list[Any]:
        return [line for line in self.look()["chats"][chat]["lines"] if not line["who"]]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


def until(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.1)


@contextmanager
def running(directory: Path, *options: str, **settings: str) -> Iterator[Running]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HIENDIEN_")}
    # What an operator has set is for the real product: what is tried out must not use it.
    own = {"VAR_DIR": str(directory), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/real", **settings}
    log = directory / "said.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", *COMMAND, *ANY_PORT, *options],
            cwd=ROOT,
            env=environment | {f"HIENDIEN_{name}": value for name, value in own.items()},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield Running(process, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def test_a_developer_talks_with_the_product_on_both_channels(tmp_path):
    (ROOT / "var" / "models").mkdir(parents=True, exist_ok=True)
    (tmp_path / "models").symlink_to(ROOT / "var" / "models")
    with running(tmp_path, "--with-product") as command:
        until(lambda: command.look()["webhook"]["on"] and command.look()["polled"])
        command.do("faults", name="zalo.token")
        for chat in ("telegram_person", "zalo_person"):
            command.do("says", chat=chat, text="id.vn gia bao nhieu")
            until(lambda chat=chat: command.answers(chat))
            (answer, *_) = command.answers(chat)
            assert "50.000 đồng" in answer["text"]
            title = answer["rows"][0][0]["title"]
            command.do("presses", chat=chat, message=answer["message"], button=1)
            until(lambda chat=chat: len(command.answers(chat)) > 1)
            assert any(line["text"] == f"[{title}]" for line in command.look()["chats"][chat]["lines"])
        assert command.stop() == 0
        assert command.said.endswith("Đã dừng.\n")
        page = command.said
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"models", "said.log", "fake-channels"}, "nothing outside its directory"
    assert "Traceback" not in page


def test_without_a_product_it_tells_what_to_set(tmp_path):
    with running(tmp_path) as command:
        settings = dict(re.findall(r"^export HIENDIEN_(\w+)=(\S+)$", command.page and command.said, re.MULTILINE))
        assert settings.keys() == {
            "TELEGRAM_TOKEN",
            "TELEGRAM_API_URL",
            "ZALO_APP_ID",
            "ZALO_APP_SECRET",
            "ZALO_OA_SECRET",
            "ZALO_REFRESH_TOKEN",
            "ZALO_API_URL",
            "ZALO_OAUTH_URL",
        }
        checked = run(tmp_path, "dev", "--help", **settings)
        assert checked.returncode == 0, "the product takes these settings"
        me = httpx.get(f"{settings['TELEGRAM_API_URL']}/bot{settings['TELEGRAM_TOKEN']}/getMe", trust_env=False)
        assert me.json()["result"]["is_bot"] is True
        assert command.stop() == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(settings["TELEGRAM_API_URL"], trust_env=False)


def test_a_port_that_is_taken_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for option in ("--port", "--telegram-port", "--zalo-port"):
            ended = run(tmp_path, *COMMAND, *ANY_PORT, option, port)
            assert "--zalo-port" in the_sentence(ended)


def test_in_production_there_is_nothing_fake(tmp_path):
    ended = run(tmp_path, *COMMAND, ENVIRONMENT="production", **STRONG)
    assert "dùng thử" in the_sentence(ended)
    assert not (tmp_path / "var" / "fake-channels").exists()


def test_where_the_tests_are_not_installed_it_says_so(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_TESTS],
        cwd=ROOT,
        env={**os.environ, "HIENDIEN_VAR_DIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "thư mục tests" in in_plain_vietnamese(ended.stderr.strip())


def test_its_help_is_in_vietnamese(tmp_path):
    ended = run(tmp_path, *COMMAND, "--help")
    assert ended.returncode == 0
    assert "trò chuyện" in ended.stdout
    assert "--with-product" in ended.stdout
