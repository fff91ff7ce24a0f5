"""Chromium and the server under test.

`CHAT_URL` names a running product to use in place of the fake; tests that script the fake are then skipped.
`CHROMIUM` names the browser, else the system's ``chromium`` is used; without one the tests are skipped, and fail in CI.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Browser, sync_playwright

from .chat_page import ChatPage
from .fake_chat import FakeChat

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_CHROMIUM = "no Chromium: set CHROMIUM or install it (Debian: apt-get install chromium fonts-noto-core)"

OpenChat: TypeAlias = Callable[..., ChatPage]


# Per module, not per session: while Playwright's synchronous API is open this thread has a running event loop,
# and asynchronous tests elsewhere could not start theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a sandbox because tests may run as root in a container."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if executable is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_CHROMIUM)
        pytest.skip(NO_CHROMIUM)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def fake_chat() -> Iterator[FakeChat]:
    """The scripted server, running."""
    if "CHAT_URL" in os.environ:
        pytest.skip("scripts the fake; CHAT_URL names a real server")
    with FakeChat().serve() as fake:
        yield fake


@pytest.fixture
def chat_url(request: pytest.FixtureRequest) -> str:
    """Where the page under test is served, without a slash at the end."""
    if "CHAT_URL" in os.environ:
        return os.environ["CHAT_URL"].rstrip("/")
    fake: FakeChat = request.getfixturevalue("fake_chat")
    return fake.url


@pytest.fixture
def open_chat(browser: Browser, chat_url: str) -> Iterator[OpenChat]:
    """Open the page on a fresh device: ``open_chat(width=360, height=740, **context_options)``."""
    contexts = []

    def open_page(width: int = 360, height: int = 740, **options: Any) -> ChatPage:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN", **options)
        contexts.append(context)
        return ChatPage(context.new_page(), chat_url).open()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def chat(open_chat: OpenChat) -> ChatPage:
    """The page on a phone 360 pixels wide."""
    return open_chat()
