"""Settles the intent where the taxonomy leaves nothing to weigh."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.folding import fold
from components.grammar import (
    Entity,
    asks_who_may,
    intent_of_bare_wish,
    is_bare_answer,
    says_nothing,
    tells_own_case,
    wants_judgement,
)

FACTS_INTENT = "inform"
JUDGEMENT_INTENT = "check_eligibility"
GROUPS_INTENT = "ask_eligibility"
PRICE_INTENT = "ask_cost"
NO_INTENT = "out_of_scope"
GUIDE_LOOP = "guide_form"
_WORDS_OF_A_GUIDE = {
    "guide_next": "xong|xong roi|da xong|tiep|tiep tuc|lam tiep|done|next|continue|siap|seterusnya|teruskan",
    "guide_problem": "chua|chua duoc|chua dc|chua dk|van chua duoc|van chua dc|khong duoc|ko dc|not working|not yet"
    "|still not working|belum|belum berjaya|masih belum berjaya",
    "guide_back": "quay lai|lui lai|tro lai|back|go back|kembali",
    "guide_repeat": "xem lai|xem lai buoc nay|nhac lai|show this step again|show again|repeat|ulang|ulang langkah ini",
    "cancel": "dung|dung lai|stop|berhenti",
}
_WORDS_IN_A_GUIDE = {word: intent for intent, words in _WORDS_OF_A_GUIDE.items() for word in words.split("|")}
_WORD = re.compile(r"[^a-z0-9]+")
_END_OF_A_BULLETIN = re.compile(r"\bma kiem tra [a-z0-9]{3}-[a-z0-9]{3}\. tin that hay gia\b")
"""How each of our bulletins ends (``templates/messages/broadcast_message``), folded."""
_PRICE = re.compile(r"(?<![a-z0-9])gia(?![a-z0-9])")
"""A small word around facts, and what "gia biz.vn" is all about."""
_WISHES = {"domain_name": "check_domain", "reference": "check_registration_status", "check_code": "check_bulletin"}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class IntentSettler(GraphComponent):
    """Settles what the taxonomy settles about messages of facts.

    Stands behind classifier and grammar. The classifier has seen few of all numbers, dates and names: "37" alone is
    `inform` whatever its neighbours in the training data say, and facts with "được không" are `check_eligibility`.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentSettler:
        """Build the component; it has no settings and learns nothing."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent of each message where it is certain."""
        for message in messages:
            guessed = message.get(INTENT, {}).get("name")
            certain = _certain_intent(message.get(TEXT) or "", _entities(message), guessed)
            if certain is not None:
                intent = {"name": certain, "confidence": 1.0}
                others = [other for other in message.get(INTENT_RANKING_KEY, []) if other["name"] != certain]
                message.set(INTENT, intent, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [intent, *others], add_to_output=True)
        return messages


def meaning(parse_data: Mapping[str, Any], active_loop: str | None = None) -> dict[str, Any]:
    """Give what a message means for the dialogue, with the form that it is in.

    - In a guide the words that the guide tells people to type mean just that: "dung" could be many things elsewhere.
    - A name or a code alone is a fact, told to have it looked up.
    - Whoever sends on a whole bulletin, whatever it is about, wants to know whether it is genuine.
    - Whoever names the provider of their token out of any form wants to know what to do with it.
    """
    wish = _wish(parse_data, active_loop)
    return {**parse_data, "intent": {"name": wish, "confidence": 1.0}} if wish else dict(parse_data)


def _wish(parse_data: Mapping[str, Any], active_loop: str | None) -> str | None:
    if active_loop == GUIDE_LOOP:
        return _WORDS_IN_A_GUIDE.get(_WORD.sub(" ", fold(parse_data["text"]).folded).strip())
    kinds = {entity["entity"] for entity in parse_data["entities"]}
    if "check_code" in kinds and _END_OF_A_BULLETIN.search(fold(parse_data["text"]).folded):
        return "check_bulletin"
    guessed = parse_data["intent"]["name"]
    if active_loop is None and "token_provider" in kinds and guessed in {FACTS_INTENT, NO_INTENT}:
        return "start_token_guide"
    return _WISHES.get(*kinds) if len(kinds) == 1 and guessed == FACTS_INTENT else None


def _certain_intent(text: str, entities: tuple[Entity, ...], guessed: str | None) -> str | None:
    if says_nothing(text):
        return NO_INTENT
    if is_bare_answer(text, entities):
        asks_price = guessed == PRICE_INTENT and {found.name for found in entities} == {"product"}
        return None if asks_price and _PRICE.search(fold(text).folded) else FACTS_INTENT
    wanted = intent_of_bare_wish(text, entities)
    if wanted is not None:
        return wanted
    # Of a question for the groups only what no group has tells that it is about one case.
    is_case = guessed == FACTS_INTENT or (guessed == GROUPS_INTENT and tells_own_case(entities))
    if is_case and wants_judgement(text, entities):
        return JUDGEMENT_INTENT
    return GROUPS_INTENT if not tells_own_case(entities) and asks_who_may(text) else None


def _entities(message: Message) -> tuple[Entity, ...]:
    return tuple(
        Entity(found["entity"], found["value"], found["start"], found["end"]) for found in message.get(ENTITIES, [])
    )
