"""Runs of ``hiendien`` without the seconds that loading it takes: each is a copy of a process that has loaded it.

A run is a process of its own nevertheless, with the environment, umask, streams and exit code that it has when it is
started anew. That every command loads alone, and its name in the help, are for tests that start it so.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

from bot.settings import ROOT


class Run:
    """One command, running or ended."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def wait(self, timeout: float) -> int:
        """Wait for the end; return the exit code, below zero for a signal.

        Raises:
            TimeoutError: it did not end within `timeout`, in seconds, and was killed.
        """
        self._line.settimeout(timeout)
        with self._line, self._line.makefile("r") as told:
            return int(told.readline())

    def kill(self) -> None:
        """End it at once, as it ends when this process does."""
        self._line.close()


def start(
    arguments: Sequence[str | Path],
    environment: Mapping[str, str],
    streams: Sequence[IO[Any]],
    *,
    terminal: str | None = None,
) -> Run:
    """Start a command on three streams, or else on a terminal, which is then its session's own."""
    ours, theirs = socket.socketpair()
    order = {
        "arguments": [os.fspath(each) for each in arguments],
        "environment": dict(environment),
        "terminal": terminal,
    }
    with theirs:
        socket.send_fds(_loaded(), [b"!"], [theirs.fileno(), *(stream.fileno() for stream in streams)])
    ours.sendall(json.dumps(order).encode() + b"\n")
    return Run(ours)


@cache
def _loaded() -> socket.socket:
    """Start the process that is copied; it ends when nobody holds this line to it any more."""
    ours, theirs = socket.socketpair()
    with theirs:
        subprocess.Popen(
            [sys.executable, "-m", "tests.cli.loaded", str(theirs.fileno())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        ).returncode = 0  # nobody waits for it
    atexit.register(ours.close)
    return ours


def _become_a_command(orders: socket.socket) -> None:
    """Copy this process for every order; return in the copies, each ready to run its command."""
    while True:
        word, descriptors, *_ = socket.recv_fds(orders, 1, 4)
        if not word:
            os._exit(0)
        if os.fork() == 0:
            break
        for descriptor in descriptors:
            os.close(descriptor)
    orders.close()
    with socket.socket(fileno=descriptors[0]) as line, line.makefile("r") as told:
        order = json.loads(told.readline())
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        command = os.fork()
        if command != 0:
            _tell_its_end(line, command, descriptors[1:])
    if order["terminal"] is not None:
        os.setsid()
        terminal = os.open(order["terminal"], os.O_RDWR)  # opened first in a session, it is its terminal: /dev/tty, too
        descriptors[1:] = [terminal] * 3
    for number, descriptor in enumerate(descriptors[1:]):
        os.dup2(descriptor, number)
    for descriptor in set(descriptors[1:]):
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["hiendien", *order["arguments"]]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - it stays open, as the interpreter's own
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115


def _tell_its_end(line: socket.socket, command: int, descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
    ready, _, _ = select.select([line, os.pidfd_open(command)], [], [])
    if line in ready:  # nothing more is said: who asked has gone
        os.kill(command, signal.SIGKILL)
    _, status = os.waitpid(command, 0)
    with suppress(OSError):
        line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    cli = importlib.import_module("bot.cli")
    cli.command_line()
    importlib.import_module("bot.cli.sentences")
    gc.collect()
    gc.freeze()  # a copy shares the memory that its collector does not touch
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for who tells of an end
    _become_a_command(socket.socket(fileno=int(sys.argv[1])))
    sys.modules["__main__"].__package__ = None  # or the help calls it a module of the tests
    cli.main()
