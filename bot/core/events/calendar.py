"""When the activities of the Day are, seen from a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.core.programme.content import Programme
from bot.core.programme.dx_day_content import Activity, Window

CAMPAIGN = "campaign"
"""The key of the window that is the whole campaign's."""


class Standing(StrEnum):
    """Where something stands on a day; unclear where it may be over by one reading of the plan."""

    BEFORE = "before"
    DURING = "during"
    UNCLEAR = "unclear"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class CampaignWindow:
    """Days that broadcasts can be timed by, both included, local days of Việt Nam.

    Attributes:
        key: an activity by its name in the taxonomy, or `CAMPAIGN`.
        name: what is going on, in Vietnamese.
        certain_to: the last day by every reading of the plan; before `last_day` where that is open to doubt.
    """

    key: str
    name: str
    first_day: date
    last_day: date
    certain_to: date


def standing(window: Window, on: date) -> Standing:
    """Tell where a window stands on a day."""
    if on < window.from_:
        return Standing.BEFORE
    if on > window.to:
        return Standing.AFTER
    return Standing.UNCLEAR if window.perhaps_to and on > window.perhaps_to else Standing.DURING


def campaign_windows(programme: Programme, on: date) -> tuple[CampaignWindow, ...]:
    """Give the windows in which a day lies: the whole campaign first, then the activities in the plan's order."""
    name = programme.legal_basis(programme.dx_day.document).title
    windows = [_window(CAMPAIGN, name, programme.dx_day.campaign)]
    windows += [_window(each.key, each.name, each.period) for each in programme.dx_day_activities]
    return tuple(each for each in windows if each.first_day <= on <= each.last_day)


def activities_on(programme: Programme, day: date) -> tuple[Activity, ...]:
    """Give the activities of a day, the shortest first: what is on that day only comes before what lasts for weeks."""
    on_day = [each for each in programme.dx_day_activities if each.period.from_ <= day <= each.period.to]
    return tuple(sorted(on_day, key=lambda each: each.period.to - each.period.from_))


def _window(key: str, name: str, window: Window) -> CampaignWindow:
    return CampaignWindow(key, name, window.from_, window.to, window.perhaps_to or window.to)
