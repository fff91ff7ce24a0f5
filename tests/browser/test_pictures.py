"""The pictures of a guide on the chat page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from bot.core.guides.pictures import Pictures
from tests.browser.chat_page import ChatPage
from tests.browser.fake_chat import FakeChat, reply
from tests.fixtures.product import shipped_guides

ALT = "Hình vẽ cửa sổ “User PIN Verification”; khoanh đỏ chỗ bấm: “OK”."
STEP = reply("Bước 4/4 (MyCukai)\nNhập PIN rồi bấm “OK”.", ("Xong", "guide_next"), topic="guide.sign-token.4")


def pictured(url: str) -> dict[str, object]:
    return {**STEP, "picture": {"url": url, "alt": ALT}}


def give_picture(route: Route) -> None:
    drawn = Pictures(shipped_guides()).find("sign-token/4")
    assert drawn is not None
    route.fulfill(body=drawn.png, content_type="image/png")


def test_a_step_s_picture_stands_below_its_words_and_fits_the_phone(chat: ChatPage, fake_chat: FakeChat) -> None:
    fake_chat.script["guide"] = [pictured("/guides/pictures/sign-token/4.png")]
    chat.page.route("**/guides/pictures/**", give_picture)
    chat.page.set_viewport_size({"width": 320, "height": 640})
    chat.say("guide")
    picture = chat.page.get_by_role("img", name=ALT)
    expect(picture).to_be_visible()
    chat.page.wait_for_function("document.querySelector('#log .picture').naturalWidth > 0")
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] <= 320
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("url", ["https://elsewhere.example/1.png", "//elsewhere.example/1.png", "javascript:alert(1)"])
def test_a_picture_from_elsewhere_is_not_loaded(chat: ChatPage, fake_chat: FakeChat, url: str) -> None:
    fake_chat.script["guide"] = [pictured(url)]
    chat.say("guide")
    expect(chat.page.get_by_role("button", name="Xong")).to_be_visible()
    expect(chat.page.locator("#log .picture")).to_have_count(0)
    assert not any("elsewhere" in address for address in chat.requested)
