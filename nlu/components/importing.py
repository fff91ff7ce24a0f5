"""Reads the training messages fast: Rasa's own reading takes longer than the learning.

Rasa reads each file seven times with a YAML reader written in Python, half a minute for 20,000 messages. A file that is
nothing but intents with examples is read here once, by libyaml; any other goes Rasa's own way, which also says what is
wrong with it. Then Rasa merges them eight times with next to nothing, copying and comparing all messages each time:
another quarter of a minute, unless both cost little.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

import yaml
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_PLAIN_FILE = {"version", "nlu"}
_PLAIN_BLOCK = {"intent", "examples"}


class MessagesImporter(RasaFileImporter):
    """Rasa's importer of files, but for the messages."""

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Give the messages of all files, whatever the language."""
        return self._messages

    @cached_property
    def _messages(self) -> TrainingData:
        plain: list[Message] = []
        others = []
        # Rasa lists them in no certain order; what is learnt depends on it a little.
        for path in sorted(self._nlu_files):
            reader = _Reader()
            read = reader.read(path)
            if reader.was_plain:
                plain += read.training_examples
            else:
                others.append(read)
        # Merging compares all messages with each other, so it is done once and not for each file.
        return TrainingData(plain).merge(*others) if others else TrainingData(plain)


class _LabelledText(Message):
    """A message that was read as nothing but a text and its intent: whatever else it holds later follows from these."""

    def fingerprint(self) -> str:
        """Tell it from other messages without looking at what components have put into it."""
        if self._cached_fingerprint is None:
            self._cached_fingerprint = hashlib.sha256(f"{self.get(INTENT)}\n{self.get(TEXT)}".encode()).hexdigest()
        return self._cached_fingerprint

    def __deepcopy__(self, _known: dict[int, Any]) -> _LabelledText:
        """Give one that can be changed by itself: components set values and do not change them in place."""
        return _LabelledText(self.data, set(self.output_properties), self.time, list(self.features))


def _as_labelled_text(message: Message) -> Message:
    return _LabelledText(message.data) if message.data.keys() == {TEXT, INTENT} else message


class _Reader(RasaYAMLReader):
    was_plain = False

    def reads(self, text: str, **more: Any) -> TrainingData:
        """Give the messages of one file."""
        try:
            content = yaml.load(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            content = None
        if not _is_plain(content):
            return super().reads(text, **more)
        self.was_plain = True
        self._parse_nlu(content["nlu"])
        return TrainingData(list(map(_as_labelled_text, self.training_examples)), self.entity_synonyms)


def _is_plain(content: object) -> bool:
    return (
        isinstance(content, dict)
        and content.keys() == _PLAIN_FILE
        and isinstance(content["nlu"], list)
        and all(
            isinstance(block, dict)
            and block.keys() == _PLAIN_BLOCK
            and all(isinstance(part, str) for part in block.values())
            for block in content["nlu"]
        )
    )
