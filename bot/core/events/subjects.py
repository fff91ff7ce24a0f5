"""What can be told of the Day, and with which words people ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.core.programme.content import Programme
from bot.core.programme.dx_day_content import (
    ASPECTS,
    Activity,
    Aspect,
    Body,
    Duty,
    Group,
    Participants,
    Statement,
)


@dataclass(frozen=True, slots=True, eq=False)
class AboutActivity:
    """One aspect of an activity, or the activity as a whole where `aspect` is None."""

    activity: Activity
    aspect: Aspect | None

    @property
    def key(self) -> str:
        """By which a button names it."""
        return f"{self.activity.key}_{self.aspect}" if self.aspect else self.activity.key


@dataclass(frozen=True, slots=True, eq=False)
class AboutBody:
    """Everything that the plan gives a body to do."""

    body: Body

    @property
    def key(self) -> str:
        """By which a button names it."""
        return f"body_{self.body.key}"


@dataclass(frozen=True, slots=True, eq=False)
class AboutGroup:
    """All statements of a group."""

    group: Group

    @property
    def key(self) -> str:
        """By which a button names it."""
        return f"group_{self.group}"


@dataclass(frozen=True, slots=True, eq=False)
class AboutPeople:
    """The ways in which a kind of people takes part."""

    participants: Participants

    @property
    def key(self) -> str:
        """By which a button names it."""
        return f"people_{self.participants.subject}"


@dataclass(frozen=True, slots=True, eq=False)
class AboutDate:
    """What is on a day that the question names."""

    key = "date"


@dataclass(frozen=True, slots=True, eq=False)
class AboutTheDay:
    """The Day as a whole."""

    key = "day"


Subject: TypeAlias = Statement | Duty | AboutActivity | AboutBody | AboutGroup | AboutPeople | AboutDate | AboutTheDay
Worded: TypeAlias = tuple[Subject, Sequence[str]]


def subjects(programme: Programme) -> Iterator[Worded]:
    """Yield everything that can be told of the Day, each with the phrases that people ask for it with."""
    day = programme.dx_day
    for activity in programme.dx_day_activities:
        yield from _of_activity(programme, activity)
    for statement in programme.dx_day_statements:
        yield statement, (statement.says, *statement.asked_as)
    for duty in programme.dx_day_duties:
        names = (body.name for body in programme.dx_day_bodies if body.key in duty.bodies)
        yield duty, (duty.task, *names, *duty.asked_as)
    for body in programme.dx_day_bodies:
        yield AboutBody(body), (*callings(body), *day.roles_asked_as)
    for each in day.groups:
        yield AboutGroup(each.group), each.asked_as
    for people in day.participants:
        yield AboutPeople(people), (people.called, *people.asked_as)
    yield AboutDate(), day.dates_asked_as
    yield AboutTheDay(), day.asked_as


def callings(body: Body) -> tuple[str, ...]:
    """Give every name of a body."""
    return (body.name, *body.named_as, *body.agencies, *body.aliases)


def told_of(activity: Activity, aspect: Aspect) -> tuple[str, ...]:
    """Give what the plan says of an aspect; nothing where it is silent."""
    single = {"where": activity.place, "scale": activity.scale, "theme": activity.theme}
    if aspect in single:
        text = single[aspect]
        return (text,) if text else ()
    several = {
        "content": activity.content,
        "form": activity.form,
        "who": (*activity.lead, *activity.coordinate),
        "when": (activity.period.written,),
        "attendance": activity.attendance,
        "awards": activity.awards,
        "campaign": activity.campaign,
        "procedure": activity.procedure,
    }
    return several[aspect]


_ONLY_WHERE_TOLD = frozenset({"awards", "campaign", "procedure", "scale", "attendance", "theme"})
"""Aspects that a question takes for granted; about the others any activity can be asked, if only to hear of the gap."""


def _of_activity(programme: Programme, activity: Activity) -> Iterator[Worded]:
    words = {each.aspect: each.asked_as for each in programme.dx_day.aspects}
    yield AboutActivity(activity, None), (activity.name, *activity.asked_as, *programme.dx_day.whole_asked_as)
    for aspect in ASPECTS:
        told = told_of(activity, aspect)
        if told or aspect not in _ONLY_WHERE_TOLD:
            asks = activity.asks.get(aspect, ())
            yield AboutActivity(activity, aspect), (*activity.asked_as, *words[aspect], *told, *asks)
