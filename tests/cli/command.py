"""Runs ``hiendien`` as an operator does, with a directory and ports of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from bot.settings import ROOT
from tests.fixtures.database import free_port

LIBRARIES_WORDS = re.compile(r"\b(error|value|input|should|valid|invalid|correct|failed|not|the|is)\b", re.IGNORECASE)
"""What an untranslated message of a library would hold."""


def run(
    tmp_path: Path, *arguments: str, typed: str | None = None, **settings: object
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; `typed` is its standard input, `settings` are named without their prefix."""
    own = {"VAR_DIR": tmp_path / "var", "PORT": free_port(), "NLU_PORT": free_port(), "ACTIONS_PORT": free_port()}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HIENDIEN_")}
    environment |= {f"HIENDIEN_{name}": str(value) for name, value in (own | settings).items()}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        cwd=ROOT,
        env=environment,
        input=typed,
        stdin=subprocess.DEVNULL if typed is None else None,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


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
