"""The page of ``hiendien dev fake-channels``: a developer talks on both channels, presses, and lets things go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from bot.core.clock import SystemClock
from tests.channels.control import serve_control
from tests.channels.room import Room
from tests.zalo.fake_zalo import APP_ID, APP_SECRET

HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
NOBODY = "http://127.0.0.1:9/webhooks/zalo"
TOO_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Product:
    """The product's side, as far as these tests need one."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.access = ""

    def says_on_telegram(self, text: str, **fields: str) -> int:
        chat_id = self.room.telegram_people["Lan"].user_id
        url = f"{self.room.telegram.base_url}{self.room.telegram.token}/sendMessage"
        return httpx.post(url, data={"chat_id": str(chat_id), "text": text, **fields}, trust_env=False).status_code

    def says_on_zalo(self, text: str, *buttons: dict[str, object]) -> int:
        if not self.access:
            fields = {"app_id": APP_ID, "grant_type": "refresh_token", "refresh_token": self.room.zalo.tokens.refresh}
            url, headers = f"{self.room.zalo.oauth_url}/v4/oa/access_token", {"secret_key": APP_SECRET}
            self.access = httpx.post(url, headers=headers, data=fields, trust_env=False).json()["access_token"]
        message: dict[str, object] = {"text": text}
        if buttons:
            message["attachment"] = {"type": "template", "payload": {"buttons": list(buttons)}}
        body = {"recipient": {"user_id": self.room.zalo_people["Lan"].user_id}, "message": message}
        url, headers = f"{self.room.zalo.url}/v3.0/oa/message/cs", {"access_token": self.access}
        return int(httpx.post(url, headers=headers, json=body, trust_env=False).json()["error"])


@pytest.fixture
def room() -> Iterator[Room]:
    with Room(SystemClock()).serve() as room:
        yield room


@pytest.fixture
def product(room: Room) -> Product:
    return Product(room)


@pytest.fixture
def failures() -> list[str]:
    return []


@pytest.fixture
def page(browser: Browser, room: Room, failures: list[str]) -> Iterator[Page]:
    """Give the page on a phone 360 pixels wide."""
    with serve_control(room, NOBODY) as address:
        context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
        page = context.new_page()
        page.on("console", lambda message: failures.append(message.text) if "400" not in message.text else None)
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(address)
        expect(page.get_by_role("article")).to_have_count(4)
        yield page
        context.close()
    assert failures == []


