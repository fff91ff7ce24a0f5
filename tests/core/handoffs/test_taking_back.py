"""What is left once a consent is taken back or a person is erased: nothing is sent, and who holds something is told."""

import pytest
from sqlalchemy import select

from bot.core.audit.log import AuditLog
from bot.core.cases import retention as cases_retention
from bot.core.cases import service as cases
from bot.core.cases.rules import KEEP_CASE, Why
from bot.core.consents import service as consents
from bot.core.consents.service import Purpose
from bot.core.conversations import service as conversations
from bot.core.handoffs import clockwork, retention, service
from bot.core.handoffs.desk import HandoffNotFoundError
from bot.core.handoffs.models import handoff_messages, handoff_reminders, handoffs
from bot.core.handoffs.retention import KEEP_ENDED
from bot.core.handoffs.rules import HandoffState
from bot.core.house import House
from bot.core.registrars import endpoints
from bot.core.rights import erasure
from bot.core.rights import service as rights_service
from tests.core.handoffs.conftest import Nobody, inet, pavietnam, tenten
from tests.core.handoffs.test_clockwork import plan
from tests.core.handoffs.test_desk import heard, listed, report
from tests.factories import INET, PAVIETNAM, TENTEN, connect_registrar, make_handoff

RECEIPT = "XD-7K2MX"


@pytest.fixture
def house(vault, programme):
    return House(vault, programme)


@pytest.fixture
async def reminded(office, ba):
    reference = await make_handoff(office.database, ba, now=office.clock.now())
    await report(office, tenten, reference, "registered")
    await plan(office, ba, reference)
    return reference


async def rows(office, table):
    async with office.database.reading() as connection:
        return (await connection.execute(select(table))).all()


async def take_back(office, conversation, about):
    return await office.do(rights_service.withdraw, conversation, about=about)


async def erase(office, house, conversation):
    return await office.do(erasure.erase, house, conversation, receipt=RECEIPT)


async def set_up(office, registrar):
    log = AuditLog(Nobody())
    await office.do(endpoints.set_up, office.vault, log, registrar=registrar, url="https://example.vn/in", by="machine")


async def pass_on(office, conversation, reference, registrar):
    values = {"reference": reference, "registrar": registrar, "consent": "handoff-1"}
    await office.do(connect_registrar, registrar)
    await office.do(service.accept_next, conversation, **values)


async def open_case(office, conversation, wording="person-1"):
    now = office.clock.now()
    values = {"reference": "YC-7K2MX", "why": Why.ASKED, "wording": wording, "due_at": now}
    await office.do(cases.open_case, conversation, **values)
    return values["reference"]


@pytest.mark.parametrize("about", ["all", "reference"])
async def test_who_takes_the_consent_back_by_a_message_is_not_reminded(office, ba, reminded, about):
    await take_back(office, ba, reminded if about == "reference" else about)
    assert await rows(office, handoff_reminders) == []
    assert (await office.pass_time(clockwork.remind, days=800)).count == 0
    assert len(await heard(office, ba)) == 1  # of the registration


async def test_a_reminder_without_a_standing_consent_is_forgotten_instead_of_given(office, ba, reminded):
    await office.do(consents.withdraw, ba.citizen_id, purpose=Purpose.REMINDER)
    assert (await office.pass_time(clockwork.remind, days=800)).count == 0
    assert await rows(office, handoff_reminders) == []
    assert len(await heard(office, ba)) == 1


async def test_an_erasure_takes_the_reminders_along(office, house, ba, reminded):
    await erase(office, house, ba)
    assert await rows(office, handoff_reminders) == []


async def test_an_erasure_tells_whoever_had_a_request_and_can_be_told(office, house, ba):
    for registrar in (TENTEN, INET):
        await set_up(office, registrar)
    passed = await make_handoff(office.database, ba)
    await pass_on(office, ba, passed, PAVIETNAM)
    done = await make_handoff(office.database, ba, registrar=INET)
    await report(office, inet, done, "registered")
    back = await make_handoff(office.database, ba, registrar="bkns.vn")
    await office.do(service.withdraw, ba, reference=back)
    before = len(await rows(office, handoff_messages))
    facts = (await erase(office, house, ba)).facts()
    told = [(row.registrar, row.kind) for row in (await rows(office, handoff_messages))[before:]]
    assert sorted(told) == [(INET, "withdrawn"), (TENTEN, "withdrawn")]
    assert set(facts["told"]) == {house.brand_of(INET), house.brand_of(TENTEN)}
    assert facts["untold"] == [house.brand_of(PAVIETNAM)]
    assert facts["kept_days"] == KEEP_ENDED.days


