"""Replies about the programme on a cheap phone: what is said fits the screen without scrolling."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path

from bot.cli.handoff_texts import handoff_replies
from bot.core.programme import load_programme
from bot.core.programme.cases import Case, FoundedAgo, Period
from bot.core.programme.records import PRODUCTS
from bot.core.programme.verdicts import verdict_reply
from bot.core.rendering import Renderer
from bot.settings import ROOT
from tests.browser.chat_page import ChatPage
from tests.core.programme.golden import DAYS, replies

CASES = (
    *(Case(product="id.vn", age=age) for age in (15, 20, 23, 40)),
    Case(product="id.vn", subject="foreigner", age=20),
    *(Case(product="biz.vn", founding=FoundedAgo(months=months)) for months in (3, 12, 40)),
    Case(product="biz.vn", founding=Period(date(2025, 2, 1), date(2025, 2, 1))),
    Case(product="biz.vn", founding=Period(date(2026, 3, 1), date(2026, 3, 1))),
    *(Case(product="id.vn", born=Period(day, day)) for day in (date(2008, 12, 1), date(2002, 12, 1))),
    Case(product="biz.vn", founding=FoundedAgo(months=12), unknown=frozenset({"founding_day"})),
    *(
        Case(product=name, subject="household_business", certificate=held)
        for name in PRODUCTS
        for held in (True, False)
    ),
    Case(product="biz.vn", subject="household_business", unknown=frozenset({"certificate"})),
    Case(product="biz.vn", subject="organisation"),
)

HEIGHT_OF_SCREEN = """() => {
  const kept = [...document.querySelectorAll(".masthead, .composer")]
    .filter((node) => getComputedStyle(node).position === "sticky");
  return innerHeight - kept.reduce((height, node) => height + node.getBoundingClientRect().height, 0);
}"""
"""What is left for the conversation beside the bars that stay on the screen."""
HEIGHTS_OF_TEXTS = """(node, texts) => texts.map((text) => {
  const lines = text.split("\\n").map((line) => Object.assign(document.createElement("p"), { textContent: line }));
  node.replaceChildren(...lines);
  return node.getBoundingClientRect().height;
})"""
"""Puts each text where the page puts replies, in its paragraphs, and measures it."""


def test_every_reply_fits_a_phone_s_screen(chat: ChatPage) -> None:
    programme = load_programme(Path(ROOT / "bot" / "content"))
    renderer = Renderer(ROOT / "templates")
    texts: dict[str, object] = {
        renderer.render(template, channel="web", facts=facts): template
        for template, samples in renderer.samples().items()
        for facts in samples
    }
    texts |= {
        renderer.render(reply.template, channel="web", facts=reply.to_json()["facts"]): (title, day)
        for title, day, reply in replies(programme)
    }
    texts |= {
        renderer.render(reply.template, channel="web", facts=reply.to_json()["facts"]): (case, day)
        for case, day in product(CASES, DAYS)
        for reply in [verdict_reply(programme, case, day, corrected=True)]
    }
    texts |= {
        renderer.render(reply.template, channel="web", facts=reply.to_json()["facts"]): (reply.template, day)
        for day in DAYS
        for reply in handoff_replies(programme, day)
    }
    chat.ask("gia bao nhieu")
    room = chat.page.evaluate(HEIGHT_OF_SCREEN)
    bubble = chat.replies.last.locator(".text").first
    heights = bubble.evaluate(HEIGHTS_OF_TEXTS, list(texts))
    assert len(set(heights)) > 10, "nothing was measured"
    too_high = {
        name: f"{height:.0f} of {room} pixels"
        for name, height in zip(texts.values(), heights, strict=True)
        if height > room
    }
    assert too_high == {}, "\n".join(f"{name}: {height}" for name, height in too_high.items())
