"""Messages as Telegram takes them: nothing anybody wrote is markup, and everything fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.composing import LONGEST_TEXT
from bot.core.deliveries.service import Delivered, OutboundMessage, ShownButton
from bot.core.rendering import Renderer
from bot.core.replies import Source
from bot.core.text import utf16_length
from bot.core.text_splitting import split_text
from bot.gateway.telegram.rendering import render
from bot.settings import ROOT
from tests.telegram.fake_entities import parse_html

RENDERER = Renderer(ROOT / "templates")
LIMIT = LONGEST_TEXT["telegram"]
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=400).map(str.strip).filter(bool)
NASTY = st.sampled_from(
    ["<b>", "</blockquote>", "&amp;", "&#60;", "<", ">", "&", '"', "'", "<a href='x'>", "😀", "đ", " "]
)
TYPED = st.lists(st.one_of(NASTY, TEXTS), min_size=1, max_size=30).map("".join).map(str.strip).filter(bool)
SOURCES = st.lists(st.builds(Source, TEXTS, TEXTS), max_size=40).map(tuple)


def message(text="Chào", *, sources=(), titles=()):
    buttons = tuple(ShownButton(title, f"ask_cost~mark{number:08}") for number, title in enumerate(titles))
    return Delivered(7, OutboundMessage("ask_cost", text, buttons, sources))


@given(TYPED, SOURCES)
def test_no_text_becomes_markup_and_every_message_fits(text, sources):
    for part in split_text(text, LIMIT):
        rendered = render(RENDERER, message(part, sources=sources))
        seen = parse_html(rendered.html)
        assert seen.text == rendered.plain
        assert seen.text.startswith(part)
        assert utf16_length(seen.text) <= 4096
        assert [entity["type"] for entity in seen.entities] in ([], ["expandable_blockquote"])


def test_more_sources_than_there_is_room_for_leave_the_text_whole():
    text = "a" * LIMIT
    sources = tuple(Source(f"{number}/2025/NĐ-CP", f"Điều {number}") for number in range(200))
    rendered = render(RENDERER, message(text, sources=sources))
    assert rendered.plain.startswith(text + "\nNguồn: 0/2025/NĐ-CP (Điều 0);")
    assert utf16_length(rendered.plain) <= 4096


def test_a_section_is_named_once_under_its_document():
    cited = (Source("45/KH-UBND", "III.2"), Source("20/2023/TT-BTC", "Điều 3"), Source("45/KH-UBND", "III.2"))
    assert render(RENDERER, message(sources=cited)).plain.endswith("Nguồn: 45/KH-UBND (III.2); 20/2023/TT-BTC (Điều 3)")


@pytest.mark.parametrize(
    ("titles", "rows"),
    [
        ([], None),
        (["Giá bao nhiêu?"], [["Giá bao nhiêu?"]]),
        (["Giá bao nhiêu?", "Cách đăng ký"], [["Giá bao nhiêu?", "Cách đăng ký"]]),
        (["Tôi có được ưu đãi?", "Dừng"], [["Tôi có được ưu đãi?"], ["Dừng"]]),
        (["Dừng", "Tôi có được ưu đãi?", "Cách đăng ký"], [["Dừng"], ["Tôi có được ưu đãi?"], ["Cách đăng ký"]]),
        (["a", "b", "c"], [["a", "b"], ["c"]]),
    ],
)
def test_short_buttons_stand_two_in_a_row_and_long_ones_alone(titles, rows):
    keyboard = render(RENDERER, message(titles=titles)).keyboard
    shown = [[button.text for button in row] for row in keyboard.inline_keyboard] if keyboard else None
    assert shown == rows


def test_button_data_names_the_message_and_the_mark_of_the_press_and_nothing_else():
    keyboard = render(RENDERER, message(titles=["Giá bao nhiêu?"])).keyboard
    assert keyboard is not None
    assert keyboard.inline_keyboard[0][0].callback_data == "7.mark00000000"
