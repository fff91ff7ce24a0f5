"""Roles and the rules about them; no I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.staff.errors import DeputyRefusedError
from bot.core.statements.models import Grant

LONGEST_DEPUTY = timedelta(days=60)
FEWEST_ADMINS = 2


class Role(StrEnum):
    """What somebody is here for."""

    OFFICER = "officer"
    """Drafts and schedules for communes."""
    EDITOR = "editor"
    """Keeps what the assistant tells."""
    ADMIN = "admin"
    """Of a province: approves by signature, and sees to staff."""
    AUDITOR = "auditor"
    """Reads the log and all evidence, and writes nothing."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A role that somebody holds for a time, in some areas; where none is named, in all.

    A deputy's says whom they stand in for.
    """

    staff_id: str
    role: Role
    areas: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    substitute_for: str | None

    def is_in_force(self, now: datetime) -> bool:
        """Tell whether it counts at that moment; its last moment still does."""
        return self.not_before <= now <= self.not_after

    def covers(self, areas: Collection[str]) -> bool:
        """Tell whether it counts in all of these areas."""
        return not self.areas or (bool(areas) and set(areas) <= set(self.areas))


def given_by(grant: Grant, role: Role) -> Holding:
    """Return what a grant gives somebody, as far as one of its roles goes."""
    return Holding(grant.person, role, grant.areas, grant.not_before, grant.not_after, grant.substitute_for or None)


def in_force(
    holdings: Iterable[Holding], role: Role, *, now: datetime, areas: Collection[str] | None = None
) -> Holding | None:
    """Return the holding by which somebody has a role now: one of their own before a deputy's.

    Where `areas` are given it is one that counts in all of them; no area at all means everywhere.
    """
    held = [holding for holding in holdings if holding.role is role and holding.is_in_force(now)]
    found = held if areas is None else [holding for holding in held if holding.covers(areas)]
    return min(found, key=lambda holding: holding.substitute_for is not None, default=None)


def check_deputy(grant: Grant, principal: Sequence[Holding], *, now: datetime) -> None:
    """Raise unless whom a deputy stands in for holds, of their own, all that the deputy would hold.

    Raises:
        DeputyRefusedError: they do not; or it is for too long, or for themselves.
    """
    if grant.substitute_for == grant.person or grant.not_after - grant.not_before > LONGEST_DEPUTY:
        raise DeputyRefusedError(problem="time" if grant.substitute_for != grant.person else "person")
    for role in grant.roles:
        held = [holding for holding in principal if holding.role == role and holding.substitute_for is None]
        if not any(_covers(holding, grant, now=now) for holding in held):
            raise DeputyRefusedError(problem="role", role=role)


def _covers(holding: Holding, grant: Grant, *, now: datetime) -> bool:
    return holding.covers(grant.areas) and holding.is_in_force(now) and grant.not_after <= holding.not_after
