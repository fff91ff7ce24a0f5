"""Which statements a question is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from bot.core.programme.content import Programme
from bot.core.programme.points import INTENTS, Agency, Claim, Point, Topic
from bot.core.retrieval import Hit, Index
from bot.core.text import fold

# How far the intent and the entities that the message was understood to have weigh against its words.
_FIRST_INTENT, _OTHER_INTENT, _LIKELY_INTENT, _FOREIGN_INTENT = 1.0, 0.9, 0.7, 0.45
_NAMED_PRODUCT, _OTHER_PRODUCT = 1.2, 0.5
_NAMED_AGENCY, _OTHER_AGENCY = 1.6, 0.5

# What a question must have in common with a statement to be about it: part of its words, and so many and rare ones.
# On 2026-11-21 the first pair kept 97 of 100 questions about the plan written by another hand. For messages whose
# intent is not clear the last pair kept 9 of 10 and let through 3 of 100 messages about other things; where the
# likeliest intent is the statement's own, less will do.
_LEAST_COVERAGE, _LEAST_SCORE = 0.25, 12.0
_LIKELY_SCORE = 20.0
_SURE_COVERAGE, _SURE_SCORE = 0.3, 30.0

_NEARLY_AS_GOOD = 0.8
# How much the general answer counts for. Its phrases are short, and short texts score high; but what is offered, at
# what price, for how long and to whom is told whole unless the question leaves no doubt that it asks for less.
_GENERAL = 0.8
_GENERAL_OF = {
    "ask_offer": 1.6,
    "ask_cost": 2.0,
    "ask_eligibility": 1.0,
    "ask_duration": 2.0,
    "ask_programme_period": 1.0,
    "ask_registrars": 1.2,
    "ask_documents": 1.2,
}
_TOLD_WHOLE = frozenset({"ask_offer", "ask_cost", "ask_eligibility", "ask_duration", "ask_programme_period"})
"""Only statements about these themselves may come before their general answer, unless there is no doubt."""

_PRICED = frozenset({"ask_cost", "ask_duration"})
"""Only a statement that is about these before all else may come before the figures."""
_WISHES = frozenset({"start_registration", "check_registration_status", "delete_my_data", "withdraw_consent"})
"""Who wants something done hears first whether it can be; a statement must be beyond doubt to come before that."""
_URGENT = frozenset({"report_scam"})
"""Who is being robbed is warned, whatever else the words are about."""

MOST_FOUND = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to know.

    Attributes:
        intent: of the taxonomy.
        text: as typed, cleaned; empty when a button was pressed.
        likely: intents that it may have been as well, likeliest first.
        product, subject, agency, domain_name, locality, activity, date: the taxonomy's entities.
        point: the key of one statement that is wanted.
        after: how many statements of a long answer have been told already.
    """

    intent: str
    text: str = ""
    likely: Sequence[str] = ()
    product: str | None = None
    subject: str | None = None
    agency: str | None = None
    domain_name: str | None = None
    locality: str | None = None
    activity: str | None = None
    date: str | None = None
    point: str | None = None
    after: int = 0

    @property
    def is_put_as_question(self) -> bool:
        """Tell whether it asks, where it might state: "học sinh được miễn phí phải không"."""
        return _ASKING.search(_spaced(self.text)) is not None or "?" in self.text

    @classmethod
    def of(cls, intent: str, entities: Mapping[str, str], *, text: str = "", likely: Sequence[str] = ()) -> Self:
        """Build a question from entities by name; those that narrow nothing are left out."""
        named = {name: entities.get(name) for name in _NARROWING}
        after = entities.get("after", "")
        return cls(intent, text, likely, **named, after=int(after) if _COUNT.fullmatch(after) else 0)


