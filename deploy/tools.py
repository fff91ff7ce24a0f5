"""Running pip and uv quietly: nothing is shown, and a failure becomes one sentence and a log file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from deploy.failures import CertificateError, DiskFullError, NotExecutableError, explain

ROOT = Path(__file__).resolve().parents[1]
LOG = Path("var/log/bootstrap.log")
LOGGED_LINES = 60

# They would send packages to an environment other than the one named on the command line.
REDIRECTING_VARIABLES = frozenset(
    {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_PROJECT", "UV_WORKING_DIR"}
    | {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIREMENT"}
)

# A disk with less than this left is the likely reason of a failure whose own words do not say so.
NEARLY_FULL = 16 * 2**20


def running_version() -> str:
    """The Python running this, as ``"3.12"``."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def run_tool(command: Sequence[str | Path], *, lock: Path, folder: Path = ROOT) -> str:
    """Run ``command`` in ``folder`` and return what it printed.

    Everything in the environment reaches it except ``REDIRECTING_VARIABLES``. When it fails, its last lines go to
    ``LOG`` and the SetupError that fits is raised; ``lock`` is the lock file that the sentence may have to name.
    """
    environment = {name: value for name, value in os.environ.items() if name not in REDIRECTING_VARIABLES}
    try:
        finished = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except PermissionError as error:
        raise NotExecutableError(str(command[0])) from error
    if finished.returncode == 0:
        return finished.stdout
    write_log(command, finished.stdout)
    if shutil.disk_usage(ROOT).free < NEARLY_FULL:
        raise DiskFullError
    raise explain(finished.stdout, lock=lock, python_version=running_version(), log=LOG)


def open_private(path: Path) -> TextIO:
    """Open a file under ``var/`` for writing, anew; it and the folders made for it are the owner's only."""
    for folder in reversed(path.parents[:-1]):
        (ROOT / folder).mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(ROOT / path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8")


def write_log(command: Sequence[str | Path], output: str) -> None:
    """Keep the last lines of a failed tool, readable by the owner only and without passwords of index addresses."""
    lines = [f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC  {' '.join(map(str, command))}", *output.splitlines()]
    text = re.sub(r"(\w://)[^/\s@]+@", r"\1***@", "\n".join([lines[0], *lines[1:][-LOGGED_LINES:]]))
    try:
        with open_private(LOG) as log:
            log.write(text + "\n")
    except OSError:
        # A full or read-only disk is often the very failure being told; the sentence must still come out.
        return


class Uv:
    """The uv of ``.uv/``; turns to the system's certificates when its own do not know the index."""

    def __init__(self) -> None:
        self._program = ROOT / ".uv/bin/uv"
        self._certificates: tuple[str, ...] = ()

    def run(self, *arguments: str | Path, lock: Path, folder: Path = ROOT) -> str:
        """As ``run_tool``; a certificate refused once is tried again with the system's store, from then on first."""
        command: list[str | Path] = [self._program, "--no-progress", "--color", "never"]
        try:
            return run_tool([*command, *self._certificates, *arguments], lock=lock, folder=folder)
        except CertificateError:
            if self._certificates:
                raise
        # The option was renamed between releases, so uv is asked which of the two it knows.
        known = run_tool([self._program, "--help"], lock=lock)
        self._certificates = tuple(name for name in ("--system-certs", "--native-tls") if name in known)[:1]
        return run_tool([*command, *self._certificates, *arguments], lock=lock, folder=folder)
