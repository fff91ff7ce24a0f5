import pytest

from actions.chat import Chat
from actions.handlers.handoff import ActionBeginHandoff, ActionValidateHandoffForm
from actions.handlers.registration import ActionTellStatus
from bot.core.handoffs.references import new_reference
from bot.core.handoffs.steps import TOPIC, Step
from bot.core.replies import Effect, Press

REFERENCE = new_reference()


def press(runtime, step, **entities):
    chat = Chat("turn", TOPIC, entities=(("registering", step), *entities.items()))
    return ActionBeginHandoff(runtime).act(chat)


def templates(outcome):
    return [reply.template for reply in outcome.replies]


@pytest.mark.parametrize(
    ("step", "entities", "effect"),
    [
        (Step.WITHDRAW, {"reference": REFERENCE}, Effect("handoff.withdraw", {"reference": REFERENCE})),
        (Step.WITHDRAW, {}, Effect("handoff.withdraw", {"reference": ""})),
        (
            Step.NEXT,
            {"reference": REFERENCE, "registrar": "inet.vn"},
            Effect("handoff.pass_on", {"reference": REFERENCE, "registrar": "inet.vn", "consent": "handoff-next-1"}),
        ),
        (
            Step.SURVEY,
            {"answer": "easy.yes"},
            Effect("handoff.survey", {"question": "easy", "answer": "yes"}),
        ),
        (
            Step.REMIND,
            {"reference": REFERENCE},
            Effect("handoff.remind", {"reference": REFERENCE, "years": "2", "consent": "reminder-1"}),
        ),
        (Step.FORGET_REMINDER, {"reference": REFERENCE}, Effect("handoff.forget_reminder", {"reference": REFERENCE})),
        (Step.NO_REMINDER, {}, None),
        (Step.DONE, {}, None),
    ],
)
def test_buttons_under_later_messages_do_what_they_say(runtime, step, entities, effect):
    outcome = press(runtime, step, **entities)
    assert outcome.effect == effect
    assert "handoff_nothing_open" not in templates(outcome)
    assert outcome.next_action is None


@pytest.mark.parametrize(
    ("step", "entities"),
    [
        (Step.NEXT, {"reference": REFERENCE, "registrar": "matbao.net"}),
        (Step.NEXT, {"reference": "HD-3222-2222", "registrar": "inet.vn"}),
        (Step.SURVEY, {"answer": "easy.perhaps"}),
        (Step.REMIND, {}),
    ],
)
def test_what_cannot_be_done_is_not_done(runtime, step, entities):
    outcome = press(runtime, step, **entities)
    assert outcome.effect is None
    assert templates(outcome) == ["handoff_nothing_open"]


def test_they_work_in_the_middle_of_another_request_which_goes_on(runtime):
    slots = {"requested_slot": "handoff_name"}
    chat = Chat("turn", TOPIC, entities=(("registering", "withdraw"), ("reference", REFERENCE)), slots=slots)
    outcome = ActionValidateHandoffForm(runtime).act(chat)
    assert outcome.effect == Effect("handoff.withdraw", {"reference": REFERENCE})
    assert outcome.slots["requested_slot"] == "handoff_name"
    assert len(outcome.slots) > 1  # else Rasa would take the press for none of the form's business


def test_after_a_registration_two_questions_lead_to_the_offer_to_be_reminded(runtime):
    outcome = press(runtime, Step.DONE, reference=REFERENCE, product="biz.vn")
    assert [reply.topic for reply in outcome.replies] == ["ask_use_services", TOPIC]
    assert outcome.replies[1].template == "survey_easy"
    for answer, following in (("easy", "survey_fee_told"), ("fee_told", "reminder_consent")):
        button = outcome.replies[-1].buttons[0]
        assert dict(button.press.entities)["answer"].startswith(answer)
        outcome = press(runtime, Step.SURVEY, **dict(button.press.entities[1:]))
        assert templates(outcome) == [following]
    assert outcome.replies[0].buttons[0].press == Press.of(TOPIC, registering="remind", reference=REFERENCE)


def test_a_status_is_looked_up_by_reference_or_as_the_last_one(runtime):
    def ask(*entities):
        return ActionTellStatus(runtime).act(Chat("turn", "check_registration_status", entities=entities))

    assert ask(("reference", REFERENCE)).effect == Effect("handoff.status", {"reference": REFERENCE})
    assert ask().effect == Effect("handoff.status", {"reference": ""})
    wrong = ask(("reference", REFERENCE[:-1] + ("2" if REFERENCE[-1] != "2" else "3")))
    assert wrong.effect is None
    assert wrong.replies[0].facts["unreadable"] is True
