"""What the page and the endpoint that look check codes up have in common: how often, and how places are named."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from fastapi import Request

from bot.core.broadcasts.checking import Bulletin, Bulletins, Found, Reach
from bot.core.communes.directory import Communes
from bot.core.errors import ThrottledError
from bot.core.rates import Limiter, Rate, neighbourhood

LOOK_UPS = Rate(60, 60)
"""Of one address, where something has to be looked up: guesses, and what nobody asked for within the minute."""


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A commune by the name that its people use, a channel, and how far a bulletin came there."""

    area: str
    name: str
    channel: str
    reach: Reach


@dataclass(frozen=True, slots=True)
class Checks:
    """What look-ups work with; on the application's state."""

    bulletins: Bulletins
    communes: Communes
    limiter: Limiter = field(default_factory=lambda: Limiter(LOOK_UPS))

    async def find(self, request: Request, code: str) -> Found | None:
        """Return what was fired under a check code, as `Bulletins.find`.

        What was found a moment ago costs nothing and is not counted: a whole commune may share one address.

        Raises:
            ThrottledError: too many others from there.
        """
        found = await self.bulletins.find_kept(code)
        if found is not None:
            return found
        address = request.client.host if request.client else ""
        wait = self.limiter.wait(neighbourhood(address), now=time.monotonic())
        if wait:
            raise ThrottledError(retry_after=wait)
        return await self.bulletins.find(code)

    def places(self, bulletin: Bulletin) -> list[NamedPlace]:
        """Return where a bulletin was to go; a commune that the content no longer knows keeps its code."""
        named = []
        for place in bulletin.places:
            commune = self.communes.find(place.area)
            name = place.area if commune is None else commune.full_name
            named.append(NamedPlace(place.area, name, place.channel, place.reach))
        return named


def get_checks(request: Request) -> Checks:
    """Return what look-ups of this application work with."""
    checks: Checks = request.app.state.checks
    return checks
