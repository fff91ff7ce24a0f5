from dataclasses import replace

import pytest

from actions.chat import LOST, Chat
from actions.handlers.eligibility import ActionReceiveFacts
from actions.handlers.programme import ActionAnswerQuestion, ActionNotUnderstood
from actions.handlers.talk import (
    ACTION_DEACTIVATE_LOOP,
    ActionCancel,
    ActionConfirmNothing,
    ActionMakeSmallTalk,
    ActionRestart,
)
from bot.core.handoffs.rules import OPEN, HandoffState
from bot.core.programme.answers import ANSWERED
from bot.core.programme.topics import menu_buttons
from bot.core.replies import Effect


def only_reply(action, chat):
    (reply,) = action.act(chat).replies
    return reply


ABOUT_OURSELVES = {"check_bulletin", "check_registration_status", "report_scam"}
"""Answers that tell what the assistant has or advises, and no fact of a document."""


@pytest.mark.parametrize("intent", sorted(ANSWERED))
def test_a_question_with_an_answer_gets_it_with_sources(runtime, intent):
    reply = only_reply(ActionAnswerQuestion(runtime), Chat("turn", intent))
    assert (reply.topic, reply.template) == (intent, intent)
    assert reply.sources or intent in ABOUT_OURSELVES


def test_the_product_of_the_message_narrows_the_answer(runtime):
    action = ActionAnswerQuestion(runtime)
    general = only_reply(action, Chat("turn", "ask_cost"))
    narrowed = only_reply(action, Chat("turn", "ask_cost", entities=(("product", "id.vn"),)))
    assert general.facts != narrowed.facts


def test_the_running_form_narrows_the_answer_and_an_old_case_does_not(runtime):
    action = ActionAnswerQuestion(runtime)
    slots = {"product": "id.vn"}
    general = only_reply(action, Chat("turn", "ask_cost"))
    assert only_reply(action, Chat("turn", "ask_cost", slots=slots)) == general
    assert only_reply(action, Chat("turn", "ask_cost", slots=slots, in_form=True)) != general


def test_a_question_without_an_answer_names_a_person_and_two_topics(runtime):
    chat = Chat("turn", "ask_bulletin_latest", ranking=("ask_bulletin_latest", "ask_cost"))
    reply = only_reply(ActionAnswerQuestion(runtime), chat)
    assert (reply.topic, reply.template) == ("ask_bulletin_latest", "unanswered")
    assert reply.facts["operator_contact"] == runtime.programme.operator.contact
    assert next(button.press.intent for button in reply.buttons) == "ask_cost"
    assert [button.press.intent for button in reply.buttons][2:] == ["request_human"]


def test_who_tells_of_a_fraud_is_warned_first_and_told_whom_to_ask(runtime, renderer):
    reply = only_reply(ActionAnswerQuestion(runtime), Chat("turn", "report_scam"))
    text = renderer.render(reply.template, channel="web", facts=reply.facts)
    assert reply.topic == "report_scam"
    assert text.startswith("Bạn đừng chuyển tiền. Đừng đọc mã OTP")
    assert "cúp máy" in text
    assert runtime.programme.operator.contact in text


@pytest.mark.parametrize(
    "intent",
    ["give_feedback", "change_language"],
)
def test_a_wish_that_cannot_be_met_is_told_so_with_a_person_to_ask(runtime, renderer, intent):
    reply = only_reply(ActionAnswerQuestion(runtime), Chat("turn", intent))
    text = renderer.render(reply.template, channel="web", facts=reply.facts)
    assert reply.topic == intent
    assert "mình chưa" in text.lower()
    assert "câu hỏi" not in text
    assert runtime.programme.operator.contact in text


def test_what_is_not_understood_offers_the_two_nearest_topics(runtime):
    chat = Chat("turn", "out_of_scope", ranking=("out_of_scope", "inform", "ask_duration", "greet", "ask_offer"))
    reply = only_reply(ActionNotUnderstood(runtime), chat)
    assert [button.press.intent for button in reply.buttons] == ["ask_duration", "ask_offer"]
    assert reply.facts == {"nearest_count": 2, "kept_by": None, "offers_person": False}


def test_the_third_message_in_a_row_that_is_not_understood_offers_a_person(runtime):
    chat = Chat("turn", "out_of_scope", ranking=("ask_duration", "ask_offer"))
    offered = []
    for _ in range(3):
        outcome = ActionNotUnderstood(runtime).act(chat)
        offered.append([button.press.intent for button in outcome.replies[0].buttons][2:])
        chat = replace(chat, slots={LOST: outcome.slots[LOST]})
    assert offered == [[], [], ["request_human"]]


@pytest.mark.parametrize(("typed", "template"), [("VNPT làm gì", "ask_dx_duties"), ("trời mưa quá", "out_of_scope")])
def test_what_is_surely_about_something_else_is_looked_up_in_the_plan_of_the_day_only(runtime, typed, template):
    chat = Chat("turn", "out_of_scope", typed, ranking=("out_of_scope",), confidence=0.99)
    assert only_reply(ActionNotUnderstood(runtime), chat).template == template


