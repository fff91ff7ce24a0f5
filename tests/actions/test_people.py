"""What is decided about a person to talk to and about one's own data, action by action."""

import pytest

from actions.chat import Chat
from actions.handlers.eligibility import REQUESTED_SLOT
from actions.handlers.people import (
    ABOUT,
    DECISION,
    ERASURE,
    ActionAskDecision,
    ActionFinishDecision,
    ActionOfferErasure,
    ActionOfferPerson,
    ActionTellRights,
    ActionValidateDecisionForm,
)
from bot.core.cases import offer
from bot.core.rights import offer as rights

ASKED = {REQUESTED_SLOT: DECISION}


def decided(runtime, about, **chat):
    slots = ActionValidateDecisionForm(runtime).act(Chat("turn", slots={**ASKED, ABOUT: about}, **chat)).slots
    return slots.get(DECISION)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dạ đồng ý", offer.SHARE),
        ("ok gui di", offer.SHARE),
        ("chi bao thoi, khong gui kem", offer.PLAIN),
        ("không", "no"),
        ("không biết nữa", "no"),
    ],
)
def test_words_decide_what_staff_get(runtime, text, expected):
    assert decided(runtime, "asked", intent="inform", text=text) == expected


@pytest.mark.parametrize(
    ("intent", "text", "expected"),
    [
        ("affirm", "chắc chắn", rights.DO),
        ("delete_my_data", "xoa het di", rights.DO),
        ("deny", "khoan đã", "no"),
        ("nlu_fallback", "asdf", "no"),
        ("ask_cost", "giá bao nhiêu", None),
    ],
)
def test_only_a_clear_yes_erases(runtime, intent, text, expected):
    assert decided(runtime, ERASURE, intent=intent, text=text) == expected


def test_a_press_of_another_decision_decides_nothing(runtime):
    press = {"intent": offer.TOPIC, "entities": ((offer.DECIDING, offer.SHARE),)}
    assert decided(runtime, "asked", **press) == offer.SHARE
    assert decided(runtime, ERASURE, **press) is None


def test_asking_for_either_opens_the_form_and_leaves_a_request_s_contact_data_behind(runtime):
    for action, intent, about in (
        (ActionOfferPerson, offer.TOPIC, "asked"),
        (ActionOfferErasure, rights.DELETE, ERASURE),
    ):
        outcome = action(runtime).act(Chat("turn", intent, slots={"handoff_contact": "0900 000 001"}))
        assert (outcome.next_action, outcome.slots[ABOUT]) == (offer.FORM, about)
        assert outcome.slots["handoff_contact"] is None


def test_nothing_is_done_before_the_yes(runtime):
    question = ActionAskDecision(runtime).act(Chat("turn", rights.DELETE, slots={ABOUT: ERASURE}))
    assert question.effect is None
    question = ActionAskDecision(runtime).act(Chat("turn", offer.TOPIC, slots={ABOUT: "asked"}))
    assert question.effect.name == offer.PREVIEW
    for about in (ERASURE, "asked"):
        ended = ActionFinishDecision(runtime).act(Chat("turn", "cancel", slots={ABOUT: about}))
        assert ended.effect is None


def test_what_was_agreed_to_is_done_with_its_wording_and_the_dialogue_is_forgotten(runtime):
    agreed = ActionFinishDecision(runtime).act(Chat("turn", "affirm", slots={ABOUT: "scam", DECISION: offer.SHARE}))
    assert (agreed.effect.name, agreed.effect.arguments["why"]) == (offer.OPEN, "scam")
    assert agreed.effect.arguments["consent"] == "person-1"
    assert agreed.forget_everything
    plain = ActionFinishDecision(runtime).act(Chat("turn", "affirm", slots={ABOUT: "asked", DECISION: offer.PLAIN}))
    assert plain.effect.arguments["consent"] == ""
    erased = ActionFinishDecision(runtime).act(Chat("turn", "affirm", slots={ABOUT: ERASURE, DECISION: rights.DO}))
    assert erased.effect.name == rights.ERASE
    assert erased.forget_everything


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ("Anh giữ gì của tôi?", rights.TELL_HELD),
        ("ban luu nhung gi ve toi", rights.TELL_HELD),
        ("cho tôi xem dữ liệu của tôi", rights.TELL_HELD),
        ("có ai đọc được tin nhắn của tôi không", None),
    ],
)
def test_what_is_held_is_told_to_whoever_asks_for_it(runtime, text, effect):
    outcome = ActionTellRights(runtime).act(Chat("turn", "ask_privacy", text=text))
    assert (outcome.effect and outcome.effect.name) == effect


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("rút lại bc-7k2mx", "BC-7K2MX"),
        ("rut lai YC 7K2MX nha", "YC-7K2MX"),
        ("rút hết", "all"),
        ("đừng gọi cho tôi nữa", ""),
    ],
)
def test_a_consent_is_taken_back_by_its_reference(runtime, text, about):
    outcome = ActionTellRights(runtime).act(Chat("turn", "withdraw_consent", text=text))
    assert outcome.effect.arguments == {"about": about}


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("withdraw_consent", "rut lai dong y thi bao lau phai lam xong"),
        ("withdraw_consent", "yeu cau huy dong nhung ai tham gia to chuc huong ung ngay chuyen doi so"),
        ("delete_my_data", "Yêu cầu xóa dữ liệu có còn phải xong trong 72 giờ như Nghị định 13 không?"),
        ("delete_my_data", "mấy ngày thì xóa xong"),
    ],
)
def test_a_question_about_a_right_is_answered_and_nothing_is_done(runtime, intent, text):
    action = ActionTellRights if intent == "withdraw_consent" else ActionOfferErasure
    outcome = action(runtime).act(Chat("turn", intent, text=text))
    (reply,) = outcome.replies
    assert (outcome.effect, outcome.next_action) == (None, None)
    assert reply.sources
