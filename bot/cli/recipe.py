"""The recipe of docs/verify-evidence.md, step by step, run as it is written there: with openssl, jq and sha256sum."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.settings import ROOT

DOCUMENT = ROOT / "docs" / "verify-evidence.md"
TOOLS = ("openssl", "jq", "sha256sum", "split", "csplit", "cmp")
USUAL = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
"""The steps for a bundle in which every list was archived; 4b is for one with an answer (OCSP) in a list's place."""
STEP_SECONDS = 60

_HEADING = re.compile(r"^### Step (\w+): .*$", re.MULTILINE)
_COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read_steps() -> Mapping[str, str]:
    """Return the commands of each step, by its number."""
    text = DOCUMENT.read_text("utf-8")
    headings = list(_HEADING.finditer(text))
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    found = {}
    for heading, end in zip(headings, ends, strict=True):
        (found[heading[1]],) = _COMMANDS.findall(text[heading.end() : end])
    return found


def missing_tools() -> Sequence[str]:
    """Return the tools of the recipe that this machine lacks."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


def run_commands(directory: Path, commands: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run commands in the directory of an unpacked bundle, until one fails."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **variables}
    return subprocess.run(
        ["/bin/sh", "-eu", "-c", commands],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=STEP_SECONDS,
        check=False,
    )


def follow(directory: Path, *, steps: Sequence[str] = USUAL, **variables: str) -> str | None:
    """Follow the recipe; return the number of the step that fails, None where none does."""
    commands = read_steps()
    for step in steps:
        if run_commands(directory, commands[step], **variables).returncode != 0:
            return step
    return None
