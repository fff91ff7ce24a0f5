"""Training and parsing in processes of their own, with how far they are, and keeping slow models for the next run."""

from __future__ import annotations

import hashlib
import json
import os
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, cast

import yaml

from report.data import as_marks, write_training
from report.failures import WorkFailedError
from report.messages import FALLBACK, Example, Reading, Scored
from report.pipelines import NLU, Pipeline
from report.progress import Progress

KEPT_MODELS = 3
_LOGGED_LINES = 60
# What tqdm writes: "Epochs:  12%|█▏        | 12/100 [01:40<12:13, …]".
_HOW_FAR = re.compile(r"^(?:Epochs|Messages):.*?\b(\d+)/(\d+) \[")
_LINE_END = re.compile(rb"[\r\n]+")


@dataclass(frozen=True)
class Measured:
    """A pipeline with all that was measured of it.

    Attributes:
        name: what the report calls it.
        scored: the test messages as it read them.
        training_seconds: how long training took.
        training_bytes: the most memory that training had in use.
        parsing_bytes: the same of a process that loads the model and parses.
        model_bytes: the size of the archive.
        was_kept: whether the model, and what is told of its training, are of an earlier run.
        notes: sentences for the report.
    """

    name: str
    scored: tuple[Scored, ...]
    training_seconds: float
    training_bytes: int
    parsing_bytes: int
    model_bytes: int
    was_kept: bool
    notes: tuple[str, ...]


class Laboratory:
    """Measures pipelines; ``folder`` is where trained models are kept, ``log`` gets what failed work said."""

    def __init__(self, folder: Path, log: Path, progress: Progress, *, fresh: bool) -> None:
        self._folder = folder
        self._log = log
        self._progress = progress
        self._fresh = fresh

    def measure(self, pipeline: Pipeline, examples: Sequence[Example]) -> Measured:
        """Train, then parse every example.

        Raises:
            WorkFailedError: one of the two ended without a result.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=".working-") as name:
            scratch = Path(name)
            trained, model, was_kept = self._trained(pipeline, scratch)
            texts = scratch / "texts.json"
            texts.write_text(json.dumps([example.text for example in examples]), "utf-8")
            parsed = self._work(pipeline, "đọc câu thử", "parse", model, texts, scratch / "parsed.json")
        scored = (Scored(example, _reading(parse)) for example, parse in zip(examples, parsed["parsed"], strict=True))
        return Measured(
            name=pipeline.name,
            scored=tuple(scored),
            training_seconds=trained["seconds"],
            training_bytes=trained["peak_bytes"],
            parsing_bytes=parsed["peak_bytes"],
            model_bytes=trained["model_bytes"],
            was_kept=was_kept,
            notes=pipeline.notes,
        )

    def _trained(self, pipeline: Pipeline, scratch: Path) -> tuple[dict[str, Any], Path, bool]:
        """Give what is told of the training, the model, and whether both were there already."""
        config, data = scratch / "config.yml", scratch / "nlu.yml"
        config.write_text(yaml.safe_dump(pipeline.config, allow_unicode=True), "utf-8")
        write_training(pipeline.training, data)
        kept = self._folder / _digest(config, data)
        if pipeline.is_kept and not self._fresh and (kept / "trained.json").exists():
            os.utime(kept)
            return json.loads((kept / "trained.json").read_text("utf-8")), kept / "model.tar.gz", True
        folder = scratch / "trained"
        folder.mkdir()
        model = folder / "model.tar.gz"
        trained = self._work(pipeline, "huấn luyện", "train", config, data, model, folder / "trained.json")
        if not pipeline.is_kept:
            return trained, model, False
        if kept.exists():
            shutil.rmtree(kept)
        folder.rename(kept)
        self._forget_old_models()
        return trained, kept / "model.tar.gz", False

    def _work(self, pipeline: Pipeline, title: str, *arguments: str | Path) -> dict[str, Any]:
        """Run one process of `work` to its end and give what it wrote into the file named last."""
        command = [sys.executable, "-m", "report.work", *map(str, arguments)]
        said: list[str] = []
        with (
            self._progress.step(f"{pipeline.name}: {title}") as step,
            subprocess.Popen(
                command, cwd=NLU, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            ) as process,
        ):
            try:
                for line in _lines(cast("IO[bytes]", process.stderr)):
                    how_far = _HOW_FAR.match(line)
                    if how_far:
                        step.reached(int(how_far[1]), int(how_far[2]))
                    elif line:
                        said.append(line)
                    else:
                        step.tick()
                process.wait()
            finally:
                process.terminate()
            result = Path(arguments[-1])
            if process.returncode != 0 or not result.exists():
                self._log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._log.write_text("\n".join(said[-_LOGGED_LINES:]) + "\n", "utf-8")
                raise WorkFailedError(pipeline.name, self._log)
        return cast("dict[str, Any]", json.loads(result.read_text("utf-8")))

    def _forget_old_models(self) -> None:
        kept = sorted(self._folder.glob("*/trained.json"), key=lambda path: path.parent.stat().st_mtime, reverse=True)
        for path in kept[KEPT_MODELS:]:
            shutil.rmtree(path.parent)


def _lines(output: IO[bytes]) -> Iterator[str]:
    """Give what a process says by lines, and an empty one for each second without a word."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            if not selector.select(timeout=1):
                yield ""
                continue
            piece = os.read(output.fileno(), 65536)
            *lines, rest = _LINE_END.split(rest + piece)
            yield from (line.decode("utf-8", "replace") for line in lines if line)
            if not piece:
                yield from filter(None, [rest.decode("utf-8", "replace")])
                return


def _reading(parse: dict[str, Any]) -> Reading:
    ranking = tuple((name, share) for name, share in parse["ranking"] if name != FALLBACK)
    return Reading(parse["intent"], ranking, as_marks(parse["entities"]), parse["seconds"])


def _digest(*files: Path) -> str:
    digest = hashlib.sha256(version("rasa").encode())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
