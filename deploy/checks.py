"""The checks of ``make test``, in order; the first that fails ends the run."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.progress import Progress
from deploy.tools import ROOT, open_private

PROGRAMS = ROOT / ".venv/bin"
COVERAGE_REPORT = Path("var/log/coverage.txt")
LEAST_COVERAGE = 95
"""Of ``bot/core``, in percent, by branches."""
MOST_WORKERS = 4
"""Each runs tests beside the others; one of them has the product's servers, of up to 700 MB each. There is one more
than cores: a third of the time a test waits, for a database or for the pace at which a platform takes messages."""


@dataclass(frozen=True)
class Check:
    """A command of the test environment; the first word is a program in ``.venv/bin``."""

    command: tuple[str, ...]

    @property
    def title(self) -> str:
        """What the reader sees."""
        return " ".join(self.command)

    def arguments(self) -> list[str]:
        """The command with the full path of its program."""
        return [str(PROGRAMS / self.command[0]), *self.command[1:]]


class CheckFailedError(Exception):
    """A check did not pass; ``output`` is all it said."""

    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.output = output


FORMAT = Check(("ruff", "format", "--check", "."))
LINT = Check(("ruff", "check", "."))
# Of nlu/ what does not import Rasa: its types are in the other environment.
PURE_NLU = (
    "nlu/components/augmentation.py",
    "nlu/components/folding.py",
    "nlu/components/grammar",
    "nlu/components/spelling.py",
)
TYPES = Check(("mypy", "--strict", "bot", "actions", "scheduler", "deploy", *PURE_NLU))
IMPORTS = Check(("lint-imports",))
STATIC_CHECKS = (FORMAT, LINT, TYPES, IMPORTS)


def run_checks(checks: Sequence[Check], *, total: int | None = None) -> bool:
    """Run ``checks`` until one fails and show what that one said; return whether all passed.

    ``total`` is the number of steps told to the reader when more follow.
    """
    progress = Progress(total or len(checks))
    for check in checks:
        try:
            with progress.step(check.title):
                run_check(check)
        except CheckFailedError as failure:
            print(failure.output.rstrip())
            print(f"Dừng vì chưa đạt: {check.title}", flush=True)
            return False
    return True


def run_check(check: Check) -> None:
    """Run ``check`` quietly; raise CheckFailedError with what it said when it does not pass."""
    finished = subprocess.run(
        check.arguments(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if finished.returncode != 0:
        raise CheckFailedError(finished.stdout)


def run_tests() -> bool:
    """Run pytest under coverage, shown as it goes; ``PYTEST_ARGS`` are passed on. Return whether all passed.

    pytest's own summary stays the last line, so the coverage report goes to ``COVERAGE_REPORT``. In CI, which runs all
    the tests, too little coverage is a failure.
    """
    arguments = shlex.split(os.environ.get("PYTEST_ARGS", ""))
    print(f"pytest (độ phủ: {COVERAGE_REPORT})", flush=True)
    # In the order of the files: reordered, the long journeys would come last, on one core.
    workers = ["-n", str(min((os.cpu_count() or 1) + 1, MOST_WORKERS)), "--dist", "loadscope", "--no-loadscope-reorder"]
    pytest = [str(PROGRAMS / "python"), "-m", "pytest", *workers, "--cov", "--cov-report=", *arguments]
    tests = subprocess.run(pytest, cwd=ROOT, check=False)
    is_covered = report_coverage()
    if tests.returncode == 0 and not is_covered and os.environ.get("CI") == "true":
        print(f"Độ phủ của bot/core dưới {LEAST_COVERAGE} %, xem {COVERAGE_REPORT}.", flush=True)
        return False
    return tests.returncode == 0


def report_coverage() -> bool:
    """Write what was covered, or that nothing was, to ``COVERAGE_REPORT``; return whether it is enough."""
    finished = subprocess.run(
        [str(PROGRAMS / "python"), "-m", "coverage", "report", f"--fail-under={LEAST_COVERAGE}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    with open_private(COVERAGE_REPORT) as file:
        file.write(finished.stdout)
    return finished.returncode == 0


def run_everything() -> bool:
    """Run the static checks, then the tests."""
    total = len(STATIC_CHECKS) + 1
    if not run_checks(STATIC_CHECKS, total=total):
        return False
    print(f"[{total}/{total}] ", end="")
    return run_tests()


def mend_format() -> bool:
    """Format the code and mend what ruff can mend; return whether nothing is left to do by hand."""
    subprocess.run([str(PROGRAMS / "ruff"), "format", "."], cwd=ROOT, check=False)
    mended = subprocess.run([str(PROGRAMS / "ruff"), "check", "--fix", "."], cwd=ROOT, check=False)
    return mended.returncode == 0
