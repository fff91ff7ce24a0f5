import pytest

from actions.chat import Chat
from actions.handlers.eligibility import FORM as ELIGIBILITY_FORM
from actions.handlers.eligibility import REQUESTED_SLOT
from actions.handlers.reports import (
    CONSENT,
    INTERRUPTS,
    WORDS,
    ActionAskConsent,
    ActionFinishReport,
    ActionValidateReportForm,
    ActionWarnOfFraud,
)
from bot.core.replies import Effect, Press
from bot.core.reports import offer

STORY = "có người gọi đòi 300 nghìn phí tên miền"


def pressed(step, **entities):
    return (("reporting", step), *entities.items())


def validate(runtime, chat):
    return dict(ActionValidateReportForm(runtime).act(chat).slots)


@pytest.mark.parametrize("intent", ["report_scam", "ask_scam_safety"])
def test_the_warning_comes_with_the_offer_and_what_was_typed_is_not_asked_for_again(runtime, intent):
    outcome = ActionWarnOfFraud(runtime).act(Chat("turn", intent, text=STORY))
    (reply,) = outcome.replies
    assert reply.topic == intent
    assert reply.buttons[0].press == Press.of("report_scam", reporting="tell")
    assert outcome.slots[WORDS] == STORY
    assert outcome.effect is None


def test_a_press_of_the_topic_tells_nothing(runtime):
    outcome = ActionWarnOfFraud(runtime).act(Chat("turn", "report_scam", slots={WORDS: "an older story"}))
    assert outcome.slots[WORDS] is None


def test_who_is_warned_first_is_told_not_to_pay_and_whom_to_ask(runtime, renderer):
    (reply,) = ActionWarnOfFraud(runtime).act(Chat("turn", "report_scam")).replies
    text = renderer.render(reply.template, channel="web", facts=reply.facts)
    assert text.startswith("Bạn đừng chuyển tiền. Đừng đọc mã OTP")
    assert all(name in text for name in ("UltraViewer", "TeamViewer", "AnyDesk"))
    assert runtime.programme.operator.contact in text


def test_pressing_the_offer_opens_the_form_and_remembers_what_it_breaks_into(runtime):
    alone = ActionWarnOfFraud(runtime).act(Chat("turn", "report_scam", entities=pressed("tell")))
    within = ActionWarnOfFraud(runtime).act(Chat("turn", "report_scam", entities=pressed("tell"), in_form=True))
    assert (alone.next_action, alone.replies, alone.slots[INTERRUPTS]) == (offer.FORM, (), None)
    assert within.slots[INTERRUPTS] is True


@pytest.mark.parametrize(
    ("slots", "missing"),
    [({}, WORDS), ({WORDS: STORY}, CONSENT), ({WORDS: STORY, REQUESTED_SLOT: "age"}, CONSENT)],
)
def test_the_form_asks_for_what_is_missing(runtime, slots, missing):
    told = validate(runtime, Chat("turn", "report_scam", entities=pressed("tell"), slots=slots, in_form=True))
    assert told == {REQUESTED_SLOT: missing}


@pytest.mark.parametrize("intent", ["report_scam", "ask_renewal", "out_of_scope", "nlu_fallback", "inform"])
def test_whatever_is_typed_where_the_story_was_asked_for_is_the_story(runtime, intent):
    told = validate(runtime, Chat("turn", intent, text=STORY, slots={REQUESTED_SLOT: WORDS}))
    assert told == {WORDS: STORY, REQUESTED_SLOT: CONSENT}


@pytest.mark.parametrize("intent", ["cancel", "goodbye", "start_over", "greet", "affirm"])
def test_stopping_and_small_talk_are_no_story(runtime, intent):
    told = validate(runtime, Chat("turn", intent, text="x", slots={REQUESTED_SLOT: WORDS}))
    assert told == {REQUESTED_SLOT: WORDS}


ASKED = {WORDS: STORY, REQUESTED_SLOT: CONSENT}


@pytest.mark.parametrize("text", ["có", "Đồng ý", "dong y gui", "ok", "dạ đồng ý gửi đi ạ", "vâng", "GỬI ĐI", "ok em"])
@pytest.mark.parametrize("intent", ["affirm", "nlu_fallback"])
def test_a_clear_yes_is_a_yes_however_it_was_understood(runtime, text, intent):
    assert validate(runtime, Chat("turn", intent, text=text, slots=ASKED))[CONSENT] is True


_NO_QUESTION = pytest.mark.parametrize(
    "intent", ["affirm", "deny", "dont_know", "inform", "out_of_scope", "nlu_fallback"]
)


@pytest.mark.parametrize("text", ["không", "thôi", "chưa"])
@_NO_QUESTION
def test_a_clear_no_is_a_no_however_it_was_understood(runtime, text, intent):
    assert validate(runtime, Chat("turn", intent, text=text, slots=ASKED))[CONSENT] is False


