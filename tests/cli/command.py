"""Runs ``hiendien`` as an operator does, with a directory and ports of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from bot.settings import ROOT
from tests.cli import loaded
from tests.fixtures.database import free_port

SECONDS = 60
LIBRARIES_WORDS = re.compile(r"\b(error|value|input|should|valid|invalid|correct|failed|not|the|is)\b", re.IGNORECASE)
"""What an untranslated message of a library would hold."""


def run(
    tmp_path: Path, *arguments: str | Path, typed: str = "", **settings: object
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; `typed` is its standard input, `settings` are named without their prefix."""
    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(3)]
        files[0].write(typed)
        files[0].seek(0)
        code = loaded.start(arguments, environment_of(tmp_path, settings), files).wait(SECONDS)
        for file in files:
            file.seek(0)
        _, told, complained = (file.read() for file in files)
    return subprocess.CompletedProcess(arguments, code, told, complained)


def run_anew(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command that is loaded for it alone, as on an operator's machine."""
    command = [sys.executable, "-m", "bot.cli", *arguments]
    environment = environment_of(tmp_path, {})
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def environment_of(tmp_path: Path, settings: Mapping[str, object]) -> dict[str, str]:
    """Give the environment with these settings and no others but a directory and ports of its own."""
    own = {"VAR_DIR": tmp_path / "var", "PORT": free_port(), "NLU_PORT": free_port(), "ACTIONS_PORT": free_port()}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HIENDIEN_")}
    return environment | {f"HIENDIEN_{name}": str(value) for name, value in (own | settings).items()}


def the_sentence(ended: subprocess.CompletedProcess[str]) -> str:
    """Give the one line in plain Vietnamese that a refusal consists of."""
    assert ended.returncode == 2, ended.stderr
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    assert lines[0].startswith("Lỗi: ")
    return in_plain_vietnamese(lines[0])


def in_plain_vietnamese(sentence: str | None) -> str:
    """Give the sentence, having made sure that there is one and that no library speaks in it."""
    assert sentence is not None
    assert sentence.endswith(".")
    assert not LIBRARIES_WORDS.search(sentence), sentence
    return sentence
