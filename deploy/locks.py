"""Making the lock files anew: pins with hashes and no download addresses, so that any mirror serves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from deploy.environments import NLU_LOCK, PRODUCT_LOCK, TEST_LOCK, UV_LOCK, WHEELS_ONLY, WITHOUT_WHEEL
from deploy.failures import LockAddressError
from deploy.progress import Progress
from deploy.tools import ROOT, Uv

# Wheels only, here too: to read what a source archive asks for, uv would run its build tools.
OPTIONS = ("--universal", "--generate-hashes", "--no-emit-index-url", "--no-header", *WHEELS_ONLY)
ADDRESS = re.compile(r"\w+://|^\s*(-i|-f|--(extra-)?index(-url)?|--find-links)\b", re.MULTILINE)


@dataclass(frozen=True)
class Lock:
    """``sources`` are uv's arguments that say what is locked; ``python`` is the oldest Python it must serve.

    The paths in ``sources`` are relative to ``folder``, where uv also looks for its settings.
    """

    path: Path
    sources: tuple[str, ...]
    python: str
    folder: Path = Path()


# In this order: the tests' lock takes the product's pins as they have just been written.
LOCKS = (
    Lock(UV_LOCK, (f"{UV_LOCK.parent}/requirements.in",), "3.11"),
    Lock(PRODUCT_LOCK, ("pyproject.toml",), "3.11"),
    Lock(TEST_LOCK, ("pyproject.toml", "--group", "dev", "--constraints", str(PRODUCT_LOCK)), "3.11"),
    Lock(NLU_LOCK, ("pyproject.toml", *WITHOUT_WHEEL), "3.10", folder=NLU_LOCK.parent),
)


def refresh_locks(*, upgrade: bool) -> None:
    """Compile every lock again; pins that still fit are kept unless ``upgrade``.

    Raises SetupError, LockAddressError among them when a lock would record where a package came from.
    """
    uv = Uv()
    progress = Progress(len(LOCKS))
    for lock in LOCKS:
        with progress.step(f"Khóa phiên bản {lock.path}"):
            output = ("--output-file", str(lock.path.relative_to(lock.folder)), "--python-version", lock.python)
            chosen = (*OPTIONS, *output, *(["--upgrade"] if upgrade else []))
            uv.run("pip", "compile", "--quiet", *lock.sources, *chosen, lock=lock.path, folder=ROOT / lock.folder)
            if ADDRESS.search((ROOT / lock.path).read_text(encoding="utf-8")):
                raise LockAddressError(lock.path)
