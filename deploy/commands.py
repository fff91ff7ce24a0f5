"""The commands behind the ``make`` targets, each a short list of what it prepares and then does."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from deploy.checks import FORMAT, IMPORTS, LINT, TYPES, mend_format, run_checks, run_everything
from deploy.environments import nlu_environment, prepare, product_environment, uv_environment
from deploy.failures import SetupError, StoppedError, explain_os_error
from deploy.locks import refresh_locks
from deploy.system_packages import TEST_PACKAGES, ThisMachine, provide
from deploy.tools import ROOT

# Exit codes: a check that did not pass, a step that cannot be done, and a shell's own for Ctrl-C.
FAILED, IMPOSSIBLE, INTERRUPTED = 1, 2, 130


def run_product() -> bool:
    """Install the product and become it, so that Ctrl-C reaches the product itself."""
    prepare([uv_environment(), product_environment(with_tests=False), nlu_environment()])
    os.chdir(ROOT)
    program = str(ROOT / ".venv/bin/hiendien")
    os.execv(program, [program, "up"])  # noqa: S606  (our own program, just installed)


def check_everything() -> bool:
    """Install all that the checks need, system packages included, and run them."""
    prepare([uv_environment(), product_environment(with_tests=True), nlu_environment()])
    provide(TEST_PACKAGES, ThisMachine())
    return run_everything()


def measure() -> bool:
    """Install what the benchmarks need and become them."""
    return become_test_program("tests.benchmarks")


def torture() -> bool:
    """Install what the tests need, system packages included, and become the long runs."""
    provide(TEST_PACKAGES, ThisMachine())
    return become_test_program("tests.torture")


def report_understanding() -> bool:
    """Install Rasa and become the report on how well messages are understood."""
    prepare([uv_environment(), nlu_environment()])
    options = report_options(os.environ)
    os.chdir(ROOT / "nlu")
    program = str(ROOT / "nlu/.venv/bin/python")
    os.execv(program, [program, "-m", "report", *options])  # noqa: S606  (our own program, just installed)


def report_options(variables: Mapping[str, str]) -> list[str]:
    """Return the report's options out of make's variables; paths become absolute, since it runs in another folder."""
    options: list[str] = []
    for name in ("TRAIN", "TEST", "ERRORS"):
        if variables.get(name):
            options += [f"--{name.lower()}", str(Path(variables[name]).absolute())]
    for name in ("SET", "EPOCHS"):
        if variables.get(name):
            options += [f"--{name.lower()}", variables[name]]
    return options + [f"--{name.lower()}" for name in ("OURS", "FRESH") if variables.get(name)]


def record_showcase() -> bool:
    """Install what the showcase needs and become its recording."""
    return become_test_program("tests.showcase")


def become_test_program(module: str) -> bool:
    """Install what tests need and become one of their programs."""
    prepare([uv_environment(), product_environment(with_tests=True), nlu_environment()])
    os.chdir(ROOT)
    program = str(ROOT / ".venv/bin/python")
    os.execv(program, [program, "-m", module])  # noqa: S606  (our own program, just installed)


def lint() -> bool:
    """Check form, style and import contracts."""
    prepare_checks()
    return run_checks((FORMAT, LINT, IMPORTS))


def check_types() -> bool:
    """Check the types."""
    prepare_checks()
    return run_checks((TYPES,))


def format_code() -> bool:
    """Format the code in place."""
    prepare_checks()
    return mend_format()


def make_locks() -> bool:
    """Compile the lock files again; ``UPGRADE`` in the environment takes the newest versions."""
    prepare([uv_environment()])
    refresh_locks(upgrade=bool(os.environ.get("UPGRADE")))
    return True


def prepare_checks() -> None:
    """Install what checks the code without running it."""
    prepare([uv_environment(), product_environment(with_tests=True)])


COMMANDS: Mapping[str, Callable[[], bool]] = {
    "run": run_product,
    "test": check_everything,
    "bench": measure,
    "torture": torture,
    "nlu-report": report_understanding,
    "showcase": record_showcase,
    "lint": lint,
    "types": check_types,
    "format": format_code,
    "locks": make_locks,
}


def run_command(arguments: Sequence[str]) -> int:
    """Run the command that ``arguments`` name and return the exit code; a SetupError becomes its sentence."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Whatever the locale: the sentences are Vietnamese.
            stream.reconfigure(encoding="utf-8", errors="replace")
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"Lệnh phải là một trong: {', '.join(COMMANDS)}.", file=sys.stderr)
        return IMPOSSIBLE
    signal.signal(signal.SIGTERM, stop)
    try:
        return 0 if COMMANDS[arguments[0]]() else FAILED
    except KeyboardInterrupt:
        print(f"\n{StoppedError()}", file=sys.stderr)
        return INTERRUPTED
    except SetupError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        refusal = explain_os_error(error)
        if refusal is None:
            raise
        print(refusal, file=sys.stderr)
    return IMPOSSIBLE


def stop(_signal: int, _frame: FrameType | None) -> None:
    """Treat SIGTERM, which make passes on, as Ctrl-C: a tool that runs is ended and nothing counts as done."""
    raise KeyboardInterrupt
