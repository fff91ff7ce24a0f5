"""Exactly one speaks: looked at when something is written, and once more when it is sent."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.core.cases import repository as cases
from bot.core.cases.models import CaseState
from bot.core.conversations import service as conversations
from bot.core.conversations.service import SpeakerChangedError
from bot.core.deliveries import outbox, service
from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.deliveries.service import OutboundMessage
from tests.fakes import FixedClock

BOT, STAFF = OutboundMessage("greet", "Chào bạn"), OutboundMessage("request_human", "Tôi là cán bộ xã.")


async def chat_with_case(database, vault, clock):
    """Open a Telegram chat in which staff have the floor; give it and the case's id."""
    now = clock.now()
    async with database.unit_of_work() as connection:
        chat = await conversations.enter(connection, vault, channel="telegram", external_id="9000000000001", now=now)
        case_id = await cases.add(
            connection,
            reference="YC-7K2MX",
            conversation_id=chat.id,
            citizen_id=chat.citizen_id,
            why="asked",
            state=CaseState.WAITING,
            urgent=False,
            consent="",
            opened_at=now,
            due_at=now,
            last_word_at=now,
        )
        await conversations.give_to_staff(connection, chat.id, case_id=case_id)
    return chat, case_id


async def claim(database, vault):
    async with database.unit_of_work() as connection:
        return await outbox.Replies(vault, FixedClock()).claim(connection, channel="telegram", owner="sender", most=10)


async def test_the_sender_takes_what_staff_say_and_nothing_of_the_assistant_s(database, vault, clock):
    chat, case_id = await chat_with_case(database, vault, clock)
    async with database.unit_of_work() as connection:
        for key, message in (("a", BOT), ("b", STAFF)):
            await service.write_later(connection, chat, key=key, messages=[message], case_id=case_id, now=clock.now())
        # As a process of an older release would write it, which knows of no cases.
        await connection.execute(update(deliveries).where(deliveries.c.dedupe_key == "later:a:1").values(case_id=None))
    assert await claim(database, vault) == []
    async with database.reading() as connection:
        row = (await connection.execute(select(deliveries).where(deliveries.c.dedupe_key == "later:a:1"))).one()
    assert (row.state, row.error) == (DeliveryState.CANCELLED, "speaker-changed")
    (parcel,) = await claim(database, vault)
    assert parcel.delivered.message == STAFF


async def test_what_was_said_before_staff_took_over_still_arrives(database, vault, clock):
    now = clock.now()
    async with database.unit_of_work() as connection:
        chat = await conversations.enter(connection, vault, channel="telegram", external_id="9000000000001", now=now)
        await service.write_later(connection, chat, key="before", messages=[BOT], now=now)
    await chat_with_case(database, vault, clock)
    (parcel,) = await claim(database, vault)
    assert parcel.delivered.message == BOT


async def test_staff_without_the_floor_cannot_speak(database, vault, clock):
    chat, case_id = await chat_with_case(database, vault, clock)
    async with database.unit_of_work() as connection:
        await conversations.give_to_assistant(connection, chat.id)
    with pytest.raises(SpeakerChangedError):
        async with database.unit_of_work() as connection:
            await service.write_later(connection, chat, key="x", messages=[STAFF], case_id=case_id, now=clock.now())


async def test_a_turn_that_began_before_staff_took_over_is_found_out(database, vault, clock):
    now = clock.now()
    async with database.unit_of_work() as connection:
        before = await conversations.enter(connection, vault, channel="telegram", external_id="9000000000001", now=now)
    await chat_with_case(database, vault, clock)
    with pytest.raises(SpeakerChangedError):
        async with database.unit_of_work() as connection:
            await conversations.check_floor(connection, before)
