"""What citizens do with their requests."""

import pytest
from sqlalchemy import select

from bot.core.audit.log import AuditLog
from bot.core.consents import service as consents
from bot.core.consents.models import consents as consents_table
from bot.core.consents.service import ConsentMissingError, Purpose
from bot.core.conversations import service as conversations
from bot.core.handoffs import messages, service
from bot.core.handoffs.fields import ContactInvalidError
from bot.core.handoffs.models import handoff_messages, handoffs
from bot.core.handoffs.references import new_reference
from bot.core.handoffs.rules import HandoffState
from bot.core.handoffs.service import MOST_OPEN, Passing, ReferenceInvalidError, Submission, Withdrawal
from bot.core.programme.consents_content import current_wording
from bot.core.registrars import endpoints
from bot.settings import ROOT
from tests.core.handoffs.conftest import Nobody, tenten
from tests.factories import CONTACT, INET, PAVIETNAM, TENTEN, make_handoff


async def rows(office, table=handoffs):
    async with office.database.reading() as connection:
        return (await connection.execute(select(table))).all()


async def submit(office, conversation, reference=None, **changes):
    values = {
        "registrar": TENTEN, "product": "id.vn", "domain": "tranthiba.id.vn", "contact": CONTACT,
        "consent": "handoff-1", "may_cost": False,
    }  # fmt: skip
    return await office.do(service.submit, conversation, reference=reference or new_reference(), **(values | changes))


async def test_a_request_is_stored_sealed_with_the_consent_to_it(office, ba):
    reference = new_reference()
    assert await submit(office, ba, reference) is Submission.SUBMITTED
    (row,) = await rows(office)
    for told in (*CONTACT.values(), "tranthiba"):
        assert not any(told.encode() in value for value in row if isinstance(value, bytes))
        assert told not in [value for value in row if isinstance(value, str)]
    (consent,) = await office_consents(office, ba)
    assert (consent.purpose, consent.wording, consent.about) == ("handoff", "handoff-1", reference)
    assert (consent.channel, consent.given_at, consent.withdrawn_at) == ("web", office.clock.now(), None)


async def office_consents(office, conversation):
    async with office.database.reading() as connection:
        return await consents.list_of(connection, conversation.citizen_id)


@pytest.mark.parametrize("consent", ["", "handoff", "reminder-1", "person-1", "yes", "handoff-" + "1" * 40])
async def test_without_a_consent_nothing_is_stored(office, ba, consent):
    with pytest.raises(ConsentMissingError):
        await submit(office, ba, consent=consent)
    assert await rows(office) == await rows(office, consents_table) == []


async def test_a_guest_agrees_to_nothing(office, ba, vault):
    admission = await office.do(conversations.admit, vault, channel="web", external_id=ba.external_id, tokens=())
    assert admission.conversation.is_guest
    with pytest.raises(ConsentMissingError):
        await submit(office, admission.conversation)
    assert await rows(office) == await rows(office, consents_table) == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"contact": {"name": "Ba"}}, ContactInvalidError),
        ({"domain": "tranthiba.vn"}, ContactInvalidError),
        ({"product": "com.vn"}, ContactInvalidError),
        ({"reference": "HD-2222-2223"}, ReferenceInvalidError),
    ],
)
async def test_a_request_that_cannot_be_used_leaves_nothing(office, ba, changes, error):
    with pytest.raises(error):
        await submit(office, ba, **changes)
    assert await rows(office) == await rows(office, consents_table) == []


async def test_a_button_pressed_twice_submits_once(office, ba):
    reference = new_reference()
    assert await submit(office, ba, reference) is Submission.SUBMITTED
    assert await submit(office, ba, reference) is Submission.REPEATED
    assert len(await rows(office)) == len(await rows(office, consents_table)) == 1


async def test_nobody_floods_registrars(office, ba):
    for _ in range(MOST_OPEN):
        assert await submit(office, ba) is Submission.SUBMITTED
    assert await submit(office, ba) is Submission.TOO_MANY
    assert len(await rows(office)) == len(await rows(office, consents_table)) == MOST_OPEN


async def test_a_citizen_sees_their_own_requests_only(office, ba, lan):
    first = await make_handoff(office.database, ba, now=office.clock.now())
    office.clock.advance(minutes=1)
    second = await make_handoff(office.database, ba, now=office.clock.now(), domain="quanba.id.vn")
    async with office.database.reading() as connection:
        status = await service.find_by_reference(connection, ba, first)
        assert (status.registrar, status.product, status.domain) == (TENTEN, "id.vn", "tranthiba.id.vn")
        assert (status.state, status.reason, status.may_cost) == (HandoffState.WAITING, "", True)
        assert (await service.find_last(connection, ba)).reference == second
        assert await service.find_by_reference(connection, lan, first) is None
        assert await service.find_last(connection, lan) is None


async def test_nobody_takes_back_another_citizen_s_request(office, ba, lan):
    reference = await make_handoff(office.database, ba)
    assert await office.do(service.withdraw, lan, reference=reference) is Withdrawal.UNKNOWN
    assert (await rows(office))[0].state == "waiting"


async def test_what_is_taken_back_loses_contact_and_consent_at_once(office, ba):
    reference = await make_handoff(office.database, ba)
    assert await office.do(service.withdraw, ba, reference=reference) is Withdrawal.WITHDRAWN
    (row,) = await rows(office)
    assert (row.state, row.contact) == ("withdrawn", None)
    assert (await office_consents(office, ba))[0].withdrawn_at == office.clock.now()
    assert await office.do(service.withdraw, ba, reference=reference) is Withdrawal.ENDED


