import pytest

from bot.core.guides import load_guides
from bot.core.guides.walk import Walk
from bot.core.rendering import Renderer
from bot.settings import ROOT


@pytest.fixture(scope="session")
def content_directory():
    return ROOT / "bot" / "content"


@pytest.fixture(scope="session")
def guides(content_directory):
    return load_guides(content_directory)


@pytest.fixture(scope="session")
def walk(guides):
    return Walk(guides)


@pytest.fixture(scope="session")
def renderer():
    return Renderer(ROOT / "templates")


@pytest.fixture(scope="session")
def said(renderer):
    """Give the text of a reply as it arrives after its way through JSON."""
    return lambda reply: renderer.render(reply.template, channel="web", facts=reply.to_json()["facts"])
