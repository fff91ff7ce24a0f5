"""The NLU folder on the path for what is pure in it, and the real NLU server for what is not."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Self

import httpx
import pytest
import uvicorn

from actions.runtime import ActionRuntime
from actions.server import actions_app
from bot.core.programme import Programme
from bot.core.programme.answers import Answers
from bot.nlu_server.model import ensure_model
from bot.settings import ROOT, Settings
from tests.fakes import ShelfOfBulletins
from tests.fixtures.database import free_port
from tests.fixtures.product import shipped_guides

sys.path.append(str(ROOT / "nlu"))

NLU_PYTHON = ROOT / "nlu" / ".venv" / "bin" / "python"
ACTIONS_SECRET = "the actions' secret"
TODAY = date(2026, 11, 20)
READY_SECONDS = 120
PAUSE_SECONDS = 0.1


@pytest.fixture(scope="session")
def nlu_python(missing_tool) -> Path:
    """Give the Python of Rasa's environment."""
    if not NLU_PYTHON.exists():
        missing_tool("Rasa's environment nlu/.venv is not installed (make run installs it)")
    return NLU_PYTHON


@pytest.fixture(scope="session")
def model(nlu_python: Path) -> Path:
    """Give the trained model of the present inputs, shared with every other run from this checkout."""
    return ensure_model(Settings(), tell=print)


@pytest.fixture(scope="session")
def actions_url(programme: Programme) -> Iterator[str]:
    """Serve the product's own actions, as they stand on `TODAY`."""
    port = free_port()
    app = actions_app(
        ActionRuntime(
            programme, Answers(programme), shipped_guides(), lambda: TODAY, ShelfOfBulletins(), outside_url=""
        ),
        ACTIONS_SECRET,
    )
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)  # uvicorn tells that it listens by this flag only
    yield f"http://127.0.0.1:{port}/internal/actions"
    server.should_exit = True
    thread.join()


class NluProcess:
    """One run of ``nlu/serve.py``."""

    def __init__(
        self, python: Path, model: Path, actions_url: str, log: Path, *options: str, **environment: str
    ) -> None:
        self.port = free_port()
        self.log = log
        command = [
            str(python),
            "serve.py",
            "--port",
            str(self.port),
            "--model",
            str(model),
            "--actions-url",
            actions_url,
        ]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, *options],
                cwd=ROOT / "nlu",
                env={**os.environ, "HIENDIEN_ACTIONS_SECRET": ACTIONS_SECRET, **environment},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text("utf-8")
            try:
                httpx.get(self.url, timeout=1, trust_env=False)
            except httpx.HTTPError:
                time.sleep(PAUSE_SECONDS)  # another process: there is nothing to wait on but its answers
            else:
                return
        raise TimeoutError(self.log.read_text("utf-8"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.process:  # closes our end of its pipe and waits
            self.process.kill()


@pytest.fixture(scope="session")
def nlu_process(
    nlu_python: Path, model: Path, actions_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NluProcess]:
    """Run the real server beside the product's own actions."""
    with NluProcess(nlu_python, model, actions_url, tmp_path_factory.mktemp("nlu") / "nlu.log") as running:
        running.wait_until_ready()
        yield running


@pytest.fixture(scope="session")
def nlu_server(nlu_process: NluProcess) -> str:
    """Give the address of the running server."""
    return nlu_process.url


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of what needs Rasa's environment."""
    config.addinivalue_line("markers", "nlu_server: runs Rasa's environment, and mostly its server")
