"""Somebody who types: runs one of our commands in a terminal of its own, reads its questions and answers them.

Passwords and PINs are asked for on the terminal and nowhere else, so that a demonstration needs one.
"""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable, Mapping

from bot.core.errors import ProductError
from bot.settings import ROOT

PATIENCE = 90.0
"""Seconds in which a command must have said something new."""


class CommandSilentError(ProductError):
    """The command asked nothing, and did not end either."""


class Typist:
    """Types what one command wants to know; `show` is told each line of the screen."""

    def __init__(
        self, *arguments: str, environment: Mapping[str, str], show: Callable[[str], None] = lambda _: None
    ) -> None:
        """Start ``hiendien`` with these arguments."""
        self._screen, theirs = pty.openpty()
        self._seen = b""
        self._read = 0
        self._shown = 0
        self._show = show
        # Opened by the first process of a new session, it is the terminal of that session: /dev/tty, too.
        sit_down = ("sh", "-c", 'exec "$@" < "$0" > "$0" 2>&1', os.ttyname(theirs))
        self._process = subprocess.Popen(
            [*sit_down, sys.executable, "-m", "bot.cli", *arguments],
            cwd=ROOT,
            env={"COLUMNS": "100", **environment},
            start_new_session=True,
        )
        # The command holds the other side as soon as it runs; until then, we do.
        self._theirs: int | None = theirs

    @property
    def seen(self) -> str:
        """Return all that stood on the screen."""
        return self._seen.decode("utf-8", errors="replace").replace("\r\n", "\n")

    def answer(self, question: str, text: str) -> None:
        """Wait for a question and type the answer.

        Raises:
            CommandSilentError: it did not come.
        """
        wanted = question.encode()
        while (found := self._seen.find(wanted, self._read)) < 0:
            if not self._more():
                self.end()
                raise CommandSilentError(question=question)
        self._read = found + len(wanted)
        os.write(self._screen, text.encode() + b"\n")

    def end(self) -> int:
        """Wait for the command's end; return its exit code.

        Raises:
            CommandSilentError: it did not end.
        """
        while self._more():
            pass
        os.close(self._screen)
        return self._process.wait(timeout=PATIENCE)

    def _more(self) -> bool:
        """Read what comes next; False where nothing comes any more."""
        ready, _, _ = select.select([self._screen], [], [], PATIENCE)
        if not ready:
            self._process.kill()
            self._process.wait()
            os.close(self._screen)
            raise CommandSilentError
        try:
            part = os.read(self._screen, 65536)
        except OSError:  # nobody holds the other side any more
            part = b""
        self._seen += part
        if part and self._theirs is not None:
            os.close(self._theirs)
            self._theirs = None
        self._show_lines(is_over=not part)
        return bool(part)

    def _show_lines(self, *, is_over: bool) -> None:
        lines = self.seen.split("\n")
        whole = lines if is_over else lines[:-1]
        for line in whole[self._shown :]:
            self._show(line)
        self._shown = len(whole)
