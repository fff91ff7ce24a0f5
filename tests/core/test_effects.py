import pytest

from bot.core.effects import EffectUnknownError, apply_effect
from bot.core.replies import Effect
from bot.core.reports import service as reports
from tests.factories import make_conversation

SUBMIT = Effect("report.submit", {"reference": "BC-7K2MX", "words": "có người gọi đòi tiền"})


def test_an_effect_survives_the_way_through_rasa():
    assert Effect.from_json(SUBMIT.to_json()) == SUBMIT


@pytest.mark.parametrize(
    "data", [{}, {"effect": "x"}, {"effect": 1, "arguments": {}}, {"effect": "x", "arguments": {"age": 20}}]
)
def test_what_is_no_effect_is_refused(data):
    with pytest.raises((KeyError, TypeError, ValueError)):
        Effect.from_json(data)


@pytest.mark.parametrize(
    "effect",
    [
        Effect("report.delete_all"),
        Effect("report.submit", {"reference": "BC-7K2MX"}),
        Effect("report.submit", {**SUBMIT.arguments, "citizen_id": "somebody-else"}),
    ],
)
async def test_an_effect_that_nobody_knows_or_with_other_arguments_writes_nothing(database, vault, clock, effect):
    conversation, _ = await make_conversation(database, vault)
    with pytest.raises(EffectUnknownError):
        async with database.unit_of_work() as connection:
            await apply_effect(connection, conversation, effect, now=clock.now())
    async with database.reading() as connection:
        assert await reports.list_all(connection, vault) == []


async def test_a_report_is_submitted_and_withdrawn_by_its_effects(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    async with database.unit_of_work() as connection:
        assert await apply_effect(connection, conversation, SUBMIT, now=clock.now()) == {}
        withdraw = Effect("report.withdraw", {"reference": "BC-7K2MX"})
        outcomes = [await apply_effect(connection, conversation, withdraw, now=clock.now()) for _ in range(2)]
    assert outcomes == [{"withdrawal": "withdrawn"}, {"withdrawal": "gone"}]
