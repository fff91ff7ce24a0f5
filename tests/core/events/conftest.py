from datetime import date
from pathlib import Path

import pytest

from bot.core.events.answers import Events
from bot.core.programme import load_programme
from bot.core.programme.finding import Question
from bot.core.rendering import Renderer

ROOT = Path(__file__).parents[3]

BEFORE, DURING, AFTER = date(2024, 9, 20), date(2024, 10, 8), date(2026, 11, 21)
DAYS = (BEFORE, DURING, AFTER)


@pytest.fixture(scope="session")
def programme():
    return load_programme(ROOT / "bot" / "content")


@pytest.fixture(scope="session")
def events(programme):
    return Events(programme)


@pytest.fixture(scope="session")
def renderer():
    return Renderer(ROOT / "templates")


@pytest.fixture(scope="session")
def said(renderer):
    """Give the text of a reply as it arrives after its way through JSON."""
    return lambda reply: renderer.render(reply.template, channel="web", facts=reply.to_json()["facts"])


@pytest.fixture(scope="session")
def ask(events):
    """Ask a question, by default as one about the Day's activities, and give the reply or None."""

    def _ask(text, intent="ask_dx_activities", *, on=DURING, **named):
        return events.answer(Question(intent, text, **named), on=on)

    return _ask


@pytest.fixture(scope="session")
def press(events):
    """Press the button of something that can be told."""

    def _press(key, *, on=DURING, **named):
        return events.answer(Question("ask_dx_activities", point=key, **named), on=on)

    return _press