def test_without_a_ranking_two_topics_are_offered_all_the_same(runtime):
    assert len(only_reply(ActionNotUnderstood(runtime), Chat("turn", "out_of_scope")).buttons) == 2


@pytest.mark.parametrize("intent", ["greet", "thank", "ask_capabilities", "bot_challenge", "goodbye"])
def test_small_talk_has_the_topic_and_template_of_its_intent(runtime, renderer, intent):
    reply = only_reply(ActionMakeSmallTalk(runtime), Chat("turn", intent))
    assert (reply.topic, reply.template) == (intent, intent)
    assert renderer.render(reply.template, channel="web", facts=reply.facts)


def test_goodbye_forgets_the_case_and_offers_nothing(runtime):
    outcome = ActionMakeSmallTalk(runtime).act(Chat("turn", "goodbye", slots={"product": "id.vn"}))
    assert outcome.slots["product"] is None
    assert outcome.replies[0].buttons == ()


def stop(runtime, previous="action_listen"):
    return ActionCancel(runtime).act(Chat("turn", "cancel", previous_action=previous))


@pytest.mark.parametrize(("previous", "in_form"), [(ACTION_DEACTIVATE_LOOP, True), ("action_listen", False)])
def test_stopping_tells_whether_something_was_stopped(runtime, previous, in_form):
    outcome = stop(runtime, previous)
    assert outcome.replies[0].facts["in_form"] is in_form
    assert set(outcome.slots.values()) == {None}


def test_stopping_with_nothing_open_looks_for_a_request_and_puts_taking_it_back_first(runtime):
    outcome = stop(runtime)
    assert outcome.effect == Effect("handoff.status", {"reference": ""})
    first, *menu = outcome.replies[0].buttons
    assert (first.title, dict(first.press.entities)) == ("handoff_withdraw", {"registering": "withdraw"})
    assert tuple(menu) == menu_buttons()


def test_stopping_a_check_takes_no_request_back(runtime):
    outcome = stop(runtime, ACTION_DEACTIVATE_LOOP)
    assert outcome.effect is None
    assert outcome.replies[0].buttons == menu_buttons()


@pytest.mark.parametrize("state", HandoffState)
def test_who_stops_is_told_of_the_request_that_is_still_with_a_registrar(runtime, renderer, state):
    reply = stop(runtime).replies[0]
    found = {"found": True, "reference": "HD-7K4M-X29Q", "registrar": "inet.vn", "state": state.value, "domain": None}
    text = renderer.render(reply.template, channel="web", facts={**reply.facts, **found})
    assert "HD-7K4M-X29Q" in text
    assert ("vẫn còn" in text) == (state in OPEN)
    assert ("iNET" in text) == (state in OPEN)
    assert "rút lại đồng ý" in text


def test_who_sent_nothing_is_told_of_no_request(runtime, renderer):
    reply = stop(runtime).replies[0]
    for facts in (reply.facts, {**reply.facts, "found": False}):
        assert "HD-" not in renderer.render(reply.template, channel="web", facts=facts)


def test_starting_over_forgets_everything_and_shows_the_menu(runtime):
    outcome = ActionRestart(runtime).act(Chat("turn", "start_over"))
    assert [event["event"] for event in outcome.events()] == ["restart"]
    assert outcome.replies[0].buttons


def test_only_what_had_begun_is_started_over_and_anybody_else_is_greeted(runtime):
    assert only_reply(ActionRestart(runtime), Chat("turn", "start_over")).template == "greet"
    for slots, in_form in (({"product": "id.vn"}, False), ({}, True)):
        chat = Chat("turn", "start_over", slots=slots, in_form=in_form)
        assert only_reply(ActionRestart(runtime), chat).template == "start_over"


@pytest.mark.parametrize("text", ["7", "5", "2 nha", "2 ạ", "số hai", "so hai", "chọn câu 2", "2 di em", "cai thu 3"])
@pytest.mark.parametrize(
    ("action", "intent"),
    [
        (ActionReceiveFacts, "inform"),
        (ActionConfirmNothing, "affirm"),
        (ActionMakeSmallTalk, "goodbye"),
        (ActionNotUnderstood, "nlu_fallback"),
    ],
)
def test_a_mere_number_begins_nothing_and_is_answered_with_what_can_be_chosen(runtime, renderer, action, intent, text):
    chat = Chat("turn", intent, text=text, entities=(("age", 7),))
    outcome = action(runtime).act(chat)
    (reply,) = outcome.replies
    assert (outcome.next_action, reply.template, len(reply.buttons)) == (None, "number_unasked", 8)
    assert len(renderer.render(reply.template, channel="web", facts=reply.facts)) < 120


@pytest.mark.parametrize("intent", ["affirm", "deny", "dont_know"])
def test_a_yes_to_nothing_is_told_so(runtime, intent):
    reply = only_reply(ActionConfirmNothing(runtime), Chat("turn", intent))
    assert (reply.topic, reply.template) == (intent, "nothing_to_confirm")
