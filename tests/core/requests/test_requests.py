"""Requests that come twice do once what they ask for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.requests import retention, service
from bot.core.requests.errors import (
    IdempotencyKeyInvalidError,
    IdempotencyKeyReusedError,
    RequestUnderwayError,
)
from bot.core.requests.repository import Answer
from tests.fakes import MORNING

ANSWER = Answer(201, {"ETag": '"1"', "Content-Type": "application/json"}, '{"id":"bc-1","tên":"Họp"}'.encode())
ASKED = service.fingerprint(method="POST", path="/api/v1/broadcasts", body=b"{}")


async def keep(database, *, staff_id="nv-1", key="k", asked=ASKED, answer=ANSWER, now=MORNING):
    async with database.unit_of_work() as connection:
        await service.keep(connection, staff_id=staff_id, key=key, request_sha256=asked, answer=answer, now=now)


async def find(database, *, staff_id="nv-1", key="k", asked=ASKED):
    async with database.reading() as connection:
        return await service.find(connection, staff_id=staff_id, key=key, request_sha256=asked)


async def test_an_answer_is_found_again_as_it_went_out(database):
    assert await find(database) is None
    await keep(database)
    assert await find(database) == ANSWER


async def test_a_key_is_one_person_s(database):
    await keep(database)
    assert await find(database, staff_id="nv-2") is None
    await keep(database, staff_id="nv-2", answer=Answer(204, {}, b""))
    assert await find(database) == ANSWER
    assert await find(database, staff_id="nv-2") == Answer(204, {}, b"")


async def test_a_key_that_was_used_for_something_else_is_refused(database):
    await keep(database)
    with pytest.raises(IdempotencyKeyReusedError):
        await find(database, asked="0" * 64)


async def test_whoever_is_slower_with_the_same_key_finds_the_other_s_answer(database):
    await keep(database)
    with pytest.raises(RequestUnderwayError):
        await keep(database, answer=Answer(500, {}, b""))
    assert await find(database) == ANSWER


async def test_answers_are_forgotten_after_a_day(database):
    await keep(database)
    await keep(database, key="later", now=MORNING + timedelta(seconds=1))
    async with database.unit_of_work() as connection:
        assert await retention.forget_old(connection, now=MORNING + timedelta(days=1)) == 0
        assert await retention.forget_old(connection, now=MORNING + timedelta(days=1, seconds=1)) == 1
    assert await find(database) is None
    assert await find(database, key="later") == ANSWER


@pytest.mark.parametrize("key", ["a", "x" * 128, "2f1c-~!", '"quoted"'])
def test_a_key_is_any_visible_text(key):
    assert service.check_key(key) == key


@pytest.mark.parametrize("key", ["", "x" * 129, "a b", "khóa", "a\n", "\x7f"])
def test_what_can_be_no_key_is_refused(key):
    with pytest.raises(IdempotencyKeyInvalidError):
        service.check_key(key)


def test_any_other_request_has_another_fingerprint():
    whole = {"method": "PUT", "path": "/a", "body": b"{}", "precondition": '"1"'}
    others = ({"method": "POST"}, {"path": "/b"}, {"body": b"{ }"}, {"precondition": '"2"'}, {"precondition": ""})
    prints = {service.fingerprint(**(whole | change)) for change in ({}, *others)}
    assert len(prints) == 6
