"""The domain, its rules and its actions against each other and against the taxonomy's names."""

import yaml

from actions.handlers import all_actions
from actions.runtime import ActionRuntime
from bot.core.programme import answers
from bot.core.programme.answers import Answers
from bot.core.programme.topics import MENU
from bot.settings import ROOT
from tests.fakes import ShelfOfBulletins
from tests.fixtures.product import shipped_guides

NLU = ROOT / "nlu"
# Rasa's own; we only use them.
OF_RASA = {"action_deactivate_loop", "decision_form", "eligibility_form", "guide_form", "handoff_form", "report_form"}
# Rasa names a message below the threshold itself.
NLU_FALLBACK = "nlu_fallback"
INTENTS_OF_THE_FORM = {"check_eligibility", "inform"}


def load(folder):
    return [yaml.safe_load(path.read_text("utf-8")) for path in sorted((NLU / folder).glob("*.yml"))]


def domain(key):
    return [item for part in load("domain") for item in part.get(key, ())]


def rules():
    return [rule for part in load("data/rules") for rule in part["rules"]]


def intents_of(rule):
    for step in rule["steps"]:
        if "intent" in step:
            yield step["intent"]
        for alternative in step.get("or", ()):
            yield alternative["intent"]


def trained_intents():
    return {part["intent"] for file in load("data/nlu") for part in file["nlu"]}


def test_every_intent_is_trained_and_has_a_rule():
    assert set(domain("intents")) == trained_intents()
    assert {intent for rule in rules() for intent in intents_of(rule)} == set(domain("intents")) | {NLU_FALLBACK}


def test_no_intent_stands_twice():
    assert len(domain("intents")) == len(set(domain("intents")))


def test_the_actions_of_the_domain_are_the_actions_there_are(programme):
    runtime = ActionRuntime(
        programme, Answers(programme), shipped_guides(), lambda: None, ShelfOfBulletins(), outside_url=""
    )
    ours = {action.name() for action in all_actions(runtime)}
    assert ours == set(domain("actions"))


def test_every_action_is_used():
    in_rules = {step["action"] for rule in rules() for step in rule["steps"] if "action" in step}
    by_form = {name for name in domain("actions") if name.startswith(("action_ask_", "validate_"))}
    assert in_rules - OF_RASA | by_form == set(domain("actions"))


def test_every_topic_that_can_be_pressed_is_an_intent():
    assert set(MENU) | answers.ANSWERED <= set(domain("intents"))


def test_rules_are_named_as_sentences():
    assert all(len(rule["rule"].split()) >= 4 for rule in rules())


def test_there_is_no_text_in_the_domain():
    assert not any("responses" in part for part in load("domain"))
