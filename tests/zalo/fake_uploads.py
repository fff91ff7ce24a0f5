"""What an app has uploaded: checked, counted by month, and forgotten after some days."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.clock import Clock
from tests.zalo.fake_wire import CodeError

KEPT = timedelta(days=7)
MEBIBYTE = 1024 * 1024
LARGEST = {"image": MEBIBYTE, "gif": 5 * MEBIBYTE, "file": 5 * MEBIBYTE}
BEGINNINGS = {
    "image": (b"\x89PNG", b"\xff\xd8\xff"),
    "gif": (b"GIF8",),
    "file": (b"%PDF", b"\xd0\xcf\x11\xe0", b"PK\x03\x04"),
}


@dataclass
class Uploads:
    """Pictures and files by the name that the app was given for each."""

    clock: Clock
    images: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    most_a_month: int = 5000
    _at: dict[str, datetime] = field(default_factory=dict)
    _counted: dict[tuple[str, str], int] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def take(self, kind: str, content: bytes) -> str:
        """Keep an upload; return its name.

        Raises:
            CodeError: -201 it is of another kind, -210 it is too large, -211 there were too many this month.
        """
        month = (kind, self.clock.now().strftime("%Y%m"))
        if self._counted.get(month, 0) >= self.most_a_month:
            raise CodeError(-211)
        if not content.startswith(BEGINNINGS[kind]) and not (kind == "file" and _is_table(content)):
            raise CodeError(-201, "File type is not allowed")
        if len(content) > LARGEST[kind]:
            raise CodeError(-210, "File is too large")
        self._counted[month] = self._counted.get(month, 0) + 1
        name = f"{kind}-{next(self._numbers)}"
        (self.files if kind == "file" else self.images)[name] = content
        self._at[name] = self.clock.now()
        return name

    def check(self, name: str) -> None:
        """Raise where an upload is forgotten, or was never there.

        Raises:
            CodeError: -100.
        """
        if name not in {**self.images, **self.files} or self.clock.now() - self._at[name] > KEPT:
            raise CodeError(-100)


def _is_table(content: bytes) -> bool:
    """Tell whether it may be CSV: any text."""
    try:
        return b"\0" not in content and content.decode().strip() != ""
    except UnicodeDecodeError:
        return False
