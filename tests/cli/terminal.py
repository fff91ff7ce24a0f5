"""A terminal with ``hiendien`` in it, as somebody sits before one."""

from __future__ import annotations

import os
import pty
import re
import select
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli import loaded

SECONDS = 90


class Terminal:
    """Runs one command; what it asks is waited for, then answered."""

    def __init__(self, folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        ours, theirs = pty.openpty()
        self._screen = ours
        self._seen = b""
        self._read = 0
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HIENDIEN_")}
        environment = {**kept, "HIENDIEN_VAR_DIR": str(folder / "var"), "COLUMNS": "100", **(environment or {})}
        self._command = loaded.start(arguments, environment, [], terminal=os.ttyname(theirs))
        self._theirs: int | None = theirs

    @property
    def seen(self) -> str:
        """Return all that stood on the screen."""
        return self._seen.decode("utf-8", errors="replace").replace("\r\n", "\n")

    def wait_for(self, words: str) -> None:
        """Wait until the screen says this, behind what was waited for before."""
        wanted, ends = words.encode(), time.monotonic() + SECONDS
        while (found := self._seen.find(wanted, self._read)) < 0:
            assert self._more(ends), self.seen
        self._read = found + len(wanted)

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._screen, text.encode() + b"\n")

    def press(self, key: bytes) -> None:
        """Press one key."""
        os.write(self._screen, key)

    def leave(self, key: bytes) -> int:
        """Press a key, each second again until something comes of it, as people do; return the exit code.

        A signal that comes between a question and the reading of its answer is noticed with the next key only.
        """
        ends = time.monotonic() + SECONDS
        self.press(key)
        while not select.select([self._screen], [], [], 1.0)[0]:
            assert time.monotonic() < ends, self.seen
            self.press(key)
        return self.end()

    def answer(self, question: str, text: str) -> None:
        """Wait for a question and type the answer."""
        self.wait_for(question)
        self.type(text)

    def end(self) -> int:
        """Wait for the end; return the exit code."""
        ends = time.monotonic() + SECONDS
        while self._more(ends):
            pass
        code = self._command.wait(SECONDS)
        os.close(self._screen)
        return code

    def refusal(self, code: int = 2) -> str:
        """Wait for the end, which is a refusal; return its one sentence."""
        assert self.end() == code, self.seen
        sentences = re.findall(r"^Lỗi: .*$", self.seen, re.MULTILINE)
        assert len(sentences) == 1, self.seen
        assert "Traceback" not in self.seen
        return str(sentences[0])

    def _more(self, ends: float) -> bool:
        """Read what comes next; return whether anything came."""
        ready, _, _ = select.select([self._screen], [], [], max(0.0, ends - time.monotonic()))
        if not ready:
            self._command.kill()
            pytest.fail(f"nothing more came:\n{self.seen}")
        try:
            part = os.read(self._screen, 65536)
        except OSError:  # nobody holds the other side any more
            return False
        self._seen += part
        if self._theirs is not None:  # the command holds it by now
            os.close(self._theirs)
            self._theirs = None
        return bool(part)
