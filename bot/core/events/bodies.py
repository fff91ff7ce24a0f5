"""What the plan gives bodies to do: by its section on who does what, and by its activities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.programme.content import Programme
from bot.core.programme.dx_day_content import Activity, Body, Duty


@dataclass(frozen=True, slots=True)
class Part:
    """The part of some bodies in the plan: their duties, and the activities that they lead or help with."""

    duties: Sequence[Duty]
    leads: Sequence[Activity]
    helps: Sequence[Activity]


def part_of(programme: Programme, bodies: Sequence[Body]) -> Part:
    """Give the part of bodies.

    Duties of a body are those of the one that it belongs to as well; activities of a body that others belong to are
    theirs as well: "nhà mạng" are VNPT, Viettel and Mobifone together.
    """
    own = {body.key for body in bodies}
    above = {body.belongs_to for body in bodies if body.belongs_to}
    below = [body for body in programme.dx_day_bodies if body.belongs_to in own]
    names = {name for body in (*bodies, *below) for name in body.named_as}
    return Part(
        duties=[duty for duty in programme.dx_day_duties if (own | above) & set(duty.bodies)],
        leads=[activity for activity in programme.dx_day_activities if names & set(activity.lead)],
        helps=[activity for activity in programme.dx_day_activities if names & set(activity.coordinate)],
    )
