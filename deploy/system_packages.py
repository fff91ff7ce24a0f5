"""Debian packages that only the tests need: a browser, its fonts, a PostgreSQL server, tokens made of software.

They are installed when that can be done without asking anybody; else it is said which tests will be skipped. No service
is left running: the tests start a PostgreSQL of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.progress import Progress


@dataclass(frozen=True)
class SystemPackage:
    """``name`` as apt knows it; ``is_present`` finds it however it came; ``tests`` is what is skipped without it."""

    name: str
    tests: str
    is_present: Callable[[], bool]


class Machine(Protocol):
    """What installing asks of the machine."""

    def administrator_prefix(self) -> tuple[str, ...] | None:
        """Return what to put before a command so that it runs as root unasked, or None when that cannot be had."""

    def has(self, program: str) -> bool:
        """Whether ``program`` is on PATH."""

    def run(self, command: Sequence[str]) -> str | None:
        """Run ``command`` quietly; return what it printed, or None when it failed."""


class ThisMachine:
    """The machine this runs on."""

    def administrator_prefix(self) -> tuple[str, ...] | None:
        """Nothing for root, sudo where it asks for no password."""
        if os.geteuid() == 0:
            return ()
        if self.has("sudo") and self.run(["sudo", "-n", "true"]) is not None:
            return ("sudo", "-n")
        return None

    def has(self, program: str) -> bool:
        """As promised by Machine."""
        return shutil.which(program) is not None

    def run(self, command: Sequence[str]) -> str | None:
        """As promised by Machine; nothing is read from the keyboard."""
        finished = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        return finished.stdout if finished.returncode == 0 else None


def has_browser() -> bool:
    """Whether a Chromium that Playwright can drive is on PATH."""
    return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def has_vietnamese_fonts() -> bool:
    """Whether Noto Sans, which has every Vietnamese letter, is installed."""
    return any(Path("/usr/share/fonts").rglob("NotoSans-Regular.*"))


def has_postgresql_server() -> bool:
    """Whether the server's programs are there; Debian keeps them off PATH."""
    return shutil.which("postgres") is not None or any(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


def has_softhsm() -> bool:
    """Whether tokens made of software can be had: their tool, and the module, which Debian keeps by itself."""
    return shutil.which("softhsm2-util") is not None and Path("/usr/lib/softhsm/libsofthsm2.so").exists()


def has_token_tool() -> bool:
    """Whether OpenSC's tool for tokens is on PATH."""
    return shutil.which("pkcs11-tool") is not None


def has_jq() -> bool:
    """Whether jq, with which outsiders read evidence, is on PATH."""
    return shutil.which("jq") is not None


TEST_PACKAGES = (
    SystemPackage("chromium", "phép thử trên trình duyệt", has_browser),
    SystemPackage("fonts-noto-core", "phép thử so hình chữ Việt trên trình duyệt", has_vietnamese_fonts),
    SystemPackage("postgresql", "phép thử trên PostgreSQL", has_postgresql_server),
    SystemPackage("softhsm2", "phép thử ký bằng thiết bị ký (token)", has_softhsm),
    SystemPackage("opensc", "phép thử ký bằng thiết bị ký (token)", has_token_tool),
    SystemPackage("jq", "phép thử cách kiểm tra chứng cứ bằng công cụ có sẵn", has_jq),
)


def provide(packages: Sequence[SystemPackage], machine: Machine) -> None:
    """Install what is missing when root rights and apt-get are at hand; say loudly what is then still missing.

    Never fails: a test that lacks its package skips itself.
    """
    missing = [package for package in packages if not package.is_present()]
    if not missing:
        return
    prefix = machine.administrator_prefix()
    if prefix is not None and machine.has("apt-get"):
        install(missing, machine, prefix)
        reason = "apt-get không cài được"
    else:
        reason = "lệnh này không có quyền cài gói hệ thống"
    for package in missing:
        if not package.is_present():
            print(f"CHÚ Ý: BỎ QUA {package.tests}, vì thiếu gói {package.name} và {reason}.", flush=True)


def install(packages: Sequence[SystemPackage], machine: Machine, prefix: tuple[str, ...]) -> None:
    """Install ``packages`` one by one, so that one that this release does not have costs only itself."""
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes"]
    clusters_before = list_clusters(machine)
    progress = Progress(len(packages) + 1)
    with progress.step("Cập nhật danh sách gói hệ thống"):
        machine.run([*apt, "update"])
    for package in packages:
        with progress.step(f"Cài gói hệ thống {package.name}"):
            machine.run([*apt, "install", "--no-install-recommends", package.name])
    for version, name in sorted(list_clusters(machine) - clusters_before):
        # Debian makes and starts an empty cluster with the package; it is nobody's and would take the usual port.
        machine.run([*prefix, "pg_dropcluster", "--stop", version, name])


def list_clusters(machine: Machine) -> set[tuple[str, str]]:
    """Return Debian's PostgreSQL clusters as (version, name)."""
    listed = (machine.run(["pg_lsclusters", "--no-header"]) or "") if machine.has("pg_lsclusters") else ""
    return {(fields[0], fields[1]) for fields in map(str.split, listed.splitlines()) if len(fields) > 1}