async def test_the_next_registrar_gets_it_with_a_consent_of_its_own_and_the_first_loses_it(office, ba):
    reference = await make_handoff(office.database, ba)
    office.clock.advance(days=3)
    values = {"reference": reference, "registrar": PAVIETNAM}
    with pytest.raises(ConsentMissingError):
        await office.do(service.accept_next, ba, consent="", **values)
    assert (await rows(office))[0].registrar == TENTEN
    assert await office.do(service.accept_next, ba, consent="handoff-2", **values) is Passing.PASSED
    async with office.database.reading() as connection:
        status = await service.find_by_reference(connection, ba, reference)
    assert (status.registrar, status.tried, status.state) == (PAVIETNAM, (TENTEN,), HandoffState.WAITING)
    given = await office_consents(office, ba)
    assert [(consent.wording, consent.withdrawn_at is None) for consent in given] == [
        ("handoff-1", False),
        ("handoff-2", True),
    ]


async def test_what_a_registrar_has_taken_up_is_not_passed_on(office, ba, lan):
    reference = await make_handoff(office.database, ba)
    values = {"reference": reference, "registrar": PAVIETNAM, "consent": "handoff-1"}
    assert await office.do(service.accept_next, lan, **values) is Passing.UNKNOWN
    await office.do(office.desk.acknowledge, tenten, reference)
    assert await office.do(service.accept_next, ba, **values) is Passing.TAKEN


async def test_requests_are_counted_by_registrar_and_product(office, ba, lan):
    for conversation, registrar in ((ba, TENTEN), (lan, TENTEN), (lan, INET)):
        await make_handoff(office.database, conversation, registrar=registrar)
    await make_handoff(office.database, lan, registrar="bkns.vn", product="biz.vn", domain="quanba.biz.vn")
    async with office.database.reading() as connection:
        assert await service.counts_by_registrar(connection, "id.vn") == {TENTEN: 2, INET: 1}
        assert await service.counts_by_registrar(connection, "biz.vn") == {"bkns.vn": 1}


async def test_erased_people_leave_no_contact_no_wish_and_no_reference_in_their_consents(office, ba, lan):
    reference, other = await make_handoff(office.database, ba), await make_handoff(office.database, lan)
    await office.do(service.forget_people, [ba.citizen_id])
    await office.do(consents.forget_people, [ba.citizen_id])
    states = {row.reference: (row.state, row.contact, row.domain) for row in await rows(office)}
    assert states[reference] == ("withdrawn", None, None)
    assert states[other][0] == "waiting"
    assert states[other][1] is not None
    (consent,) = await office_consents(office, ba)
    assert (consent.about, consent.withdrawn_at) == ("", office.clock.now())


async def test_a_registrar_with_an_endpoint_is_told_and_another_asks_by_itself(office, ba, vault):
    await set_up(office, vault)
    reference = await make_handoff(office.database, ba)
    await make_handoff(office.database, ba, registrar=PAVIETNAM)
    await office.do(service.withdraw, ba, reference=reference)
    told = await rows(office, handoff_messages)
    assert [(message.registrar, message.kind) for message in told] == [(TENTEN, "created"), (TENTEN, "withdrawn")]
    assert len({message.name for message in told}) == 2


async def test_a_message_is_taken_once_and_again_after_its_delay_and_given_up_in_the_end(office, ba, vault):
    await set_up(office, vault)
    await make_handoff(office.database, ba)
    for attempt in range(1, len(messages.DELAYS) + 2):
        async with office.database.unit_of_work() as connection:
            (message,) = await messages.claim(connection, owner="one", most=5)
            assert await messages.claim(connection, owner="other", most=5) == []
            assert message.attempt == attempt
            again = await messages.record_failed(connection, message, error="slow")
            assert again == (attempt <= len(messages.DELAYS))
            assert not await messages.is_any_due(connection)
            if again:
                await connection.execute(handoff_messages.update().values(not_before=0))
    ((state, error),) = [(row.state, row.error) for row in await rows(office, handoff_messages)]
    assert (state, error) == (messages.MessageState.FAILED, "slow")


async def test_whoever_lost_a_message_records_nothing_about_it(office, ba, vault):
    await set_up(office, vault)
    await make_handoff(office.database, ba)
    async with office.database.unit_of_work() as connection:
        (lost,) = await messages.claim(connection, owner="slow", most=1)
        await connection.execute(handoff_messages.update().values(lease_until=0))
        (taken,) = await messages.claim(connection, owner="quick", most=1)
        assert (taken.name, taken.attempt) == (lost.name, 2)
        await messages.record_failed(connection, lost, error="slow")
        await messages.record_sent(connection, taken, now=office.clock.now())
    assert (await rows(office, handoff_messages))[0].state == messages.MessageState.SENT


async def set_up(office, vault):
    await office.do(
        endpoints.set_up, vault, AuditLog(Nobody()), registrar=TENTEN, url="https://example.vn/in", by="machine"
    )


async def test_every_purpose_has_a_wording_whose_template_is_there(programme):
    assert {wording.purpose for wording in programme.consents} == set(Purpose)
    for wording in programme.consents:
        assert wording.version.startswith(f"{wording.purpose}-")
        assert (ROOT / "templates" / "messages" / wording.template).is_dir()
        assert current_wording(programme.consents, wording.template).purpose == wording.purpose
    assert len({wording.version for wording in programme.consents}) == len(programme.consents)
