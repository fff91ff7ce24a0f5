"""Where the Python for Rasa comes from: 3.11, else 3.10, else one that uv fetches."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.failures import DiskFullError, SetupError
from deploy.tools import Uv, running_version

# Rasa 3.6.21 knows no later one; see nlu/pyproject.toml.
NLU_VERSIONS = ("3.11", "3.10")


@dataclass(frozen=True)
class Interpreter:
    """A Python for ``uv venv --python``; ``request`` is a command, or a version for uv to fetch when not ``found``."""

    version: str
    request: str
    found: bool


def find_nlu_python(uv: Uv, *, lock: Path) -> Interpreter:
    """Return the best Python on this machine, or the request that makes uv fetch one."""
    for version in NLU_VERSIONS:
        for candidate in candidates(version, uv, lock=lock):
            if runs(candidate, version):
                return Interpreter(version, candidate, found=True)
    return Interpreter(NLU_VERSIONS[0], NLU_VERSIONS[0], found=False)


def candidates(version: str, uv: Uv, *, lock: Path) -> Iterator[str]:
    """Yield commands that may be a Python of ``version``, the cheapest to ask first."""
    if running_version() == version:
        yield sys.executable
    yield f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    installed = pyenv.glob(f"versions/{version}.*/bin/python{version}")
    yield from map(str, sorted(installed, key=patch_number, reverse=True))
    try:
        yield uv.run("python", "find", "--no-python-downloads", "--no-project", "--system", version, lock=lock).strip()
    except DiskFullError:
        raise
    except SetupError:
        return


def patch_number(python: Path) -> int:
    """``…/versions/3.11.7/bin/python3.11`` → ``7``, so that 3.11.10 comes before 3.11.9."""
    numbers = re.findall(r"\d+", python.parents[1].name)
    return int(numbers[2]) if len(numbers) > 2 else 0


def runs(command: str, version: str) -> bool:
    """Whether ``command`` really starts a Python of ``version``; pyenv's commands may exist with nothing behind."""
    question = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([command, "-c", question], capture_output=True, encoding="utf-8", check=False)
    except OSError:
        return False
    return answer.stdout.strip() == version
