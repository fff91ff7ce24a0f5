"""Holds the conversations of the showcase and writes ``docs/showcase``; run by ``make showcase``."""

from __future__ import annotations

import sys
import tempfile
from itertools import groupby
from pathlib import Path

from tests.fixtures.server import Server
from tests.showcase.pages import DIRECTORY, INDEX, Conversation, hold, index, read_conversations


def pages(conversations: list[Conversation]) -> dict[str, str]:
    """Hold every conversation, the product started once for each day."""
    written = {INDEX: index(conversations)}
    by_day = sorted(conversations, key=lambda conversation: conversation.today)
    with tempfile.TemporaryDirectory() as directory:
        for today, held in groupby(by_day, key=lambda conversation: conversation.today):
            print(f"{today} …", file=sys.stderr, flush=True)
            server = Server(Path(directory) / str(today), settings={"TODAY": str(today)})
            server.start()
            try:
                server.wait_until_ready()
                written |= {f"{conversation.page}.md": hold(conversation, server) for conversation in held}
            finally:
                server.stop()
    return written


def main() -> None:
    """Write the pages; those of conversations that are no more go."""
    written = pages(read_conversations())
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for path in DIRECTORY.glob("*.md"):
        if path.name not in written:
            path.unlink()
    for name, text in written.items():
        (DIRECTORY / name).write_text(text, "utf-8")
    print(f"{len(written)} pages in {DIRECTORY}", file=sys.stderr)


if __name__ == "__main__":
    main()
