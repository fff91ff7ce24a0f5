"""The grammar that reads facts out of a message: products, who asks, ages, and when a business was founded.

Entities and the form of their values are those of ``contract/taxonomy.yaml``. Everything runs on the folded copy of
the text; what comes back are positions in the text as sent. Spans never overlap: a rule may not read what an earlier
rule has read, and the rules stand in the order of how sure they are.
"""

from __future__ import annotations

from components.folding import fold
from components.grammar import ages, foundings, names
from components.grammar.bare import GAP_AFTER, GAP_BEFORE, REQUEST_FOR_JUDGEMENT
from components.grammar.entity import Entity, Found, Sentence

__all__ = ["Entity", "find_entities", "is_bare_answer", "wants_judgement"]


def find_entities(text: str) -> tuple[Entity, ...]:
    """Read all entities of a message, in the order in which they stand."""
    sentence = Sentence(fold(text))
    for rule in (
        names.find_products,
        ages.find_birth_dates,
        foundings.find_foundings,
        ages.find_ages,
        names.find_subjects,
    ):
        for found in rule(sentence):
            sentence.take(found)
    return tuple(_entity(sentence, found) for found in sorted(sentence.found, key=lambda found: found.start))


def is_bare_answer(text: str, entities: tuple[Entity, ...]) -> bool:
    """Tell whether a message holds facts and nothing else but small words: "dạ em 20 tuổi ạ", "à nhầm, 25"."""
    if not entities or _names_alternatives(entities):
        return False
    begins = [0, *(entity.end for entity in entities)]
    *before, after = [
        fold(text[begin:end]).folded
        for begin, end in zip(begins, [*(entity.start for entity in entities), len(text)], strict=True)
    ]
    return all(GAP_BEFORE.fullmatch(gap) for gap in before) and GAP_AFTER.fullmatch(after) is not None


def wants_judgement(text: str, entities: tuple[Entity, ...]) -> bool:
    """Tell whether a message asks to have its facts judged: "e 19t đc hk", "20 tuổi còn kịp không"."""
    return bool(entities) and REQUEST_FOR_JUDGEMENT.search(fold(text).folded) is not None


def _names_alternatives(entities: tuple[Entity, ...]) -> bool:
    """Tell whether one fact has two values, as in ".vn với .com": that is a question and no answer."""
    return len({entity.name for entity in entities}) < len({(entity.name, entity.value) for entity in entities})


def _entity(sentence: Sentence, found: Found) -> Entity:
    start, end = sentence.text.raw_span(found.start, found.end)
    return Entity(found.name, found.value, start, end)
