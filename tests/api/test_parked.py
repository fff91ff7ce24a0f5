"""Messages that failed every time, for admins: listed without content, given a second chance, dismissed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.assembly import create_worker
from bot.core.deliveries import service as deliveries
from bot.core.inbox import parked, service
from bot.core.inbox.models import inbox
from bot.core.inbox.repository import MOST_ATTEMPTS
from bot.core.staff.roles import Role
from bot.core.staff.tokens import Scope
from tests.attacks.world import Member, opened_world, refused
from tests.factories import make_conversation, make_update
from tests.fakes import greeting

WORDS = "quán bà Ba ở chợ"


@pytest_asyncio.fixture
async def world(product):
    async with opened_world(product) as opened:
        yield opened


async def ask(world, method, path="", *, by=None, body=None, key=None):
    headers = dict((by or world.an).headers) | ({"Idempotency-Key": key} if key else {})
    return await world.client.request(method, f"/api/v1/parked-updates{path}", headers=headers, json=body)


def broken(request):
    raise RuntimeError(WORDS)


async def work(world, answer):
    """Answer everything that waits, each update at its last attempt."""
    async with world.database.unit_of_work() as connection:
        await connection.execute(update(inbox).where(inbox.c.attempt == 0).values(attempt=MOST_ATTEMPTS - 1))
    world.product.assistant.answer = answer
    stopping = asyncio.Event()
    working = asyncio.create_task(create_worker(world.product.runtime).run(stopping))
    async with asyncio.timeout(10):
        while await unfinished(world):
            await asyncio.sleep(0.01)
    stopping.set()
    await working


async def unfinished(world):
    async with world.database.reading() as connection:
        return await service.count_unfinished(connection)


async def fail(world, count=1):
    """Have messages of a new citizen fail every time; give their conversation and the messages' references."""
    conversation, _ = await make_conversation(world.database, world.product.runtime.vault)
    receipts = [await make_update(world.database, conversation, text=WORDS) for _ in range(count)]
    await work(world, broken)
    return conversation, [f"L-{receipt.inbox_id}" for receipt in receipts]


async def told(world, conversation):
    """Give the topics of what a citizen was told."""
    async with world.database.unit_of_work() as connection:
        now = world.clock.now()
        shown = await deliveries.hand_out_later(connection, conversation, after=0, now=now)
    return [delivered.message.topic for delivered in shown]


async def events(world, kind):
    return [line for line in await world.log() if line["event"] == kind]


async def test_they_are_listed_by_their_code_without_words_or_person(world):
    conversation, (first, second) = await fail(world, 2)
    listed = (await ask(world, "GET")).json()
    assert [each["reference"] for each in listed] == [first, second]
    assert listed[0] == {
        "reference": first,
        "channel": "web",
        "error": "RuntimeError",
        "says": listed[0]["says"],
        "received_at": "2026-11-20T01:00:00Z",
        "parked_at": "2026-11-20T01:00:00Z",
        "can_retry": True,
        "retry_of": None,
    }
    assert "thử lại" in listed[0]["says"]
    assert (await ask(world, "GET", f"?after={first[2:]}&most=1")).json() == listed[1:]
    assert (await ask(world, "GET", f"?after={second[2:]}")).json() == []
    assert await told(world, conversation) == ["error", "error"]


async def test_a_second_chance_is_answered_behind_what_came_meanwhile(world):
    conversation, (reference,) = await fail(world)
    waiting = await make_update(world.database, conversation, text="câu sau")
    answer = await ask(world, "POST", f"/{reference}/retry", body={})
    assert answer.status_code == 200
    again = answer.json()["reference"]
    assert int(again[2:]) > waiting.inbox_id
    await work(world, greeting)
    assert [request.text for request in world.product.assistant.requests[-2:]] == ["câu sau", WORDS]
    assert await told(world, conversation) == ["error", "greet", "greet"]
    assert (await ask(world, "GET")).json() == []
    (line,) = await events(world, "update.retried")
    assert line.items() >= {"update": reference, "as": again, "by": world.an.staff_id}.items()
    refused(await ask(world, "POST", f"/{reference}/retry", body={}), 404, "parked-unknown")


async def test_a_second_chance_that_fails_is_listed_again_and_nobody_apologises_twice(world):
    conversation, (reference,) = await fail(world)
    for _ in range(2):
        (listed,) = (await ask(world, "GET")).json()
        assert (await ask(world, "POST", f"/{listed['reference']}/retry", body={})).status_code == 200
        await work(world, broken)
    (listed,) = (await ask(world, "GET")).json()
    assert listed["retry_of"] == reference
    assert await told(world, conversation) == ["error"]


async def test_asking_twice_under_one_key_tries_once(world):
    await fail(world)
    (listed,) = (await ask(world, "GET")).json()
    answers = [await ask(world, "POST", f"/{listed['reference']}/retry", body={}, key="k-1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert await unfinished(world) == 1


async def test_two_admins_at_once_give_one_second_chance(world):
    _, (reference,) = await fail(world)
    answers = await asyncio.gather(
        *(ask(world, "POST", f"/{reference}/retry", by=by, body={}) for by in (world.an, world.binh))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 404]
    assert await unfinished(world) == 1


async def test_one_that_is_dismissed_is_gone_with_its_words(world):
    _, (reference,) = await fail(world)
    assert (await ask(world, "POST", f"/{reference}/dismissal", body={})).status_code == 204
    assert (await ask(world, "GET")).json() == []
    async with world.database.reading() as connection:
        assert (await connection.execute(select(inbox.c.payload))).scalars().all() == [None]
    assert [line["update"] for line in await events(world, "update.dismissed")] == [reference]
    refused(await ask(world, "POST", f"/{reference}/dismissal", body={}), 404, "parked-unknown")


async def test_after_a_week_the_words_are_forgotten_and_it_can_only_be_dismissed(world):
    _, (reference,) = await fail(world)
    world.clock.advance(seconds=(parked.KEEP_PARKED + timedelta(seconds=1)).total_seconds())
    async with world.database.unit_of_work() as connection:
        assert await parked.forget_old(connection, now=world.clock.now()) == 1
    (listed,) = (await ask(world, "GET")).json()
    assert listed["can_retry"] is False
    assert "bạn chọn bỏ qua" in listed["says"]
    refused(await ask(world, "POST", f"/{reference}/retry", body={}), 409, "parked-forgotten")
    assert (await ask(world, "POST", f"/{reference}/dismissal", body={})).status_code == 204


@pytest.mark.parametrize("reference", ["L-999999", "L-0", "L-1x", "HD-1", "L-9223372036854775808"])
async def test_what_is_no_parked_message_is_unknown(world, reference):
    answer = await ask(world, "POST", f"/{reference}/retry", body={})
    assert answer.status_code in {400, 404}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_only_an_admin_of_the_whole_province_with_the_scope_sees_any(world):
    _, (reference,) = await fail(world)
    of_one_area = await world.hire("Em", Role.ADMIN, areas=("vinh-long.tan-an",))
    unscoped = Member(world.an.staff_id, await world.token(world.an.staff_id, scopes=[Scope.AUDIT]))
    for nobody in (world.chi, of_one_area, unscoped):
        refused(await ask(world, "GET", by=nobody), 403, "not-authorised")
        for act in ("retry", "dismissal"):
            refused(await ask(world, "POST", f"/{reference}/{act}", by=nobody, body={}), 403, "not-authorised")
    refused(await ask(world, "GET", by=Member("", "")), 401, "token-refused")
