"""Keeps the NLU server's process alive: started, watched, started again after a growing pause, stopped with us.

The child has a process group of its own, so that Ctrl-C reaches it only through us, and its standard input is our pipe:
when we are gone, however we went, it reads the end and leaves (``nlu/serve.py``).
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from bot import metrics
from bot.core.ports import Assistant

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A server that lived this long starts again at once when it dies."""
STOP_SECONDS = 5.0
MOST_FAILED_PROBES = 10
"""Probes in a row that a server which has answered may miss; then it is ended like one that died."""


@dataclass(slots=True)
class NluSupervisor:
    """Runs one NLU server until told to stop."""

    command: list[str]
    directory: Path
    environment: Mapping[str, str]
    log_path: Path
    assistant: Assistant
    probe_seconds: float = 1.0
    process_id: int | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, stopping: asyncio.Event) -> None:
        """Keep the server alive until `stopping` is set, then end it; during a stop it is not started again."""
        pause = FIRST_PAUSE_SECONDS
        while not stopping.is_set():
            started = time.monotonic()
            await self._live_once(stopping)
            if stopping.is_set():
                return
            lived = time.monotonic() - started
            pause = FIRST_PAUSE_SECONDS if lived > STEADY_SECONDS else min(pause * 2, LONGEST_PAUSE_SECONDS)
            log.error("nlu.died", lived_seconds=round(lived, 1), restart_in_seconds=pause, log=str(self.log_path))
            await _first_of(stopping.wait(), asyncio.sleep(pause))

    async def _live_once(self, stopping: asyncio.Event) -> None:
        with self.log_path.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *self.command,
                cwd=self.directory,
                env=dict(self.environment),
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.process_id = process.pid
        log.info("nlu.started", pid=process.pid)
        try:
            await _first_of(process.wait(), stopping.wait(), self._watch_until_it_hangs())
        finally:
            self.ready.clear()
            metrics.NLU_READY.set(0)
            await _end(process)
            self.process_id = None

    async def _watch_until_it_hangs(self) -> None:
        """Follow whether the server answers; return when it answered once and then long no more."""
        answered, failed = False, 0
        while failed < MOST_FAILED_PROBES:
            is_ready = await self.assistant.is_ready()
            if is_ready and not self.ready.is_set():
                log.info("nlu.ready", pid=self.process_id)
                self.ready.set()
            elif not is_ready:
                self.ready.clear()
            answered = answered or is_ready
            failed = failed + 1 if answered and not is_ready else 0
            metrics.NLU_READY.set(int(is_ready))
            await asyncio.sleep(self.probe_seconds)
        log.error("nlu.hangs", pid=self.process_id)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the whole process group, politely first."""
    if process.returncode is None:
        _signal_group(process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            log.warning("nlu.killed", pid=process.pid)
    _signal_group(process.pid, signal.SIGKILL)
    await process.wait()


def _signal_group(process_id: int, number: signal.Signals) -> None:
    try:
        os.killpg(process_id, number)
    except (ProcessLookupError, PermissionError):
        return


async def _first_of(*coroutines: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
