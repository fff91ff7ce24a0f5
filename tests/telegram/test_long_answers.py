"""Answers longer than one message: whole words, links and emoji, in order, and no part twice or lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.composing import Composer
from bot.core.conversations.service import Conversation
from bot.core.deliveries.service import Delivered
from bot.core.ports import DialogueState, TurnResult
from bot.core.rendering import Renderer
from bot.core.replies import Button, Press, Reply, Source
from bot.core.text import utf16_length
from bot.core.vault import Vault
from bot.gateway.telegram.rendering import LONGEST, render
from bot.settings import ROOT
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_entities import parse_html
from tests.telegram.fake_people import Person

RENDERER = Renderer(ROOT / "templates")
SOURCES = (Source("45/KH-UBND", "III.2"), Source("20/2023/TT-BTC", "Điều 4"))
BUTTONS = (Button("ask_cost", Press.of("ask_cost")),)
EMOJI = ["👩‍🏫", "👍🏽", "🇻🇳", "e\u0301", "👨‍👩‍👧‍👦"]
WORDS = ["bà", "con", "<b>", "&amp;", "https://tenmien.vn/dang-ky?a=1&b=2", "x" * 400, *EMOJI]
LONG = "\n".join(f"Đoạn {number}: " + "bà con nhớ mang giấy tờ 👨‍👩‍👧‍👦 nhé " * 60 for number in range(1, 4))


@pytest.fixture
def lan(fake: FakeBotApi) -> Person:
    return fake.person("Lan")


def said(words):
    return Reply("request_human", "person_says", {"words": words}, BUTTONS, SOURCES)


def told_at_length(_):
    return TurnResult((said(LONG),), DialogueState(), "request_human", 1.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=600), st.sampled_from([" ", "\n"]))
def test_every_part_fits_is_whole_and_stands_in_order(pieces, between):
    conversation = Conversation(
        id=1,
        channel="telegram",
        external_id="7",
        citizen_id="someone",
        key=None,
        is_guest=False,
        introduced=True,
        state=DialogueState(),
        last_position=0,
    )
    composer = Composer(RENDERER, Vault(["a secret that only tests know, long enough"]))
    whole = RENDERER.render("person_says", channel="telegram", facts={"words": between.join(pieces)})
    parts = composer.compose(conversation, [said(between.join(pieces))])
    assert " ".join(part.text for part in parts).split() == whole.split()
    for position, part in enumerate(parts, start=1):
        rendered = render(RENDERER, Delivered(position, part))
        assert utf16_length(parse_html(rendered.html).text) <= LONGEST
        assert parse_html(rendered.html).text.startswith(part.text)
    assert [bool(part.buttons) for part in parts] == [False] * (len(parts) - 1) + [True]
    assert [bool(part.sources) for part in parts] == [False] * (len(parts) - 1) + [True]


async def test_a_long_answer_arrives_in_order_with_sources_and_buttons_under_the_last_part(called, fake, lan):
    called.product.assistant.answer = told_at_length
    async with called.answering():
        lan.says("kể hết đi")
        await called.push()
        await fake.until(lambda: bool(lan.chat.shown) and bool(lan.chat.shown[-1].buttons))
    told = " ".join(lan.chat.texts)
    places = [told.index(f"Đoạn {number}:") for number in range(1, 4)]
    assert len(lan.chat.texts) > 1
    assert places == sorted(places)
    assert ["45/KH-UBND" in text for text in lan.chat.texts][-1:] == [True]
    assert [bool(shown.buttons) for shown in lan.chat.shown].count(True) == 1


@pytest.mark.parametrize(
    ("faults", "states"),
    [
        (["answer_lost"], ["unknown", "sent", "sent"]),
        (["works", "unreachable"], ["sent", "sent", "sent"]),
        (["works", "answer_lost"], ["sent", "unknown", "sent"]),
    ],
)
async def test_what_goes_wrong_between_two_parts_repeats_none_and_loses_none(called, fake, lan, faults, states):
    called.product.assistant.answer = told_at_length
    fake.fails("sendMessage", *faults)
    async with called.answering():
        lan.says("kể hết đi")
        await called.push()
        await called.until_states(*states)
    assert len(lan.chat.texts) == len(set(lan.chat.texts)) == 3
    told = " ".join(lan.chat.texts)
    assert [told.count(f"Đoạn {number}:") for number in range(1, 4)] == [1] * 3
