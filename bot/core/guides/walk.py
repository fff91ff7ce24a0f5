"""A walk through a guide as a pure state machine: which guide, which step, what comes next.

A `Position` is all there is to keep; `Walk.encode` writes it in a few bytes for a button or a dialogue slot. Positions
come from a `Walk` of the same content; what was written down under another content is read by `Walk.decode`, which
gives None where it no longer fits. Nothing else here fails, whatever is asked of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, TypeAlias

from bot.core.guides.records import Guide, Guides, Level, Medium, Place, Platform, Procedure, Provider, Step, Trouble

KEPT_BEFORE = 16
"""How many steps the way back is kept for: more than the longest guide has."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WRITTEN = re.compile(r"(?P<stops>(?:[a-z]{2}[1-9A-Z]{1,40}){1,20})(?:-(?P<stuck>[1-9]))?")
_STOPS_OF_A_GUIDE = re.compile(r"([a-z]{2})([1-9A-Z]+)")

Stop: TypeAlias = tuple[str, int]
"""A guide's id and the number of a step in it."""

Asked: TypeAlias = Literal["token_provider", "procedure", "platform", "medium", "level"]


class Reason(StrEnum):
    """Why there are no steps; the template ``guide_none`` has words for each."""

    VN_PROVIDER = "vn_provider"
    UNKNOWN_PROVIDER = "unknown_provider"
    LINUX = "linux"
    PHONE = "phone"
    ROAMING = "roaming"
    MAC_SIGNING = "mac_signing"
    MAC_VERIFYING = "mac_verifying"
    WINDOWS_MIDDLEWARE = "windows_middleware"
    SOFTCERT_MIDDLEWARE = "softcert_middleware"
    TOKEN_IMPORT = "token_import"  # noqa: S105 - no password
    TOKEN_VERIFYING = "token_verifying"  # noqa: S105 - no password


_UNGUIDED: Mapping[tuple[Procedure, Platform | Medium], Reason] = {
    ("sign", "mac"): Reason.MAC_SIGNING,
    ("verify", "mac"): Reason.MAC_VERIFYING,
    ("verify", "token"): Reason.TOKEN_VERIFYING,
    ("install_middleware", "windows"): Reason.WINDOWS_MIDDLEWARE,
    ("install_middleware", "softcert"): Reason.SOFTCERT_MIDDLEWARE,
    ("import_softcert", "token"): Reason.TOKEN_IMPORT,
}
"""What the manual has no steps for, though it has some for each of the two."""

