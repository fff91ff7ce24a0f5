"""Mentions are taken out of texts, however they are nested, and in a time that grows with the text alone."""

from __future__ import annotations

import random
import re
import time

import pytest

from bot.gateway.zalo.addressing import without_mentions

LONG = 16_000


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("chào", "chào"),
        ("[@1] chào [@2]", " chào "),
        ("[@a[@b]]", ""),
        ("[[@a]@b]", ""),
        ("[@[@a]", "[@"),
        ("[a@b]", "[a@b]"),
        ("]@[", "]@["),
        ("[@" + "x" * 100 + "]", ""),
        ("[@" + "x" * 101 + "]", "[@" + "x" * 101 + "]"),
    ],
)
def test_what_is_left(text, left):
    assert without_mentions(text) == left


def test_nothing_left_calls_anybody():
    chance = random.Random(20261122)  # noqa: S311 - the same every time
    for _ in range(2_000):
        text = "".join(chance.choice(["[", "]", "@", "[@", "a", "b" * 40, "c" * 101]) for _ in range(14))
        assert re.search(r"\[@[^\[\]]{0,100}\]", without_mentions(text)) is None


@pytest.mark.parametrize(
    "text",
    ["[@" * LONG + "]" * LONG, "[@" * 5 * LONG, "[@" + "x[@a]" * LONG + "]" * LONG, "[@" + "x" * LONG + "]" * LONG],
)
def test_nested_mentions_hold_nobody_up(text):
    began = time.perf_counter()
    without_mentions(text)
    assert time.perf_counter() - began < 2
