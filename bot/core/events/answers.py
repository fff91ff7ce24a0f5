"""Answers to questions about the Day: what was asked first, in the tense of the day, with sources and ways on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate

from bot.core.events.activities import Asked, activity_facts, activity_sources
from bot.core.events.bodies import part_of
from bot.core.events.calendar import activities_on, standing
from bot.core.events.finding import Finder, people_meant
from bot.core.events.subjects import (
    AboutActivity,
    AboutBody,
    AboutDate,
    AboutGroup,
    AboutPeople,
    Subject,
    subjects,
)
from bot.core.events.surroundings import Surroundings
from bot.core.programme.content import Programme
from bot.core.programme.dx_day_content import Activity, Aspect, Body, Duty, Statement
from bot.core.programme.finding import Question
from bot.core.programme.offers import cited, distinct
from bot.core.programme.topics import OF_THE_DAY, topic_button
from bot.core.replies import Button, Json, Press, Reply, Source
from bot.core.text import fold

ROOM = 760
"""How many letters of statements one reply holds; the rest follows by a button."""

MOST_FOUND = 3

_MOST_BUTTONS = 5

_SUGGESTED = ("exhibition", "community_team", "online_shopping", "cashless")
"""The activities that most people can take part in, for buttons."""

_GENERAL: Mapping[str, str] = {
    "ask_dx_activities": "dx_activity_list",
    "ask_legal_basis": "group_legal_basis",
    "ask_reporting": "dx_information_reports",
    "ask_programme_period": "dx_campaign_period",
    "ask_cost": "group_funding",
    "ask_agency_role": "dx_information_coordinates",
}
"""What of the Day is told where a question is about it and its words say no more than the intent."""

_MANY = 3
"""Who names so many aspects of an activity is told all of it."""

_BRIEF = timedelta(days=1)
"""How long an activity lasts whose place is told with its name; those that last longer are all over the province."""


class Events:
    """Answers questions about the Day; built once, then only read."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._day = programme.dx_day
        self._finder = Finder(programme)
        self._surroundings = Surroundings(programme)
        self._by_key: Mapping[str, Subject] = {subject.key: subject for subject, _ in subjects(programme)}

    def answer(self, question: Question, *, on: date) -> Reply | None:
        """Answer a question as things stand on a day; None where it is not about the Day."""
        pressed = self._by_key.get(question.point) if question.point else None
        if pressed is not None:
            return self._tell([pressed], question, on)
        if not question.text:
            return self.general(question, on=on) if question.intent in OF_THE_DAY else None
        found = self._finder.find(question, on)
        if found is None:
            return None
        return self._tell(found, question, on) if found else self.general(question, on=on)

    def general(self, question: Question, *, on: date) -> Reply:
        """Give the general answer of an intent, whatever else the words are about."""
        if question.intent == "ask_community_team":
            return self._community_team(question, on)
        if question.intent == "ask_dx_participate":
            return self._people(people_meant(question.subject) or "citizen", question, on)
        told = self._by_key.get(_GENERAL.get(question.intent, ""))
        if told is not None and question.intent not in OF_THE_DAY:
            return self._tell([told], question, on)
        return self._activities(question, on) if told is not None else self._whole_day(question, on)

    def _tell(self, found: Sequence[Subject], question: Question, on: date) -> Reply:
        best = found[0]
        match best:
            case AboutActivity(activity, None) if self._is_of_both_plans(activity, question):
                return self._community_team(question, on)
            case AboutActivity():
                return self._about_activities(best, found, question, on)
            case AboutBody():
                bodies = [each.body for each in found if isinstance(each, AboutBody)]
                return self._body(bodies[:MOST_FOUND], question, on)
            case AboutGroup(group):
                alike = [each for each in self._programme.dx_day_statements if each.group == group]
                return self._statements(alike, question, on, goes_on=True)
            case AboutPeople(participants):
                return self._people(participants.subject, question, on)
            case AboutDate():
                return self._date(question, on)
            case Statement(key="dx_activity_list"):
                return self._activities(question, on)
            case Statement():
                return self._statements(
                    [each for each in found if isinstance(each, Statement)][:MOST_FOUND], question, on
                )
            case Duty():
                return self._duties([each for each in found if isinstance(each, Duty)][:MOST_FOUND], question, on)
            case _ if question.intent == "ask_dx_participate":
                return self.general(question, on=on)
            case _:
                return self._whole_day(question, on)

    def _is_of_both_plans(self, activity: Activity, question: Question) -> bool:
        """Tell whether the teams are asked about without a word of the Day: another plan tells of them as well."""
        of_teams = question.intent == "ask_community_team" and activity.key == "community_team"
        return of_teams and not self._finder.is_marked(question)

    def _about_activities(self, best: AboutActivity, found: Sequence[Subject], question: Question, on: date) -> Reply:
        near = [each for each in found if isinstance(each, AboutActivity)]
        named = self._finder.aspects_named(question)
        if len(named) >= _MANY:
            asked = [Asked(best.activity, None, is_complete=True)]
        elif best.aspect is None:
            asked = [Asked(best.activity, None)]
        else:
            # "Hội thảo với triển lãm ngày nào": the same is asked about two.
            others = [each.activity for each in near if each.aspect == best.aspect and each is not best][:1]
            asked = [
                Asked(each, _aspects(best.aspect, named, [other for other in near if other.activity is each]))
                for each in (best.activity, *others)
            ]
        facts: dict[str, Json] = {
            "activities": [activity_facts(each, on) for each in asked],
            "hour": _HOUR.search(fold(question.text)) is not None,
            "takes_part": question.intent == "ask_dx_participate",
        }
        sources = tuple(source for each in asked for source in activity_sources(self._day.document, each))
        return self._reply("ask_dx_activity", facts, sources, _ways_on(asked), question=question, on=on)

    def _statements(
        self, statements: Sequence[Statement], question: Question, on: date, *, goes_on: bool = False
    ) -> Reply:
        """Tell statements, as many as fit; with a button for the rest where they are a whole group."""
        left = statements[question.after :] or statements
        shown = left[: len(_fitting([each.says for each in left]))]
        facts: dict[str, Json] = {"statements": [each.says for each in shown], "listed": len(statements) > 1}
        sources = tuple(source for each in shown for source in cited(each.sources))
        is_cut = goes_on and len(left) > len(shown)
        more = [_more(question, AboutGroup(statements[0].group).key, len(shown))] if is_cut else []
        buttons = (*more, *self._activity_buttons(statements[0].activities), topic_button("ask_dx_activities"))
        return self._reply("ask_dx_statements", facts, sources, buttons, question=question, on=on)

    def _duties(self, duties: Sequence[Duty], question: Question, on: date) -> Reply:
        dues = [each.due_before for each in duties if each.due_before]
        facts: dict[str, Json] = {
            "bodies": self._by_bodies(duties),
            "gaps": [each.gap for each in duties if each.gap],
            "due": ("ahead" if on < min(dues) else "past") if dues else None,
            "leads": [],
            "coordinates": [],
            "part_of": [],
        }
        sources = tuple(source for each in duties for source in cited(each.sources))
        first = self._body_of(duties[0])
        named = tuple(name for each in duties for name in each.activities)
        if len(duties) == 1:
            part_of = [each for each in self._programme.dx_day_activities if each.key in named]
            facts["part_of"] = [activity_facts(Asked(each, ["who"]), on) for each in part_of]
            sources += tuple(Source(self._day.document, each.section) for each in part_of)
        buttons = (Button("dx_body", _press(AboutBody(first).key)), *self._activity_buttons(named))
        return self._reply("ask_dx_duties", facts, sources, buttons, question=question, on=on)

    def _body(self, bodies: Sequence[Body], question: Question, on: date) -> Reply:
        """Tell what bodies have to do, and in which activities they have a part; the duties page by page."""
        part = part_of(self._programme, bodies)
        is_first = question.after == 0
        left = part.duties[question.after :]
        shown = left[: len(_fitting([each.task for each in left]))]
        facts: dict[str, Json] = {
            "bodies": self._by_bodies(shown) or [{"name": bodies[0].name, "is_request": False, "tasks": []}],
            "gaps": [],
            "due": None,
            "part_of": [],
            "leads": [each.short for each in part.leads] if is_first else [],
            "coordinates": [each.short for each in part.helps] if is_first else [],
        }
        activities = (*part.leads, *part.helps)
        sources = tuple(source for each in shown for source in cited(each.sources))
        sources += tuple(Source(self._day.document, each.section) for each in activities if is_first)
        more = [_more(question, AboutBody(bodies[0]).key, len(shown))] if len(left) > len(shown) else []
        buttons = (*more, *self._activity_buttons([each.key for each in activities]))
        return self._reply("ask_dx_duties", facts, sources, buttons, question=question, on=on)

    def _people(self, subject: str, question: Question, on: date) -> Reply:
        people = next((each for each in self._day.participants if each.subject == subject), self._day.participants[0])
        by_key = {each.key: each for each in self._programme.dx_day_activities}
        facts: dict[str, Json] = {
            "called": people.called,
            "ways": [
                {
                    "says": way.says,
                    "written": by_key[way.activity].period.written,
                    "standing": standing(by_key[way.activity].period, on).value,
                }
                for way in people.ways
            ],
        }
        sources = tuple(
            Source(self._day.document, section)
            for way in people.ways
            for section in (by_key[way.activity].section, *way.sections)
        )
        others = [each for each in self._day.participants if each is not people]
        buttons = (
            *(Button(f"dx_people_{each.subject}", _press(AboutPeople(each).key)) for each in others),
            topic_button("ask_dx_activities"),
        )
        return self._reply("ask_dx_participate", facts, sources, buttons, question=question, on=on)

    def _date(self, question: Question, on: date) -> Reply:
        day = self._finder.day_asked(question, on) or self._day.day
        activities = activities_on(self._programme, day)
        facts: dict[str, Json] = {
            "day": day.isoformat(),
            "is_past": day < on,
            "is_today": day == on,
            "is_of_the_year": day.year == self._day.year,
            "is_the_day": day == self._day.day,
            "items": [
                {
                    "name": each.name,
                    "short": each.short,
                    "place": each.place if each.period.to - each.period.from_ <= _BRIEF else None,
                    "written": each.period.written,
                    "is_doubtful": standing(each.period, day).value == "unclear",
                    "lasts": each.period.from_ != each.period.to,
                }
                for each in activities
            ],
        }
        sources = tuple(Source(self._day.document, each.section) for each in activities)
        if not activities:
            sources = cited(self._day.sources[1:2])
        buttons = (*self._activity_buttons(tuple(each.key for each in activities)), topic_button("ask_dx_participate"))
        return self._reply("ask_dx_date", facts, sources, buttons, question=question, on=on)

    def _activities(self, question: Question, on: date) -> Reply:
        listed = next(each for each in self._programme.dx_day_statements if each.key == "dx_activity_list")
        buttons = (*self._activity_buttons(_SUGGESTED), topic_button("ask_dx_participate"))
        sources = (*cited(listed.sources), *cited(self._day.sources[1:2]))
        return self._reply("ask_dx_activities", {"list": listed.says}, sources, buttons, question=question, on=on)

    def _whole_day(self, question: Question, on: date) -> Reply:
        facts: dict[str, Json] = {
            "day": self._day.day.isoformat(),
            "is_past": self._day.day < on,
            "is_today": self._day.day == on,
            "theme": self._day.theme,
        }
        buttons = (
            topic_button("ask_dx_activities"),
            topic_button("ask_dx_participate"),
            Button("dx_purpose", _press("group_purpose")),
            Button("dx_funding", _press("group_funding")),
        )
        return self._reply("ask_dx_day", facts, cited(self._day.sources), buttons, question=question, on=on)

    def _community_team(self, question: Question, on: date) -> Reply:
        facts: dict[str, Json] = {"statements": [each.says for each in self._day.community_team]}
        sources = tuple(source for each in self._day.community_team for source in cited(each.sources))
        buttons = (
            Button("dx_community_team", _press("community_team")),
            Button("dx_campaign", _press("community_team_campaign")),
            topic_button("ask_support"),
        )
        return self._reply("ask_community_team", facts, sources, buttons, question=question, on=on)

    def _reply(
        self,
        template: str,
        facts: Mapping[str, Json],
        sources: Sequence[Source],
        buttons: Sequence[Button],
        *,
        question: Question,
        on: date,
    ) -> Reply:
        beside, of_beside = self._surroundings.beside(question, on, said=" ".join(_texts(facts)))
        topic = question.intent if template == question.intent or question.intent in OF_THE_DAY else "ask_dx_day"
        return Reply(
            topic=topic,
            template=template,
            facts={**facts, "beside": beside},
            buttons=distinct(buttons)[:_MOST_BUTTONS] or (topic_button("ask_dx_activities"),),
            sources=distinct((*sources, *of_beside)),
        )

    def _by_bodies(self, duties: Sequence[Duty]) -> list[Json]:
        """Give duties under the names of those whose they are, in the order of first mention."""
        grouped: dict[tuple[str, ...], list[Duty]] = {}
        for each in duties:
            grouped.setdefault(each.bodies, []).append(each)
        return [
            {
                "name": ", ".join(body.name for body in self._programme.dx_day_bodies if body.key in keys),
                "is_request": each[0].is_request,
                "tasks": [duty.task for duty in each],
            }
            for keys, each in grouped.items()
        ]

    def _body_of(self, duty: Duty) -> Body:
        return next(body for body in self._programme.dx_day_bodies if body.key == duty.bodies[0])

    def _activity_buttons(self, names: Sequence[str]) -> tuple[Button, ...]:
        return tuple(Button(f"dx_{name}", _press(name)) for name in distinct(names)[:4])


