"""What time does to requests. It is Monday, the 16th of November 2026, 8 o'clock in Việt Nam."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.core.citizens.models import citizens
from bot.core.consents import service as consents
from bot.core.consents.service import KEEP_WITHDRAWN, ConsentMissingError
from bot.core.conversations import retention as conversations_retention
from bot.core.handoffs import clockwork, reminders, retention, service, survey
from bot.core.handoffs.models import handoff_reminders, handoffs
from bot.core.handoffs.reminders import Planning, last_free_day
from bot.core.handoffs.retention import KEEP_ENDED, KEEP_OPEN
from bot.core.handoffs.rules import HandoffState
from bot.core.handoffs.survey import AnswerUnknownError
from tests.core.handoffs.conftest import tenten
from tests.core.handoffs.test_desk import heard, report
from tests.factories import INET, PAVIETNAM, make_handoff


async def states(office):
    async with office.database.reading() as connection:
        return [row.state for row in await connection.execute(select(handoffs.c.state).order_by(handoffs.c.id))]


async def test_nobody_is_offered_another_registrar_before_two_working_days_are_over(office, ba):
    await make_handoff(office.database, ba, now=office.clock.now())
    done = await office.pass_time(clockwork.offer_next, days=2, hours=15, minutes=59)
    assert (done.count, done.told) == (0, ())
    done = await office.pass_time(clockwork.offer_next, minutes=1)
    assert (done.count, done.told) == (1, (ba.id,))
    assert (await office.pass_time(clockwork.offer_next, days=1)).count == 0
    (text,) = await heard(office, ba)
    assert "Tenten" in text
    assert "P.A Việt Nam" in text


async def test_holidays_and_week_ends_are_waited_out(office, ba):
    office.clock.advance(days=4)  # Friday; Tuesday is a holiday
    await make_handoff(office.database, ba, now=office.clock.now())
    assert (await office.pass_time(clockwork.offer_next, days=5)).count == 0
    assert (await office.pass_time(clockwork.offer_next, days=1)).count == 1


async def test_whoever_was_acknowledged_is_not_offered_another(office, ba):
    reference = await make_handoff(office.database, ba, now=office.clock.now())
    await office.do(office.desk.acknowledge, tenten, reference)
    assert (await office.pass_time(clockwork.offer_next, days=10)).count == 0


async def test_the_next_one_is_offered_again_when_it_is_silent_too_until_none_is_left(office, ba):
    reference = await make_handoff(office.database, ba, now=office.clock.now())
    for registrar in (PAVIETNAM, INET):
        assert (await office.pass_time(clockwork.offer_next, days=6)).count == 1
        values = {"reference": reference, "registrar": registrar, "consent": "handoff-1"}
        await office.do(service.accept_next, ba, **values)
    assert (await office.pass_time(clockwork.offer_next, days=6)).count == 1
    assert len(set(await heard(office, ba))) == 3


async def test_a_request_of_which_nothing_is_heard_expires_and_its_contact_data_goes(office, ba):
    reference = await make_handoff(office.database, ba, now=office.clock.now())
    assert (await office.pass_time(clockwork.expire, days=KEEP_OPEN.days - 1)).count == 0
    done = await office.pass_time(clockwork.expire, days=1)
    assert (done.count, done.told) == (1, (ba.id,))
    async with office.database.reading() as connection:
        assert (await connection.execute(select(handoffs.c.contact))).scalar_one() is None
        assert (await service.find_by_reference(connection, ba, reference)).state is HandoffState.EXPIRED
    assert (await office.pass_time(clockwork.expire, days=1)).count == 0


async def test_ended_requests_are_forgotten_and_open_ones_are_not(office, ba, lan):
    ended = await make_handoff(office.database, ba, now=office.clock.now())
    await report(office, tenten, ended, "declined", "other")
    office.clock.advance(days=KEEP_ENDED.days - 1)
    await make_handoff(office.database, lan, now=office.clock.now())
    assert await office.do(retention.forget_old) == 0
    office.clock.advance(days=1)
    assert await office.do(retention.forget_old) == 1
    assert await states(office) == ["waiting"]


async def test_a_conversation_is_not_forgotten_while_something_is_on_its_way_to_it(office, ba):
    reference = await make_handoff(office.database, ba, now=office.clock.now())
    await office.do(office.desk.acknowledge, tenten, reference)
    office.clock.advance(days=29)
    await report(office, tenten, reference, "contacted")
    office.clock.advance(days=6)
    assert await office.do(conversations_retention.forget_idle) == 0
    await report(office, tenten, reference, "declined", "not_reached")
    assert len(await heard(office, ba)) == 3
    assert await office.do(conversations_retention.forget_idle) == 1
    async with office.database.reading() as connection:
        assert (await connection.execute(select(handoffs.c.domain))).scalar_one() is None
        assert (await connection.execute(select(citizens.c.wrapped_key))).scalar_one() is None


@pytest.fixture
async def registered(office, ba):
    reference = await make_handoff(office.database, ba, now=office.clock.now())
    await report(office, tenten, reference, "registered")
    return reference


async def plan(office, conversation, reference, consent="reminder-1"):
    return await office.do(reminders.plan, conversation, reference=reference, years=2, consent=consent)


async def test_reminders_come_sixty_and_fourteen_days_before_the_end_once(office, ba, registered):
    assert await plan(office, ba, registered) is Planning.PLANNED
    assert await plan(office, ba, registered) is Planning.REPEATED
    assert len(await heard(office, ba)) == 1  # of the registration
    office.clock.advance(days=730 - 1 - 60, hours=1, seconds=-1)  # to the 16th of September 2028, one second to nine
    assert (await office.pass_time(clockwork.remind)).count == 0
    assert (await office.pass_time(clockwork.remind, days=1, seconds=1)).told == (ba.id,)
    assert (await office.pass_time(clockwork.remind, days=1)).count == 0
    assert (await office.pass_time(clockwork.remind, days=46)).told == (ba.id,)
    texts = (await heard(office, ba))[1:]
    assert len(texts) == 2
    assert all("tranthiba.id.vn" in text for text in texts)
    async with office.database.reading() as connection:
        assert (await connection.execute(select(handoff_reminders))).all() == []
        given = await consents.list_of(connection, ba.citizen_id)
    assert {(consent.purpose, consent.withdrawn_at is None) for consent in given} == {
        ("handoff", False),
        ("reminder", False),
    }


async def test_nobody_is_reminded_without_a_consent_or_of_what_is_not_theirs(office, ba, lan, registered):
    with pytest.raises(ConsentMissingError):
        await plan(office, ba, registered, consent="handoff-1")
    assert await plan(office, lan, registered) is Planning.NOT_REGISTERED
    waiting = await make_handoff(office.database, ba)
    assert await plan(office, ba, waiting) is Planning.NOT_REGISTERED
    async with office.database.reading() as connection:
        assert await reminders.count_of(connection, ba.citizen_id) == 0


async def test_a_reminder_that_is_taken_back_does_not_come(office, ba, registered):
    await plan(office, ba, registered)
    assert await office.do(reminders.cancel, ba.citizen_id) == 2
    assert (await office.pass_time(clockwork.remind, days=800)).count == 0


async def test_a_conversation_that_waits_for_a_reminder_stays(office, ba, registered):
    await plan(office, ba, registered)
    office.clock.advance(days=600)
    assert await office.do(conversations_retention.forget_idle) == 0


def test_the_last_free_day_is_the_day_before_the_anniversary():
    assert last_free_day(date(2026, 11, 21), 2) == date(2028, 11, 20)
    assert last_free_day(date(2028, 2, 29), 2) == date(2030, 2, 27)


async def test_consents_that_ended_are_kept_as_proof_for_two_years(office, ba):
    reference = await make_handoff(office.database, ba, now=office.clock.now())
    await office.do(service.withdraw, ba, reference=reference)
    office.clock.advance(days=KEEP_WITHDRAWN.days)
    assert await office.do(consents.forget_old) == 0
    office.clock.advance(seconds=1)
    assert await office.do(consents.forget_old) == 1


async def test_answers_of_the_survey_are_counted_and_nothing_else(office):
    async with office.database.unit_of_work() as connection:
        for answer in ("yes", "yes", "no"):
            await survey.count_answer(connection, question="easy", answer=answer)
        with pytest.raises(AnswerUnknownError):
            await survey.count_answer(connection, question="easy", answer="tôi tên là Ba")
        with pytest.raises(AnswerUnknownError):
            await survey.count_answer(connection, question="name", answer="yes")
        assert (await survey.counts(connection))["easy"] == {"yes": 2, "partly": 0, "no": 1}


def test_no_open_request_outlives_what_is_said_of_it():
    assert timedelta() < KEEP_OPEN <= conversations_retention.KEEP_IDLE
