"""Whether a question is about the Day, and about what of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.events.subjects import (
    AboutActivity,
    AboutBody,
    AboutDate,
    AboutGroup,
    AboutPeople,
    AboutTheDay,
    Subject,
    callings,
    subjects,
)
from bot.core.programme.cases import PeriodUnreadableError, parse_period
from bot.core.programme.content import Programme
from bot.core.programme.dx_day_content import Aspect, Body, Duty, Statement
from bot.core.programme.finding import Question
from bot.core.programme.points import INTENTS as PROGRAMME
from bot.core.programme.points import Point
from bot.core.programme.topics import OF_THE_DAY
from bot.core.retrieval import Hit, Index
from bot.core.text import fold

# How far what a message was understood to be, and what it names, weigh against its words. Measured on questions about
# either plan (2026-11-21): these kept each with its own.
_INTENT_OF_THE_DAY, _OTHER_INTENT, _INTENT_OF_EITHER = 1.4, 0.6, 1.2
_HINTED, _MARKED_AS_OTHER, _BODY_OF_THE_DAY = 1.5, 0.3, 1.6
_OWN_POINT, _OTHER_POINT = 1.0, 0.8
_NAMED, _NOT_NAMED = 1.4, 0.6
_FAVOURED = 1.1

# A message that was not understood to be about the Day, and does not name it, must leave no doubt.
_SURE_COVERAGE, _SURE_SCORE = 0.35, 30.0
# Firms of the plan are named for other reasons too, so that a name alone is not enough.
_COVERAGE_WITH_BODY = 0.5
_LEAST_SCORE = 6.0

_NEARLY_AS_GOOD = 0.85

_OF_EITHER_PLAN = "ask_community_team"
"""The intent about which both plans have much to say."""

_WORD = re.compile(r"[a-z0-9]+(?:[./-][a-z0-9]+)*")
_TODAY = re.compile(r" (?:hom nay|bua nay|bua ni) ")
_TOMORROW = re.compile(r" (?:ngay|bua|sang|chieu|hom) mai ")


class Finder:
    """Searches what can be told of the Day, beside the programme's statements; built once, then only read."""

    def __init__(self, programme: Programme) -> None:
        day = programme.dx_day
        self._programme = programme
        self._marks = _any_of(day.marks)
        self._hints = _any_of(day.hints)
        self._marks_of_others = _any_of(day.marks_of_others)
        self._activities = [(each.key, _any_of(each.asked_as)) for each in programme.dx_day_activities]
        self._cues = [(each.aspect, _any_of(each.cues)) for each in day.aspects]
        self._bodies = [(body, _any_of(callings(body))) for body in programme.dx_day_bodies]
        self._shared = {agency.name for agency in programme.agencies}
        self._index: Index[Subject | Point] = Index(
            [*subjects(programme), *((point, (point.says, *point.asked_as)) for point in programme.points)],
            spelled_out={**programme.abbreviations, **day.abbreviations},
        )

    def find(self, question: Question, on: date) -> Sequence[Subject] | None:
        """Give what of the Day a question is about, the best first; empty where its words fit nothing of it.

        None where it is not about the Day.
        """
        spaced = _spaced(question.text)
        named = _Named(self.bodies_named(question), self._activities_named(question), self.day_asked(question, on))
        hits = self._index.search(self._without_marks(spaced) if named.bodies or named.activities else spaced)
        mine = sorted(
            (
                _Weighed(hit.item, hit, hit.score * _weight(hit.item, question, named))
                for hit in hits
                if not isinstance(hit.item, Point)
            ),
            key=lambda each: -each.score,
        )
        is_marked = self._marks.search(spaced) is not None and not self._marks_of_others.search(spaced)
        is_asked = is_marked or question.intent in OF_THE_DAY
        if not mine:
            return () if is_asked else None
        best = mine[0]
        if not is_marked:
            others = [each.score * _of_point(each.item, question, on) for each in hits if isinstance(each.item, Point)]
            # The teams are an activity of the Day, but whoever asks about them need not have heard of it.
            own = best.hit.score if question.intent == _OF_EITHER_PLAN else best.score
            if own * self._pull(question, spaced, named) <= max(others, default=0.0):
                return None
        if not (is_asked or self._is_likely(best, question, spaced, named)):
            return None
        if best.score < _LEAST_SCORE:
            return ()
        return [each.subject for each in mine if each.score >= best.score * _NEARLY_AS_GOOD]

    def _is_likely(self, best: _Weighed, question: Question, spaced: str, named: _Named) -> bool:
        """Tell whether what a message has in common with a subject leaves no doubt that it is about the Day."""
        is_hinted = self._hints.search(spaced) is not None
        if named.bodies and (is_hinted or self._are_own(named)) and best.hit.coverage >= _COVERAGE_WITH_BODY:
            return True
        # What a body has to do is asked of either plan in the same words, and so is much else.
        is_of_either = isinstance(best.subject, AboutBody) or (
            question.intent in PROGRAMME and not named.activities and not is_hinted
        )
        return not is_of_either and best.hit.coverage >= _SURE_COVERAGE and best.hit.score >= _SURE_SCORE

    def _pull(self, question: Question, spaced: str, named: _Named) -> float:
        """Tell how much likelier than its words alone say a question is about the Day."""
        pull = _INTENT_OF_THE_DAY if question.intent in OF_THE_DAY else _OTHER_INTENT
        if question.intent == _OF_EITHER_PLAN:
            pull = _INTENT_OF_EITHER
        if self._hints.search(spaced):
            pull *= _HINTED
        if self._are_own(named):
            pull *= _BODY_OF_THE_DAY
        return pull * _MARKED_AS_OTHER if self._marks_of_others.search(spaced) else pull

    def _are_own(self, named: _Named) -> bool:
        """Tell whether one of the bodies that are named stands in the plan of the Day only."""
        return any(body.agencies and not self._shared & set(body.agencies) for body in named.bodies)

    def _activities_named(self, question: Question) -> frozenset[str]:
        spaced = _spaced(question.text)
        named = {key for key, called in self._activities if called.search(spaced)}
        return frozenset(named | {question.activity} if question.activity else named)

    def _without_marks(self, spaced: str) -> str:
        """Take the names of the Day out: where something of it is named, they say nothing more."""
        return self._marks.sub(" ", spaced)

    def bodies_named(self, question: Question) -> Sequence[Body]:
        """Give the bodies that a question names: by the longest of their names where one holds another."""
        spaced = _spaced(question.text)
        found = [(match.span(), body) for body, called in self._bodies for match in called.finditer(spaced)]
        named = [
            body
            for (start, end), body in found
            if not any(first <= start and end <= last and (first, last) != (start, end) for (first, last), _ in found)
        ]
        known = [body for body, _ in self._bodies if question.agency in body.agencies]
        return list({body.key: body for body in (*named, *known)}.values())

    def aspects_named(self, question: Question) -> Sequence[Aspect]:
        """Give the aspects that a question names in so many words."""
        spaced = _spaced(question.text)
        return [aspect for aspect, cues in self._cues if cues.search(spaced)]

    def is_marked(self, question: Question) -> bool:
        """Tell whether a question names the Day or its plan."""
        return self._marks.search(_spaced(question.text)) is not None

    def day_asked(self, question: Question, on: date) -> date | None:
        """Give the day that a question names, in the year of the Day where it names none; None where it names none."""
        spaced = _spaced(question.text)
        if _TODAY.search(spaced):
            return on
        if _TOMORROW.search(spaced):
            return on + timedelta(days=1)
        if question.date is None:
            return None
        year = self._programme.dx_day.year
        try:
            period = parse_period(f"{year}-{question.date[2:]}" if question.date.startswith("--") else question.date)
        except PeriodUnreadableError:
            return None
        return period.earliest if period.is_one_day else None


