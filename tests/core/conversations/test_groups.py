"""Conversations in groups: each person's apart, followed where the group moves, and soon forgotten."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.core.citizens.models import citizens
from bot.core.conversations import groups, retention, service
from bot.core.conversations.models import conversations
from bot.core.ports import DialogueState


async def enter(database, vault, clock, group, person, channel="telegram"):
    async with database.unit_of_work() as connection:
        return await groups.enter_group(connection, vault, channel=channel, group=group, person=person, now=clock.now())


async def names(database):
    async with database.reading() as connection:
        return sorted((await connection.execute(select(conversations.c.external_id))).scalars())


async def test_one_conversation_for_each_group_and_person(database, vault, clock):
    first = await enter(database, vault, clock, "-5", "7")
    others = [await enter(database, vault, clock, *place) for place in (("-5", "8"), ("-6", "7"))]
    again = await enter(database, vault, clock, "-5", "7")
    assert again.id == first.id
    assert len({each.id for each in (first, *others)}) == len({each.citizen_id for each in (first, *others)}) == 3
    assert (first.group, first.address, first.is_guest) == ("-5", "-5", True)


async def test_what_is_private_has_no_group_and_is_its_own_address(database, vault, clock):
    async with database.unit_of_work() as connection:
        mine = await service.enter(connection, vault, channel="telegram", external_id="7", now=clock.now())
        web = await service.admit(connection, vault, channel="web", external_id="group", tokens=(), now=clock.now())
        guest = await service.admit(connection, vault, channel="web", external_id="group", tokens=(), now=clock.now())
    assert [each.group for each in (mine, web.conversation, guest.conversation)] == [None] * 3
    assert mine.address == "7"


async def test_nothing_of_the_dialogue_is_kept(database, vault, clock):
    conversation = await enter(database, vault, clock, "-5", "7")
    state = DialogueState("eligibility_form", {"age": 20})
    async with database.unit_of_work() as connection:
        told = service.ToldTurn("em 20 tuổi", "…")
        await service.save_turn(connection, conversation, state=state, told=told, now=clock.now())
        kept = await service.load(connection, vault, conversation.id)
    assert (kept.state, kept.recent, kept.introduced) == (DialogueState(), (), True)


async def test_a_group_that_moved_takes_its_conversations_along_but_for_those_begun_there(database, vault, clock):
    for place in (("-5", "7"), ("-5", "8"), ("-55", "7"), ("-1005", "8")):
        await enter(database, vault, clock, *place)
    await enter(database, vault, clock, "-5", "7", channel="zalo")
    async with database.unit_of_work() as connection:
        moved = await groups.move_group(connection, channel="telegram", group="-5", moved_to="-1005")
        again = await groups.move_group(connection, channel="telegram", group="-5", moved_to="-1005")
    assert (moved, again) == (1, 0)
    assert await names(database) == ["group:-1005/7", "group:-1005/8", "group:-5/7", "group:-5/8", "group:-55/7"]


async def test_a_day_without_a_word_and_it_is_forgotten(database, vault, clock):
    await enter(database, vault, clock, "-5", "7")
    for later, left in ((timedelta(hours=23), 1), (timedelta(hours=25), 0)):
        async with database.unit_of_work() as connection:
            await retention.forget_idle(connection, now=clock.now() + later)
        assert len(await names(database)) == left


async def test_who_is_erased_is_forgotten_in_all_groups_and_nobody_else_is(database, vault, clock):
    mine = [await enter(database, vault, clock, group, "7") for group in ("-5", "-6")]
    for place in (("-5", "17"), ("-5", "8")):
        await enter(database, vault, clock, *place)
    other = await enter(database, vault, clock, "-5", "7", channel="zalo")
    async with database.unit_of_work() as connection:
        await retention.forget_in_groups(
            connection, channel="telegram", person="7", going_on_in=other.id, now=clock.now()
        )
        keys = select(citizens.c.wrapped_key).where(citizens.c.id.in_([each.citizen_id for each in mine]))
        assert set((await connection.execute(keys)).scalars()) == {None}
    assert await names(database) == ["group:-5/17", "group:-5/7", "group:-5/8"]
