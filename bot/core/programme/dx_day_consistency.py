"""What no record of Digital Transformation Day alone can show to be wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TypeAlias

from bot.core.programme.content import Programme
from bot.core.programme.content_problems import ContentProblem, Place
from bot.core.programme.dx_day_content import ACTIVITIES, Window

Contradiction: TypeAlias = tuple[Place, ContentProblem, dict[str, str]]

_WRITTEN_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def contradictions_of_the_day(programme: Programme) -> Iterator[Contradiction]:
    """Yield what contradicts the rest of the content, with its place and what its text names."""
    yield from _windows(programme)
    yield from _bodies(programme)
    counted = Counter(activity.key for activity in programme.dx_day_activities)
    for name in ACTIVITIES:
        if counted[name] != 1:
            yield ("dx_day_activities",), ContentProblem.ACTIVITY_NOT_ONCE, {"activity": name}
    seen: set[str] = set()
    for file in ("dx_day_bodies", "dx_day_statements", "dx_day_duties"):
        for index, record in enumerate(getattr(programme, file)):
            if record.key in seen:
                yield (file, index, "key"), ContentProblem.KEY_TAKEN, {"key": record.key}
            seen.add(record.key)


def _windows(programme: Programme) -> Iterator[Contradiction]:
    windows: list[tuple[Place, Window]] = [(("dx_day", "campaign"), programme.dx_day.campaign)]
    windows += [
        (("dx_day_activities", index, "period"), activity.period)
        for index, activity in enumerate(programme.dx_day_activities)
    ]
    for place, window in windows:
        if window.to < window.from_:
            yield (*place, "to"), ContentProblem.ENDS_BEFORE_IT_BEGINS, {}
        written = {date(int(year), int(month), int(day)) for day, month, year in _WRITTEN_DAY.findall(window.written)}
        if window.perhaps_to is None and written != {window.from_, window.to}:
            yield (*place, "written"), ContentProblem.WRITTEN_OTHERWISE, {}


def _bodies(programme: Programme) -> Iterator[Contradiction]:
    names = {name for body in programme.dx_day_bodies for name in body.named_as}
    for index, activity in enumerate(programme.dx_day_activities):
        for role in ("lead", "coordinate"):
            for position, name in enumerate(getattr(activity, role)):
                if name not in names:
                    yield ("dx_day_activities", index, role, position), ContentProblem.BODY_UNKNOWN, {"body": name}
    keys = {body.key for body in programme.dx_day_bodies}
    for index, body in enumerate(programme.dx_day_bodies):
        if body.belongs_to is not None and body.belongs_to not in keys:
            yield ("dx_day_bodies", index, "belongs_to"), ContentProblem.BODY_UNKNOWN, {"body": body.belongs_to}
    for index, duty in enumerate(programme.dx_day_duties):
        for position, key in enumerate(duty.bodies):
            if key not in keys:
                yield ("dx_day_duties", index, "bodies", position), ContentProblem.BODY_UNKNOWN, {"body": key}
