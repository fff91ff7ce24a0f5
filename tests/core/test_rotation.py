"""Wrapping every key anew while the product runs: nothing is lost, and nobody who was erased comes back."""

import asyncio
import secrets
from itertools import count

import pytest
from sqlalchemy import select

from bot.approving import WitnessFiles
from bot.core import rotation
from bot.core.audit.log import AuditLog
from bot.core.citizens import service as citizens
from bot.core.citizens.models import citizens as people
from bot.core.conversations import service as conversations
from bot.core.handoffs import service as handoffs
from bot.core.handoffs.models import handoffs as requests
from bot.core.handoffs.service import contact_place
from bot.core.registrars import endpoints
from bot.core.vault import SealBrokenError, Vault
from tests.factories import CONTACT, TENTEN, make_conversation, make_handoff
from tests.fakes import MORNING

OLD, NEW = "an old master secret that was told around", "a new master secret that nobody has seen"
PEOPLE = 450
"""More than two batches."""


@pytest.fixture
def before():
    return Vault([OLD])


@pytest.fixture
def during():
    return Vault([NEW, OLD])


@pytest.fixture
def after():
    return Vault([NEW])


async def rotate(database, vault):
    done = []
    for keeping in rotation.KEEPINGS:
        last = ""
        while True:
            async with database.unit_of_work() as connection:
                batch = await rotation.rewrap_batch(connection, vault, keeping, after=last)
            if batch is None:
                break
            last = batch.last
            done.append(batch)
            await asyncio.sleep(0)
    return done


async def left(database, vault):
    async with database.reading() as connection:
        return await rotation.count_left(connection, vault)


async def enrol(database, vault, number):
    async with database.unit_of_work() as connection:
        return [(await citizens.enrol(connection, vault, now=MORNING))[0] for _ in range(number)]


async def test_afterwards_the_newest_secret_alone_opens_everything(database, tmp_path, before, during, after):
    log = AuditLog(WitnessFiles(tmp_path))
    ba, _ = await make_conversation(database, before)
    reference = await make_handoff(database, ba)
    async with database.unit_of_work() as connection:
        facts = {"registrar": TENTEN, "url": "https://example.vn/in", "by": "machine", "now": MORNING}
        await endpoints.set_up(connection, before, log, **facts)
        secret = (await endpoints.find(connection, before, TENTEN)).secret
    assert await left(database, during) == 2
    assert [(batch.rewrapped, batch.unreadable) for batch in await rotate(database, during)] == [(1, 0), (1, 0)]
    assert await left(database, after) == 0
    async with database.reading() as connection:
        reopened = await conversations.load(connection, after, ba.id)
        assert (await handoffs.find_last(connection, reopened)).reference == reference
        assert (await endpoints.find(connection, after, TENTEN)).secret == secret
    assert await rotate(database, during) == []


async def test_stopped_in_the_middle_it_goes_on_from_there(database, before, during, after):
    await enrol(database, before, PEOPLE)
    async with database.unit_of_work() as connection:
        await rotation.rewrap_batch(connection, during, rotation.KEEPINGS[0], after="")
    assert await left(database, during) == PEOPLE - rotation.BATCH
    await rotate(database, during)
    assert await left(database, after) == 0


async def test_a_batch_that_fails_changes_nothing(database, before, during):
    await enrol(database, before, 3)
    with pytest.raises(RuntimeError):
        async with database.unit_of_work() as connection:
            await rotation.rewrap_batch(connection, during, rotation.KEEPINGS[0], after="")
            raise RuntimeError
    assert await left(database, during) == 3


async def test_a_key_that_no_secret_opens_is_counted_and_left_as_it_is(database, during):
    strange = Vault(["another master secret that is not at hand"])
    await enrol(database, strange, 2)
    await enrol(database, during, 1)
    assert [(batch.rewrapped, batch.unreadable) for batch in await rotate(database, during)] == [(0, 2)]
    async with database.reading() as connection:
        for person in (await connection.execute(select(people))).all():
            assert (strange if not person.wrapped_key.startswith(during.newest_name) else during).open_person_key(
                person.id, person.wrapped_key
            )


async def test_whoever_was_erased_stays_erased(database, before, during):
    person, _ = await enrol(database, before, 2)
    async with database.unit_of_work() as connection:
        await citizens.destroy_key(connection, person, now=MORNING)
    await rotate(database, during)
    async with database.reading() as connection:
        keys = dict((await connection.execute(select(people.c.id, people.c.wrapped_key))).all())
    assert keys[person] is None
    assert len(keys) == 2


async def test_a_rotation_under_load_loses_nothing(database, before, during, after):
    """People old and new hand on 120 requests, take some back and are erased while every key is wrapped anew."""
    await enrol(database, before, PEOPLE)
    old = [(await make_conversation(database, before))[0].id for _ in range(30)]
    expected, erased, numbers = {}, set(), count()

    async def live(conversation_id):
        for _ in range(3):
            async with database.reading() as connection:
                conversation = await conversations.load(connection, during, conversation_id)
            number = next(numbers)
            contact = {**CONTACT, "phone": f"+849{number:08d}"}
            reference = await make_handoff(database, conversation, contact=contact)
            expected[reference] = contact
            await asyncio.sleep(0)
            if number % 10 == 9:
                async with database.unit_of_work() as connection:
                    await handoffs.withdraw(connection, conversation, reference=reference, now=MORNING)
                expected[reference] = None
        if conversation_id % 7 == 0:
            async with database.unit_of_work() as connection:
                await citizens.destroy_key(connection, conversation.citizen_id, now=MORNING)
            erased.add(conversation.citizen_id)

    async def arrive():
        for _ in range(10):
            conversation, _ = await make_conversation(database, during)
            await live(conversation.id)

    await asyncio.gather(rotate(database, during), arrive(), *(live(conversation_id) for conversation_id in old))
    assert await left(database, after) == 0
    assert len(expected) == 120
    async with database.reading() as connection:
        rows = (await connection.execute(select(requests, people.c.wrapped_key).join(people))).all()
        gone = (await connection.execute(select(people.c.id).where(people.c.wrapped_key.is_(None)))).scalars()
        assert set(gone) == erased
    assert len(rows) == len(expected)
    for row in rows:
        if row.wrapped_key is None:
            continue
        key = after.open_person_key(row.citizen_id, row.wrapped_key)
        contact = expected[row.reference]
        if contact is None:
            assert row.contact is None
        else:
            assert contact["phone"].encode() in key.open(row.contact, place=contact_place(row.reference))


async def test_a_page_that_comes_back_keeps_its_conversation_when_the_old_secret_is_gone(
    database, before, during, after
):
    conversation, token = await make_conversation(database, before)
    await rotate(database, during)
    for vault in (during, after):
        async with database.unit_of_work() as connection:
            admission = await conversations.admit(
                connection, vault, channel="web", external_id=conversation.external_id, tokens=[token], now=MORNING
            )
        assert admission.conversation.id == conversation.id


def test_sealed_data_of_one_place_opens_in_no_other(before):
    key, _ = before.new_person_key("a")
    sealed = key.seal(secrets.token_bytes(8), place=contact_place("HD-6H94-X5Y4"))
    with pytest.raises(SealBrokenError):
        key.open(sealed, place=contact_place("HD-K33Y-2H8K"))
