"""A bulletin on its way to groups of the account, by the real sender."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio

from bot.assembly import create_emission, create_sender
from bot.core.destinations import repository as places
from bot.gateway.zalo.carrier import ZaloCarrier
from tests.broadcasting import broadcast_draft
from tests.signed_broadcasts import opened_province

CHANNEL = "zalo-group"


@pytest_asyncio.fixture
async def province(called):
    async with opened_province(called.runtime.database, called.product.clock) as opened:
        yield opened


async def send(called, province):
    """Send what is due now, and record it."""
    runtime = called.runtime
    carrier = ZaloCarrier(called.client, called.tokens, runtime.renderer, runtime.pictures)
    sender = create_sender(runtime, carrier, rate="0", bulk=create_emission(runtime, province.office))
    await sender._sweep()
    await sender._begin_due(asyncio.Event())
    if sender._under_way:
        await asyncio.wait(sender._under_way)
    await province.emission.sweep()


def draft(**changes):
    return broadcast_draft(channels=[CHANNEL], **changes)


async def test_a_group_of_the_audience_gets_it_once(called, zalo, province):
    group, other = zalo.group(1), zalo.group(2)
    await province.group(group.group_id, channel=CHANNEL)
    edition = await province.fired(draft(text="Họp tổ dân phố."))
    for _ in range(2):
        await send(called, province)
    (text,) = group.texts
    assert "Họp tổ dân phố." in text
    assert edition.check_code in text
    assert other.texts == []


@pytest.mark.parametrize("code", [-237, -403])
async def test_a_group_that_is_closed_is_marked_at_the_destination(called, zalo, province, code):
    group = zalo.group()
    destination = await province.group(group.group_id, channel=CHANNEL)
    edition = await province.fired(draft())
    zalo.let("group/message", code)
    await send(called, province)
    (delivery,) = await province.deliveries(edition)
    assert delivery.error == "recipient-unreachable"
    async with called.runtime.database.reading() as connection:
        assert (await places.find(connection, destination)).unreachable_since is not None


async def test_a_group_that_was_deleted_is_marked_at_the_destination(called, zalo, province):
    group = zalo.group()
    destination = await province.group(group.group_id, channel=CHANNEL)
    await called.post(group.dismisses())
    async with called.runtime.database.reading() as connection:
        assert (await places.find(connection, destination)).unreachable_since is not None
