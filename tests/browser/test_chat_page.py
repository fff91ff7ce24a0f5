"""What holds for the chat page before any server that keeps the contract, the fake or the real one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, expect

from .chat_page import ChatPage
from .conftest import OpenChat

QUESTION = "gia bao nhieu vay"
SIZES = [(360, 740), (1280, 800)]


def test_sent_message_and_its_answer_are_shown_in_order(chat: ChatPage) -> None:
    chat.ask(QUESTION)

    expect(chat.own).to_have_count(1)
    assert QUESTION in chat.transcript()[0]
    assert len(chat.transcript()) > 1
    expect(chat.box).to_have_value("")


def test_page_says_that_it_is_a_machine_and_who_runs_it(chat: ChatPage) -> None:
    expect(chat.page.locator(".disclosure")).to_contain_text("Trợ lý tự động (AI)")
    expect(chat.page.locator(".operator")).not_to_be_empty()
    expect(chat.page.locator("#warning")).to_contain_text("OTP")


def test_suggestion_is_sent_as_a_message_and_suggestions_leave(chat: ChatPage) -> None:
    suggestions = chat.page.get_by_role("list", name="Câu hỏi gợi ý").get_by_role("button")
    title = suggestions.nth(1).inner_text()

    suggestions.nth(1).click()
    chat.wait_for_answer(0)

    expect(chat.own).to_contain_text([title])
    expect(suggestions.first).to_be_hidden()


def test_pressed_button_is_answered_and_older_buttons_stay_readable_but_dead(chat: ChatPage) -> None:
    chat.ask(QUESTION)
    title = chat.choices.first.inner_text()
    answered = chat.replies.count()

    chat.choices.first.click()
    chat.wait_for_answer(answered)

    expect(chat.own.last).to_contain_text(title)
    old = chat.replies.nth(answered - 1).locator(".choices button")
    assert old.count() > 0
    for button in old.all():
        expect(button).to_be_visible()
        expect(button).to_be_disabled()


def test_sources_are_folded_under_the_answer(chat: ChatPage) -> None:
    chat.ask(QUESTION)
    first_source = chat.page.locator(".sources li").first

    expect(first_source).to_be_hidden()
    chat.page.locator(".sources summary").first.click()

    expect(first_source).to_be_visible()


def test_conversation_survives_a_reload_and_goes_on(chat: ChatPage) -> None:
    chat.ask(QUESTION)
    before = chat.transcript()

    chat.reload()

    expect(chat.page.locator("#log .message")).to_have_count(len(before))
    assert chat.transcript() == before
    chat.ask(QUESTION)
    assert chat.transcript()[: len(before)] == before


def test_answers_come_back_in_a_new_tab(chat: ChatPage) -> None:
    chat.ask(QUESTION)
    answers = chat.replies.locator(".text").all_inner_texts()

    other = ChatPage(chat.page.context.new_page(), chat.base_url).open()

    expect(other.replies).to_have_count(len(answers))
    assert other.replies.locator(".text").all_inner_texts() == answers


def test_new_conversation_asks_first_and_then_forgets(chat: ChatPage) -> None:
    chat.ask(QUESTION)
    renew = chat.page.get_by_role("button", name="Cuộc trò chuyện mới")

    renew.click()
    chat.page.get_by_role("button", name="Giữ lại").click()
    expect(chat.own).to_have_count(1)
    expect(renew).to_be_focused()

    renew.click()
    chat.page.get_by_role("button", name="Mở cuộc mới").click()
    expect(chat.own).to_have_count(0)
    chat.reload()
    expect(chat.page.locator("#log .message")).to_have_count(0)
    chat.ask(QUESTION)


def test_whole_conversation_works_by_keyboard_alone(chat: ChatPage) -> None:
    press = chat.page.keyboard.press
    press("Tab")
    press("Enter")
    expect(chat.box).to_be_focused()
    chat.page.keyboard.type(QUESTION)
    press("Shift+Enter")
    chat.page.keyboard.type("em oi")
    press("Enter")
    chat.wait_for_answer(0)
    expect(chat.own).to_have_count(1)
    expect(chat.own).to_contain_text(f"{QUESTION}\nem oi", use_inner_text=True)
    answered = chat.replies.count()

    # Backwards from the box: the answer's buttons first, then its sources.
    press("Shift+Tab")
    expect(chat.choices.last).to_be_focused()
    press("Enter")
    expect(chat.own.last).to_be_focused()
    chat.wait_for_answer(answered)

    # Forwards from the own message comes what answered it, or the box again; the dead buttons are passed over.
    press("Tab")
    expect(chat.page.locator(".own ~ .own ~ .reply :focus, #message:focus")).to_have_count(1)


def test_focus_is_always_visible(chat: ChatPage) -> None:
    chat.ask(QUESTION)
    chat.reload()
    outlines = []
    for _ in range(7):
        chat.page.keyboard.press("Tab")
        outlines.append(chat.page.evaluate("getComputedStyle(document.activeElement).outline"))
    assert [outline for outline in outlines if "solid 3px" not in outline] == []


def test_enter_during_composition_does_not_send(chat: ChatPage) -> None:
    keyboard: CDPSession = chat.page.context.new_cdp_session(chat.page)
    chat.box.focus()
    keyboard.send("Input.imeSetComposition", {"text": "tiếng", "selectionStart": 5, "selectionEnd": 5})
    chat.page.keyboard.press("Enter")
    expect(chat.own).to_have_count(0)

    keyboard.send("Input.insertText", {"text": "tiếng"})
    chat.page.keyboard.press("Enter")
    expect(chat.own).to_have_count(1)


def test_message_over_the_limit_stays_in_the_box_and_the_counter_tells(chat: ChatPage) -> None:
    counter = chat.page.locator("#counter")
    chat.box.fill("ă" * 1799)
    expect(counter).to_be_hidden()
    chat.box.fill("ă" * 1990)
    expect(counter).to_have_text("Còn 10 ký tự")
    chat.say("ă" * 2003)

    expect(counter).to_have_text("Thừa 3 ký tự")
    expect(chat.page.locator("#notice")).to_contain_text("2.000 ký tự")
    expect(chat.own).to_have_count(0)
    chat.box.fill("ă" * 2000)
    expect(chat.page.locator("#notice .notice")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_axe_finds_nothing_to_complain_about(open_chat: OpenChat, width: int, height: int, scheme: str) -> None:
    chat = open_chat(width, height, color_scheme=scheme, reduced_motion="reduce")
    everything: dict[str, object] = {"resultTypes": ["violations"]}
    greeting = Axe().run(chat.page, options=everything)
    chat.ask(QUESTION)
    chat.choices.first.click()
    chat.wait_for_answer(2)
    chat.page.locator(".sources summary").first.click()
    talking = Axe().run(chat.page, options=everything)
    chat.page.get_by_role("button", name="Cuộc trò chuyện mới").click()
    asking = Axe().run(chat.page, options=everything)

    for found in (greeting, talking, asking):
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("width", "height"), [(320, 568), (640, 360), (320, 256)])
def test_nothing_has_to_be_scrolled_sideways(open_chat: OpenChat, width: int, height: int) -> None:
    """At 320 pixels, and as with 200 % and 400 % zoom on a desktop screen."""
    chat = open_chat(width, height)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert chat.page.evaluate(overflow) == 0
    chat.ask("https://" + "dai" * 100)
    chat.page.locator(".sources summary").first.click()
    assert chat.page.evaluate(overflow) == 0
    chat.page.get_by_role("button", name="Cuộc trò chuyện mới").click()
    assert chat.page.evaluate(overflow) == 0


def test_every_control_is_large_enough_to_touch_and_every_text_to_read(chat: ChatPage) -> None:
    chat.ask(QUESTION)
    sizes = chat.page.evaluate(
        """() => [...document.querySelectorAll('button, summary, textarea')]
            .filter((node) => node.offsetParent)
            .map((node) => [node.outerHTML, node.getBoundingClientRect()])
            .map(([html, box]) => ({ html, width: box.width, height: box.height }))"""
    )
    assert len(sizes) > 3
    assert [size for size in sizes if min(size["width"], size["height"]) < 44] == []
    fonts = chat.page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter((node) => node.offsetParent && [...node.childNodes].some((child) => child.nodeValue?.trim()))
            .map((node) => parseFloat(getComputedStyle(node).fontSize))"""
    )
    assert min(fonts) >= 17


