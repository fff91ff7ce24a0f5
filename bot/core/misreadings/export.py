"""Labelled misreadings as Rasa's training data; no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from bot.core.misreadings.service import Misreading
from bot.core.text import nfc

_NO_MARKS = str.maketrans("[]\\", "   ")
"""Rasa reads ``[words](entity)`` and its other forms as marks, a backslash as an escape, and knows no way around."""


def training_data(labelled: Iterable[Misreading]) -> str:
    """Return a file of standard Rasa YAML (format 3.1), NFC: each intent once, in alphabetical order, then its words.

    What is in it is read back as it was typed, but for brackets, backslashes and what cannot be seen.
    """
    by_intent: Mapping[str, list[str]] = {
        intent: [_example(misreading.words) for misreading in group]
        for intent, group in groupby(sorted(labelled, key=_label), key=_label)
    }
    lines = ['version: "3.1"', "", "nlu:"]
    for intent, examples in by_intent.items():
        lines += [f"  - intent: {intent}", "    examples: |"]
        lines += [f"      - {example}" for example in dict.fromkeys(examples) if example]
    return "\n".join(lines) + "\n"


def _label(misreading: Misreading) -> str:
    return misreading.label or ""


def _example(words: str) -> str:
    # YAML takes no characters that nobody can print.
    printable = "".join(letter if letter.isprintable() else " " for letter in nfc(words))
    return " ".join(printable.translate(_NO_MARKS).split())
