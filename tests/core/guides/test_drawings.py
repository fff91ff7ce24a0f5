import re
import struct
from xml.etree import ElementTree as ET

import pytest

from bot.core.guides import load_guides
from bot.core.guides.drawings import WIDTH, draw, png
from bot.core.guides.lettering import lines, width
from bot.core.guides.records import Screen
from bot.settings import ROOT

CONTENT = load_guides(ROOT / "bot" / "content")
DRAWN = [(guide, step) for guide in CONTENT.guides for step in guide.steps if step.has_picture]
SVG = "{http://www.w3.org/2000/svg}"
RED = "#c62828"

steps = pytest.mark.parametrize(("guide", "step"), DRAWN, ids=[f"{guide.id}.{step.n}" for guide, step in DRAWN])


def drawn(screen, platform="windows"):
    return ET.fromstring(draw(screen, platform))  # noqa: S314 - our own drawing


def letters(tree):
    return "".join("".join(text.itertext()).replace(" ", "") for text in tree.iter(f"{SVG}text"))


def rings(tree):
    return [ring for ring in tree.iter(f"{SVG}rect") if ring.get("stroke") == RED]


def numbers(tree):
    return [text.text for text in tree.iter(f"{SVG}text") if text.get("fill") == "#ffffff" and text.text.isdigit()]


def test_every_step_but_one_has_a_picture():
    assert len(DRAWN) == 58


@steps
def test_a_drawing_shows_every_label_of_its_step(guide, step):
    shown, screen = letters(drawn(step.screen, guide.platform)), step.screen
    labels = [screen.window, screen.pane, screen.message, screen.then_message, screen.then_press, screen.option]
    for label in (
        *filter(None, labels),
        *(label for name in ("menu", "tabs", "fields", "boxes", "options", "shown") for label in getattr(screen, name)),
        *(label for name in ("files", "commands", "press", "others", "columns") for label in getattr(screen, name)),
    ):
        for word in label.split():
            assert word in shown


@steps
def test_what_is_to_be_pressed_or_filled_in_is_ringed_and_numbered_in_order(guide, step):
    tree, screen = drawn(step.screen, guide.platform), step.screen
    marked = {*screen.menu, *screen.commands, *screen.fill, *screen.press} | {screen.option, screen.then_press} - {None}
    assert len(rings(tree)) == len(marked)
    expected = [] if screen.either else [str(number) for number in range(1, len(marked) + 1)]
    assert sorted(numbers(tree)) == expected


@steps
def test_a_drawing_stays_within_its_width_and_is_legible_on_a_small_phone(guide, step):
    tree = drawn(step.screen, guide.platform)
    for text in tree.iter(f"{SVG}text"):
        size = float(text.get("font-size"))
        assert size >= 24
        reach = float(text.get("x")) + width(text.text, size, bold=text.get("font-weight") == "bold")
        assert reach <= WIDTH - 24
    for box in tree.iter(f"{SVG}rect"):
        if box.get("width") != "100%":
            assert float(box.get("x")) >= 0
            assert float(box.get("x")) + float(box.get("width")) <= WIDTH


@pytest.mark.parametrize("name", ["sign-token", "install-esign-mac", "verify-softcert"])
def test_a_drawing_becomes_a_png_of_the_same_size_and_the_same_bytes_each_time(name):
    guide = CONTENT.guide(name)
    svg = draw(guide.steps[3].screen, guide.platform)
    picture = png(svg)
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (WIDTH, int(re.search(r'height="(\d+)"', svg)[1]))
    assert picture == png(svg)


def test_letters_are_drawn_with_the_fonts_of_the_product():
    with_words = Screen(kind="dialog", window="Reminder", press=["Next"])
    with_others = Screen(kind="dialog", window="Remainder", press=["Next"])
    assert png(draw(with_words, "windows")) != png(draw(with_others, "windows"))


def test_signs_of_markup_in_a_label_stay_letters():
    tree = drawn(Screen(kind="dialog", window="<USER NAME> & co", press=["OK"]))
    assert "<USERNAME>&co" in letters(tree)


def test_lines_break_at_blanks_and_within_a_word_that_is_too_long():
    assert lines("one two three", 10, width("one two", 10)) == ["one two", "three"]
    broken = lines("x" * 50, 10, 100)
    assert "".join(broken) == "x" * 50
    assert all(width(line, 10) <= 100 for line in broken)
    assert lines("", 10, 100) == []
