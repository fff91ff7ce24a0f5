"""Reads the training messages fast: Rasa's own reading takes longer than the learning.

Rasa reads each file seven times with a YAML reader written in Python, half a minute for 20,000 messages. A file that is
nothing but intents with examples is read here once, by libyaml; any other goes Rasa's own way, which also says what is
wrong with it.
"""

from __future__ import annotations

from typing import Any

import yaml
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method

_PLAIN_FILE = {"version", "nlu"}
_PLAIN_BLOCK = {"intent", "examples"}


class MessagesImporter(RasaFileImporter):
    """Rasa's importer of files, but for the messages."""

    @cached_method
    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Give the messages of all files."""
        plain: list[Message] = []
        others = []
        for path in self._nlu_files:
            reader = _Reader()
            read = reader.read(path)
            if reader.was_plain:
                plain += read.training_examples
            else:
                others.append(read)
        # Merging compares all messages with each other, so it is done once and not for each file.
        return TrainingData(plain).merge(*others) if others else TrainingData(plain)


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
        return TrainingData(self.training_examples, self.entity_synonyms)


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
