"""The types of the admin API's problems are addresses, and there is a page at each."""

from __future__ import annotations

import re
import unicodedata

import pytest

from bot.api.errors import ProblemTexts
from bot.api.problem_pages import ADDRESS
from bot.settings import ROOT
from tests.api.test_admin_api import told_failures

DETAILS = ProblemTexts.load(ROOT / "templates").details


async def test_every_failure_has_its_page_which_says_what_happened_and_what_to_do(product):
    codes = {error.code for error in told_failures()} | {"throttled"}
    assert len(codes) > 40
    async with product.client() as client:
        for code in sorted(codes):
            page = await client.get(f"{ADDRESS}/{code}")
            assert page.status_code == 200, code
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert unicodedata.is_normalized("NFC", page.text)
            what, then = re.findall(r"<h1>(.+)</h1>\s*<h2>Bạn làm gì tiếp\?</h2>\s*<p>(.+)</p>", page.text)[0]
            assert f"{what} {then}" == DETAILS[code]
            assert "{{" not in page.text


async def test_the_address_in_a_problem_leads_to_its_page(product):
    async with product.client() as client:
        problem = (await client.get("/api/v1/staff/me")).json()
        path = problem["type"].removeprefix("http://127.0.0.1:8000")
        assert problem["title"] in (await client.get(path)).text


@pytest.mark.parametrize("code", ["no-such-code", "<script>alert(1)</script>", "vi.yaml", "..%2Fvi.yaml"])
async def test_an_unknown_code_is_a_page_that_leads_on(product, code):
    async with product.client() as client:
        page = await client.get(f"{ADDRESS}/{code}")
    assert page.status_code == 404
    assert "script" not in page.text


async def test_the_list_leads_to_every_page_and_needs_nothing_from_elsewhere(product):
    async with product.client() as client:
        page = await client.get(ADDRESS)
        links = re.findall(r'href="([^"]+)"', page.text)
        assert {f"{ADDRESS}/{code}" for code in DETAILS} <= set(links)
        for link in links:
            assert link.startswith("/")
            assert (await client.get(link)).status_code == 200
    assert "Content-Security-Policy" in page.headers
