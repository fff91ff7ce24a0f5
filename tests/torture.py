"""The long runs behind ``make torture``: the tests' own checks with counts that take minutes instead of seconds.

Each run is a test that reads its count from a variable and prints, under ``-s``, what it counted. A run of its whole
count replaces its own part of the log, which is committed: day, seed, counts, verdicts and duration.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.settings import ROOT

LOG = ROOT / "tests" / "torture-log.md"
TITLE = "# The last whole run of each of the long checks"
PART = re.compile(r"^## (\w+): .*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
"""What the log tells of one run."""
TOLD = re.compile(r"^[.FEsxX]*torture: (.+)$", re.MULTILINE)
"""A line in which a test tells what it counted, behind how pytest says that those before it ended."""


@dataclass(frozen=True)
class Run:
    """A test, the variable that holds its count, and the count of a whole run."""

    name: str
    test: str
    variable: str
    count: int


RUNS = (
    Run("signatures", "tests/core/signatures/test_corpus.py", "TORTURE_SIGNATURES", 6_000),
    Run("bundles", "tests/core/approvals/test_verification.py", "TORTURE_BUNDLES", 4_000),
    Run("kills", "tests/journeys/test_broadcast_survives_kills.py", "TORTURE_KILLS", 40),
    Run("updates", "tests/channels_torture/test_mutated_updates.py", "TORTURE_UPDATES", 100_000),
    Run("inbound", "tests/journeys/test_inbound_survives_kills.py", "TORTURE_INBOUND_KILLS", 100),
    Run("orders", "tests/channels_torture/test_order.py", "TORTURE_ORDERS", 1_000),
)


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    run: Run
    count: int
    passed: bool
    seconds: float
    told: Sequence[str]

    def part(self) -> str:
        """Return its part of the log."""
        outcome = "passed" if self.passed else "FAILED"
        head = f"## {self.run.name}: {self.count:,} in {self.seconds:.0f} s, {outcome}"
        what = f"`{self.run.variable}={self.count}`, `{self.run.test}`"
        return "\n".join([head, "", _where(), what, "", *self._told(), ""])

    def _told(self) -> list[str]:
        return [f"- {line}" for line in self.told] or ["- it told nothing"]


def carry_out(run: Run, count: int) -> Ended:
    """Carry out a run; what pytest says is shown as it comes."""
    command = [sys.executable, "-m", "pytest", run.test, "-q", "-s", "-p", "no:cacheprovider"]
    environment = {**os.environ, run.variable: str(count)}
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        print(line, end="", flush=True)
        said.append(line)
    passed = process.wait() == 0
    return Ended(run, count, passed, time.monotonic() - began, TOLD.findall("".join(said)))


def main() -> int:
    """Carry out what ``ONLY`` names, or all, ``SCALE`` times as long; note in the log what was of its whole count."""
    only, scale = os.environ.get("ONLY"), float(os.environ.get("SCALE") or 1)
    chosen = [run for run in RUNS if only in {None, "", run.name}]
    if not chosen:
        print(f"ONLY phải là một trong: {', '.join(run.name for run in RUNS)}.", file=sys.stderr)
        return 2
    all_passed = True
    for run in chosen:
        ended = carry_out(run, max(int(run.count * scale), 1))
        all_passed = all_passed and ended.passed
        print(ended.part())
        if scale >= 1:
            note(ended)
    return 0 if all_passed else 1


def note(ended: Ended, log: Path = LOG) -> None:
    """Put what a run told in the place of what the last one told; what the log tells of others stays."""
    before = log.read_text("utf-8") if log.exists() else ""
    parts = {found[1]: found[0].strip() + "\n" for found in PART.finditer(before)} | {ended.run.name: ended.part()}
    ordered = [parts[run.name] for run in RUNS if run.name in parts]
    log.write_text("\n".join([TITLE, "", *ordered]), encoding="utf-8")


def _where() -> str:
    day = datetime.now(UTC)
    return f"{day:%Y-%m-%d}, Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores;"


if __name__ == "__main__":
    sys.exit(main())
