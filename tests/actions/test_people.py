"""What is decided about a person to talk to and about one's own data, action by action."""

from dataclasses import replace

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
        ("ừ báo giùm", offer.PLAIN),
        ("ok", offer.PLAIN),
        ("đồng ý báo", offer.PLAIN),
        ("không", "no"),
        ("thôi đừng báo", "no"),
        ("đừng gửi kèm mà cũng đừng báo", "no"),
        ("không biết nữa", None),
        ("sao lại không gửi kèm được", None),
        ("đã báo rồi", None),
    ],
)
def test_words_decide_what_staff_get_and_a_bare_yes_passes_nothing_on(runtime, text, expected):
    assert decided(runtime, "asked", intent="inform", text=text) == expected


@pytest.mark.parametrize(
    ("intent", "text", "expected"),
    [
        ("affirm", "chắc chắn", rights.DO),
        ("delete_my_data", "xoa het di", rights.DO),
        ("delete_my_data", "Xóa hết dữ liệu của tôi đi", rights.DO),
        ("deny", "khoan đã", "no"),
        ("delete_my_data", "Không xóa", "no"),
        ("delete_my_data", "ko, dung xoa", "no"),
        ("delete_my_data", "Tôi không muốn xóa dữ liệu nữa", "no"),
        ("withdraw_consent", "thôi em, chị đổi ý, đừng xóa thông tin của chị", "no"),
        ("delete_my_data", "xóa rồi có lấy lại được không", None),
        ("nlu_fallback", "asdf", None),
        ("goodbye", "2 nha", None),
        ("ask_cost", "giá bao nhiêu", None),
    ],
)
def test_only_a_clear_yes_erases_and_no_refusal_does(runtime, intent, text, expected):
    assert decided(runtime, ERASURE, intent=intent, text=text) == expected


@pytest.mark.parametrize("about", ["asked", ERASURE])
def test_what_is_neither_is_asked_again_in_words_of_its_own_and_is_a_no_the_third_time(runtime, renderer, about):
    known, texts = {**ASKED, ABOUT: about}, []
    for _ in range(2):
        chat = Chat("turn", "nlu_fallback", text="để coi", slots=known, in_form=True)
        known |= ActionValidateDecisionForm(runtime).act(chat).slots
        assert known[REQUESTED_SLOT] == DECISION
        asked = ActionAskDecision(runtime).act(Chat("turn", "nlu_fallback", slots=known))
        assert asked.effect is None
        (reply,) = asked.replies
        assert len(reply.buttons) == 3
        texts.append(renderer.render(reply.template, channel="web", facts=reply.facts))
        known |= asked.slots
    assert all("chưa rõ" in text for text in texts)
    last = ActionValidateDecisionForm(runtime).act(Chat("turn", "nlu_fallback", text="để coi", slots=known))
    assert last.slots == {DECISION: "no", REQUESTED_SLOT: None}


@pytest.mark.parametrize("entities", [(), ((offer.DECIDING, rights.DO),)])
def test_the_message_that_changes_what_is_decided_is_not_its_own_answer(runtime, entities):
    text = "" if entities else "xoa du lieu cua toi"
    asked = {**ASKED, ABOUT: "asked"}
    message = Chat("turn", rights.DELETE, text=text, entities=entities, slots=asked, in_form=True)
    assert ActionValidateDecisionForm(runtime).act(message).slots == {REQUESTED_SLOT: DECISION}
    changed = ActionOfferErasure(runtime).act(message)
    assert changed.slots[ABOUT] == ERASURE
    known = {name: value for name, value in {**asked, **changed.slots}.items() if value is not None}
    # Rasa has the same message validated once more when it comes back to the form.
    again = ActionValidateDecisionForm(runtime).act(replace(message, slots=known))
    assert again.slots == {REQUESTED_SLOT: DECISION}


def test_who_says_that_nothing_is_to_be_erased_or_taken_back_is_not_asked_and_loses_nothing(runtime):
    kept = ActionOfferErasure(runtime).act(Chat("turn", rights.DELETE, text="tôi không muốn xóa dữ liệu"))
    assert (kept.next_action, kept.replies[0].template) == (None, "rights_kept")
    for text in ("sao chưa xóa dữ liệu của tôi?", "xóa hết thông tin, không giữ lại gì", "kêu nó xóa dữ liệu của tôi"):
        assert ActionOfferErasure(runtime).act(Chat("turn", rights.DELETE, text=text)).next_action == offer.FORM
    for text in ("tôi không muốn rút lại đồng ý", "dung rut lai dong y nha"):
        outcome = ActionTellRights(runtime).act(Chat("turn", "withdraw_consent", text=text))
        assert (outcome.effect, outcome.replies[0].template) == (None, "rights_not_withdrawn")


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
