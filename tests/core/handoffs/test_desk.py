"""What registrars do with requests, and what citizens hear of it."""

import json

import pytest
from sqlalchemy import select

from bot.core.audit.models import audit_entries
from bot.core.citizens import service as citizens
from bot.core.conversations import service as conversations
from bot.core.deliveries import service as deliveries
from bot.core.handoffs import service
from bot.core.handoffs.desk import MOST_CHANGES, HandoffChangesError, HandoffNotFoundError
from bot.core.handoffs.models import handoffs
from bot.core.handoffs.references import new_reference
from bot.core.handoffs.rules import HandoffState, HandoffStateError, ReasonInvalidError
from tests.core.handoffs.conftest import inet, pavietnam, tenten
from tests.factories import CONTACT, INET, PAVIETNAM, TENTEN, make_handoff


async def heard(office, conversation):
    """Return what a citizen's page shows of later messages."""
    async with office.database.unit_of_work() as connection:
        fresh = await conversations.load(connection, office.vault, conversation.id)
        told = await deliveries.hand_out_later(connection, fresh, after=0, now=office.clock.now())
    return [delivered.message.text for delivered in told]


async def report(office, caller, reference, state, reason=""):
    return await office.do(office.desk.report, caller, reference, state=HandoffState(state), reason=reason)


async def listed(office, caller, **wanted):
    async with office.database.reading() as connection:
        page, cursor = await office.desk.list_summaries(
            connection, caller, **({"state": None, "after": None, "most": 50} | wanted)
        )
    return [summary.reference for summary in page], cursor


async def test_a_registrar_fetches_what_was_agreed_to_and_that_stands_in_the_audit_log(office, ba):
    reference = await make_handoff(office.database, ba, now=office.clock.now())
    case = await office.do(office.desk.fetch, tenten, reference.lower().replace("-", " "))
    assert (case.contact, case.domain) == (CONTACT, "tranthiba.id.vn")
    assert case.summary.acknowledge_by.isoformat() == "2026-11-18T17:00:00+00:00"
    async with office.database.reading() as connection:
        (line,) = (await connection.execute(select(audit_entries.c.line))).scalars()
    assert json.loads(line).items() >= {
        "event": "handoff.fetched", "registrar": TENTEN, "token": tenten.prefix,
        "subject": office.vault.audit_digest(reference),
    }.items()  # fmt: skip
    for told in (*CONTACT.values(), "tranthiba", reference):
        assert told.encode() not in line


async def test_two_registrars_cannot_see_or_change_each_other_s_cases(office, ba):
    own = await make_handoff(office.database, ba)
    await make_handoff(office.database, ba, registrar=PAVIETNAM)
    assert await listed(office, tenten) == ([own], None)
    for reference in (own, new_reference(), "", "HD", "x" * 500, "\x00"):
        with pytest.raises(HandoffNotFoundError):
            await office.do(office.desk.fetch, pavietnam, reference)
        with pytest.raises(HandoffNotFoundError):
            await office.do(office.desk.acknowledge, pavietnam, reference)
        with pytest.raises(HandoffNotFoundError):
            await report(office, pavietnam, reference, "registered")
    assert await listed(office, inet) == ([], None)
    async with office.database.reading() as connection:
        assert (await connection.execute(select(audit_entries))).all() == []
        assert set((await connection.execute(select(handoffs.c.state))).scalars()) == {"waiting"}


async def test_whoever_had_a_request_before_does_not_see_it_any_more(office, ba):
    reference = await make_handoff(office.database, ba)
    values = {"reference": reference, "registrar": PAVIETNAM, "consent": "handoff-1"}
    await office.do(service.accept_next, ba, **values)
    with pytest.raises(HandoffNotFoundError):
        await office.do(office.desk.fetch, tenten, reference)
    assert (await office.do(office.desk.fetch, pavietnam, reference)).contact == CONTACT


