"""The showcase: short conversations with the running product, as Markdown pages that are reviewed like code.

Nothing that differs from run to run stands on a page, so a changed page is a changed answer.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import yaml

from bot.core.clock import SystemClock, on_local_clocks
from bot.core.rendering import local_date
from bot.settings import ROOT
from tests.fixtures.server import Server, Talk

HERE = Path(__file__).parent
DIRECTORY = ROOT / "docs" / "showcase"
INDEX = "README.md"

_MARKDOWN = re.compile(r"([\\`*_<>\[\]#~|])")
_LIST_ITEM = re.compile(r"^(\d+(?=[.)] )|(?=[-+] ))")


@dataclass(frozen=True)
class Conversation:
    """A conversation of ``conversations.yml``: who talks, on which day, and the turns."""

    page: str
    name: str
    about: str
    today: date
    turns: Sequence[Mapping[str, str]]


def read_conversations() -> list[Conversation]:
    """Read what the showcase holds, in its order."""
    return [Conversation(**entry) for entry in yaml.safe_load((HERE / "conversations.yml").read_text("utf-8"))]


def hold(conversation: Conversation, server: Server) -> str:
    """Hold a conversation with the product running on its day; return its page."""
    turns = []
    with server.client() as client:
        talk = Talk(client, f"showcase-{uuid.uuid4().hex}")
        for turn in conversation.turns:
            said, pressed = turn.get("say"), turn.get("press")
            replies = talk.press(pressed) if pressed is not None else talk.say(said or "")
            shown = [_shown(reply, conversation.today) for reply in replies]
            turns.append({"said": said, "pressed": pressed, "replies": shown})
    return _write("page.md.j2", conversation=conversation, turns=turns)


def index(conversations: Sequence[Conversation]) -> str:
    """Return the page that leads to all others."""
    return _write("index.md.j2", conversations=conversations)


def _shown(reply: dict[str, Any], today: date) -> dict[str, Any]:
    # When something was stored is told by the real clock, which the day of a story does not set.
    really = on_local_clocks(SystemClock().now()).date()
    return {
        "text": reply["text"].replace(local_date(really), local_date(today)),
        "buttons": [button["title"] for button in reply["buttons"]],
        "sources": [(source["document"], source["section"]) for source in reply["sources"]],
    }


def _write(template: str, **facts: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown, escaped by the filters
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "ngay": local_date, "plain": _plain, "lines": _lines, "button": _button, "sources": _sources,
    }  # fmt: skip
    return environment.get_template(template).render(facts).strip() + "\n"


def _plain(text: str) -> str:
    """Escape what Markdown would read as marks."""
    return _LIST_ITEM.sub(r"\1\\", _MARKDOWN.sub(r"\\\1", text))


def _lines(text: str) -> str:
    """Write a text inside a quotation, its lines and paragraphs kept apart."""
    paragraphs = ("\\\n> ".join(_plain(line) for line in each.split("\n")) for each in re.split(r"\n{2,}", text))
    return "\n>\n> ".join(paragraphs)


def _button(title: str) -> str:
    return f"`{title}`"


def _sources(sources: Sequence[tuple[str, str]]) -> str:
    """Name each document once, with its sections."""
    sections: dict[str, list[str]] = {}
    for document, section in sources:
        sections.setdefault(document, []).append(section)
    return " · ".join(f"{_plain(document)}: {_plain(', '.join(each))}" for document, each in sections.items())
