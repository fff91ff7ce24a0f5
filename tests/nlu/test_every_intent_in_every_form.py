"""Whatever is said in whatever form is answered: the whole taxonomy in each form, by the real server and actions."""

import asyncio

import pytest
import yaml

from actions.handing import SLOT_OF
from actions.handlers.eligibility import REQUESTED_SLOT
from actions.handlers.people import ABOUT, DECISION, ERASURE
from actions.handlers.reports import CONSENT, WORDS
from bot.core.handoffs.turns import AGREED_ON, WHOSE_TURN
from bot.core.ports import DialogueState, TurnRequest
from bot.core.replies import ASK_AGAIN, Press
from bot.rasa_client import RasaAssistant
from bot.settings import ROOT
from tests.nlu.conftest import TODAY

pytestmark = pytest.mark.nlu_server

STORY = "có người gọi đòi 300 nghìn phí tên miền"
WISHED = {
    WHOSE_TURN: "id.vn=inet.vn&id.vn=tenten.vn&biz.vn=bkns.vn",
    SLOT_OF["name"]: "quanbaba.id.vn",
    SLOT_OF["product"]: "id.vn",
    SLOT_OF["adult"]: True,
    SLOT_OF["registrar"]: "inet.vn",
}
AGREED = {**WISHED, SLOT_OF["consent"]: "handoff-1", AGREED_ON: TODAY.isoformat()}
REACHED = {**AGREED, SLOT_OF["person"]: "Lan", SLOT_OF["contact"]: "+84900000001"}
CONNECTED = {WHOSE_TURN: WISHED[WHOSE_TURN]}
OPEN = {
    "a check, which product": ("eligibility_form", {REQUESTED_SLOT: "product"}),
    "a check, how old": ("eligibility_form", {"product": "id.vn", REQUESTED_SLOT: "age"}),
    "a check, with a certificate": (
        "eligibility_form",
        {"product": "biz.vn", "subject": "household_business", REQUESTED_SLOT: "certificate"},
    ),
    "a person": ("decision_form", {ABOUT: "asked", REQUESTED_SLOT: DECISION}),
    "an erasure": ("decision_form", {ABOUT: ERASURE, REQUESTED_SLOT: DECISION}),
    "a report, what happened": ("report_form", {REQUESTED_SLOT: WORDS}),
    "a report, the consent": ("report_form", {WORDS: STORY, REQUESTED_SLOT: CONSENT}),
    "a request, the name": ("handoff_form", {**CONNECTED, REQUESTED_SLOT: SLOT_OF["name"]}),
    "a request, the consent": ("handoff_form", {**WISHED, REQUESTED_SLOT: SLOT_OF["consent"]}),
    "a request, the person": ("handoff_form", {**AGREED, REQUESTED_SLOT: SLOT_OF["person"]}),
    "a request, the contact": (
        "handoff_form",
        {**AGREED, SLOT_OF["person"]: "Lan", REQUESTED_SLOT: SLOT_OF["contact"]},
    ),
    "a request, the last word": ("handoff_form", {**REACHED, REQUESTED_SLOT: SLOT_OF["sending"]}),
    "a guide, which": ("guide_form", {"guide_wish": "procedure=sign", REQUESTED_SLOT: "guide_asking"}),
    "a guide, a step": ("guide_form", {"guide_place": "st2", "guide_language": "vi", REQUESTED_SLOT: "guide_asking"}),
}
_YES_IN = {"an erasure": {"affirm", "delete_my_data"}}
"""Intents whose message may be a yes: saying the wish again is one."""
_DONE = {"case.open", "rights.erase", "report.submit", "handoff.submit"}


def _said_in_training():
    """Give one message of each intent, as the training data has it."""
    said = {}
    for path in sorted((ROOT / "nlu" / "data" / "nlu").rglob("*.yml")):
        for intent in yaml.safe_load(path.read_text("utf-8")).get("nlu", ()):
            if "intent" in intent and intent["examples"].strip():
                said.setdefault(intent["intent"], intent["examples"].strip().splitlines()[0].removeprefix("- "))
    return said


SAID = _said_in_training()


@pytest.fixture(scope="module")
def answers(nlu_server):
    """Give what answers a text or a press in a form; it fails where the answer is no turn."""

    async def ask_all(place, messages):
        assistant = RasaAssistant(nlu_server)
        loop, slots = OPEN[place]
        try:
            return [
                await assistant.take_turn(
                    TurnRequest(
                        "turn",
                        "web",
                        DialogueState(loop, slots),
                        text=None if isinstance(message, Press) else message,
                        press=message if isinstance(message, Press) else None,
                    )
                )
                for message in messages
            ]
        finally:
            await assistant.close()

    return lambda place, *messages: asyncio.run(ask_all(place, messages))


def test_there_is_a_message_of_every_intent():
    taxonomy = {intent for path in (ROOT / "nlu" / "domain").glob("*.yml") for intent in _intents(path)}
    assert set(SAID) == taxonomy


def _intents(path):
    return yaml.safe_load(path.read_text("utf-8")).get("intents", ())


@pytest.mark.parametrize("place", OPEN)
def test_every_intent_as_somebody_types_it_is_answered_and_agrees_to_nothing(answers, place):
    said = {intent: text for intent, text in SAID.items() if intent not in _YES_IN.get(place, {"affirm"})}
    for turn, text in zip(answers(place, *said.values()), said.values(), strict=True):
        assert turn.effect is None or turn.effect.name not in _DONE, text
        if place == "a request, the consent":
            assert SLOT_OF["consent"] not in turn.state.slots, text


@pytest.mark.parametrize("place", {loop: place for place, (loop, _) in OPEN.items()}.values())
def test_every_intent_is_answered_where_a_button_means_it(answers, place):
    assert all(turn.replies for turn in answers(place, *map(Press, SAID)))


@pytest.mark.parametrize("place", OPEN)
def test_a_mere_number_and_what_cannot_be_read_leave_the_form_open_and_have_it_ask_again(answers, place):
    loop, slots = OPEN[place]
    for turn in answers(place, ASK_AGAIN, "2 nha", "so hai"):
        assert (turn.state.active_loop, turn.state.slots[REQUESTED_SLOT]) == (loop, slots[REQUESTED_SLOT])
        assert turn.replies
        assert turn.effect is None
