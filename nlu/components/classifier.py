"""Decides the intent: a linear classifier over folded words and character n-grams.

Rasa's own pair (CountVectorsFeaturizer, LogisticRegressionClassifier) sees raw counts and cannot be told how strongly
to regularise; on an earlier, smaller set of messages, weighting the n-grams by how telling they are (TF-IDF) and
regularising less got five in a hundred more of them right, at the same speed. Cross-validated in four parts on
2026-11-21, this one gets 82 % of 6,778 messages right among 59 intents, and 94 % among the three likeliest.
"""

from __future__ import annotations

from typing import Any

import skops.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union

_MODEL_FILE = "classifier.skops"
_TRUSTED_TYPES = ["scipy.sparse._csr.csr_matrix"]  # beside scikit-learn's and NumPy's own


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NgramClassifier(GraphComponent):
    """A classifier that gives each intent a probability; the same training data always gives the same one."""

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, pipeline: Pipeline
    ) -> None:
        """Keep what the other methods need."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._pipeline = pipeline

    @classmethod
    def required_components(cls) -> list[type]:
        """Name what must stand before it: a tokenizer, whose lemmas it reads."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Give the settings and their defaults.

        ``inverse_regularisation`` is scikit-learn's ``C``; ``ranking_length`` is how many intents are told.
        """
        return {
            "char_ngrams": [2, 5],
            "word_ngrams": [1, 2],
            "inverse_regularisation": 20.0,
            "max_iterations": 200,
            "random_seed": 42,
            "ranking_length": 30,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NgramClassifier:
        """Build one that has not learnt anything yet."""
        features = make_union(
            TfidfVectorizer(analyzer="char_wb", ngram_range=tuple(config["char_ngrams"]), sublinear_tf=True),
            TfidfVectorizer(
                analyzer="word", token_pattern=r"\S+", ngram_range=tuple(config["word_ngrams"]), sublinear_tf=True
            ),
        )
        regression = LogisticRegression(
            C=config["inverse_regularisation"],
            class_weight="balanced",
            max_iter=config["max_iterations"],
            random_state=config["random_seed"],
        )
        return cls(config, model_storage, resource, make_pipeline(features, regression))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that have an intent, and keep what was learnt."""
        examples = [example for example in training_data.intent_examples if example.get(INTENT) and example.get(TEXT)]
        self._pipeline.fit([_words(example) for example in examples], [example.get(INTENT) for example in examples])
        with self._model_storage.write_to(self._resource) as directory:
            skops.io.dump(self._pipeline, directory / _MODEL_FILE)
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
        """Build the one that was trained.

        Raises:
            UntrustedTypesFoundException: the file holds types that no classifier of ours has.
        """
        with model_storage.read_from(resource) as directory:
            pipeline = skops.io.load(directory / _MODEL_FILE, trusted=_TRUSTED_TYPES)
        return cls(config, model_storage, resource, pipeline)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the likeliest intent and the ranking."""
        classes = self._pipeline.classes_
        rows = self._pipeline.predict_proba([_words(message) for message in messages])
        for message, probabilities in zip(messages, rows, strict=True):
            best = probabilities.argsort()[::-1][: self._config["ranking_length"]]
            ranking = [{"name": str(classes[index]), "confidence": float(probabilities[index])} for index in best]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def _words(message: Message) -> str:
    return " ".join(token.lemma for token in message.get(TOKENS_NAMES[TEXT]))
