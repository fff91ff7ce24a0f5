"""Puts the grammar into Rasa's pipeline."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.grammar import Entity, find_entities, intent_of_bare_wish, is_bare_answer, wants_judgement

FACTS_INTENT = "inform"
JUDGEMENT_INTENT = "check_eligibility"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class GrammarExtractor(GraphComponent):
    """Reads entities by rules, and settles what the taxonomy settles about messages of facts.

    Stands after the classifier, which has seen few of all numbers, dates and names: "37" alone is `inform` and
    "quanbaba.biz.vn" alone `check_domain` whatever their neighbours in the training data say, and facts with "được
    không" are `check_eligibility` and not `inform`.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GrammarExtractor:
        """Build the component; it has no settings and learns nothing."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add entities, and the intent where it is certain."""
        for message in messages:
            text = message.get(TEXT) or ""
            entities = find_entities(text)
            found = [self._as_rasa_has_it(entity) for entity in entities]
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
            wanted = intent_of_bare_wish(text, entities)
            if is_bare_answer(text, entities):
                self._settle_intent(message, FACTS_INTENT)
            elif wanted is not None:
                self._settle_intent(message, wanted)
            elif message.get(INTENT, {}).get("name") == FACTS_INTENT and wants_judgement(text, entities):
                self._settle_intent(message, JUDGEMENT_INTENT)
        return messages

    @staticmethod
    def _as_rasa_has_it(entity: Entity) -> dict[str, Any]:
        return {
            "entity": entity.name,
            "value": entity.value,
            "start": entity.start,
            "end": entity.end,
            "extractor": GrammarExtractor.__name__,
        }

    @staticmethod
    def _settle_intent(message: Message, name: str) -> None:
        intent = {"name": name, "confidence": 1.0}
        others = [other for other in message.get(INTENT_RANKING_KEY, []) if other["name"] != name]
        message.set(INTENT, intent, add_to_output=True)
        message.set(INTENT_RANKING_KEY, [intent, *others], add_to_output=True)