_HOUR = re.compile(r"\b(?:may gio|gio nao|luc may|gio giac)\b")


def _aspects(best: Aspect, named: Sequence[Aspect], near: Sequence[AboutActivity]) -> Sequence[Aspect]:
    """Give the aspects to be told: those that were named, else those whose words fit."""
    if named:
        return [best, *(each for each in named if each != best)]
    return [each.aspect for each in near if each.aspect]


def _ways_on(asked: Sequence[Asked]) -> tuple[Button, ...]:
    """Give buttons for what was not told of an activity, and for how to take part."""
    first = asked[0]
    aspects = [Button(f"dx_{aspect}", _press(AboutActivity(first.activity, aspect).key)) for aspect in first.untold]
    return (*aspects[:3], topic_button("ask_dx_participate"), topic_button("ask_dx_activities"))


def _fitting(texts: Sequence[str]) -> Sequence[str]:
    """Give as many texts as fit into one reply, at least one if there is any."""
    count = max(1, sum(length <= ROOM for length in accumulate(map(len, texts))))
    return texts[:count]


def _texts(facts: Json) -> Iterator[str]:
    """Yield every text in the facts of a reply."""
    if isinstance(facts, str):
        yield facts
    elif isinstance(facts, Mapping):
        for inner in facts.values():
            yield from _texts(inner)
    elif isinstance(facts, Sequence):
        for inner in facts:
            yield from _texts(inner)


def _press(key: str) -> Press:
    return Press.of("ask_dx_activities", point=key)


def _more(question: Question, key: str, told: int) -> Button:
    return Button("more", Press.of("ask_dx_activities", point=key, after=question.after + told))
