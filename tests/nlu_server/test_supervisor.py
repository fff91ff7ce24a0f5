"""The keeper of a child process, with small children in place of the NLU server."""

import asyncio
import sys
import time
from pathlib import Path

from bot.nlu_server.supervisor import NluSupervisor
from tests.fakes import ScriptedAssistant
from tests.processes import lives
from tests.waiting import until


def supervisor(tmp_path: Path, program: str) -> NluSupervisor:
    return NluSupervisor(
        command=[sys.executable, "-c", program],
        directory=tmp_path,
        environment={"BIRTHS": str(tmp_path / "births")},
        log_path=tmp_path / "child.log",
        assistant=ScriptedAssistant(),
    )


BORN = "import os, time; open(os.environ['BIRTHS'], 'a').write(f'{time.monotonic()} {os.getpid()}\\n'); "


async def births(tmp_path: Path, count: int) -> list[list[str]]:
    file = tmp_path / "births"
    await until(lambda: file.exists() and len(file.read_text().splitlines()) >= count)
    return [line.split() for line in file.read_text().splitlines()]


async def test_a_child_that_dies_is_born_again_after_a_growing_pause(tmp_path):
    stopping = asyncio.Event()
    keeping = asyncio.create_task(supervisor(tmp_path, BORN).run(stopping))
    moments = [float(moment) for moment, _ in await births(tmp_path, 3)]
    stopping.set()
    await keeping
    first, second = moments[1] - moments[0], moments[2] - moments[1]
    assert first >= 1.0
    assert second >= 2.0


async def test_stopping_ends_the_child_at_once_and_none_is_born_again(tmp_path):
    stopping = asyncio.Event()
    keeper = supervisor(tmp_path, BORN + "time.sleep(600)")
    keeping = asyncio.create_task(keeper.run(stopping))
    ((_, process),) = await births(tmp_path, 1)
    await asyncio.wait_for(keeper.ready.wait(), 5)
    began = time.monotonic()
    stopping.set()
    await keeping
    assert time.monotonic() - began < 3
    assert not lives(int(process))
    assert len((tmp_path / "births").read_text().splitlines()) == 1


async def test_a_child_that_ignores_the_request_is_killed_with_its_own_children(tmp_path):
    program = "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    grandchild = "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    note = "open(os.environ['BIRTHS'], 'a').write(f'0 {child.pid}\\n'); "
    stopping = asyncio.Event()
    keeper = supervisor(tmp_path, program + grandchild + BORN + note + "time.sleep(600)")
    keeping = asyncio.create_task(keeper.run(stopping))
    family = [int(process) for _, process in await births(tmp_path, 2)]
    stopping.set()
    await asyncio.wait_for(keeping, 15)
    await until(lambda: not any(lives(process) for process in family))


async def test_a_child_that_answered_and_then_hangs_is_ended_and_born_again(tmp_path):
    stopping = asyncio.Event()
    keeper = supervisor(tmp_path, BORN + "time.sleep(600)")
    keeper.probe_seconds = 0.01
    keeping = asyncio.create_task(keeper.run(stopping))
    ((_, hanging),) = await births(tmp_path, 1)
    await asyncio.wait_for(keeper.ready.wait(), 5)
    keeper.assistant.ready = False
    await births(tmp_path, 2)
    assert not lives(int(hanging))
    stopping.set()
    await keeping


async def test_a_child_that_takes_long_to_start_is_left_alone(tmp_path):
    stopping = asyncio.Event()
    keeper = supervisor(tmp_path, BORN + "time.sleep(600)")
    keeper.probe_seconds = 0.01
    keeper.assistant.ready = False
    keeping = asyncio.create_task(keeper.run(stopping))
    await births(tmp_path, 1)
    await asyncio.sleep(0.5)
    keeper.assistant.ready = True
    await asyncio.wait_for(keeper.ready.wait(), 5)
    assert len((tmp_path / "births").read_text().splitlines()) == 1
    stopping.set()
    await keeping
