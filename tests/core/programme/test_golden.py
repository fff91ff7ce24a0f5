"""Every reply about the programme, as citizens read it: against the golden files, and by what holds for all of them."""

import math
import re

import pytest

from bot.core.programme.answers import DATED, DATED_STATEMENTS
from tests.core.programme.conftest import OPEN_DAY
from tests.core.programme.golden import DIRECTORY, files, replies

MOST_LINES, LETTERS_A_LINE = 22, 36
"""What the chat page shows at once on a phone of 360 by 740 pixels; `tests/browser` measures it."""

STANDING = re.compile(
    r"đang mở|đang miễn phí|chưa bắt đầu|đã kết thúc ngày 31/12/2025; hiện chưa rõ|chỉ có một phần|hiện chưa rõ ưu đãi",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def told(programme, renderer):
    """Give every reply: its title, its day, itself and its text."""
    return [
        (title, day, reply, renderer.render(reply.template, channel="web", facts=reply.to_json()["facts"]))
        for title, day, reply in replies(programme)
    ]


def test_replies_read_as_reviewed(programme, renderer):
    expected = {path.stem: path.read_text("utf-8") for path in DIRECTORY.glob("*.txt")}
    assert files(programme, renderer) == expected, "review the change, then: python -m tests.core.programme.golden"


def test_a_reply_fits_a_phone_s_screen(told):
    too_long = {
        f"{title} {day}": lines
        for title, day, _, text in told
        if (lines := sum(math.ceil(len(line) / LETTERS_A_LINE) for line in text.split("\n"))) > MOST_LINES
    }
    assert too_long == {}


def test_what_is_said_to_cost_nothing_comes_with_where_the_offer_stands_and_the_later_cost(told):
    for title, day, _, text in told:
        free = re.search(r"miễn phí|\b0đ", text, re.IGNORECASE)
        if not free:
            continue
        assert STANDING.search(text), (title, day)
        if day == OPEN_DAY:
            assert "Từ năm thứ ba" in text, (title, day)
        else:
            assert "đang miễn phí" not in text, (title, day)


def test_price_period_and_eligibility_begin_with_where_the_offer_stands(told):
    for title, day, reply, text in told:
        # What is corrected may be another name's price, or how long a site stays up.
        if reply.template != "correction" and reply.topic in (
            DATED if reply.template == reply.topic else DATED_STATEMENTS
        ):
            sentences = re.split(r"(?<=[.!?])\s", text)
            assert STANDING.search(" ".join(sentences[:2])), (title, day, text)


def test_old_places_are_told_with_what_they_are_now_once_they_have_changed(told):
    told_of = 0
    for title, day, _, text in told:
        if re.search(r"(?<!Đại học )(?<!Nghề )(?<!Y tế )(?<!Báo )(?<!Truyền hình )(?<!điện tử )Trà Vinh", text):
            told_of += 1
            assert "Vĩnh Long" in text or day == OPEN_DAY, (title, text)
    assert told_of


def test_every_reply_names_its_sources_and_ways_on(programme, told):
    known = {basis.number for basis in programme.legal_bases}
    for title, _, reply, _ in told:
        assert {source.document for source in reply.sources} <= known
        assert len(set(reply.sources)) == len(reply.sources)
        assert reply.sources or reply.template in ("check_bulletin", "check_registration_status", "report_scam"), title
        assert 1 <= len(reply.buttons) <= 5, title


def test_links_stand_in_the_content(programme, told):
    written = programme.model_dump_json()
    for title, _, _, text in told:
        for link in re.findall(r"https?://[^\s)]+|\b[a-z0-9-]+\.(?:gov\.)?vn(?:/\S*)?", text):
            assert link.rstrip(".,;") in written or "check_domain" in title, (title, link)
