"""Groups that get bulletins: what Telegram tells of them by itself is noted at once, and once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from bot.core.destinations import repository as places
from tests.telegram.bulletins import Bulletins, opened_bulletins


@pytest.fixture
async def bulletins(asking) -> AsyncIterator[Bulletins]:
    async with opened_bulletins(asking) as opened:
        yield opened


async def rows(bulletins):
    async with bulletins.province.database.reading() as connection:
        return await places.list_oldest_first(connection, areas=None)


async def take(bulletins, *updates):
    for update in updates:
        await bulletins.telegram.intake().take(update)


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1,), (0, 0, 1, 1)])
async def test_a_group_that_became_a_supergroup_is_followed_at_once_and_once(bulletins, order):
    group = await bulletins.group(kind="group")
    bulletins.fake.updates.drop_all()
    upgraded = bulletins.fake.person("Minh").upgrades(group)
    told = bulletins.fake.updates.waiting
    assert len(told) == 2
    await take(bulletins, *(told[number] for number in order))
    (row,) = await rows(bulletins)
    assert row.address == str(upgraded.chat_id)
    assert row.unreachable_since is None
    assert len(await bulletins.province.log_lines("destination.moved")) == 1
    edition = await bulletins.province.fired()
    await bulletins.send()
    assert (len(group.texts), len(upgraded.texts)) == (0, 1)
    assert edition.check_code in upgraded.texts[0]


async def test_a_group_of_no_destination_leaves_no_trace(bulletins):
    group = bulletins.fake.group(kind="group")
    bulletins.fake.updates.drop_all()
    bulletins.fake.person("Minh").upgrades(group)
    await take(bulletins, *bulletins.fake.updates.waiting)
    assert list(await rows(bulletins)) == []
    assert await bulletins.province.log_lines("destination.moved") == []


async def test_a_destination_whose_new_address_is_another_one_s_stays_and_that_is_reported(bulletins):
    group = await bulletins.group(kind="group")
    bulletins.fake.updates.drop_all()
    upgraded = bulletins.fake.person("Minh").upgrades(group)
    await bulletins.province.group(str(upgraded.chat_id))
    with capture_logs() as logs:
        await take(bulletins, *bulletins.fake.updates.waiting)
    assert {row.address for row in await rows(bulletins)} == {str(group.chat_id), str(upgraded.chat_id)}
    assert "telegram.destination_not_moved" in [entry["event"] for entry in logs]


@pytest.mark.parametrize(
    ("status", "rights", "is_silent"),
    [
        ("restricted", {"can_send_messages": False}, True),
        ("restricted", {"can_send_messages": True}, False),
        ("left", {}, True),
        ("kicked", {"until_date": 0}, True),
        ("member", {}, False),
        ("administrator", {}, False),
    ],
)
async def test_what_the_bot_may_do_in_a_group_is_noted_at_its_destination(bulletins, status, rights, is_silent):
    group, minh = await bulletins.group(), bulletins.fake.person("Minh")
    await take(bulletins, minh.makes_bot(group, status, **rights))
    (row,) = await rows(bulletins)
    assert (row.unreachable_since is not None) == is_silent
    await take(bulletins, minh.adds_bot_to(group))
    (row,) = await rows(bulletins)
    assert row.unreachable_since is None