async def test_what_stays_of_an_erased_person_s_request_opens_nothing_and_goes_after_its_time(office, house, ba):
    reference = await make_handoff(office.database, ba, now=office.clock.now())
    await report(office, tenten, reference, "declined", "other")
    office.clock.advance(days=20)
    await erase(office, house, ba)
    (row,) = await rows(office, handoffs)
    assert (row.domain, row.contact, row.state) == (None, None, HandoffState.WITHDRAWN)
    office.clock.advance(days=KEEP_ENDED.days)
    assert await office.do(retention.forget_old) == 1


async def test_a_registrar_without_an_endpoint_finds_what_it_is_to_erase_on_its_list(office, house, ba):
    passed, taken = await make_handoff(office.database, ba), await make_handoff(office.database, ba, registrar=INET)
    await make_handoff(office.database, ba)
    await pass_on(office, ba, passed, PAVIETNAM)
    await office.do(service.withdraw, ba, reference=taken)
    assert await listed(office, tenten, state=HandoffState.WITHDRAWN) == ([passed], None)
    assert await listed(office, inet, state=HandoffState.WITHDRAWN) == ([taken], None)
    assert await listed(office, pavietnam, state=HandoffState.WITHDRAWN) == ([], None)
    with pytest.raises(HandoffNotFoundError):
        await office.do(office.desk.fetch, tenten, passed)
    await erase(office, house, ba)
    assert len((await listed(office, tenten, state=HandoffState.WITHDRAWN))[0]) == 2
    assert await listed(office, pavietnam, state=HandoffState.WITHDRAWN) == ([passed], None)


async def test_a_list_of_withdrawn_ones_tells_nothing_of_what_the_next_registrar_does(office, ba):
    reference = await make_handoff(office.database, ba)
    await pass_on(office, ba, reference, PAVIETNAM)
    passed_at = office.clock.now()
    office.clock.advance(days=1)
    await report(office, pavietnam, reference, "declined", "name_taken")
    async with office.database.reading() as connection:
        values = {"state": HandoffState.WITHDRAWN, "after": None, "most": 5}
        (summary,), _ = await office.desk.list_summaries(connection, tenten, **values)
    assert (summary.state, summary.reason, summary.changed_at) == (HandoffState.WITHDRAWN, "", passed_at)


async def test_a_withdrawn_or_expired_request_shows_its_registrar_no_wish(office, ba):
    reference = await make_handoff(office.database, ba)
    await office.do(service.withdraw, ba, reference=reference)
    case = await office.do(office.desk.fetch, tenten, reference)
    assert (case.domain, case.contact) == (None, None)
    # Its own citizen is still told which name it was about.
    async with office.database.reading() as connection:
        assert (await service.find_by_reference(connection, ba, reference)).domain == "tranthiba.id.vn"


@pytest.mark.parametrize("state", ["registered", "declined", "expired"])
async def test_the_consent_ends_with_the_request(office, ba, state):
    reference = await make_handoff(office.database, ba, now=office.clock.now())
    if state == "expired":
        await office.pass_time(clockwork.expire, days=30)
    else:
        await report(office, tenten, reference, state, "other" if state == "declined" else "")
    async with office.database.reading() as connection:
        (given,) = await consents.list_of(connection, ba.citizen_id)
    assert given.withdrawn_at == office.clock.now()


async def test_a_consent_can_be_taken_back_when_what_it_was_about_is_gone(office, ba):
    for purpose, about in ((Purpose.HANDOFF, "HD-6H94-X5Y4"), (Purpose.PERSON, "YC-7K2MX")):
        await office.do(consents.give, ba, purpose=purpose, wording=f"{purpose}-1", about=about)
    taken = await take_back(office, ba, "all")
    assert (taken["taken"], taken["standing"]) == ("done", [])


async def test_the_consent_ends_when_its_case_is_forgotten(office, ba):
    await open_case(office, ba)
    await office.do(cases.leave, await fresh(office, ba))
    office.clock.advance(days=KEEP_CASE.days + 1)
    assert await office.do(cases_retention.forget_old) == 1
    assert (await take_back(office, ba, ""))["taken"] == "none"


async def test_what_is_held_names_a_request_once_and_tells_what_is_still_shared(office, house, ba):
    reference = await make_handoff(office.database, ba)
    await pass_on(office, ba, reference, PAVIETNAM)
    case = await open_case(office, ba)
    held = await told_held(office, house, ba)
    assert [each["reference"] for each in held["handoffs"]] == [reference]
    assert held["handoffs"][0]["reachable"] is True
    assert held["cases"][0]["shared"] is True
    await take_back(office, ba, case)
    await take_back(office, ba, reference)
    held = await told_held(office, house, ba)
    assert held["cases"][0]["shared"] is False
    assert held["handoffs"][0]["reachable"] is False


async def told_held(office, house, conversation):
    async with office.database.reading() as connection:
        return (await rights_service.held(connection, house, conversation))["held"]


async def fresh(office, conversation):
    async with office.database.reading() as connection:
        return await conversations.load(connection, office.vault, conversation.id)
