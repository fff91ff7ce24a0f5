from datetime import timedelta

from sqlalchemy import func, select, update

from bot.core.citizens.models import citizens
from bot.core.conversations import retention, service
from bot.core.conversations.models import conversations
from bot.core.deliveries.models import deliveries
from bot.core.inbox.models import inbox
from bot.core.ports import DialogueState
from tests.core.inbox.test_service import claim, finish
from tests.factories import make_conversation, make_update


async def admit(database, vault, clock, name, *tokens):
    async with database.unit_of_work() as connection:
        return await service.admit(connection, vault, channel="web", external_id=name, tokens=tokens, now=clock.now())


async def test_the_first_to_come_gets_the_conversation_and_its_token(database, vault, clock):
    first = await admit(database, vault, clock, "my-conversation")
    again = await admit(database, vault, clock, "my-conversation", "wrong", first.token)
    assert again.conversation.id == first.conversation.id
    assert (again.token, again.is_new_token) == (first.token, False)
    assert not again.conversation.is_guest


async def test_without_its_token_one_is_a_guest_in_a_throw_away_conversation(database, vault, clock):
    first = await admit(database, vault, clock, "my-conversation")
    guest = await admit(database, vault, clock, "my-conversation", "wrong")
    assert guest.conversation.is_guest
    assert guest.token is None
    assert guest.conversation.id != first.conversation.id
    assert guest.conversation.citizen_id != first.conversation.citizen_id


async def test_only_the_token_finds_a_conversation(database, vault):
    conversation, token = await make_conversation(database, vault)
    async with database.reading() as connection:
        found = await service.find_owned(
            connection, vault, channel="web", external_id=conversation.external_id, tokens=[token]
        )
        refused = await service.find_owned(
            connection, vault, channel="web", external_id=conversation.external_id, tokens=[]
        )
        unknown = await service.find_owned(connection, vault, channel="web", external_id="nobody's", tokens=[token])
    assert found.id == conversation.id
    assert refused is None
    assert unknown is None


async def test_the_token_itself_is_not_stored(database, vault):
    _, token = await make_conversation(database, vault)
    async with database.reading() as connection:
        digest = (await connection.execute(select(conversations.c.token_digest))).scalar_one()
    assert token.encode() not in digest


async def test_the_dialogue_state_survives_sealed(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    state = DialogueState("eligibility_form", {"age": 20, "product": "id.vn"})
    async with database.unit_of_work() as connection:
        assert list(await service.take_positions(connection, conversation.id, 2)) == [1, 2]
        await service.save_turn(connection, conversation, state=state, now=clock.now())
    async with database.reading() as connection:
        stored = (await connection.execute(select(conversations.c.state))).scalar_one()
        loaded = await service.load(connection, vault, conversation.id)
    assert b"eligibility" not in stored
    assert loaded.state == state
    assert loaded.last_position == 2
    assert loaded.introduced


async def test_a_guest_keeps_no_state(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    guest = (await admit(database, vault, clock, conversation.external_id)).conversation
    async with database.unit_of_work() as connection:
        await service.save_turn(
            connection, guest, state=DialogueState("eligibility_form", {"age": 20}), now=clock.now()
        )
    async with database.reading() as connection:
        assert (await service.load(connection, vault, guest.id)).state == DialogueState()


async def test_a_conversation_idle_for_thirty_days_is_forgotten_and_its_key_destroyed(database, vault, clock):
    idle, _ = await make_conversation(database, vault)
    await make_update(database, idle)
    (claimed,) = await claim(database)
    await finish(database, idle, claimed, clock)
    clock.advance(days=29)
    active, _ = await make_conversation(database, vault, now=clock.now())
    await admit(database, vault, clock, active.external_id)  # a guest
    async with database.unit_of_work() as connection:
        assert await retention.forget_idle(connection, now=clock.now()) == 0
    clock.advance(days=1, seconds=1)
    async with database.unit_of_work() as connection:
        assert await retention.forget_idle(connection, now=clock.now()) == 2
        assert await retention.forget_idle(connection, now=clock.now()) == 0
    async with database.reading() as connection:
        left = (await connection.execute(select(conversations.c.id))).scalars().all()
        for table in (inbox, deliveries):
            assert (await connection.execute(select(func.count()).select_from(table))).scalar_one() == 0
        rows = (await connection.execute(select(citizens.c.id, citizens.c.wrapped_key))).all()
    keys = {row.id: row.wrapped_key for row in rows}
    assert left == [active.id]
    assert keys[idle.citizen_id] is None
    assert keys[active.citizen_id] is not None


async def test_being_active_starts_the_retention_clock_again(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    clock.advance(days=20)
    async with database.unit_of_work() as connection:
        await service.save_turn(connection, conversation, state=DialogueState(), now=clock.now())
    clock.advance(days=20)
    async with database.unit_of_work() as connection:
        assert await retention.forget_idle(connection, now=clock.now()) == 0
        await connection.execute(update(conversations).values(last_active_at=clock.now() - timedelta(days=31)))
        assert await retention.forget_idle(connection, now=clock.now()) == 1


async def test_who_just_came_back_is_not_forgotten_before_the_answer(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    clock.advance(days=31)
    await make_update(database, conversation, now=clock.now())
    async with database.unit_of_work() as connection:
        assert await retention.forget_idle(connection, now=clock.now()) == 0


async def enter(database, vault, clock, external_id="9000000000001"):
    async with database.unit_of_work() as connection:
        return await service.enter(connection, vault, channel="telegram", external_id=external_id, now=clock.now())


async def test_whom_the_platform_vouches_for_comes_back_to_their_own_conversation(database, vault, clock):
    first = await enter(database, vault, clock)
    again = await enter(database, vault, clock)
    other = await enter(database, vault, clock, external_id="9000000000002")
    assert (again.id, again.citizen_id) == (first.id, first.citizen_id)
    assert (other.id, other.citizen_id) != (first.id, first.citizen_id)
    assert not first.is_guest


async def test_a_web_visitor_who_takes_a_chat_s_number_is_somebody_else(database, vault, clock):
    chat = await enter(database, vault, clock)
    visitor, _ = await make_conversation(database, vault, external_id=chat.external_id)
    assert visitor.citizen_id != chat.citizen_id


async def test_no_token_opens_a_conversation_that_the_platform_vouches_for(database, vault, clock):
    chat = await enter(database, vault, clock)
    async with database.reading() as connection:
        found = await service.find_owned(
            connection, vault, channel="telegram", external_id=chat.external_id, tokens=["", "guess"]
        )
    assert found is None
