"""The guides as Rasa calls them: what is said, which slots hold where somebody is, and what is written."""

import pytest

from actions.chat import Chat
from actions.guiding import ASKING, told_by_a_stranger
from actions.handlers.eligibility import REQUESTED_SLOT
from actions.handlers.guides import (
    ActionAnswerAboutCertificates,
    ActionAskGuide,
    ActionBeginGuide,
    ActionEndGuide,
    ActionLeaveGuide,
    ActionValidateGuideForm,
)
from actions.handlers.reports import INTERRUPTS, ActionWarnOfFraud
from bot.core.guides.dialogue import FORM
from bot.core.replies import Effect, Press

AT_TWO = {"guide_place": "st21", "guide_language": "vi"}
RUNNING = {**AT_TWO, REQUESTED_SLOT: ASKING}


def begin(runtime, intent="start_token_guide", text="hướng dẫn", slots=None, **entities):
    return ActionBeginGuide(runtime).act(
        Chat("t", intent, text=text, entities=tuple(entities.items()), slots=slots or {})
    )


def walk(runtime, intent, text="", slots=None, **entities):
    chat = Chat("t", intent, text=text, entities=tuple(entities.items()), slots=slots or RUNNING, in_form=True)
    return ActionValidateGuideForm(runtime).act(chat)


def topics(outcome):
    return [reply.topic for reply in outcome.replies]


def test_what_is_missing_is_asked_and_what_was_said_is_held_for_the_next_message(runtime):
    outcome = begin(runtime, procedure="sign", platform="windows")
    assert topics(outcome) == ["start_token_guide"]
    assert outcome.slots["guide_wish"] == "procedure=sign&platform=windows"
    assert (outcome.next_action, outcome.effect) == (FORM, None)
    slots = {"guide_wish": outcome.slots["guide_wish"], REQUESTED_SLOT: ASKING}
    answered = walk(runtime, "start_token_guide", slots=slots, token_provider="mycukai")
    assert answered.slots["guide_wish"] == "provider=mycukai&procedure=sign&platform=windows"
    chosen = walk(runtime, "inform", "usb token", {**slots, **answered.slots, REQUESTED_SLOT: ASKING}, medium="token")
    assert chosen.slots["guide_place"] == "st1"
    assert chosen.slots["guide_wish"] is None
    assert chosen.effect == Effect(
        "guide.keep",
        {"guide": "sign-token", "step": "1", "place": "st1", "language": "vi", "counts": "reached.sign-token.1"},
    )


def test_the_words_for_signing_hold_the_medium(runtime):
    outcome = begin(runtime, text="chỉ em ký bằng softcert trên windows", procedure="sign", platform="windows")
    assert outcome.slots["guide_wish"] == "procedure=sign&platform=windows&medium=softcert"


@pytest.mark.parametrize("intent", ["guide_next", "affirm"])
def test_typed_words_and_buttons_go_on_alike(runtime, intent):
    typed = walk(runtime, intent, "xong rồi")
    assert typed.slots["guide_place"] == "st321"
    assert typed.slots[REQUESTED_SLOT] == ASKING
    assert typed.effect.arguments["counts"] == "done.sign-token.2 reached.sign-token.3"
    pressed = walk(runtime, "guide_next", guide_at="st21")
    assert (pressed.slots, pressed.effect) == (typed.slots, typed.effect)


def test_a_button_of_an_older_step_acts_where_it_was_shown(runtime):
    assert walk(runtime, "guide_next", guide_at="st1").slots["guide_place"] == "st21"
    assert walk(runtime, "guide_next", guide_at="no place").slots["guide_place"] == "st321"


@pytest.mark.parametrize(
    ("intent", "place"),
    [("guide_back", "st1"), ("guide_repeat", "st21"), ("guide_problem", "st21-1"), ("deny", "st21-1")],
)
def test_the_words_of_the_guide_move_in_it(runtime, intent, place):
    assert walk(runtime, intent, "lời").slots["guide_place"] == place


def test_a_side_question_is_left_to_its_rule_and_the_step_is_named_after_it(runtime):
    assert walk(runtime, "ask_cost", "giá sao") == walk(runtime, "thank", "cảm ơn")
    assert dict(walk(runtime, "ask_cost", "giá sao").slots) == {REQUESTED_SLOT: ASKING}
    (reminder,) = ActionAskGuide(runtime).act(Chat("t", "ask_cost", slots=RUNNING, in_form=True)).replies
    assert (reminder.template, reminder.topic) == ("guide_reminder", "guide.sign-token.2")
    assert not ActionAskGuide(runtime).act(Chat("t", "guide_next", slots=RUNNING, in_form=True)).replies


