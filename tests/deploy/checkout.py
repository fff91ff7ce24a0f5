"""A checkout to install in: the real ``deploy/``, tiny lock files, and a uv that notes what it is asked for."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("deploy/requirements.lock", "requirements.lock", "tests/requirements.lock", "nlu/requirements.lock")
UV_WHEEL = "uv-99.0.0-py3-none-any.whl"

# Stands in for uv. FAKE_UV is JSON: for a subcommand such as "pip sync", what it prints before it fails.
# FAKE_UV_HANGS_AT names a FIFO: "pip sync" says there that it runs, and then does not end by itself.
FAKE_UV = """#!python
import json, os, signal, sys
words = [word for word in sys.argv[1:] if word not in ("--no-progress", "--color", "never", "--system-certs")]
if words == ["--help"]:
    sys.exit(print("      --system-certs"))
subcommand = " ".join(words[:2]) if words[0] in ("pip", "python") else words[0]
with open(os.environ["FAKE_UV_LOG"], "a") as log:
    log.write(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]) + "\\n")
failure = json.loads(os.environ.get("FAKE_UV", "{}")).get(subcommand)
if failure and not ("certificate" in failure and "--system-certs" in sys.argv):
    sys.exit(failure)
if subcommand == "pip sync" and os.environ.get("FAKE_UV_HANGS_AT"):
    with open(os.environ["FAKE_UV_HANGS_AT"], "w") as fifo:
        fifo.write("running")
    signal.pause()
if subcommand == "venv":
    os.makedirs(words[-1] + "/bin", exist_ok=True)
    open(words[-1] + "/pyvenv.cfg", "w").close()
    if not os.path.exists(words[-1] + "/bin/python"):
        os.symlink(sys.executable, words[-1] + "/bin/python")
if subcommand == "pip install":
    program = os.path.join(os.path.dirname(words[words.index("--python") + 1]), "hiendien")
    with open(program, "w") as script:
        script.write('#!/bin/sh\\necho "hiendien $1, process $$"\\n')
    os.chmod(program, 0o755)
"""


@dataclass(frozen=True)
class Finished:
    """How a command ended; ``stderr`` without make's own remark that a target failed."""

    code: int
    stdout: str
    stderr: str

    def the_sentence(self) -> str:
        """Return what the person read, having made sure that it is one sentence with what to do after a colon."""
        assert "Traceback" not in self.stdout + self.stderr
        lines = self.stderr.strip().splitlines()
        assert len(lines) == 1, self.stderr
        assert lines[0].endswith(".")
        assert ". " not in lines[0].removesuffix(".")
        assert ": " in lines[0]
        return lines[0]


@dataclass(frozen=True)
class UvCall:
    """One call of the fake uv."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str


@dataclass(frozen=True)
class Checkout:
    """``environment`` is all that commands run here see: an empty home, no index but a folder with the fake uv."""

    path: Path
    environment: dict[str, str]

    def bootstrap(self, command: str, *, python: str | Path = sys.executable, **variables: str) -> Finished:
        """Run ``deploy/bootstrap.py command`` with ``variables`` added to the environment."""
        return self._run([str(python), "deploy/bootstrap.py", command], variables)

    def make(self, target: str, **variables: str) -> Finished:
        """Run ``make target``."""
        return self._run([str(shutil.which("make")), target], variables)

    def start(self, command: str, **variables: str) -> subprocess.Popen[str]:
        """Start ``deploy/bootstrap.py command`` and return at once."""
        return subprocess.Popen(
            [sys.executable, "deploy/bootstrap.py", command],
            cwd=self.path,
            env=self.environment | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def uv_calls(self) -> list[UvCall]:
        """Return what uv was asked since the last time, oldest first."""
        log = Path(self.environment["FAKE_UV_LOG"])
        if not log.exists():
            return []
        calls = [UvCall(*json.loads(line)) for line in log.read_text().splitlines()]
        log.unlink()
        return calls

    def log(self) -> Path:
        return self.path / "var/log/bootstrap.log"

    def forget_environments(self) -> None:
        """Go back to a checkout in which only uv is installed."""
        for folder in (".venv", "nlu/.venv", "var"):
            shutil.rmtree(self.path / folder, ignore_errors=True)
        self.uv_calls()
        write_locks(self.path)

    def _run(self, command: list[str], variables: Mapping[str, str]) -> Finished:
        finished = subprocess.run(
            command, cwd=self.path, env=self.environment | variables, capture_output=True, encoding="utf-8", check=False
        )
        errors = [line for line in finished.stderr.splitlines() if not line.startswith("make: ***")]
        return Finished(finished.returncode, finished.stdout, "\n".join(errors))


def make_checkout(path: Path) -> Checkout:
    """Make a checkout at ``path`` in which nothing is installed yet."""
    for folder in ("tests", "nlu", "home", "programs", "wheels"):
        (path / folder).mkdir(parents=True)
    shutil.copytree(ROOT / "deploy", path / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", path)
    shutil.copy(ROOT / "nlu/pyproject.toml", path / "nlu")
    (path / "pyproject.toml").write_text("")
    write_fake_uv(path / "wheels" / UV_WHEEL)
    write_locks(path)
    environment = {
        "HOME": str(path / "home"),
        "PATH": str(path / "programs"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(path / "wheels"),
        "PIP_NO_CACHE_DIR": "1",
        "FAKE_UV_LOG": str(path / "uv-calls"),
    }
    for program in ("sh", "env"):
        (path / "programs" / program).symlink_to(str(shutil.which(program)))
    return Checkout(path, environment)


def write_locks(path: Path) -> None:
    """Write lock files that ask for the fake uv, with its hash, and for nothing else."""
    for lock in LOCKS:
        (path / lock).write_text("")
    digest = hashlib.sha256((path / "wheels" / UV_WHEEL).read_bytes()).hexdigest()
    (path / LOCKS[0]).write_text(f"uv==99.0.0 --hash=sha256:{digest}\n")


def write_fake_uv(wheel: Path) -> None:
    """Pack FAKE_UV as a wheel that pip installs as ``bin/uv``."""
    write_wheel(wheel, {"uv-99.0.0.data/scripts/uv": FAKE_UV})


def write_wheel(wheel: Path, files: Mapping[str, str]) -> None:
    """Pack ``files`` as a wheel; name and version are read from its file name."""
    name, version, tag = wheel.stem.split("-", 2)
    information = f"{name}-{version}.dist-info"
    contents = {
        **files,
        f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{information}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        record = ""
        for path, text in contents.items():
            member = zipfile.ZipInfo(path)
            member.external_attr = 0o100755 << 16
            archive.writestr(member, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{path},sha256={digest},{len(text.encode())}\n"
        archive.writestr(f"{information}/RECORD", f"{record}{information}/RECORD,,\n")


def write_program(path: Path, script: str) -> Path:
    """Write an executable script and return its path."""
    path.write_text(script)
    path.chmod(0o755)
    return path


def base_python() -> Path:
    """The interpreter behind the environment that runs the tests: only that one can be started under another name."""
    return Path(sys.base_prefix) / f"bin/python{sys.version_info.major}.{sys.version_info.minor}"


def closed_port() -> int:
    """A loopback port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
