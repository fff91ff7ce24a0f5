from dataclasses import replace

import httpx
import pytest

from actions.chat import HEARD, NLU_FALLBACK, Chat
from actions.handlers.learning import ActionTakeFeedback
from actions.handlers.programme import ActionAnswerQuestion, ActionNotUnderstood
from actions.handlers.talk import ActionConfirmNothing
from actions.server import actions_app
from bot.core.misreadings import offer
from bot.core.misreadings.models import Why
from bot.core.misreadings.offer import Heard
from bot.core.replies import Effect, Press
from tests.actions.trackers import make_call

WORDS = "qwrt tiền nộp chỗ nào zxcv"
LOST = Chat("L-17", NLU_FALLBACK, text=WORDS, ranking=("ask_cost", "ask_registrars"), confidence=0.2)
HEARD_LOST = Heard("L-17", WORDS, NLU_FALLBACK, 0.2, ("ask_cost", "ask_registrars"), Why.FALLBACK)
ASKED = Chat("L-17", "ask_cost", text="tên miền hết bao nhiêu", ranking=("ask_cost", "ask_renewal"), confidence=0.9)
KEEP = Press.of("give_feedback", learning="keep", reference="L-17")


@pytest.fixture
def learning(runtime):
    """Give a runtime in which the assistant may ask to learn."""
    return replace(runtime, keeps_misread=True)


def press(runtime, step, heard, *, reference="L-17"):
    slots = {HEARD: heard.to_text()} if heard else {}
    entities = (("learning", step), ("reference", reference))
    return ActionTakeFeedback(runtime).act(Chat("L-18", "give_feedback", entities=entities, slots=slots))


def deny(runtime, text, heard):
    slots = {HEARD: heard.to_text()} if heard else {}
    return ActionConfirmNothing(runtime).act(Chat("L-18", "deny", text=text, slots=slots))


def test_unless_it_is_switched_on_nothing_is_held_and_nothing_offered(runtime):
    for action, chat in ((ActionNotUnderstood, LOST), (ActionAnswerQuestion, ASKED)):
        outcome = action(runtime).act(chat)
        assert HEARD not in outcome.slots
        assert not any(button.press.intent == "give_feedback" for button in outcome.replies[0].buttons)


def test_a_message_not_understood_is_held_and_one_button_more_is_offered(learning, renderer):
    outcome = ActionNotUnderstood(learning).act(LOST)
    (reply,) = outcome.replies
    assert Heard.from_text(outcome.slots[HEARD]) == HEARD_LOST
    assert [button.press for button in reply.buttons if button.press.intent == "give_feedback"] == [KEEP]
    text = renderer.render(reply.template, channel="web", facts=reply.facts)
    assert renderer.title(reply.buttons[-1].title) in text
    assert learning.programme.operator.name in text


def test_an_answered_question_is_held_without_an_offer(learning):
    outcome = ActionAnswerQuestion(learning).act(ASKED)
    assert Heard.from_text(outcome.slots[HEARD]).why is Why.DENIED
    assert not any(button.press.intent == "give_feedback" for button in outcome.replies[0].buttons)


@pytest.mark.parametrize(
    "chat",
    [
        replace(ASKED, text=""),
        replace(ASKED, in_form=True),
        replace(ASKED, text="tên tôi là Lan, giá sao"),
        replace(ASKED, text="x " * 200),
    ],
)
def test_a_press_an_answer_in_a_form_and_what_may_not_be_kept_are_not_held(learning, chat):
    assert ActionAnswerQuestion(learning).act(chat).slots == {}
    assert HEARD not in ActionNotUnderstood(learning).act(replace(chat, intent=NLU_FALLBACK)).slots


def test_pressing_keeps_that_message_and_shows_it(learning, renderer):
    outcome = press(learning, "keep", HEARD_LOST)
    (reply,) = outcome.replies
    assert outcome.effect == Effect(
        "misreading.keep",
        {
            "words": WORDS,
            "intent": NLU_FALLBACK,
            "confidence": "0.200",
            "guesses": "ask_cost ask_registrars",
            "why": "fallback",
        },
    )
    assert Heard.from_text(outcome.slots[HEARD]) == replace(HEARD_LOST, kept=True)
    text = renderer.render(reply.template, channel="web", facts={**reply.facts, "keeping": "kept"})
    assert f"“{WORDS}”" in text
    assert "90 ngày" in text
    assert "365 ngày" in text
    assert reply.buttons[0].press == Press.of("give_feedback", learning="drop", reference="L-17")