def test_after_a_warning_nobody_is_urged_on(runtime):
    (paused,) = ActionAskGuide(runtime).act(Chat("t", "report_scam", slots=RUNNING, in_form=True)).replies
    assert paused.template == "guide_paused"


def test_what_is_not_understood_says_which_words_are(runtime):
    (reminder,) = walk(runtime, "out_of_scope", "blah").replies
    assert reminder.facts["is_understood"] is False


OPEN_QUESTION = {"guide_wish": "provider=mycukai&platform=windows", REQUESTED_SLOT: ASKING}


@pytest.mark.parametrize(
    ("intent", "text", "heard"),
    [
        ("guide_next", "xong", {}),
        ("guide_problem", "ko hien gi", {}),
        ("guide_back", "lui lai", {}),
        ("dont_know", "ko bik", {}),
        ("nlu_fallback", "hong hieu", {}),
        ("inform", "windows", {"platform": "windows"}),
        ("inform", "9", {}),
    ],
)
def test_what_does_not_answer_an_open_question_is_told_so_and_the_third_time_a_person_is_offered(
    runtime, renderer, intent, text, heard
):
    slots = OPEN_QUESTION
    for time in (1, 2, 3, 4):
        outcome = walk(runtime, intent, text, slots, **heard)
        (question,) = outcome.replies
        assert renderer.render(question.template, channel="web", facts=question.facts).startswith("Mình chưa hiểu")
        assert ("request_human" in [button.title for button in question.buttons]) == (time >= 3)
        kept = ActionAskGuide(runtime).act(Chat("t", intent, text=text, slots={**slots, **outcome.slots}))
        slots = {**slots, **outcome.slots, **kept.slots}


@pytest.mark.parametrize(
    ("intent", "text", "heard"),
    [
        ("inform", "mac", {"platform": "mac"}),
        ("guide_repeat", "nhac lai cau hoi", {}),
        ("start_token_guide", "", {"platform": "windows"}),
        ("change_language", "noi tieng viet di", {"language": "vi"}),
    ],
)
def test_what_was_understood_has_the_question_asked_without_regret(runtime, renderer, intent, text, heard):
    outcome = walk(runtime, intent, text, {**OPEN_QUESTION, "lost": 2}, **heard)
    (question,) = outcome.replies
    assert renderer.render(question.template, channel="web", facts=question.facts).startswith("Bạn muốn làm việc nào")
    assert outcome.slots["lost"] is None


def test_the_end_forgets_the_place_and_counts_the_step(runtime):
    ended = walk(runtime, "guide_next", "xong", {**RUNNING, "guide_place": "st4321"})
    assert ended.slots["guide_place"] is None
    assert ended.slots[REQUESTED_SLOT] is None
    assert ended.effect == Effect("guide.end", {"counts": "done.sign-token.4"})
    assert ActionEndGuide(runtime).act(Chat("t", "guide_next")).replies == ()


def test_the_form_says_nothing_while_it_opens(runtime):
    opening = walk(runtime, "guide_next", "tiếp", AT_TWO)
    assert (opening.replies, dict(opening.slots)) == ((), {REQUESTED_SLOT: ASKING})


@pytest.mark.parametrize("intent", ["guide_next", "start_token_guide", "guide_repeat"])
def test_who_comes_back_goes_on_at_the_same_step(runtime, intent):
    outcome = begin(runtime, intent, "làm tiếp", AT_TWO)
    assert topics(outcome) == ["guide.sign-token.2"]
    assert outcome.replies[0].facts["resumed"] is True
    assert (outcome.next_action, outcome.slots["guide_place"]) == (FORM, "st21")


def test_a_wish_that_the_kept_guide_does_not_fit_begins_anew_with_whose_token_it_is(runtime):
    outcome = begin(runtime, slots=AT_TWO, platform="mac", procedure="install_esign")
    assert topics(outcome) == ["start_token_guide"]
    assert outcome.slots["guide_wish"] == "procedure=install_esign&platform=mac"


@pytest.mark.parametrize("intent", ["guide_next", "guide_back", "guide_repeat"])
def test_words_of_a_guide_without_one_begin_none(runtime, intent):
    outcome = begin(runtime, intent, "tiếp")
    assert (outcome.next_action, outcome.effect) == (None, None)
    assert [reply.template for reply in outcome.replies] == ["nothing_to_confirm"]
    assert outcome.replies[0].buttons[0].press == Press.of("start_token_guide")


def test_a_problem_without_a_guide_asks_whose_token_it_is(runtime):
    assert [reply.template for reply in begin(runtime, "guide_problem", "token không nhận").replies] == ["guide_ask"]


