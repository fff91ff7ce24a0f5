"""After an outage a group gets one apology for everybody who asked there, whoever answers them at the same time."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.core.conversations import service as conversations
from bot.core.deliveries import service as deliveries
from bot.core.deliveries.models import deliveries as deliveries_table
from tests.fixtures.product import build_product
from tests.gateway.test_old_updates import LATE, LIMITS, SECOND, Citizen, work

GROUP, OTHER = "-100", "-200"


@pytest.fixture
def channel():
    return "zalo"


@pytest.fixture
async def product(database_url, tmp_path, vault, clock, programme, renderer):
    async with build_product(database_url, tmp_path, vault, clock, programme, renderer) as built:
        yield built


async def told(product):
    """Give where what was said, oldest first."""
    vault, query = product.runtime.vault, select(deliveries_table).order_by(deliveries_table.c.id)
    async with product.runtime.database.reading() as connection:
        return [await opened(connection, vault, row) for row in await connection.execute(query)]


async def opened(connection, vault, row):
    conversation = await conversations.load(connection, vault, row.conversation_id)
    return conversation.address, deliveries.open_message(conversation, payload=row.payload, dedupe_key=row.dedupe_key)


@pytest.mark.parametrize("channel", LIMITS)
async def test_a_group_gets_one_apology_for_all_who_asked_there_and_no_menu(product, channel):
    for number in range(8):
        await Citizen(product, channel, f"7{number}").sends(group=GROUP, ago=LIMITS[channel] + SECOND)
    await Citizen(product, channel, "70").sends(group=OTHER, ago=LIMITS[channel] + SECOND)
    await work(product)
    said = await told(product)
    assert sorted(address for address, _ in said) == [GROUP, OTHER]
    for _, apology in said:
        assert (apology.topic, apology.buttons, apology.answers) == (LATE, (), None)
        assert "cả nhóm" in apology.text


async def test_an_apology_in_private_covers_nothing_in_a_group(product, channel):
    lan = Citizen(product, channel)
    for group in (None, GROUP):
        await lan.sends(group=group, ago=LIMITS[channel] + SECOND)
        await work(product)
    assert [address for address, _ in await told(product)] == ["200", GROUP]


async def test_the_next_outage_gets_its_group_an_apology_of_its_own(product, channel):
    for name in ("71", "72"):
        await Citizen(product, channel, name).sends(group=GROUP, ago=LIMITS[channel] + SECOND)
        await work(product)
        product.clock.advance(seconds=(LIMITS[channel] + 2 * SECOND).total_seconds())
    assert len(await told(product)) == 2


async def test_what_is_new_in_a_group_is_answered_behind_the_apology(product, channel):
    await Citizen(product, channel, "71").sends("cũ", group=GROUP, ago=LIMITS[channel] + SECOND)
    await Citizen(product, channel, "72").sends("mới", group=GROUP)
    await work(product)
    assert [request.text for request in product.assistant.requests] == ["mới"]
    assert len(await told(product)) == 2
