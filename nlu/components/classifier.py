"""Puts the intent model into Rasa's pipeline."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.augmentation import variant
from components.grammar import find_entities
from components.ngrams import IntentModel, read
from components.tokenizer import cut

_MODEL_FILE = "intents.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NgramClassifier(GraphComponent):
    """A classifier that gives each intent a probability; the same training data always gives the same one.

    Stands behind the tokenizer, whose lemmas it reads, and behind the grammar, whose entities it reads.
    """

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, model: IntentModel | None = None
    ) -> None:
        """Keep what the other methods need."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def required_components(cls) -> list[type]:
        """Name what must stand before it: a tokenizer."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Give the settings and their defaults.

        ``out_of_scope_bias`` is added to the margin of "anything else" (see ``config.yml``); ``variants`` is the share
        of messages that are learnt a second time as somebody else would have typed them; ``ranking_length`` is how many
        intents are told.
        """
        return {"out_of_scope_bias": 0.0, "variants": 0.3, "random_seed": 42, "ranking_length": 30}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NgramClassifier:
        """Build one that has not learnt anything yet."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that have an intent, some also as variants, and keep what was learnt."""
        examples = [example for example in training_data.intent_examples if example.get(INTENT) and example.get(TEXT)]
        texts = [example.get(TEXT) for example in examples]
        # The grammar's entities and not the marks of the data, since a message to be read has only those.
        entities = [[entity.name for entity in find_entities(text)] for text in texts]
        chance = random.Random(self._config["random_seed"])  # noqa: S311 - nothing secret
        varied = sorted(chance.sample(range(len(texts)), round(self._config["variants"] * len(texts))))
        readings = [
            read(example.get(TOKENS_NAMES[TEXT]), kinds) for example, kinds in zip(examples, entities, strict=True)
        ]
        readings += [read(cut(variant(texts[row], chance)), entities[row]) for row in varied]
        model = IntentModel.learn(
            readings,
            np.array([example.get(INTENT) for example in examples]),
            np.array([*range(len(texts)), *varied]),
            bias=self._config["out_of_scope_bias"],
        )
        with self._model_storage.write_to(self._resource) as directory:
            model.save(directory / _MODEL_FILE)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NgramClassifier:
        """Build the one that was trained."""
        with model_storage.read_from(resource) as directory:
            return cls(config, model_storage, resource, IntentModel.load(directory / _MODEL_FILE))

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the likeliest intent and the ranking.

        Raises:
            RuntimeError: nothing was learnt.
        """
        if self._model is None:
            raise RuntimeError("The classifier has not been trained.")
        readings = [
            read(message.get(TOKENS_NAMES[TEXT]), (entity["entity"] for entity in message.get(ENTITIES, [])))
            for message in messages
        ]
        rows = self._model.probabilities(readings, bias=self._config["out_of_scope_bias"])
        for message, probabilities in zip(messages, rows, strict=True):
            best = probabilities.argsort()[::-1][: self._config["ranking_length"]]
            ranking = [
                {"name": str(self._model.intents[index]), "confidence": float(probabilities[index])} for index in best
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages
