"""What the grammar reads of a message, as the tables of its tests write it."""

from __future__ import annotations

import unicodedata

from components.grammar import find_entities

Fact = tuple[str, str | int, str]
"""An entity, its value, and the words it was read from as they were sent."""


def read(text: str) -> list[Fact]:
    return [(entity.name, entity.value, text[entity.start : entity.end]) for entity in find_entities(text)]


def read_only(text: str, *names: str) -> list[Fact]:
    """Give the facts of these entities: what else a whole sentence tells is another table's."""
    return [fact for fact in read(text) if fact[0] in names]


def values(text: str, *names: str) -> list[tuple[str, str | int]]:
    return [(name, value) for name, value, _ in read_only(text, *names)]


def without_accents(text: str) -> str:
    plain = text.replace("đ", "d").replace("Đ", "D")
    return "".join(sign for sign in unicodedata.normalize("NFD", plain) if not unicodedata.combining(sign))