@pytest.mark.parametrize(
    "text", ["có nên gửi không", "ok để tôi hỏi con tôi đã", "gửi đi đâu", "đồng ý cái gì", "👍", "không chắc"]
)
@_NO_QUESTION
def test_what_is_neither_is_asked_again_even_where_it_was_understood_as_one(runtime, text, intent):
    told = validate(runtime, Chat("turn", intent, text=text, slots=ASKED))
    assert told == {WORDS: STORY, REQUESTED_SLOT: CONSENT}


def test_a_button_says_yes_and_no_and_let_me_tell_it_again(runtime):
    def press(step):
        return validate(runtime, Chat("turn", "report_scam", entities=pressed(step), slots=ASKED))

    assert press("send")[CONSENT] is True
    assert press("keep")[CONSENT] is False
    assert press("tell") == {WORDS: None, REQUESTED_SLOT: WORDS}


def test_more_of_the_story_replaces_it_and_is_asked_about_again(runtime):
    told = validate(runtime, Chat("turn", "report_scam", text="họ đòi 500 nghìn", slots=ASKED))
    assert told == {WORDS: "họ đòi 500 nghìn", REQUESTED_SLOT: CONSENT}


def test_a_question_of_its_own_is_left_to_its_rule(runtime):
    assert validate(runtime, Chat("turn", "ask_cost", text="giá sao", slots=ASKED)) == {REQUESTED_SLOT: CONSENT}


def test_the_words_are_shown_exactly_before_the_yes(runtime, renderer):
    (reply,) = ActionAskConsent(runtime).act(Chat("turn", "report_scam", slots=ASKED)).replies
    text = renderer.render(reply.template, channel="web", facts=reply.facts)
    assert f"“{STORY}”" in text
    assert runtime.programme.operator.name in text
    assert "30 ngày" in text
    assert [button.press.entities for button in reply.buttons] == [
        (("reporting", step),) for step in ("send", "keep", "tell")
    ]


def test_after_a_yes_the_report_is_submitted_under_a_reference_that_can_be_taken_back(runtime):
    slots = {WORDS: STORY, CONSENT: True}
    outcome = ActionFinishReport(runtime).act(Chat("turn", "affirm", slots=slots))
    (reply,) = outcome.replies
    reference = reply.facts["reference"]
    assert outcome.effect == Effect("report.submit", {"reference": reference, "words": STORY})
    assert reply.buttons[0].press == Press.of("report_scam", reporting="withdraw", reference=reference)
    assert outcome.slots == {WORDS: None, CONSENT: None, INTERRUPTS: None}


@pytest.mark.parametrize(
    "slots",
    [{}, {WORDS: STORY}, {WORDS: STORY, CONSENT: False}, {WORDS: "", CONSENT: True}, {WORDS: STORY, CONSENT: "x"}],
)
def test_without_a_yes_and_a_story_nothing_is_submitted(runtime, slots):
    outcome = ActionFinishReport(runtime).act(Chat("turn", "cancel", slots=slots))
    assert outcome.effect is None
    assert [reply.template for reply in outcome.replies] == ["report_not_sent"]


@pytest.mark.parametrize(("intent", "next_action"), [("affirm", ELIGIBILITY_FORM), ("cancel", None), ("goodbye", None)])
def test_a_check_that_the_report_broke_into_goes_on_unless_everything_is_stopped(runtime, intent, next_action):
    slots = {WORDS: STORY, CONSENT: True, INTERRUPTS: True}
    assert ActionFinishReport(runtime).act(Chat("turn", intent, slots=slots)).next_action == next_action


def test_a_request_that_the_report_broke_into_goes_on(runtime):
    slots = {REQUESTED_SLOT: "handoff_consent"}
    begun = ActionWarnOfFraud(runtime).act(
        Chat("turn", "report_scam", entities=pressed("tell"), slots=slots, in_form=True)
    )
    told = {WORDS: STORY, CONSENT: True, **{name: value for name, value in begun.slots.items() if value}}
    assert ActionFinishReport(runtime).act(Chat("turn", "affirm", slots=told)).next_action == "handoff_form"


def test_a_report_is_withdrawn_by_its_reference(runtime):
    chat = Chat("turn", "report_scam", entities=pressed("withdraw", reference="BC-7K2MX"))
    outcome = ActionWarnOfFraud(runtime).act(chat)
    assert outcome.effect == Effect("report.withdraw", {"reference": "BC-7K2MX"})
    assert [reply.template for reply in outcome.replies] == ["report_withdrawal"]


@pytest.mark.parametrize("entities", [pressed("send"), pressed("keep"), pressed("withdraw"), pressed("x")])
def test_a_button_of_a_form_that_is_closed_sends_nothing(runtime, entities):
    outcome = ActionWarnOfFraud(runtime).act(Chat("turn", "report_scam", entities=entities))
    assert (outcome.effect, outcome.next_action) == (None, None)
    assert [reply.template for reply in outcome.replies] == ["report_not_sent"]
