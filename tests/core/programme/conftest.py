from datetime import date
from pathlib import Path

import pytest

from bot.core.programme import load_programme
from bot.core.programme.answers import Answers
from bot.core.rendering import Renderer

ROOT = Path(__file__).parents[3]

OPEN_DAY = date(2025, 6, 1)
UNSETTLED_DAY = date(2026, 11, 20)


@pytest.fixture(scope="session")
def content_directory():
    return ROOT / "bot" / "content"


@pytest.fixture(scope="session")
def programme(content_directory):
    return load_programme(content_directory)


@pytest.fixture(scope="session")
def answers(programme):
    return Answers(programme)


@pytest.fixture(scope="session")
def renderer():
    return Renderer(ROOT / "templates")


@pytest.fixture
def said(renderer):
    """Give the text of a reply as it arrives after its way through JSON."""
    return lambda reply: renderer.render(reply.template, channel="web", facts=reply.to_json()["facts"])
