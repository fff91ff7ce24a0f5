"""Pictures of the chat page as a citizen sees it, from a running product; run by hand.

``.venv/bin/python -m tests.browser.screenshots [URL] [DIRECTORY]``
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM_FLAGS

WIDTHS = {"phone": (360, 740), "desktop": (1280, 900)}


def talk(page: Page) -> None:
    """Ask for the price without diacritics, then have an age checked by buttons alone."""
    _say(page, "gia bao nhieu vay")
    for title in ("Tôi có được ưu đãi?", "id.vn: cho cá nhân", "18 đến 22 tuổi"):
        _settle(page)
        page.get_by_role("button", name=title).last.click()
    _settle(page)


def _say(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.get_by_role("textbox").press("Enter")
    _settle(page)


def _settle(page: Page) -> None:
    page.wait_for_timeout(300)  # the typing sign has to come before it can go
    page.get_by_text("Trợ lý đang trả lời…").wait_for(state="hidden")


def main() -> None:
    """Take the pictures."""
    url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    directory = Path(sys.argv[2] if len(sys.argv) > 2 else "docs/images")
    directory.mkdir(parents=True, exist_ok=True)
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        for name, (width, height) in WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": height}, locale="vi-VN")
            page.goto(f"{url}/chat")
            page.screenshot(path=directory / f"chat-{name}-welcome.png")
            talk(page)
            page.screenshot(path=directory / f"chat-{name}-verdict.png")
        browser.close()


if __name__ == "__main__":
    main()
