"""The grammar that reads facts out of a message: who asks and what for, names and codes, bodies, places, certificates.

Entities and the form of their values are those of ``contract/taxonomy.yaml``. Everything runs on the folded copy of
the text; what comes back are positions in the text as sent. Spans never overlap: a rule may not read what an earlier
rule has read, and the rules stand in the order of how sure they are.
"""

from __future__ import annotations

from components.folding import fold
from components.grammar import (
    activities,
    agencies,
    ages,
    certificates,
    codes,
    contacts,
    days,
    days_of_year,
    foundings,
    languages,
    localities,
    names,
    papers,
    procedures,
    spoken_names,
    wishes,
)
from components.grammar.bare import (
    FOR_A_MACHINE,
    GAP_AFTER,
    GAP_BEFORE,
    NOTHING_SAID,
    QUESTION_WHO_MAY,
    REQUEST_FOR_JUDGEMENT,
)
from components.grammar.entity import Entity, Found, Sentence

__all__ = [
    "Entity",
    "asks_who_may",
    "find_entities",
    "intent_of_bare_wish",
    "is_bare_answer",
    "says_nothing",
    "tells_own_case",
    "wants_judgement",
]

# What the eligibility form asks for. A body, a place, a name or a code answers nothing that it asked.
_OWN_CASE = frozenset({"age", "birth_date", "certificate"})
_ANSWERS = _OWN_CASE | {
    "product", "subject", "nationality", "birthday", "founding_date", "founding_age", "founding_relative"
}  # fmt: skip
_WISHES = {
    "domain_name": "inform",
    "reference": "inform",
    "check_code": "inform",
    "language": "change_language",
    "phone": "inform",
    "email": "inform",
}


def find_entities(text: str) -> tuple[Entity, ...]:
    """Read all entities of a message, in the order in which they stand."""
    sentence = Sentence(fold(text))
    for rule in (
        contacts.find_contacts,
        codes.find_codes,
        wishes.find_domain_names,
        spoken_names.find_spoken_names,
        names.find_products,
        procedures.find_procedures,
        certificates.find_providers,
        certificates.find_media,
        certificates.find_platforms,
        languages.find_languages,
        activities.find_activities,
        agencies.find_agencies,
        localities.find_localities,
        ages.find_birth_dates,
        foundings.find_foundings,
        ages.find_ages,
        ages.find_birthdays,
        papers.find_certificates,
        names.find_nationalities,
        names.find_subjects,
        days.find_days,
        days_of_year.find_days_of_year,
    ):
        for found in rule(sentence):
            sentence.take(found)
    return tuple(_entity(sentence, found) for found in sorted(sentence.found, key=lambda found: found.start))


def is_bare_answer(text: str, entities: tuple[Entity, ...]) -> bool:
    """Tell whether a message holds facts and nothing else but small words: "dạ em 20 tuổi ạ", "à nhầm, 25"."""
    return all(map(_is_answer, entities)) and not _names_alternatives(entities) and _is_nothing_else(text, entities)


def intent_of_bare_wish(text: str, entities: tuple[Entity, ...]) -> str | None:
    """Tell the intent of a message that is nothing but a name, a code, a language or an address, else None."""
    names_found = {entity.name for entity in entities}
    if len(names_found) != 1 or not _is_nothing_else(text, entities):
        return None
    (name,) = names_found
    return _WISHES.get(name)


def wants_judgement(text: str, entities: tuple[Entity, ...]) -> bool:
    """Tell whether a message asks to have its facts judged: "e 19t đc hk", "20 tuổi còn kịp không"."""
    return any(map(_is_answer, entities)) and REQUEST_FOR_JUDGEMENT.search(fold(text).folded) is not None


def tells_own_case(entities: tuple[Entity, ...]) -> bool:
    """Tell whether a message holds a fact that only one concrete case has, and not just who may be meant."""
    return any(entity.name in _OWN_CASE for entity in entities)


def asks_who_may(text: str) -> bool:
    """Tell whether a message asks for the groups in so many words: "ai được hưởng"."""
    return QUESTION_WHO_MAY.search(fold(text).folded) is not None


def says_nothing(text: str) -> bool:
    """Tell whether a message says nothing to anybody: only dots and the like, or orders to a machine."""
    return NOTHING_SAID.fullmatch(text) is not None or FOR_A_MACHINE.search(text) is not None


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
