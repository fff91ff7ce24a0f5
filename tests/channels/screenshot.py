"""A picture of the page while somebody talks with the product on both channels; run by hand.

With ``hiendien dev fake-channels --with-product`` running:
``.venv/bin/python -m tests.channels.screenshot [URL] [FILE]``
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM_FLAGS

SAID = {
    "telegram_person": "gia bao nhieu vay",
    "telegram_group": "/giup",
    "zalo_person": "gia bao nhieu vay",
    "zalo_group": "tro ly oi, id.vn gia bao nhieu",
}
SECONDS = 15


def talk(url: str) -> None:
    """Say something in each conversation, and wait for what is answered."""
    for chat, text in SAID.items():
        httpx.post(f"{url}/control/says", json={"chat": chat, "text": text}, trust_env=False).raise_for_status()
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        chats = httpx.get(f"{url}/control/state", trust_env=False).json()["chats"]
        if all(any(not line["who"] for line in chat["lines"]) for chat in chats.values()):
            return
        time.sleep(0.3)


def main() -> None:
    """Take the picture."""
    url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8010"
    file = Path(sys.argv[2] if len(sys.argv) > 2 else "docs/images/fake-channels.png")
    talk(url)
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1500, "height": 1300}, locale="vi-VN")
        page.goto(url)
        page.get_by_text("Telegram: đang được hỏi").wait_for()
        page.screenshot(path=file)
        browser.close()


if __name__ == "__main__":
    main()
