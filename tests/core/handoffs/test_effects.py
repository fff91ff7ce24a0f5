"""What the dialogue has done about requests, by the names of its effects."""

from datetime import timedelta

import pytest

from bot.core.consents.service import list_of
from bot.core.effects import apply_effect
from bot.core.handoffs import reminders, survey
from bot.core.handoffs.references import new_reference
from bot.core.handoffs.rules import HandoffState
from bot.core.replies import Effect
from tests.core.handoffs.conftest import tenten
from tests.factories import PAVIETNAM, make_conversation, make_handoff

REFERENCE = new_reference()
SUBMIT = Effect(
    "handoff.submit",
    {
        "reference": REFERENCE,
        "registrar": "tenten.vn",
        "product": "id.vn",
        "domain": "quanbaba.id.vn",
        "name": "Lan",
        "phone": "+84900000001",
        "email": "",
        "consent": "handoff-1",
        "may_cost": "yes",
    },
)


@pytest.fixture
async def asking(office):
    """Give what applies an effect for one citizen."""
    conversation, _ = await make_conversation(office.database, office.vault)

    async def apply(effect, **arguments):
        async with office.database.unit_of_work() as connection:
            return await apply_effect(connection, conversation, Effect(effect, arguments), now=office.clock.now())

    apply.conversation = conversation
    return apply


async def test_a_request_is_submitted_with_its_consent_found_and_taken_back(office, asking):
    assert await asking(SUBMIT.name, **SUBMIT.arguments) == {"submission": "submitted"}
    for reference in (REFERENCE, ""):
        found = await asking("handoff.status", reference=reference)
        assert (found["found"], found["reference"], found["state"]) == (True, REFERENCE, "waiting")
    async with office.database.reading() as connection:
        (consent,) = await list_of(connection, asking.conversation.citizen_id)
    assert (consent.purpose, consent.wording, consent.about) == ("handoff", "handoff-1", REFERENCE)
    assert await asking("handoff.withdraw", reference="") == {"withdrawal": "withdrawn", "reference": REFERENCE}
    assert (await asking("handoff.status", reference=""))["state"] == "withdrawn"


async def test_who_sent_nothing_has_nothing_to_be_found_or_taken_back(asking):
    assert await asking("handoff.status", reference="") == {"found": False}
    assert await asking("handoff.status", reference=REFERENCE) == {"found": False}
    assert await asking("handoff.withdraw", reference="") == {"withdrawal": "unknown", "reference": ""}


async def test_somebody_else_s_request_is_not_found_by_its_reference(office, asking):
    other, _ = await make_conversation(office.database, office.vault)
    reference = await make_handoff(office.database, other)
    assert await asking("handoff.status", reference=reference) == {"found": False}
    assert (await asking("handoff.withdraw", reference=reference))["withdrawal"] == "unknown"


async def test_a_request_goes_to_the_next_registrar_with_a_consent_of_its_own(office, asking):
    reference = await make_handoff(office.database, asking.conversation)
    passed = await asking("handoff.pass_on", reference=reference, registrar=PAVIETNAM, consent="handoff-1")
    assert passed == {"passing": "passed"}
    async with office.database.reading() as connection:
        consents = await list_of(connection, asking.conversation.citizen_id)
    assert [consent.withdrawn_at is None for consent in consents] == [False, True]


async def test_an_answer_is_counted_and_a_reminder_planned_only_after_the_registration(office, asking):
    reference = await make_handoff(office.database, asking.conversation)
    remind = {"reference": reference, "years": "2", "consent": "reminder-1"}
    assert await asking("handoff.remind", **remind) == {"planning": "not_registered"}
    await office.do(office.desk.report, tenten, reference, state=HandoffState.REGISTERED, reason="")
    assert await asking("handoff.remind", **remind) == {"planning": "planned"}
    assert await asking("handoff.survey", question="easy", answer="yes") == {}
    async with office.database.unit_of_work() as connection:
        assert (await survey.counts(connection))["easy"]["yes"] == 1
        due = await reminders.list_due(connection, now=office.clock.now() + timedelta(days=2 * 366), most=9)
    assert [reminder.days_before for reminder in due] == [60, 14]
    assert await asking("handoff.forget_reminder", reference=reference) == {"planning": "cancelled"}
