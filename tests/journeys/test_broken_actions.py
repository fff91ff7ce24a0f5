"""An action that raises, says nothing, or cannot be reached: the real NLU server before a listener that we break."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.core.ports import AssistantUnavailableError, DialogueState, TurnRequest
from bot.core.replies import Press, Reply
from bot.rasa_client import RasaAssistant
from bot.settings import ROOT
from tests.fixtures.database import free_port
from tests.fixtures.server import PAUSE_SECONDS, READY_SECONDS

SAID = Reply("ask_cost", "ask_cost")


@dataclass
class Listener:
    """An actions listener that answers every action in one scripted way."""

    port: int = field(default_factory=free_port)
    mode: str = "answer"
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    async def respond(self, request: Request) -> JSONResponse:
        await request.body()
        if self.mode == "raise":
            return JSONResponse({"error": "the action raised"}, status_code=500)
        responses = [{"custom": SAID.to_json()}] if self.mode == "answer" else []
        return JSONResponse({"events": [], "responses": responses})

    def start(self) -> None:
        app = Starlette(routes=[Route("/internal/actions", self.respond, methods=["POST"])])
        self._server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_config=None, lifespan="off"))
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)  # uvicorn tells that it listens by this flag only

    def stop(self) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture(scope="module")
def listener() -> Listener:
    return Listener()


@pytest.fixture(scope="module")
def nlu_url(listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("nlu")
    (ROOT / "var" / "models").mkdir(parents=True, exist_ok=True)
    (directory / "models").symlink_to(ROOT / "var" / "models")
    port = free_port()
    own = {"VAR_DIR": directory, "NLU_PORT": port, "ACTIONS_PORT": listener.port}
    environment = {**os.environ, **{f"HIENDIEN_{name}": str(value) for name, value in own.items()}}
    log = Path(directory / "nlu.log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "nlu"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + READY_SECONDS
    while not _is_ready(url):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(PAUSE_SECONDS)  # another process: there is nothing to wait on but its answers
    yield url
    process.terminate()
    assert process.wait(20) in {0, -15, 143}


def _is_ready(url: str) -> bool:
    try:
        return bool(httpx.get(f"{url}/status", timeout=2, trust_env=False).json().get("model_file"))
    except (httpx.HTTPError, ValueError):
        return False


async def take_turn(url: str):
    assistant = RasaAssistant(url)
    request = TurnRequest("turn-1", "web", DialogueState(), press=Press.of("ask_cost"))
    try:
        return await assistant.take_turn(request)
    finally:
        await assistant.close()


async def test_an_action_s_answer_comes_through(nlu_url, listener):
    listener.mode = "answer"
    listener.start()
    try:
        result = await take_turn(nlu_url)
    finally:
        listener.stop()
    assert result.replies == (SAID,)


@pytest.mark.parametrize("mode", ["raise", "say nothing"])
async def test_an_action_that_raises_or_says_nothing_is_no_answer(nlu_url, listener, mode):
    listener.mode = mode
    listener.start()
    try:
        with pytest.raises(AssistantUnavailableError):
            await take_turn(nlu_url)
    finally:
        listener.stop()


async def test_a_stopped_listener_is_no_answer_and_no_wait(nlu_url):
    started = time.monotonic()
    with pytest.raises(AssistantUnavailableError):
        await take_turn(nlu_url)
    assert time.monotonic() - started < 1.5
