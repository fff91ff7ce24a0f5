"""The golden files: every reply about the Day, as citizens read it, in its midst and long after.

``python -m tests.core.events.golden`` writes them anew; review the diff.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from bot.core.events.answers import Events
from bot.core.events.subjects import subjects
from bot.core.programme import Programme, load_programme
from bot.core.programme.finding import Question
from bot.core.programme.topics import OF_THE_DAY
from bot.core.rendering import Renderer
from bot.core.replies import Reply
from bot.settings import ROOT

DAYS = (date(2024, 10, 8), date(2026, 11, 21))
DIRECTORY = Path(__file__).parent / "golden"


def questions(programme: Programme) -> Iterator[tuple[str, Question]]:
    """Yield everything that can be pressed, and some days that can be asked about, each with a title."""
    for intent in OF_THE_DAY:
        yield intent, Question(intent)
    for subject, _ in subjects(programme):
        yield subject.key, Question("ask_dx_activities", point=subject.key)
    for day in ("--09-15", "--10-09", "--11-20", "2026-10-10"):
        yield f"date {day}", Question("ask_dx_activities", "có gì", date=day)


def replies(programme: Programme) -> Iterator[tuple[str, date, Reply]]:
    """Yield every reply on every day, page by page."""
    events = Events(programme)
    for title, question in questions(programme):
        for day in DAYS:
            page = question
            for number in range(1, 10):
                reply = events.answer(page, on=day)
                assert reply is not None
                yield title if number == 1 else f"{title} · trang {number}", day, reply
                following = [button.press for button in reply.buttons if button.title == "more"]
                if not following:
                    break
                page = Question.of(following[0].intent, dict(following[0].entities))


def files(programme: Programme, renderer: Renderer) -> Mapping[str, str]:
    """Give the golden files' texts by template."""
    told: defaultdict[str, list[str]] = defaultdict(list)
    for title, day, reply in replies(programme):
        told[reply.template].append(f"## {title} · {day:%d/%m/%Y}\n{_shown(reply, renderer)}")
    return {name: "\n".join(entries) for name, entries in told.items()}


def _shown(reply: Reply, renderer: Renderer) -> str:
    text = renderer.render(reply.template, channel="web", facts=reply.to_json()["facts"])
    sources = "; ".join(f"{source.document}, {source.section}" for source in reply.sources)
    buttons = " | ".join(renderer.title(button.title) for button in reply.buttons)
    return f"{text}\n  nguồn: {sources}\n  nút: {buttons}\n"


def main() -> None:
    """Write the files."""
    texts = files(load_programme(ROOT / "bot" / "content"), Renderer(ROOT / "templates"))
    DIRECTORY.mkdir(exist_ok=True)
    for path in DIRECTORY.glob("*.txt"):
        path.unlink()
    for name, text in texts.items():
        (DIRECTORY / f"{name}.txt").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
