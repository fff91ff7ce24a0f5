"""Requests that nobody should send: each is refused as a problem with a stable type, and leaves nothing behind."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.core.broadcasts.models import broadcasts
from bot.core.destinations.models import destinations
from bot.core.staff.roles import Role
from tests.newsroom import AREAS

ODD = (
    None, True, 0, -1, 2**63, 1.5, "", " ", "a" * 9000, "\u202e", "e\u0301", "\x00", "x\ny", [], [None], {}, {"x": 1},
    "2026-13-45T99:99:99Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", ["telegram-group"] * 70, "../..", "<b>",
)  # fmt: skip
EACH = 60
"""Requests of one kind; a member of staff may send 120 a minute."""


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give every place in a body, members and items alike."""
    inside = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in inside:
        yield (*path, name)
        yield from places(value, (*path, name))


def altered(body: Any, luck: random.Random) -> Any:
    """Give a body with an odd value somewhere, something missing, or something that does not belong there."""
    changed = copy.deepcopy(body)
    *way, last = luck.choice(list(places(changed)))
    place = changed
    for step in way:
        place = place[step]
    match luck.randrange(4):
        case 0 if isinstance(place, dict):
            del place[last]
        case 1 if isinstance(place, dict):
            place["surprise"] = luck.choice(ODD)
        case _:
            place[last] = luck.choice(ODD)
    return changed


def group(newsroom) -> dict[str, Any]:
    return {"area": AREAS[0], "channel": "telegram-group", "address": "-1001", "title": "Nhóm xã", "is_training": False}


@pytest.mark.parametrize(
    ("path", "write"),
    [
        ("/broadcasts", lambda newsroom: newsroom.broadcast()),
        ("/series", lambda newsroom: newsroom.series()),
        ("/destinations", group),
    ],
)
async def test_an_odd_body_is_refused_or_stored_whole(newsroom, path, write):
    luck = random.Random(8)  # noqa: S311 - the same in every run
    officer = await newsroom.world.hire("Lan", Role.OFFICER)
    taken = 0
    for number in range(EACH):
        answer = await newsroom.ask("POST", path, by=officer, key=f"odd-{number}", body=altered(write(newsroom), luck))
        assert answer.status_code in {201, 400, 409, 422}, answer.text
        if answer.status_code == 201:
            taken += 1
        else:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"]
    table = destinations if path == "/destinations" else broadcasts
    async with newsroom.world.database.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(table))).scalar_one() == taken


ODD_PATHS = (
    "/broadcasts/bc-1", "/broadcasts/sr-0000000000", "/broadcasts/bc-0000000000/deliveries?after=-1",
    "/broadcasts/bc-0000000000/deliveries?after=99999999999999999999", "/broadcasts?most=0", "/broadcasts?before=%00",
    "/series?state=", "/notices?most=1000", "/notices?only_unread=perhaps", "/destinations?with_ended=2.5",
    "/bulletins/%00", "/bulletins/" + "x" * 5000, "/broadcasts/%2e%2e",
)  # fmt: skip


async def test_an_odd_address_is_refused(newsroom):
    for path in ODD_PATHS:
        answer = await newsroom.ask("GET", path)
        assert answer.status_code in {400, 404, 422}, path
        assert answer.headers["content-type"] == "application/problem+json", path