def test_pressing_twice_keeps_once(learning):
    outcome = press(learning, "keep", replace(HEARD_LOST, kept=True))
    assert outcome.effect is None
    assert [reply.template for reply in outcome.replies] == ["misread_kept"]
    assert outcome.replies[0].facts["keeping"] == "kept"


def test_what_was_kept_is_taken_back_and_forgotten(learning):
    outcome = press(learning, "drop", replace(HEARD_LOST, kept=True))
    assert outcome.effect == Effect("misreading.drop", {"words": WORDS})
    assert [reply.template for reply in outcome.replies] == ["misread_dropped"]


@pytest.mark.parametrize(
    ("step", "heard", "reference"),
    [
        ("keep", None, "L-17"),
        ("keep", HEARD_LOST, "L-16"),
        ("drop", HEARD_LOST, "L-17"),
        ("drop", None, "L-17"),
        ("explode", HEARD_LOST, "L-17"),
    ],
)
def test_a_button_about_another_message_does_nothing(learning, step, heard, reference):
    outcome = press(learning, step, heard, reference=reference)
    assert outcome.effect is None
    assert [reply.template for reply in outcome.replies] == ["misread_not_held"]


def test_after_switching_off_an_old_button_keeps_nothing(runtime):
    assert press(runtime, "keep", HEARD_LOST).effect is None


def test_typed_feedback_is_answered_as_before(runtime):
    chat = Chat("L-18", "give_feedback", text="trợ lý trả lời chậm quá")
    typed, asked = (action(runtime).act(chat) for action in (ActionTakeFeedback, ActionAnswerQuestion))
    assert typed == asked


@pytest.mark.parametrize(
    "text",
    ["không phải", "khong phai vay", "sai rồi", "nhầm rồi", "ko phải", "chưa đúng ý tôi", "hổng phải", "đúng đâu"],
)
def test_a_denial_right_after_an_answer_is_owned_up_to(learning, renderer, text):
    heard = Heard("L-17", "tên miền hết bao nhiêu", "ask_cost", 0.9, ("ask_cost", "ask_renewal"), Why.DENIED)
    outcome = deny(learning, text, heard)
    (reply,) = outcome.replies
    assert (reply.topic, reply.template) == ("deny", "misread_denied")
    assert "“tên miền hết bao nhiêu”" in renderer.render(reply.template, channel="web", facts=reply.facts)
    assert [button.press.intent for button in reply.buttons] == ["ask_renewal", "check_eligibility", "give_feedback"]
    assert reply.buttons[-1].press == KEEP
    assert Heard.from_text(outcome.slots[HEARD]) == heard


@pytest.mark.parametrize("text", ["không", "ko", "chưa", "không cần đâu", "👎", ""])
def test_a_bare_no_denies_nothing(learning, text):
    assert [reply.template for reply in deny(learning, text, HEARD_LOST).replies] == ["nothing_to_confirm"]


def test_without_an_answer_before_there_is_nothing_to_deny(learning):
    assert [reply.template for reply in deny(learning, "không phải", None).replies] == ["nothing_to_confirm"]
    kept = replace(HEARD_LOST, kept=True)
    assert [reply.template for reply in deny(learning, "không phải", kept).replies] == ["nothing_to_confirm"]


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"turn": 1}', "7"])
def test_what_is_no_held_message_is_none(text):
    assert Heard.from_text(text) is None


def test_every_reply_of_the_offer_renders(learning, renderer):
    operator = learning.programme
    facts = {"keeping": "not_kept", "dropping": "gone"}
    for reply in (offer.kept(HEARD_LOST, operator), offer.kept_already(HEARD_LOST, operator), offer.dropped(),
                  offer.not_held(), offer.denied(HEARD_LOST, operator)):  # fmt: skip
        assert renderer.render(reply.template, channel="telegram", facts={**facts, **reply.facts})
        assert all(renderer.title(button.title) for button in reply.buttons)


async def test_the_message_is_forgotten_with_the_next_one_whatever_that_is(learning):
    transport = httpx.ASGITransport(actions_app(learning, "secret"))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        call = make_call("action_make_small_talk", "greet", slots={HEARD: HEARD_LOST.to_text()})
        response = await client.post("/internal/actions", json=call, headers={"X-Hiendien-Actions": "secret"})
    (event,) = (event for event in response.json()["events"] if event.get("name") == HEARD)
    assert event["value"] is None
