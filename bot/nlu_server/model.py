"""The NLU model: which inputs it was made of, and training it when they changed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.core.errors import UnavailableError
from bot.settings import Settings

KEPT_MODELS = 3
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")
_IGNORED_PARTS = {
    ".venv",
    "__pycache__",
    ".rasa",
    "models",
    "tests",
    "report",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
}
# Of the content what components/grammar reads.
_CONTENT_OF_THE_GRAMMAR = ("agencies.yaml", "localities.yaml")
_INPUT_SUFFIXES = {".py", ".yml", ".yaml", ".toml", ".lock"}


class NluEnvironmentMissingError(UnavailableError):
    """The NLU server's own Python environment is not installed."""


class TrainingFailedError(UnavailableError):
    """Training the NLU model failed; its log says why."""


def nlu_environment(**own: str) -> dict[str, str]:
    """Return what a process of Rasa's may know: the machine's plain settings and its `own`, none of our secrets.

    Rasa brings some hundred and fifty packages of its own; none of them needs what the product knows.
    """
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return kept | own


def nlu_python(settings: Settings) -> Path:
    """Return the Python of the NLU environment.

    Raises:
        NluEnvironmentMissingError: it is not installed.
    """
    python = settings.nlu_dir / ".venv" / "bin" / "python"
    if not python.exists():
        raise NluEnvironmentMissingError(path=str(python))
    return python


def input_hash(settings: Settings) -> str:
    """Return a digest of everything the model is made of: the files of ``nlu/``, its lock, the names in the content.

    Rasa's own cache misses changes in the helpers of custom components (design 3), so it is not asked.
    """
    digest = hashlib.sha256()
    for name, path in _inputs(settings):
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def model_path(settings: Settings) -> Path:
    """Return where the model of the present inputs is, or will be."""
    return settings.var_dir / "models" / f"nlu-{input_hash(settings)}.tar.gz"


def ensure_model(settings: Settings, *, tell: Callable[[str], None]) -> Path:
    """Return the model of the present inputs, training it first where there is none; `tell` gets progress lines.

    Raises:
        NluEnvironmentMissingError: there is nothing to train with.
        TrainingFailedError: training ended without a model.
    """
    path = model_path(settings)
    python = nlu_python(settings)
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    log_path = settings.var_dir / "log" / "nlu-training.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with log_path.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [str(python), "train.py", "--out", str(path.parent), "--name", path.name.removesuffix(".tar.gz")],
            cwd=settings.nlu_dir,
            env=nlu_environment(PYTHONHASHSEED="0"),  # what is learnt depends a little on the order of sets
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            while process.poll() is None:
                tell(f"Đang huấn luyện phần hiểu tiếng Việt … {time.monotonic() - started:.0f} giây")
                try:
                    process.wait(timeout=1)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode != 0 or not path.exists():
        raise TrainingFailedError(log=str(log_path))
    _forget_old_models(path)
    return path


def _inputs(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Give each input with a name that says nothing of where the product is installed."""
    for path in sorted(settings.nlu_dir.rglob("*")):
        relative = path.relative_to(settings.nlu_dir)
        if path.suffix in _INPUT_SUFFIXES and path.is_file() and not _IGNORED_PARTS.intersection(relative.parts):
            yield str(relative), path
    for name in _CONTENT_OF_THE_GRAMMAR:
        yield name, settings.content_dir / name


def _forget_old_models(newest: Path) -> None:
    models = sorted(newest.parent.glob("nlu-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in models[KEPT_MODELS:]:
        path.unlink(missing_ok=True)