def test_no_request_leaves_the_origin_and_nothing_breaks_the_policy(chat: ChatPage) -> None:
    chat.ask(QUESTION)
    chat.reload()

    origin = urlsplit(chat.base_url).netloc
    assert [url for url in chat.requested if not url.startswith("data:") and urlsplit(url).netloc != origin] == []
    assert chat.complaints == []


def test_token_is_out_of_the_pages_reach(chat: ChatPage) -> None:
    chat.ask(QUESTION)
    assert chat.page.evaluate("document.cookie") == ""
    kept: str = chat.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "token" not in kept
    assert QUESTION not in chat.page.evaluate("JSON.stringify({...localStorage})")
    assert re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-4", kept)


def test_page_without_script_says_what_to_do(browser: Browser, chat_url: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{chat_url}/chat")
    expect(page.locator("noscript p")).to_contain_text("bật JavaScript")
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.get_by_label("Câu hỏi của bạn")).to_be_disabled()
    context.close()


def test_page_is_read_out_as_vietnamese_with_a_polite_log(chat: ChatPage) -> None:
    expect(chat.page.locator("html")).to_have_attribute("lang", "vi")
    expect(chat.page.get_by_role("log", name="Cuộc trò chuyện")).to_have_attribute("aria-live", "polite")
    for landmark in ("banner", "main", "form"):
        expect(chat.page.get_by_role(landmark)).to_have_count(1)
