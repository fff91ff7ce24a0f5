"""A product of its own to try things out with: processes, ports and a directory that nothing else uses."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bot.core.errors import ProductError
from bot.settings import PREFIX, ROOT, Settings

READY_SECONDS = 600.0
"""Training the model included, on a machine that does other things too."""
STOP_SECONDS = 40.0
LOOK_SECONDS = 0.2


class ProductEndedError(ProductError):
    """A process of the product ended while it was needed; its log tells why."""


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Stage:
    """A product in a directory; `given` are settings without their prefix, beside those that make it a product apart.

    `commands` are its processes: ``up`` is all of it in one.
    """

    directory: Path
    given: Mapping[str, str] = field(default_factory=dict)
    commands: Sequence[str] = ("up",)
    port: int = field(default_factory=free_port)
    nlu_port: int = field(default_factory=free_port)
    actions_port: int = field(default_factory=free_port)
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict, init=False)

    @property
    def address(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """Return the file that all its processes write to."""
        return self.directory / "product.log"

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of its commands: none of the settings that the shell has for the real product."""
        own = {
            "VAR_DIR": str(self.directory),
            "DATABASE_URL": f"sqlite:///{self.directory / 'hiendien.sqlite3'}",
            "PORT": str(self.port),
            "NLU_PORT": str(self.nlu_port),
            "ACTIONS_PORT": str(self.actions_port),
            **self.given,
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return {**kept, **{f"{PREFIX}{name}": value for name, value in own.items()}}

    @property
    def settings(self) -> Settings:
        """Return the settings that its processes read."""
        own = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in self.environment.items()
            if name.startswith(PREFIX)
        }
        return Settings.model_validate(own)

    def share_models(self, models: Path) -> None:
        """Use models that were trained for another product of this checkout."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        models.mkdir(parents=True, exist_ok=True)
        link = self.directory / "models"
        if not link.exists():
            link.symlink_to(models)

    def start(self) -> None:
        """Start every process that does not run."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for command in self.commands:
            running = self._processes.get(command)
            if running is not None and running.poll() is None:
                continue
            with self.log.open("ab") as output:
                self._processes[command] = subprocess.Popen(
                    [sys.executable, "-m", "bot.cli", command],
                    cwd=ROOT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )

    def wait_until_ready(self, *, understands: bool = True, seconds: float = READY_SECONDS) -> None:
        """Wait until it answers; with `understands`, until it understands messages too.

        Raises:
            ProductEndedError: a process ended, or it took too long.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check_runs()
            with suppress(httpx.HTTPError, ValueError, KeyError):
                state = httpx.get(f"{self.address}/readyz", timeout=2, trust_env=False).json()
                if state["status"] == "ready" and (state["nlu"] == "ok" or not understands):
                    return
            time.sleep(LOOK_SECONDS)
        raise ProductEndedError(log=str(self.log))

    def check_runs(self) -> None:
        """Raise unless every process runs.

        Raises:
            ProductEndedError: one does not.
        """
        if any(process.poll() is not None for process in self._processes.values()):
            raise ProductEndedError(log=str(self.log))

    def kill(self) -> None:
        """Kill every process, as a power cut does: nothing is finished, nothing is told."""
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()

    def stop(self) -> Sequence[int]:
        """Stop every process as Ctrl-C does; return the exit codes."""
        running = list(self._processes.values())
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        codes = []
        for process in running:
            try:
                codes.append(process.wait(STOP_SECONDS))
            except subprocess.TimeoutExpired:
                process.kill()
                codes.append(process.wait())
        return codes
