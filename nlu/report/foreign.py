"""Components that find entities in data that is not ours, where our grammar as a whole would be out of place."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.crf_entity_extractor import CRFEntityExtractor, CRFEntityExtractorOptions, CRFToken
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.folding import fold
from components.grammar import find_entities


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class SharedGrammar(GraphComponent):
    """Our grammar for the entities that the data has in common with us; the intents are the data's own."""

    def __init__(self, names: frozenset[str]) -> None:
        """Keep the ``names`` of the entities that count."""
        self._names = names

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Give the settings and their defaults: ``entities`` names those to find."""
        return {"entities": []}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SharedGrammar:
        """Build the component; it learns nothing."""
        return cls(frozenset(config["entities"]))

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of the names that count."""
        for message in messages:
            found = [
                {
                    "entity": entity.name,
                    "value": entity.value,
                    "start": entity.start,
                    "end": entity.end,
                    "extractor": type(self).__name__,
                }
                for entity in find_entities(message.get(TEXT) or "")
                if entity.name in self._names
            ]
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages


@lru_cache(maxsize=65536)
def _folded(text: str) -> str:
    return fold(text).folded


def _on_folded(feature: Callable[[str], str]) -> Callable[[CRFToken], str]:
    return lambda token: feature(_folded(token.text))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class FoldedEntityExtractor(CRFEntityExtractor):
    """Rasa's conditional random field, to which a word is the same with and without accents."""

    # Capitals and digits are still those of the text as sent.
    function_dict = {  # noqa: RUF012 - the base class reads it from the class
        **CRFEntityExtractor.function_dict,
        CRFEntityExtractorOptions.LOW: _on_folded(lambda word: word),
        CRFEntityExtractorOptions.PREFIX5: _on_folded(lambda word: word[:5]),
        CRFEntityExtractorOptions.PREFIX2: _on_folded(lambda word: word[:2]),
        CRFEntityExtractorOptions.SUFFIX5: _on_folded(lambda word: word[-5:]),
        CRFEntityExtractorOptions.SUFFIX3: _on_folded(lambda word: word[-3:]),
        CRFEntityExtractorOptions.SUFFIX2: _on_folded(lambda word: word[-2:]),
        CRFEntityExtractorOptions.SUFFIX1: _on_folded(lambda word: word[-1:]),
    }
