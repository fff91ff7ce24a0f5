"""The shapes of what is known of Digital Transformation Day, as it stands in ``bot/content/dx_day*.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field

from bot.core.programme.points import Key
from bot.core.programme.records import AnyNumber, Citation, Day, Record, Several, Text

ActivityName: TypeAlias = Literal[
    "media",
    "banners",
    "workshop",
    "exhibition",
    "infrastructure",
    "online_shopping",
    "cashless",
    "community_team",
    "business_forum",
    "honours",
]
"""The activities, by the names of the taxonomy."""
ACTIVITIES: tuple[ActivityName, ...] = get_args(ActivityName)

Aspect: TypeAlias = Literal[
    "content", "form", "who", "when", "where", "scale", "attendance", "theme", "awards", "campaign", "procedure"
]
"""What can be asked about an activity."""
ASPECTS: tuple[Aspect, ...] = get_args(Aspect)

Group: TypeAlias = Literal[
    "document", "legal_basis", "purpose", "requirement", "day", "activities", "funding", "closing", "recipients"
]
"""What statements are about together."""

Subject: TypeAlias = Literal["citizen", "household_business", "enterprise", "organisation"]
"""The kinds of people and bodies that take part, by the names of the taxonomy."""


class Window(Record):
    """Days from the first to the last, both included, and the plan's own words for them.

    `perhaps_to` is the earliest day that the plan's words may mean by the last one, where they can be read in two ways.
    """

    from_: Annotated[Day, Field(alias="from")]
    to: Day
    written: Text
    perhaps_to: Day | None = None


class Gap(Record):
    """What the plan leaves open about an aspect, and the sections elsewhere that say something of it."""

    says: Text
    sections: AnyNumber[Text] = ()


class Activity(Record):
    """One activity of the plan; what is missing the plan does not say, and `gaps` tells so in more words.

    `lead` and `coordinate` are names of bodies, `asked_as` what people call the activity, and `asks` the words of those
    who want to know one thing about it. None of these two is ever shown.
    """

    key: ActivityName
    number: Text
    section: Text
    short: Text
    name: Text
    period: Window
    content: Several[Text]
    form: AnyNumber[Text] = ()
    place: Text | None = None
    scale: Text | None = None
    theme: Text | None = None
    attendance: AnyNumber[Text] = ()
    awards: AnyNumber[Text] = ()
    campaign: AnyNumber[Text] = ()
    procedure: AnyNumber[Text] = ()
    procedure_section: Text | None = None
    lead: Several[Text]
    coordinate: Several[Text]
    gaps: Mapping[Aspect, Gap] = Field(default_factory=dict)
    asked_as: Several[Text]
    asks: Mapping[Aspect, Several[Text]] = Field(default_factory=dict)


class Body(Record):
    """A body that the plan gives something to do, and by which names it goes.

    `named_as` are its names in the lists of the activities, `agencies` those that the understanding gives it.
    `belongs_to` is the key of the body whose duties are its own too; `until` its last day where it is gone.
    """

    key: Key
    name: Text
    named_as: AnyNumber[Text] = ()
    agencies: AnyNumber[Text] = ()
    aliases: AnyNumber[Text] = ()
    belongs_to: Key | None = None
    until: Day | None = None
    sources: AnyNumber[Citation] = ()


class Statement(Record):
    """One thing that the plan says, told as it stands; true on every day, because it tells what the plan says."""

    key: Key
    group: Group
    says: Text
    asked_as: Several[Text]
    activities: AnyNumber[ActivityName] = ()
    sources: Several[Citation]


class Duty(Record):
    """One thing that the plan gives bodies to do, or asks them to do (`is_request`); `gap` is what it leaves open.

    `due_before` where it has to be done before a day.
    """

    key: Key
    bodies: Several[Key]
    is_request: bool = False
    task: Text
    gap: Text | None = None
    asked_as: Several[Text]
    activities: AnyNumber[ActivityName] = ()
    due_before: Day | None = None
    sources: Several[Citation]


class AskedAspect(Record):
    """With which words people ask for an aspect, whatever the activity; `cues` are those that mean nothing else."""

    aspect: Aspect
    cues: Several[Text]
    asked_as: Several[Text]


class AskedGroup(Record):
    """With which words people ask for all statements of a group."""

    group: Group
    asked_as: Several[Text]


class WayToTakePart(Record):
    """What somebody may do in an activity; `says` goes on after "may", `sections` are others than the activity's."""

    activity: ActivityName
    says: Text
    sections: AnyNumber[Text] = ()


class Participants(Record):
    """A kind of people and all the ways in which they take part."""

    subject: Subject
    called: Text
    asked_as: Several[Text]
    ways: Several[WayToTakePart]


class HelpOfTeams(Record):
    """One thing that a plan says about the community digital technology teams."""

    says: Text
    sources: Several[Citation]


class DigitalDay(Record):
    """The Day itself, its campaign, and how people ask about either.

    A question that holds one of `marks` is about the Day; `hints` make it likelier, and `marks_of_others` less likely.
    """

    document: Text
    day: Day
    year: int
    province: Text
    campaign: Window
    theme: Text
    marks: Several[Text]
    hints: Several[Text]
    marks_of_others: Several[Text]
    abbreviations: Mapping[Text, Text]
    sources: Several[Citation]
    asked_as: Several[Text]
    dates_asked_as: Several[Text]
    roles_asked_as: Several[Text]
    whole_asked_as: Several[Text]
    aspects: Several[AskedAspect]
    groups: Several[AskedGroup]
    participants: Several[Participants]
    community_team: Several[HelpOfTeams]
