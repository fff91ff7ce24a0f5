"""The two pipelines that are compared, and what each is taught."""

from __future__ import annotations

import copy
import importlib.resources
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.grammar import find_entities

NLU = Path(__file__).parent.parent
OURS = "ours"
DEFAULT = "Rasa default"

_OUR_GRAMMAR = "components.extractor.GrammarExtractor"
_FALLBACK = "FallbackClassifier"


@dataclass(frozen=True)
class Pipeline:
    """A pipeline ready to be trained.

    Attributes:
        name: what the report calls it.
        config: Rasa's configuration.
        training: the messages with the marks that this pipeline needs; the texts are the same for all.
        notes: sentences for the report on what is not as everybody would expect.
        is_kept: whether a trained model may be used again; ours is always trained anew, since its code changes.
    """

    name: str
    config: dict[str, Any]
    training: TrainingData
    notes: tuple[str, ...]
    is_kept: bool


def our_pipeline(training: TrainingData, *, own_data: bool) -> Pipeline:
    """Give the pipeline as it is shipped; on other people's data with what their entities need."""
    config = yaml.safe_load((NLU / "config.yml").read_text("utf-8"))
    config = {key: value for key, value in config.items() if key != "policies"}
    if own_data:
        return Pipeline(OURS, config, training, (), is_kept=False)
    shared, learnt = _split_names(training)
    components = [component for component in config["pipeline"] if component["name"] != _OUR_GRAMMAR]
    # Before the fallback, which stands last: the components that it judges come first.
    place = next((at for at, component in enumerate(components) if component["name"] == _FALLBACK), len(components))
    components[place:place] = _entity_components(shared, learnt)
    config["pipeline"] = components
    return Pipeline(OURS, config, _keep_marks(training, learnt), _notes_on_names(shared, learnt), is_kept=False)


def default_pipeline(training: TrainingData, *, own_data: bool, epochs: int | None) -> Pipeline:
    """Give what ``rasa init`` gives: its configuration leaves the pipeline open, and Rasa fills in its recipe's."""
    files = importlib.resources.files("rasa")
    initial = yaml.safe_load((files / "cli/initial_project/config.yml").read_text("utf-8"))
    recipe = yaml.safe_load((files / "engine/recipes/config_files/default_config.yml").read_text("utf-8"))
    config = {
        "recipe": initial["recipe"],
        "assistant_id": initial["assistant_id"],
        "language": initial["language"],
        "pipeline": initial["pipeline"] or recipe["pipeline"],
    }
    notes = []
    if epochs is not None:
        notes.append(f"The default pipeline was trained for {epochs} epochs instead of its own 100.")
        for component in config["pipeline"]:
            if "epochs" in component:
                component["epochs"] = epochs
    if own_data:
        training = _marked_by_grammar(training)
        notes.append(
            "Our training messages have no entity marks, since our entities are found by a grammar; for the default "
            "pipeline, which learns entities from marks, the same messages are marked by that grammar."
        )
    return Pipeline(DEFAULT, config, training, tuple(notes), is_kept=True)


def _split_names(training: TrainingData) -> tuple[frozenset[str], frozenset[str]]:
    """Give the marked entities that our grammar knows, and those that it does not."""
    known = {
        name
        for file in (NLU / "domain").glob("*.yml")
        for name in yaml.safe_load(file.read_text("utf-8")).get("entities", ())
    }
    marked = frozenset(training.entities)
    return marked & known, marked - known


def _entity_components(shared: frozenset[str], learnt: frozenset[str]) -> list[dict[str, Any]]:
    components: list[dict[str, Any]] = []
    if shared:
        components.append({"name": "report.foreign.SharedGrammar", "entities": sorted(shared)})
    if learnt:
        components += [
            # The extractor takes only messages with features; the first also brings the data's own lookup tables.
            {"name": "RegexFeaturizer"},
            {"name": "LexicalSyntacticFeaturizer"},
            {"name": "report.foreign.FoldedEntityExtractor"},
            {"name": "EntitySynonymMapper"},
        ]
    return components


def _notes_on_names(shared: frozenset[str], learnt: frozenset[str]) -> tuple[str, ...]:
    notes = ["The data is not ours: the grammar, which settles intents of our own, is not in our pipeline."]
    if shared:
        notes.append(f"It still finds the entities that the data shares with us: {', '.join(sorted(shared))}.")
    if learnt:
        notes.append(
            f"Entities learnt from the data's marks by Rasa's CRFEntityExtractor on folded words: "
            f"{', '.join(sorted(learnt))}."
        )
    return tuple(notes)


def _keep_marks(training: TrainingData, names: frozenset[str]) -> TrainingData:
    """Give the training data with the marks of these entities only."""
    return _with_marks(
        training, lambda message: [mark for mark in message.get(ENTITIES, []) if mark["entity"] in names]
    )


def _marked_by_grammar(training: TrainingData) -> TrainingData:
    return _with_marks(
        training,
        lambda message: [
            {"entity": entity.name, "value": str(entity.value), "start": entity.start, "end": entity.end}
            for entity in find_entities(message.get(TEXT))
        ],
    )


def _with_marks(training: TrainingData, marks: Callable[[Message], list[dict[str, Any]]]) -> TrainingData:
    marked = copy.deepcopy(training)
    for message in marked.training_examples:
        if message.get(TEXT):
            message.set(ENTITIES, marks(message), add_to_output=True)
    return marked
