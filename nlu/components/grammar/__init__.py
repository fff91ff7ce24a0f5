"""The grammar that reads facts out of a message: who asks and what for, wished names and codes, bodies and places.

Entities and the form of their values are those of ``contract/taxonomy.yaml``. Everything runs on the folded copy of
the text; what comes back are positions in the text as sent. Spans never overlap: a rule may not read what an earlier
rule has read, and the rules stand in the order of how sure they are.
"""

from __future__ import annotations

from components.folding import fold
from components.grammar import agencies, ages, foundings, localities, names, wishes
from components.grammar.bare import GAP_AFTER, GAP_BEFORE, REQUEST_FOR_JUDGEMENT
from components.grammar.entity import Entity, Found, Sentence

__all__ = ["Entity", "find_entities", "intent_of_bare_wish", "is_bare_answer", "wants_judgement"]

# What the eligibility form asks for. A body, a place, a name or a code answers nothing that it asked.
_ANSWERS = frozenset({"product", "subject", "age", "birth_date", "founding_date", "founding_age"})
_WISHES = {"domain_name": "check_domain", "reference": "check_registration_status", "check_code": "check_bulletin"}


def find_entities(text: str) -> tuple[Entity, ...]:
    """Read all entities of a message, in the order in which they stand."""
    sentence = Sentence(fold(text))
    for rule in (
        wishes.find_codes,
        wishes.find_domain_names,
        names.find_products,
        agencies.find_agencies,
        localities.find_localities,
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
    return all(map(_is_answer, entities)) and not _names_alternatives(entities) and _is_nothing_else(text, entities)


def intent_of_bare_wish(text: str, entities: tuple[Entity, ...]) -> str | None:
    """Tell what is wanted by a message that is nothing but a wished name, a reference or a check code, else None."""
    names_found = {entity.name for entity in entities}
    if len(names_found) != 1 or not _is_nothing_else(text, entities):
        return None
    (name,) = names_found
    return _WISHES.get(name)


def wants_judgement(text: str, entities: tuple[Entity, ...]) -> bool:
    """Tell whether a message asks to have its facts judged: "e 19t đc hk", "20 tuổi còn kịp không"."""
    return any(map(_is_answer, entities)) and REQUEST_FOR_JUDGEMENT.search(fold(text).folded) is not None


def _is_nothing_else(text: str, entities: tuple[Entity, ...]) -> bool:
    """Tell whether between and around the entities stand only small words."""
    if not entities:
        return False
    begins = [0, *(entity.end for entity in entities)]
    *before, after = [
        fold(text[begin:end]).folded
        for begin, end in zip(begins, [*(entity.start for entity in entities), len(text)], strict=True)
    ]
    return all(GAP_BEFORE.fullmatch(gap) for gap in before) and GAP_AFTER.fullmatch(after) is not None


def _is_answer(entity: Entity) -> bool:
    return entity.name in _ANSWERS


def _names_alternatives(entities: tuple[Entity, ...]) -> bool:
    """Tell whether one fact has two values, as in ".vn với .com": that is a question and no answer."""
    return len({entity.name for entity in entities}) < len({(entity.name, entity.value) for entity in entities})


def _entity(sentence: Sentence, found: Found) -> Entity:
    start, end = sentence.text.raw_span(found.start, found.end)
    return Entity(found.name, found.value, start, end)