_FAVOURS: Mapping[str, tuple[type[object], ...]] = {
    "ask_dx_day": (AboutTheDay, AboutGroup, Statement),
    "ask_dx_activities": (AboutActivity,),
    "ask_dx_participate": (AboutPeople,),
    "ask_agency_role": (AboutBody, Duty),
    "ask_legal_basis": (Statement, AboutGroup),
    "ask_reporting": (Duty,),
}
"""Which subjects an intent is mostly about."""


@dataclass(frozen=True, slots=True)
class _Named:
    """What of the plan a question names."""

    bodies: Sequence[Body]
    activities: frozenset[str]
    day: date | None


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A subject that shares words with the question, and how well it fits all in all."""

    subject: Subject
    hit: Hit[Subject | Point]
    score: float


def _weight(subject: Subject | Point, question: Question, named: _Named) -> float:
    weight = _FAVOURED if isinstance(subject, _FAVOURS.get(question.intent, ())) else 1.0
    match subject:
        case AboutDate():
            # Only a day can be asked about, and one that is named mostly is.
            weight *= _NAMED if named.day else 0.0
        case AboutActivity(activity=activity) if named.activities:
            weight *= _NAMED if activity.key in named.activities else _NOT_NAMED
        case AboutPeople(participants=participants) if question.subject:
            weight *= _NAMED if participants.subject == people_meant(question.subject) else _NOT_NAMED
        case AboutBody(body=body):
            weight *= _NAMED if body in named.bodies else 0.0
        case Duty(bodies=bodies) if named.bodies:
            keys = {key for body in named.bodies for key in (body.key, body.belongs_to) if key}
            weight *= _NAMED if keys & set(bodies) else _NOT_NAMED
    if isinstance(subject, Duty | Statement) and named.activities & set(subject.activities):
        weight *= _FAVOURED
    return weight


def people_meant(subject: str | None) -> str | None:
    """Give the kind of participant for the taxonomy's subject: a student is a citizen, and so is a foreigner here."""
    return "citizen" if subject in ("student", "foreigner") else subject


def _of_point(point: Subject | Point, question: Question, on: date) -> float:
    if not isinstance(point, Point) or not point.holds(on):
        return 0.0
    return _OWN_POINT if question.intent in (*point.about, _OF_EITHER_PLAN) else _OTHER_POINT


def _spaced(text: str) -> str:
    """Give the folded words of a text with a space on either side of each."""
    return f" {' '.join(_WORD.findall(fold(text)))} "


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    folded = sorted({_spaced(phrase).strip() for phrase in phrases}, key=len, reverse=True)
    return re.compile(rf"(?<= )(?:{'|'.join(map(re.escape, folded))})(?= )")