_MEDIUM_DECIDES: frozenset[Procedure] = frozenset({"sign", "verify"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants and has, as far as they have said it. A level of ``unknown``: they do not know theirs."""

    provider: Provider | None = None
    procedure: Procedure | None = None
    platform: Platform | None = None
    medium: Medium | None = None
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where somebody is in a guide.

    Attributes:
        guide: the guide's id.
        step: the step's number.
        before: the steps on the way back, the nearest first, across guides.
        stuck: how often help was asked for at this step.
    """

    guide: str
    step: int
    before: tuple[Stop, ...] = ()
    stuck: int = 0

    @property
    def topic(self) -> str:
        """The topic of what is said about it, as the web API names it."""
        return f"guide.{self.guide}.{self.step}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """There is a guide: begin here. `keeps_place` when a change kept the step because both guides share it."""

    position: Position
    keeps_place: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """What must still be asked, in this order; an answer may make the later ones needless."""

    asks: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class NoGuide:
    """There are no steps for that, and why."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Ended:
    """The walk is over; `is_done` when its aim is reached, False where the person broke it off on the screen."""

    last: Position
    is_done: bool


class Rung(StrEnum):
    """What helps somebody who is stuck, one after the other."""

    TROUBLES = "troubles"
    NEEDS = "needs"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Help:
    """What to offer somebody who is stuck: the step's known troubles, the requirements check, or a person."""

    position: Position
    rung: Rung
    troubles: tuple[Trouble, ...] = ()


class Walk:
    """Leads through the guides of one content."""

    def __init__(self, guides: Guides) -> None:
        self._guides = guides

    def choose(self, wish: Wish) -> Chosen | Missing | NoGuide:
        """Find the guide for a wish, or what must still be asked, or why there is none.

        What rules out every guide is told at once, before anything is asked. Whose token it is is asked first. A person
        who does not know their security level gets the guide for the higher one: up to the last step both are
        the same, and that step tells the other.
        """
        reason = _refusal(wish)
        if reason is not None:
            return NoGuide(reason)
        asks = tuple(_asks(wish))
        if asks:
            return Missing(asks)
        guide, begins_at = next(
            (guide, aim.begins_at)
            for guide in self._guides.guides
            for aim in guide.aims
            if aim.procedure == wish.procedure and _suits(guide, wish)
        )
        return Chosen(Position(guide.id, begins_at))

    def at(self, guide_id: str, step: int = 1) -> Position | None:
        """Give the position at a step, with no way back; None when there is no such step."""
        guide = self._guides.guide(guide_id)
        return Position(guide.id, step) if guide is not None and guide.step(step) is not None else None

    def guide(self, position: Position) -> Guide:
        """Give the guide of a position."""
        return self._guides.by_id[position.guide]

    def step(self, position: Position) -> Step:
        """Give the step of a position."""
        return self.guide(position).steps[position.step - 1]

    def progress(self, position: Position) -> tuple[int, int]:
        """Give the number of the step and of how many it is one."""
        return position.step, len(self.guide(position).steps)

    def next(self, position: Position) -> Position | Ended:
        """Go on when a step is done; stay where one of the step's branches has to be chosen."""
        if self.step(position).must_choose:
            return position
        if position.step == len(self.guide(position).steps):
            return Ended(position, is_done=True)
        return _moved(position, (position.guide, position.step + 1))

    def back(self, position: Position) -> Position:
        """Go back the way that was come; without one, to the step before; stay at the first."""
        if position.before:
            (guide, step), *before = position.before
            return Position(guide, step, tuple(before))
        return Position(position.guide, max(position.step - 1, 1))

    def branch(self, position: Position, key: str) -> Position | Ended:
        """Take a branch of the step; stay where it has none of that key, or where the branch leads to the step."""
        branch = self.step(position).branch(key)
        if branch is None:
            return position
        if branch.goes_to == "end":
            return Ended(position, is_done=True)
        if branch.goes_to == "stop":
            return Ended(position, is_done=False)
        return _moved(position, (position.guide, branch.goes_to))

    def go_to(self, position: Position, place: Place) -> Position:
        """Go to a step of any guide, such as the one that a trouble leads to; stay where there is no such step."""
        found = self.at(place.guide, place.step)
        return position if found is None else _moved(position, (found.guide, found.step))

    def problem(self, position: Position) -> Help:
        """Give the next help for somebody who is stuck; the last rung is offered again and again."""
        troubles = self.step(position).troubles
        rungs = [Rung.TROUBLES, Rung.NEEDS, Rung.PERSON] if troubles else [Rung.NEEDS, Rung.PERSON]
        rung = rungs[min(position.stuck, len(rungs) - 1)]
        asked = replace(position, stuck=min(position.stuck + 1, len(rungs)))
        return Help(asked, rung, troubles if rung is Rung.TROUBLES else ())

    def switch(
        self,
        position: Position,
        *,
        platform: Platform | None = None,
        medium: Medium | None = None,
        level: Level | None = None,
    ) -> Chosen | Missing | NoGuide:
        """Change what the person has, half-way.

        Where the guide stays, so does the step. Where another guide shares the step, it goes on there; otherwise it
        begins at that guide's first step for the same aim. The way back leads to where the person was.
        """
        guide = self.guide(position)
        wish = Wish(
            provider="mycukai",
            procedure=guide.procedure_at(position.step),
            platform=platform or guide.platform,
            medium=medium or (guide.media[0] if len(guide.media) == 1 else None),
            level=level or guide.level,
        )
        found = self.choose(wish)
        if not isinstance(found, Chosen):
            return found
        if found.position.guide == position.guide:
            return Chosen(position, keeps_place=True)
        shared = self._shared(position, self.guide(found.position))
        return Chosen(
            _moved(position, (found.position.guide, shared or found.position.step)), keeps_place=shared is not None
        )

    def encode(self, position: Position) -> str:
        """Write a position in a few bytes: letters, digits and at most one hyphen."""
        written, last = "", ""
        for guide_id, step in ((position.guide, position.step), *position.before):
            guide = self.guide(Position(guide_id, step))
            written += ("" if guide.code == last else guide.code) + _DIGITS[step]
            last = guide.code
        return f"{written}-{position.stuck}" if position.stuck else written

    def decode(self, text: str) -> Position | None:
        """Read what `encode` wrote; None when it is something else, or names a step that is no longer there."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            return None
        stops: list[Stop] = []
        for code, digits in _STOPS_OF_A_GUIDE.findall(found["stops"]):
            guide = self._guides.guide_of_code(code)
            if guide is None:
                return None
            stops += [(guide.id, _DIGITS.index(digit)) for digit in digits]
        if any(self.at(*stop) is None for stop in stops):
            return None
        (guide_id, step), *before = stops
        return Position(guide_id, step, tuple(before[:KEPT_BEFORE]), int(found["stuck"] or 0))

    def _shared(self, position: Position, guide: Guide) -> int | None:
        """Give the number of the step that a guide shares with the position's; None when it shares none."""
        name = self.step(position).shared_as
        return next((step.n for step in guide.steps if name is not None and step.shared_as == name), None)


def _moved(position: Position, stop: Stop) -> Position:
    """Give the position at a stop, from which the way back leads to `position`; `position` itself where it is there."""
    here = (position.guide, position.step)
    return position if stop == here else Position(*stop, (here, *position.before)[:KEPT_BEFORE])


def _refusal(wish: Wish) -> Reason | None:
    if wish.provider == "vn_provider":
        return Reason.VN_PROVIDER
    if wish.platform == "linux":
        return Reason.LINUX
    if wish.platform == "phone":
        return Reason.PHONE
    if wish.medium == "roaming":
        return Reason.ROAMING
    if wish.provider == "unknown":
        return Reason.UNKNOWN_PROVIDER
    return next(
        (
            reason
            for (procedure, other), reason in _UNGUIDED.items()
            if wish.procedure == procedure and other in (wish.platform, wish.medium)
        ),
        None,
    )


def _asks(wish: Wish) -> list[Asked]:
    asks: list[Asked] = []
    if wish.provider is None:
        asks.append("token_provider")
    if wish.procedure is None:
        asks.append("procedure")
    if wish.platform is None:
        asks.append("platform")
    if wish.procedure in _MEDIUM_DECIDES and wish.medium is None:
        asks.append("medium")
    if wish.procedure == "sign" and wish.medium == "softcert" and wish.level is None:
        asks.append("level")
    return asks


def _suits(guide: Guide, wish: Wish) -> bool:
    if guide.platform != wish.platform or (wish.medium is not None and wish.medium not in guide.media):
        return False
    return guide.level is None or guide.level == ("high" if wish.level == "unknown" else wish.level)
