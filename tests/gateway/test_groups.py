"""What may be said before others: nothing that tells of a person or leads to a button."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.core.inbox.service import Message
from bot.core.ports import DialogueState, TurnResult
from bot.core.programme.answers import ANSWERED
from bot.core.programme.topics import menu_buttons
from bot.core.replies import Reply
from bot.gateway import groups

POINTS_TO_A_BUTTON = re.compile(r"\bbấm (?:một mục|nút|“)|\bnút (?:dưới|này)|\b(?:bên|phía) dưới\b", re.IGNORECASE)
ASKED = Message(text="em hỏi", press=None, private_chat="https://t.me/hien_dien_thu_bot?start=hoi")


def told(*replies, intent, state=None):
    return groups.held_back(TurnResult(replies, state or DialogueState(), intent, 0.9), ASKED)


def test_no_text_that_may_be_told_leads_to_a_button(renderer):
    told_there = {
        template
        for template, samples in renderer.samples().items()
        if template.startswith(("ask_", "group_")) or template in groups._TEMPLATES
    }
    for template in told_there - {"ask_capabilities"}:
        for facts in renderer.samples()[template]:
            text = renderer.render(template, channel="telegram", facts=facts)
            assert not POINTS_TO_A_BUTTON.search(text), (template, text)


@pytest.mark.parametrize("channel", ["telegram", "zalo"])
def test_every_pointer_is_one_sentence(renderer, channel):
    for facts in renderer.samples()["group_pointer"]:
        text = renderer.render("group_pointer", channel=channel, facts=facts)
        assert "\n" not in text
        assert "  " not in text
        assert len(re.findall(r"[.!?](?:\s|$)", text)) == 1


@pytest.mark.parametrize("word", ["trợ lý", None])
def test_on_zalo_a_reply_calls_nobody_and_the_word_is_told_where_there_is_one(renderer, word):
    (pointer,) = groups.welcome(replace(ASKED, call_word=word)).replies
    text = renderer.render(pointer.template, channel="zalo", facts=pointer.facts)
    assert "trả lời tin của mình" not in text
    assert ("mở đầu tin bằng chữ “trợ lý”" in text) is (word is not None)
    assert "gõ @" in text
    assert "trả lời tin của mình" in renderer.render(pointer.template, channel="telegram", facts=pointer.facts)


def test_every_general_question_is_answered_with_general_buttons_only():
    for intent in sorted(ANSWERED & groups.GENERAL):
        (reply,) = told(Reply(intent, "points", {}, menu_buttons()), intent=intent).replies
        assert reply.template == "points"
        assert {button.press.intent for button in reply.buttons} <= groups.GENERAL


def test_one_reply_that_is_not_general_holds_back_all():
    general, personal = Reply("ask_cost", "points"), Reply("check_eligibility", "eligibility_verdict")
    (reply,) = told(general, personal, intent="ask_cost").replies
    assert reply.template == "group_pointer"


def test_a_form_and_what_is_kept_of_it_ends_at_once():
    decided = told(Reply("ask_cost", "points"), intent="ask_cost", state=DialogueState("guide_form", {"age": 3}))
    assert decided.replies[0].facts["kind"] == "unclear"
    assert decided.state.is_empty


def test_what_was_not_understood_and_what_cannot_be_are_told_apart():
    kinds = {}
    for intent in ("out_of_scope", "nlu_fallback", "ask_cost", "unavailable", "request_human", "greet"):
        (reply,) = told(Reply(intent, "unanswered"), intent=intent).replies
        kinds[intent] = reply.facts["kind"]
    assert kinds == {
        "out_of_scope": "unclear",
        "nlu_fallback": "unclear",
        "ask_cost": "unclear",
        "unavailable": "unavailable",
        "request_human": "private",
        "greet": "welcome",
    }


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "mã nhóm",
            "ma nhom",
            "Địa chỉ nhóm này là gì ạ?",
            "cho em xin mã số của nhóm với",
            "id group",
            "ơi, id nhóm",
        ),
        *("gửi anh mã nhóm", "mã nhóm em ơi", "mã nhóm của xã mình", "anh cần mã nhóm để nhận bản tin", "group id"),
        *("cho chị xin mã nhóm", "mã nhóm là mấy", "mã nhóm đâu", "ma nhom chat nay", "nhóm này mã gì"),
    ],
)
def test_who_asks_for_the_address_of_a_group_may_ask_in_their_own_words(typed):
    assert groups.asks_address(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "địa chỉ",
        "mã kiểm tra",
        "nhóm",
        "địa chỉ ủy ban",
        "mã nhóm thuế",
        "số điện thoại nhóm trưởng",
        "mã nhóm ngành",
        "mã số thuế",
    ],
)
def test_what_only_sounds_like_it_is_asked_of_the_assistant(typed):
    assert not groups.asks_address(typed)