_WORD = re.compile(r"\d+(?:[./]\d+)*k?|[a-z0-9]+(?:\.[a-z0-9]+)*")
_NARROWING = ("product", "subject", "agency", "domain_name", "locality", "activity", "date", "point")
# At the end one particle may follow: "được không ạ".
_ASKING = re.compile(r" hay | (?:khong|ko|k|hong|hok|chua|sao)(?: [a-z]+)? $")
_COUNT = re.compile(r"[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class Found:
    """The statements that a question is about, the best first; `is_sure` when its words alone leave no doubt."""

    points: Sequence[Point] = ()
    is_sure: bool = False


class Finder:
    """Searches the statements of a programme; built once, then only read."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._claims = [(claim, _Phrases(claim.mentions, claim.unless)) for claim in programme.claims]
        self._index: Index[Point | Topic] = Index(
            [
                *((point, (point.says, *point.asked_as, *self._callings(point))) for point in programme.points),
                # Each phrase by itself: a question asks for the general answer in one way, not in all of them.
                *((topic, (phrase,)) for topic in programme.topics for phrase in topic.asked_as),
            ],
            spelled_out=programme.abbreviations,
        )

    def claim(self, question: Question) -> Claim | None:
        """Give the untrue thing that a message of one of its intents repeats; None when it repeats none."""
        return next(
            (
                claim
                for claim, phrases in self._claims
                if question.intent in claim.about and phrases.stand_in(question.text)
            ),
            None,
        )

    def find(self, question: Question, on: date) -> Found:
        """Give the statements that hold on the day and that the question is about.

        None where the words fit the general answer of the intent better, or fit nothing well.
        """
        if question.intent in _URGENT:
            return Found()
        hits = self._index.search(self._without_agency(question))
        factor = _GENERAL_OF.get(question.intent, _GENERAL)
        topic = (hit for hit in hits if isinstance(hit.item, Topic) and hit.item.intent == question.intent)
        general = next((hit.score * factor for hit in topic), 0.0)
        weighed = sorted(
            (
                (hit.score * _weight(hit.item, question), hit, hit.item)
                for hit in hits
                if isinstance(hit.item, Point) and hit.item.holds(on) and self._fits(hit, hit.item, question)
            ),
            key=lambda found: -found[0],
        )
        if not weighed or weighed[0][0] <= general:
            return Found()
        best, hit, _ = weighed[0]
        near = [point for score, _, point in weighed if score >= best * _NEARLY_AS_GOOD]
        is_likely = hit.score >= _LIKELY_SCORE and weighed[0][2].about[0] in question.likely[:1]
        return Found(tuple(near[:MOST_FOUND]), is_likely or _is_sure(hit))

    @staticmethod
    def _fits(hit: Hit[Point | Topic], point: Point, question: Question) -> bool:
        """Tell whether a question has enough in common with a statement, and more if it was understood otherwise."""
        if point.only_with and not _Phrases([point.only_with]).stand_in(question.text):
            return False
        if question.intent in _WISHES or (question.intent in _PRICED and point.about[0] != question.intent):
            return _is_sure(hit)
        likely = question.intent not in _TOLD_WHOLE and set(point.about) & set(question.likely)
        if question.intent in point.about or likely:
            return hit.coverage >= _LEAST_COVERAGE and hit.score >= _LEAST_SCORE
        return _is_sure(hit)

    def _callings(self, point: Point) -> Sequence[str]:
        agencies = (self._programme.agency(name) for name in point.agencies)
        return [calling for agency in agencies if agency for calling in (agency.name, *agency.aliases)]

    def _without_agency(self, question: Question) -> str:
        """Take the name of the agency out: it says whose duty, not which."""
        agency = self._programme.agency(question.agency) if question.agency else None
        if agency is None:
            return question.text
        folded = fold(question.text)
        return _longest_first(agency).sub(" ", folded)


class _Phrases:
    """Phrases to be looked for in a text as whole words: one of every group, and none of those that lift it."""

    def __init__(self, groups: Sequence[Sequence[str]], unless: Sequence[str] = ()) -> None:
        self._groups = [[_spaced(phrase) for phrase in group] for group in groups]
        self._unless = [_spaced(phrase) for phrase in unless]

    def stand_in(self, text: str) -> bool:
        spaced = _spaced(text)
        if any(phrase in spaced for phrase in self._unless):
            return False
        return all(any(phrase in spaced for phrase in group) for group in self._groups)


def _spaced(text: str) -> str:
    """Give the folded words of a text with a space on either side of each."""
    return f" {' '.join(_WORD.findall(fold(text)))} "


def _is_sure(hit: Hit[Point | Topic]) -> bool:
    return hit.coverage >= _SURE_COVERAGE and hit.score >= _SURE_SCORE


def _longest_first(agency: Agency) -> re.Pattern[str]:
    callings = sorted({fold(calling) for calling in (agency.name, *agency.aliases)}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, callings))})(?!\w)")


def _weight(point: Point, question: Question) -> float:
    about = point.about
    # Where the intent is no question about the programme, it says little about which one was meant.
    likely, foreign = (
        (_LIKELY_INTENT, _FOREIGN_INTENT) if question.intent in INTENTS else (_FIRST_INTENT, _OTHER_INTENT)
    )
    if question.intent == about[0]:
        weight = _FIRST_INTENT
    elif question.intent in about:
        weight = _OTHER_INTENT
    else:
        weight = likely if set(about) & set(question.likely) else foreign
    if question.product and point.products:
        weight *= _NAMED_PRODUCT if question.product in point.products else _OTHER_PRODUCT
    if question.agency in point.agencies:
        weight *= _NAMED_AGENCY
    elif question.agency and point.agencies and question.agency not in point.says:
        weight *= _OTHER_AGENCY
    return weight
