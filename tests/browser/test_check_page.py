"""The check page on a cheap phone, without any script: whoever got a bulletin types its code and compares the words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from .check_site import CheckSite, served_check_site

WIDTHS = {"phone": 360, "desktop": 1280}
TOO_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
SMALLEST_TEXT = """() => Math.min(...[...document.querySelectorAll("body *")]
  .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
  .map((node) => parseFloat(getComputedStyle(node).fontSize)))"""
ROOM_ABOVE_THE_HEADING = """() => document.querySelector("main").firstElementChild.getBoundingClientRect().top
  - document.querySelector(".masthead").getBoundingClientRect().bottom"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckSite]:
    """Give the product with bulletins, served."""
    with served_check_site(tmp_path_factory.mktemp("check-site")) as served:
        yield served


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """Give a page on a device that runs no script."""
    viewport = {"width": WIDTHS[request.param], "height": 740}
    context = browser.new_context(viewport=viewport, locale="vi-VN", java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def measured(browser: Browser) -> Iterator[Page]:
    """Give a page on a phone where the test itself may run scripts, to measure."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    yield context.new_page()
    context.close()


def test_a_code_typed_in_small_letters_and_halves_leads_to_the_approved_words(page: Page, site: CheckSite) -> None:
    code = site.codes["genuine"].lower()
    page.goto(f"{site.url}/kiem-tra")
    page.get_by_label("Mã kiểm tra").fill(f"{code[:3]} {code[3:]}")
    page.get_by_label("Mã kiểm tra").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Mã {code[:3].upper()}-{code[3:].upper()} có thật")
    expect(page.get_by_role("article")).to_contain_text("Mời bà con đến nhà văn hóa lúc 8 giờ sáng thứ Bảy.")
    expect(page.get_by_text("Xã Càng Long, nhóm Telegram: đã đăng")).to_be_visible()
    assert page.url == f"{site.url}/kiem-tra/{code.upper()}"


def test_how_to_compare_signatures_opens_without_a_script(page: Page, site: CheckSite) -> None:
    page.goto(f"{site.url}/kiem-tra/{site.codes['genuine']}")
    page.get_by_text("Dành cho người muốn đối chiếu chữ ký").click()
    expect(page.get_by_text("SHA-256 của nội dung đã ký")).to_be_visible()


def test_a_false_code_warns_and_offers_the_form_again(page: Page, site: CheckSite) -> None:
    page.goto(f"{site.url}/kiem-tra")
    page.get_by_label("Mã kiểm tra").fill("cdf234")
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Không có bản tin nào mang mã CDF-234")
    expect(page.get_by_role("listitem").nth(1)).to_contain_text("có thể là giả")
    expect(page.get_by_label("Mã kiểm tra")).to_be_visible()


def test_every_page_fits_a_phone_and_is_large_enough_to_read_and_press(measured: Page, site: CheckSite) -> None:
    failures: list[str] = []
    measured.on("console", lambda message: failures.append(message.text) if "404" not in message.text else None)
    for path in ("", "?ma=", *(f"/{code}" for code in (*site.codes.values(), "CDF234"))):
        measured.goto(f"{site.url}/kiem-tra{path}")
        if measured.locator("details").count():
            measured.locator("summary").click()
        assert not measured.evaluate(TOO_WIDE), path
        assert measured.evaluate(SMALLEST_TEXT) >= 16, path
        assert measured.evaluate(ROOM_ABOVE_THE_HEADING) >= 8, path
        for control in (*measured.get_by_role("button").all(), *measured.get_by_role("textbox").all()):
            box = control.bounding_box()
            assert box is not None
            assert box["height"] >= 44, path
    assert failures == []
