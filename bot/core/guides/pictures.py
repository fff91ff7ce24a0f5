"""The pictures of the guides' steps by name, each drawn once in a process when it is first asked for."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass

from bot.core.guides.drawings import draw, png
from bot.core.guides.records import Guides


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as PNG and as SVG; `tag` changes with what is drawn."""

    png: bytes
    svg: bytes
    tag: str


class Pictures:
    """Draws the pictures of one content; may be asked from several threads."""

    def __init__(self, guides: Guides) -> None:
        self._guides = guides
        self._drawn: dict[str, Drawn] = {}
        self._lock = threading.Lock()

    def find(self, name: str) -> Drawn | None:
        """Return the picture of a name such as ``sign-token/4``; None where there is none.

        The first time takes some tens of milliseconds: from an event loop, ask in a thread.
        """
        with self._lock:
            drawn = self._drawn.get(name)
            if drawn is None and (drawn := self._draw(name)) is not None:
                self._drawn[name] = drawn
        return drawn

    def _draw(self, name: str) -> Drawn | None:
        guide_id, _, number = name.partition("/")
        guide = self._guides.guide(guide_id)
        step = guide.step(int(number)) if guide is not None and number.isdecimal() else None
        if guide is None or step is None or not step.has_picture or str(step.n) != number:
            return None
        svg = draw(step.screen, guide.platform)
        return Drawn(png(svg), svg.encode(), hashlib.sha256(svg.encode()).hexdigest()[:20])
