"""What a check code tells, on both databases: from a real province, real signatures and what was fired."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import delete, insert, update

from bot.core.approvals.models import approvals
from bot.core.broadcasts.checking import Bulletins, Reach, Unconfirmed, reach_of
from bot.core.broadcasts.models import broadcasts, editions, fires
from bot.core.broadcasts.states import State
from bot.core.deliveries.models import DeliveryState
from tests.attacks.world import opened_world
from tests.fixtures.product import build_product
from tests.newsroom import AREAS, TEXT, Newsroom

PENDING, SENDING, SENT, FAILED, CANCELLED, UNKNOWN = DeliveryState


@pytest_asyncio.fixture
async def newsroom(database_url, tmp_path, vault, clock, programme, renderer):
    """Give a newsroom, once on SQLite and once on PostgreSQL."""
    async with (
        build_product(database_url, tmp_path, vault, clock, programme, renderer) as product,
        opened_world(product, has_broadcasts=True) as world,
    ):
        yield Newsroom(world)


@pytest.fixture
def bulletins(newsroom) -> Bulletins:
    return Bulletins(newsroom.world.database, newsroom.world.approving.office, newsroom.world.clock)


async def change(newsroom, *statements) -> None:
    async with newsroom.world.database.unit_of_work() as connection:
        for statement in statements:
            await connection.execute(statement)


async def test_a_bulletin_is_told_from_the_signed_bytes_with_whoever_approved_it(newsroom, bulletins):
    await newsroom.add_groups()
    edition = await newsroom.fired()
    fired_at = newsroom.world.clock.now()
    await newsroom.deliver(SENT, UNKNOWN)
    # What stands beside the signed bytes is believed by nobody.
    await change(newsroom, update(broadcasts).values(subject=b"{}", version=7))
    found = await bulletins.find(edition["code"])
    assert (found.title, found.text) == ("Ngày hội chuyển đổi số", TEXT)
    assert (found.state, found.fired_at, found.is_training) == (State.SENDING, fired_at, False)
    assert [each.name for each in found.approvals] == ["Người thứ 1", "Người thứ 2"]
    assert [(place.area, place.reach) for place in found.places] == [
        (AREAS[0], Reach.ARRIVED),
        (AREAS[1], Reach.UNKNOWN),
    ]


async def test_every_moment_of_a_series_has_a_bulletin_of_its_own(newsroom, bulletins):
    first = await newsroom.fired(kind="series")
    newsroom.world.clock.advance(hours=23)
    await newsroom.fire()
    listed = (await newsroom.ask("GET", f"/series/{first['broadcast']}/editions")).json()
    found = [await bulletins.find(each["check_code"].replace("-", "")) for each in listed]
    assert len({each.code for each in found}) == 2
    assert found[1].fired_at - found[0].fired_at == timedelta(days=1)


async def test_nothing_is_told_that_was_not_fired(newsroom, bulletins):
    broadcast = await newsroom.scheduled()
    (edition,) = (await newsroom.ask("GET", f"/broadcasts/{broadcast['id']}/editions")).json()
    assert await bulletins.find(edition["check_code"].replace("-", "")) is None
    assert await bulletins.find("CDF234") is None


async def test_a_row_that_says_fired_is_not_believed(newsroom, bulletins):
    await newsroom.scheduled()
    newsroom.world.clock.advance(hours=1)
    fired = {"fired_at": newsroom.world.clock.now(), "state": "sending"}
    await change(newsroom, update(editions).values(fired))
    async with newsroom.world.database.reading() as connection:
        code = (await connection.execute(editions.select())).one().check_code
    assert await bulletins.find(code) == Unconfirmed(code)


async def test_one_approval_too_few_or_one_of_an_author_confirms_nothing(newsroom, bulletins):
    edition = await newsroom.fired()
    await change(newsroom, delete(approvals).where(approvals.c.staff_id == newsroom.world.an.staff_id))
    assert await bulletins.find(edition["code"]) == Unconfirmed(edition["code"])


async def test_a_moment_of_which_there_is_no_record_confirms_nothing(newsroom, bulletins):
    edition = await newsroom.fired()
    await change(newsroom, update(fires).values(outcome="refused"))
    assert await bulletins.find(edition["code"]) == Unconfirmed(edition["code"])


async def test_a_firing_that_only_rows_tell_of_confirms_nothing(newsroom, bulletins):
    """Somebody with the database writes what a firing would have written, and no line of the log tells of it."""
    broadcast = await newsroom.scheduled()
    newsroom.world.clock.advance(hours=1)
    now = newsroom.world.clock.now()
    async with newsroom.world.database.reading() as connection:
        edition = (await connection.execute(editions.select())).one()
    fire = {
        "broadcast_id": broadcast["id"],
        "fire_at": edition.fire_at,
        "outcome": "fired",
        "edition_id": edition.id,
        "at": now,
    }
    await change(newsroom, update(editions).values(fired_at=now, state="done"), insert(fires).values(fire))
    assert await bulletins.find(edition.check_code) == Unconfirmed(edition.check_code)


async def stop(newsroom, edition):
    path = f"/broadcasts/{edition['broadcast']}"
    seen = (await newsroom.ask("GET", path)).headers["etag"]
    answer = await newsroom.ask("POST", f"{path}/stop", seen=seen, body={"reason": "Sai ngày."})
    assert answer.status_code == 200, answer.text


async def test_a_stop_is_told_at_once_and_the_rows_cannot_unsay_it(newsroom, bulletins):
    await newsroom.add_groups()
    edition = await newsroom.fired()
    assert not (await bulletins.find(edition["code"])).is_stopped
    newsroom.world.clock.advance(seconds=5)
    stopped_at = newsroom.world.clock.now()
    await stop(newsroom, edition)
    found = await bulletins.find(edition["code"])
    assert (found.is_stopped, found.finished_at) == (True, stopped_at)
    await change(newsroom, update(editions).values(state="done", finished_at=None))
    found = await bulletins.find(edition["code"])
    assert (found.is_stopped, found.finished_at) == (True, stopped_at)


async def test_a_new_address_of_the_deployment_makes_no_earlier_bulletin_false(newsroom):
    edition = await newsroom.fired()
    world = newsroom.world
    moved = replace(world.approving.office, aud="https://hien-dien.example.vn")
    found = await Bulletins(world.database, moved, world.clock).find(edition["code"])
    assert [each.name for each in found.approvals] == ["Người thứ 1", "Người thứ 2"]


async def test_an_approver_who_left_since_is_still_told(newsroom, bulletins):
    edition = await newsroom.fired()
    world = newsroom.world
    world.clock.advance(days=20)
    answer = await newsroom.ask("GET", "/enrolments", by=world.an)
    own = next(each for each in answer.json() if each["person"] == world.binh.staff_id)
    ended = await newsroom.ask("POST", f"/enrolments/{own['id']}/end", by=world.binh, body={})
    assert ended.status_code == 204
    found = await bulletins.find(edition["code"])
    assert [each.name for each in found.approvals] == ["Người thứ 1", "Người thứ 2"]


async def test_a_certificate_that_had_ended_before_confirms_nothing(newsroom, bulletins):
    edition = await newsroom.fired()
    world = newsroom.world
    answer = await newsroom.ask("GET", "/enrolments", by=world.an)
    own = next(each for each in answer.json() if each["person"] == world.binh.staff_id)
    world.clock.advance(hours=-2)
    ended = await newsroom.ask("POST", f"/enrolments/{own['id']}/end", by=world.binh, body={})
    assert ended.status_code == 204
    world.clock.advance(hours=3)
    assert await bulletins.find(edition["code"]) == Unconfirmed(edition["code"])


async def test_many_at_once_are_told_the_same(newsroom, bulletins):
    edition = await newsroom.fired()
    found = await asyncio.gather(*(bulletins.find(edition["code"]) for _ in range(20)))
    assert all(each is found[0] for each in found)


@pytest.mark.parametrize(
    ("states", "reach"),
    [
        (set(), Reach.NOWHERE),
        ({SENT}, Reach.ARRIVED),
        ({SENT, FAILED}, Reach.PARTLY),
        ({SENT, PENDING}, Reach.PARTLY),
        ({SENDING, UNKNOWN}, Reach.WAITING),
        ({UNKNOWN, FAILED}, Reach.UNKNOWN),
        ({FAILED, CANCELLED}, Reach.FAILED),
    ],
)
def test_how_far_a_bulletin_came_follows_from_all_its_messages_for_a_place(states, reach):
    assert reach_of(states) is reach


async def test_one_of_many_requests_at_once_under_a_key_does_it(newsroom):
    draft = await newsroom.drafted()
    path = f"/broadcasts/{draft.json()['id']}/submission"
    answers = await asyncio.gather(
        *(newsroom.ask("POST", path, key="same", seen='"1"', body={}) for _ in range(5)),
        *(newsroom.ask("POST", "/broadcasts", key="new", body=newsroom.broadcast()) for _ in range(5)),
    )
    assert [answer.status_code for answer in answers] == [200] * 5 + [201] * 5
    assert len({answer.content for answer in answers}) == 2
    assert len((await newsroom.ask("GET", "/broadcasts")).json()) == 2