def phone(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def say(page: Page, name: str, text: str) -> None:
    box = phone(page, name).get_by_role("textbox", name="Nhập tin")
    box.fill(text)
    box.press("Enter")
    expect(box).to_have_value("")


def test_a_conversation_on_telegram_with_its_buttons(page: Page, product: Product) -> None:
    say(page, "Telegram: Lan", "phí bao nhiêu")
    keyboard = '{"inline_keyboard": [[{"text": "Còn hạn?", "callback_data": "a1"}], [{"text": "Xem", "url": "https://vnnic.vn"}]]}'
    assert product.says_on_telegram("<b>50.000 đồng</b>", parse_mode="HTML", reply_markup=keyboard) == 200
    log = phone(page, "Telegram: Lan").get_by_role("log")
    expect(log.get_by_text("50.000 đồng", exact=True)).to_be_visible()
    expect(log.get_by_role("link", name="Xem")).to_have_attribute("href", "https://vnnic.vn")
    log.get_by_role("button", name="Còn hạn?").click()
    expect(log.get_by_text("[Còn hạn?]")).to_be_visible()
    assert [list(update) for update in product.room.telegram.updates.waiting] == [
        ["update_id", "message"],
        ["update_id", "callback_query"],
    ]


def test_a_conversation_on_zalo_with_its_buttons(page: Page, product: Product) -> None:
    phone(page, "Zalo: Lan").get_by_text("Gửi thứ khác").click()
    phone(page, "Zalo: Lan").get_by_role("button", name="Ảnh").click()
    expect(phone(page, "Zalo: Lan").get_by_text("[photo]")).to_be_visible()
    assert product.says_on_zalo("Chọn:", {"title": "1. Phí", "type": "oa.query.hide", "payload": "#vn:a1"}) == 0
    phone(page, "Zalo: Lan").get_by_role("button", name="1. Phí").click()
    expect(phone(page, "Zalo: Lan").get_by_text("[1. Phí]")).to_be_visible()
    assert product.room.last_event is not None
    assert product.room.last_event["message"]["text"] == "#vn:a1"


def test_two_people_write_in_a_group(page: Page, room: Room) -> None:
    group = "Zalo: Tổ dân phố Đông (thử nghiệm)"
    phone(page, group).get_by_role("combobox").select_option("Minh")
    say(page, group, "chào cả nhà")
    expect(phone(page, group).get_by_role("log").get_by_text("Minh")).to_be_visible()
    assert room.last_event is not None
    assert room.last_event["sender"] == {"id": room.zalo_people["Minh"].user_id}


def test_what_anybody_writes_is_only_text(page: Page, product: Product) -> None:
    title = page.title()
    for name in ("Telegram: Lan", "Zalo: Lan"):
        say(page, name, HOSTILE)
    assert product.says_on_telegram(HOSTILE) == 200
    keyboard = '{"inline_keyboard": [[{"text": "<b>x</b>", "url": "tg://x"}]]}'
    assert product.says_on_telegram("x", reply_markup=keyboard) == 200
    bad = {"title": "<i>x</i>", "type": "oa.open.url", "payload": {"url": "javascript:document.title=3"}}
    assert product.says_on_zalo(HOSTILE, bad) == 0
    expect(phone(page, "Telegram: Lan").get_by_text(HOSTILE)).to_have_count(2)
    expect(phone(page, "Zalo: Lan").get_by_text(HOSTILE)).to_have_count(2)
    expect(page.get_by_text("javascript:document.title=3")).not_to_have_count(0)
    assert page.locator("article img, article script, article b, article i, article a").count() == 0
    assert page.title() == title


def test_faults_are_let_happen_and_calls_unfolded(page: Page, product: Product) -> None:
    say(page, "Telegram: Lan", "/start")
    page.get_by_label("Số lần").fill("2")
    page.get_by_role("button", name="Quá tải 429 (chờ 5 giây)").click()
    expect(page.get_by_text("Đang chờ: 2.")).to_be_visible()
    assert product.says_on_telegram("x") == 429
    page.get_by_role("button", name="Bỏ các sự cố đang chờ").click()
    expect(page.locator("#waiting")).to_have_text("")
    call = page.get_by_text("sendMessage 429")
    call.click()
    expect(page.locator("#call-list details[open] pre")).to_contain_text("retry after 5")
    blocked = page.get_by_role("button", name="Lan chặn bot")
    expect(blocked).to_have_attribute("aria-pressed", "false")
    blocked.click()
    expect(blocked).to_have_attribute("aria-pressed", "true")
    box = phone(page, "Telegram: Lan").get_by_role("textbox", name="Nhập tin")
    box.fill("chào")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("bị chặn")
    expect(box).to_have_value("chào")


def test_any_code_of_zalos_is_had(page: Page, product: Product) -> None:
    say(page, "Zalo: Lan", "chào")
    page.get_by_label("Mã lỗi Zalo").select_option("-218")
    page.get_by_role("button", name="Dùng mã này").click()
    expect(page.get_by_text("Đang chờ: 1.")).to_be_visible()
    assert [product.says_on_zalo("x") for _ in range(2)] == [-218, 0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_about(page: Page, product: Product, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    say(page, "Telegram: Lan", "/start")
    assert (
        product.says_on_telegram("x", reply_markup='{"inline_keyboard": [[{"text": "y", "callback_data": "a"}]]}')
        == 200
    )
    expect(page.get_by_role("button", name="y", exact=True)).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_it_fits_a_phone(page: Page) -> None:
    assert not page.evaluate(TOO_WIDE)
    page.set_viewport_size({"width": 320, "height": 640})
    assert not page.evaluate(TOO_WIDE)