@pytest.mark.parametrize(
    ("text", "warns"),
    [
        ("có người gọi bảo tôi cài token", True),
        ("co nguoi goi bao toi cai phan mem ky so", True),
        ("nhân viên ngân hàng yêu cầu tôi cài token", True),
        ("someone called and told me to install it", True),
        ("có ai hướng dẫn tôi cài token không", False),
        ("hồ sơ báo lỗi khi ký", False),
        ("cài token", False),
    ],
)
def test_who_was_told_by_a_stranger_to_install_is_warned_instead(runtime, text, warns):
    assert told_by_a_stranger(text) is warns
    outcome = begin(runtime, text=text)
    assert (outcome.replies[0].topic == "report_scam") is warns
    assert (outcome.next_action is None) is warns
    inside = walk(runtime, "start_token_guide", text)
    assert (inside.replies[0].topic == "report_scam") is warns
    assert inside.slots["guide_place"] == "st21"


def test_a_report_of_fraud_from_within_a_guide_does_not_open_a_check_of_eligibility(runtime):
    chat = Chat("t", "report_scam", entities=(("reporting", "tell"),), slots=RUNNING, in_form=True)
    assert ActionWarnOfFraud(runtime).act(chat).slots[INTERRUPTS] is None


def test_a_pasted_secret_is_refused_at_its_step(runtime):
    refused = walk(runtime, "start_token_guide", slots={**RUNNING, "guide_place": "st42"}, guiding="secret")
    assert [reply.template for reply in refused.replies] == ["guide_secret_refused"]
    assert refused.effect is None


@pytest.mark.parametrize("intent", ["cancel", "goodbye"])
def test_leaving_keeps_the_place_and_counts_the_step_as_left(runtime, intent):
    outcome = ActionLeaveGuide(runtime).act(Chat("t", intent, slots=AT_TWO))
    assert outcome.replies[1].template == "guide_paused"
    assert outcome.effect.arguments["counts"] == "left.sign-token.2"


def test_leaving_before_the_first_step_writes_nothing(runtime):
    outcome = ActionLeaveGuide(runtime).act(Chat("t", "cancel", slots={"guide_wish": "platform=mac"}))
    assert (outcome.effect, outcome.slots["guide_wish"]) == (None, None)
    assert [reply.template for reply in outcome.replies] == ["guide_dropped"]
    assert outcome.replies[0].topic == "cancel"


def test_a_language_by_name_by_button_and_by_the_words_themselves(runtime):
    named = walk(runtime, "change_language", "nói tiếng anh đi", language="en")
    pressed = walk(runtime, "start_token_guide", guiding="speak:en")
    spoken = walk(runtime, "guide_problem", "it does not work at all")
    assert [outcome.slots["guide_language"] for outcome in (named, pressed, spoken)] == ["en"] * 3
    assert named.effect.arguments["language"] == "en"
    assert walk(runtime, "guide_next", "next").slots["guide_language"] == "vi"


def test_a_language_that_the_guides_do_not_speak_is_told_so(runtime):
    (reminder,) = walk(runtime, "change_language", "tiếng khmer", language="km").replies
    assert reminder.template == "guide_reminder"


def test_what_a_machine_needs_is_told_for_the_platform_of_the_guide_or_the_one_asked_about(runtime):
    def told(slots=None, **entities):
        chat = Chat(
            "t", "ask_token_requirements", entities=tuple(entities.items()), slots=slots or {}, in_form=bool(slots)
        )
        return [
            reply.facts.get("platform", reply.template)
            for reply in ActionAnswerAboutCertificates(runtime).act(chat).replies
        ]

    assert told() == ["windows", "mac"]
    assert told(platform="mac") == ["mac"]
    assert told(RUNNING) == ["windows"]
    assert told(platform="phone") == ["guide_none"]


@pytest.mark.parametrize("garbage", ["", "zz9", "st", "🙂", "st9"])
def test_a_place_that_is_none_counts_as_not_kept(runtime, garbage):
    outcome = begin(runtime, slots={"guide_place": garbage, "guide_wish": "provider=king&x"})
    assert [reply.template for reply in outcome.replies] == ["guide_ask"]


def test_a_code_goes_on_at_its_step_in_a_conversation_that_has_no_place(runtime):
    outcome = begin(runtime, text="", guiding="take_up:st3")
    assert (outcome.next_action, outcome.slots["guide_place"]) == (FORM, "st3")
    assert walk(runtime, "start_token_guide", guiding="take_up:ew2").slots["guide_place"] == "ew2"
