"""Progress lines in the manner of ``deploy/progress.py``: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_BAR = 20
_PLAIN_SHARE = 0.1
"""Where there is no terminal, a line each tenth of the way."""


class Step:
    """One step that runs; how far it is may be unknown."""

    def __init__(self, title: str, output: TextIO) -> None:
        self._title = title
        self._output = output
        self._started = time.monotonic()
        self._bar = ""
        self._told = 0.0
        self._line_length = 0

    def reached(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` parts are done."""
        share = done / total if total else 0.0
        if self._output.isatty():
            full = round(_BAR * share)
            self._bar = f"[{'#' * full}{'.' * (_BAR - full)}] {done}/{total} "
            self.tick()
        elif share >= self._told + _PLAIN_SHARE:
            self._told = share
            print(f"{self._title}: {done}/{total} ({self._duration()})", file=self._output, flush=True)

    def tick(self) -> None:
        """Show on a terminal that time passes."""
        if self._output.isatty():
            line = f"{self._title} … {self._bar}{self._duration()}"
            print(f"\r{line:<{self._line_length}}", end="", file=self._output, flush=True)
            self._line_length = len(line)

    def end(self, outcome: str) -> None:
        """Replace what was shown by how the step ended."""
        line = f"{self._title} … {outcome} ({self._duration()})"
        print(f"\r{line:<{self._line_length}}" if self._output.isatty() else line, file=self._output, flush=True)

    def _duration(self) -> str:
        minutes, seconds = divmod(round(time.monotonic() - self._started), 60)
        return f"{minutes} phút {seconds} giây" if minutes else f"{seconds} giây"


class Progress:
    """Tells the steps of one command on ``output``."""

    def __init__(self, output: TextIO) -> None:
        self._output = output

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Give the step to run; tell how long it took, or that it did not end."""
        step = Step(title, self._output)
        outcome = "không xong"
        try:
            yield step
            outcome = "xong"
        finally:
            step.end(outcome)
