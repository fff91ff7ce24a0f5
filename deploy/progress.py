"""Progress lines: ``[2/3] Cài môi trường sản phẩm … xong (8 giây)``."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Numbers the steps of one command as they begin; ``total`` is how many there will be."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._begun = 0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Print ``title``, then how long the body took, or that it did not end; errors pass through.

        On a terminal the seconds are counted while the body runs, so that a long download does not look dead.
        """
        self._begun += 1
        line = f"[{self._begun}/{self._total}] {title} … "
        began_at = time.monotonic()
        print(line, end="", flush=True)
        ended = threading.Event()
        ticker = threading.Thread(target=self._count_seconds, args=(line, began_at, ended), daemon=True)
        if sys.stdout.isatty():
            ticker.start()
        outcome = "không xong"
        try:
            yield
            outcome = f"xong ({duration(time.monotonic() - began_at)})"
        finally:
            ended.set()
            if ticker.is_alive():
                ticker.join()
                print(f"\r{line}", end="")
            print(outcome, flush=True)

    @staticmethod
    def _count_seconds(line: str, began_at: float, ended: threading.Event) -> None:
        while not ended.wait(1):
            print(f"\r{line}{duration(time.monotonic() - began_at)}", end="", flush=True)


def duration(seconds: float) -> str:
    """``0.24`` → ``"0,2 giây"``, ``8.4`` → ``"8 giây"``, ``83`` → ``"1 phút 23 giây"``."""
    if seconds < 1:
        return f"{seconds:.1f} giây".replace(".", ",")
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} phút {rest} giây" if minutes else f"{rest} giây"
