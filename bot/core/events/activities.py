"""What is told of one activity: the aspects that were asked about, or all of it as far as it fits."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.core.events.calendar import standing
from bot.core.events.subjects import told_of
from bot.core.programme.dx_day_content import Activity, Aspect
from bot.core.replies import Json, Source

ROOM = 800
"""How many letters of one activity a reply holds."""

_LITTLE = 600
"""Of so much all is told to whoever asks what an activity consists of."""

_WHOLE: Sequence[Aspect] = ("where", "scale", "form", "theme", "attendance", "content", "who", "awards")
"""What the whole of an activity is, besides its time and in the order in which it is told."""

_FIRST: Sequence[Aspect] = ("where", "scale", "who", "content", "form", "theme", "attendance", "awards")
"""Which of these come first where not all of them fit."""

_OFFERED: Sequence[Aspect] = (
    "where",
    "who",
    "content",
    "attendance",
    "theme",
    "scale",
    "form",
    "awards",
    "campaign",
    "procedure",
)
"""What can be asked for next, the most wanted first; the last two are told only when they are asked for."""

MOST_ASPECTS = 3


@dataclass(frozen=True)
class Asked:
    """An activity and the aspects asked about, the best fitting first; None for all of it.

    `is_complete` tells all of it even where that is more than fits well.
    """

    activity: Activity
    aspects: Sequence[Aspect] | None
    is_complete: bool = False

    @cached_property
    def told(self) -> Sequence[Aspect]:
        """Which aspects are told, in the order of telling."""
        if self.aspects is not None and not (self.aspects[0] == "content" and self._length <= _LITTLE):
            return list(dict.fromkeys(self.aspects))[:MOST_ASPECTS]
        fitting: list[Aspect] = []
        left = sys.maxsize if self.is_complete else ROOM
        for aspect in _FIRST:
            gap = self.activity.gaps.get(aspect)
            length = sum(map(len, told_of(self.activity, aspect))) or (len(gap.says) if gap else 0)
            if 0 < length <= left:
                fitting.append(aspect)
                left -= length
        return [aspect for aspect in _WHOLE if aspect in fitting]

    @property
    def _length(self) -> int:
        return sum(len(text) for aspect in _FIRST for text in told_of(self.activity, aspect))

    @property
    def untold(self) -> Sequence[Aspect]:
        """Which aspects the plan tells of and this does not."""
        return [each for each in _OFFERED if each not in self.told and told_of(self.activity, each)]


def activity_facts(asked: Asked, on: date) -> dict[str, Json]:
    """Give what the template tells of an activity on a day.

    ``standing`` is a `Standing`; ``parts`` are the aspects, leaders and coordinators apart; ``silent`` are those of
    which the plan says nothing, ``gaps`` what is said of gaps instead.
    """
    activity = asked.activity
    period = activity.period
    silent: list[Json] = []
    gaps: list[Json] = []
    parts: list[Json] = []
    for aspect in asked.told:
        gap = activity.gaps.get(aspect)
        if gap is not None:
            gaps.append(gap.says)
        if aspect == "who":
            parts.append({"aspect": "lead", "items": list(activity.lead)})
            parts.append({"aspect": "coordinate", "items": list(activity.coordinate)})
        elif aspect != "when" and told_of(activity, aspect):
            parts.append({"aspect": aspect, "items": list(told_of(activity, aspect))})
        elif aspect != "when" and gap is None:
            silent.append(aspect)
    if period.perhaps_to is not None and "when" not in asked.told:
        gaps.append(activity.gaps["when"].says)
    return {
        "name": activity.name,
        "standing": standing(period, on).value,
        "is_today": period.from_ == period.to == on,
        "written": period.written,
        "parts": parts,
        "silent": silent,
        "gaps": gaps,
    }


def activity_sources(document: str, asked: Asked) -> tuple[Source, ...]:
    """Give the sections in which what is told of an activity stands."""
    activity = asked.activity
    sections = [activity.section]
    if "procedure" in asked.told and activity.procedure_section:
        sections.append(activity.procedure_section)
    sections += [section for aspect in asked.told if (gap := activity.gaps.get(aspect)) for section in gap.sections]
    return tuple(Source(document, section) for section in sections)