async def test_taking_a_request_up_tells_its_citizen_once(office, ba):
    reference = await make_handoff(office.database, ba)
    change = await office.do(office.desk.acknowledge, tenten, reference)
    assert (change.summary.state, change.summary.acknowledge_by, change.told) == ("acknowledged", None, ba.id)
    again = await office.do(office.desk.acknowledge, tenten, reference)
    assert (again.summary, again.told) == (change.summary, None)
    assert len(await heard(office, ba)) == 1


async def test_every_report_reaches_its_citizen_and_saying_it_again_changes_nothing(office, ba, lan):
    reference = await make_handoff(office.database, ba)
    await report(office, tenten, reference, "contacted")
    await report(office, tenten, reference, "needs_documents", "identity_paper")
    assert (await report(office, tenten, reference, "needs_documents", "identity_paper")).told is None
    await report(office, tenten, reference, "registered")
    assert (await report(office, tenten, reference, "registered")).told is None
    told = await heard(office, ba)
    assert len(told) == 3
    assert all(reference in text for text in told)
    assert await heard(office, lan) == []


@pytest.mark.parametrize(("state", "reason"), [("registered", ""), ("declined", "name_taken")])
async def test_a_request_that_ends_loses_what_its_citizen_is_reached_by(office, ba, state, reason):
    reference = await make_handoff(office.database, ba)
    await report(office, tenten, reference, state, reason)
    case = await office.do(office.desk.fetch, tenten, reference)
    assert (case.contact, case.domain) == (None, None)
    async with office.database.reading() as connection:
        assert (await connection.execute(select(handoffs.c.contact))).scalar_one() is None
        assert (await service.find_last(connection, ba)).state == state
    for next_state in ("contacted", "registered" if state == "declined" else "declined"):
        with pytest.raises((HandoffStateError, ReasonInvalidError)):
            await report(office, tenten, reference, next_state, "" if next_state != "declined" else "other")


async def test_what_does_not_follow_changes_and_tells_nothing(office, ba):
    reference = await make_handoff(office.database, ba)
    with pytest.raises(ReasonInvalidError):
        await report(office, tenten, reference, "declined", "identity_paper")
    await office.do(service.withdraw, ba, reference=reference)
    with pytest.raises(HandoffStateError):
        await office.do(office.desk.acknowledge, tenten, reference)
    with pytest.raises(HandoffStateError):
        await report(office, tenten, reference, "contacted")
    assert await heard(office, ba) == []


async def test_a_registrar_cannot_ring_somebody_s_phone_without_end(office, ba):
    reference = await make_handoff(office.database, ba)
    for number in range(MOST_CHANGES):
        state, reason = ("contacted", "") if number % 2 else ("needs_documents", "other_document")
        await report(office, tenten, reference, state, reason)
    with pytest.raises(HandoffChangesError):
        await report(office, tenten, reference, "needs_documents", "other_document")
    await report(office, tenten, reference, "registered")


async def test_a_request_of_somebody_who_was_erased_tells_nothing_of_them(office, ba):
    reference = await make_handoff(office.database, ba)
    await office.do(citizens.destroy_key, ba.citizen_id)
    case = await office.do(office.desk.fetch, tenten, reference)
    assert (case.contact, case.domain) == (None, None)


async def test_pages_hold_every_request_once_the_longest_handed_on_first(office, ba, lan):
    made = []
    for number in range(5):
        if number % 2:
            office.clock.advance(minutes=1)  # the others came in the same moment
        conversation = (ba, lan)[number % 2]
        made.append(await make_handoff(office.database, conversation, now=office.clock.now()))
    await make_handoff(office.database, ba, registrar=INET)
    seen, cursor = [], None
    while True:
        page, cursor = await listed(office, tenten, after=cursor, most=2)
        seen += page
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)
    assert seen[0] == made[0]
    await office.do(office.desk.acknowledge, tenten, made[3])
    assert (await listed(office, tenten, state=HandoffState.ACKNOWLEDGED))[0] == [made[3]]
    assert made[3] not in (await listed(office, tenten, state=HandoffState.WAITING))[0]
