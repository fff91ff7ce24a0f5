"""Replies about the programme on a cheap phone: what is said fits the screen without scrolling."""

from __future__ import annotations

from pathlib import Path

from bot.core.programme import load_programme
from bot.core.rendering import Renderer
from bot.settings import ROOT
from tests.browser.chat_page import ChatPage
from tests.core.programme.golden import replies

HEIGHT_OF_SCREEN = """() => {
  const kept = [...document.querySelectorAll(".masthead, .composer")]
    .filter((node) => getComputedStyle(node).position === "sticky");
  return innerHeight - kept.reduce((height, node) => height + node.getBoundingClientRect().height, 0);
}"""
"""What is left for the conversation beside the bars that stay on the screen."""
HEIGHT_OF_TEXT = """(node, text) => {
  const lines = text.split("\\n").map((line) => Object.assign(document.createElement("p"), { textContent: line }));
  node.replaceChildren(...lines);
  return node.getBoundingClientRect().height;
}"""
"""Puts a text where the page puts replies, in its paragraphs, and measures it."""


def test_every_reply_about_the_programme_fits_a_phone_s_screen(chat: ChatPage) -> None:
    programme = load_programme(Path(ROOT / "bot" / "content"))
    renderer = Renderer(ROOT / "templates")
    texts = {
        renderer.render(reply.template, channel="web", facts=reply.to_json()["facts"]): (title, day)
        for title, day, reply in replies(programme)
    }
    chat.ask("gia bao nhieu")
    room = chat.page.evaluate(HEIGHT_OF_SCREEN)
    bubble = chat.replies.last.locator(".text").first
    too_high = {}
    for text, name in texts.items():
        height = bubble.evaluate(HEIGHT_OF_TEXT, text)
        if height > room:
            too_high[name] = f"{height:.0f} of {room} pixels"
    assert too_high == {}, "\n".join(f"{name}: {height}" for name, height in too_high.items())
