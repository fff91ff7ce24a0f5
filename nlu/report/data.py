"""Reading messages with Rasa's own reader, so that whatever Rasa can train on can be measured here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLWriter
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.folding import fold
from report.failures import DataMissingError, DataUnreadableError, TooFewIntentsError
from report.messages import Example, Mark

_SUFFIXES = frozenset({".yml", ".yaml", ".json"})


def read_training(path: Path) -> TrainingData:
    """Read the training messages of a file, or of all files in a folder.

    Raises:
        DataMissingError, DataUnreadableError, TooFewIntentsError
    """
    training = TrainingData().merge(*map(_load, _files(path)))
    if not training.intent_examples:
        raise DataUnreadableError(path, "không có câu nào có ý định")
    if len(training.intents) < 2:
        raise TooFewIntentsError(path)
    return training


def read_examples(path: Path) -> list[Example]:
    """Read the test messages of a file, or of all files in a folder, in the order of the files' names.

    Raises:
        DataMissingError, DataUnreadableError
    """
    examples = [
        Example(message.get(TEXT), message.get(INTENT), as_marks(message.get(ENTITIES, [])), file.stem)
        for file in _files(path)
        for message in _load(file).intent_examples
        if message.get(TEXT)
    ]
    if not examples:
        raise DataUnreadableError(path, "không có câu nào có ý định")
    return examples


def unseen(training: TrainingData, examples: Sequence[Example]) -> list[Example]:
    """Give the examples whose words stand in no training message, accents, case and signs aside.

    Short ones ("xin chào") are the same whoever writes them, and say nothing of wording that training never saw.
    """
    trained = {_words(message.get(TEXT)) for message in training.intent_examples if message.get(TEXT)}
    return [example for example in examples if _words(example.text) not in trained]


def write_training(training: TrainingData, path: Path) -> None:
    """Write training messages, their marks and whatever else came with them, as Rasa reads it."""
    RasaYAMLWriter().dump(path, training)


def as_marks(entities: list[dict[str, object]]) -> tuple[Mark, ...]:
    """Give Rasa's entities as ours; a value of another kind, such as a number, as its string."""
    return tuple(
        Mark(
            str(entity["entity"]),
            int(str(entity["start"])),
            int(str(entity["end"])),
            unicodedata.normalize("NFC", str(entity.get("value", ""))),
        )
        for entity in entities
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", fold(text).folded))


def _files(path: Path) -> Iterator[Path]:
    if not path.exists():
        raise DataMissingError(path)
    if path.is_file():
        yield path
    else:
        yield from sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES)


def _load(file: Path) -> TrainingData:
    try:
        return load_data(str(file))
    except (RasaException, ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        # Whatever Rasa's readers choke on comes out as it happens to be raised inside them.
        raise DataUnreadableError(file, type(error).__name__) from error
