import pytest

from bot.core.effects import EffectUnknownError, apply_effect
from bot.core.misreadings import service
from bot.core.misreadings.models import Why
from bot.core.misreadings.offer import Heard
from bot.core.replies import Effect
from tests.factories import make_conversation

HEARD = Heard("L-17", "tiền tên miền nộp chỗ nào", "nlu_fallback", 0.21, ("ask_cost",), Why.FALLBACK)


async def test_a_message_is_kept_and_taken_back_by_its_effects(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    async with database.unit_of_work() as connection:
        assert await apply_effect(connection, conversation, HEARD.keeping(), now=clock.now()) == {"keeping": "kept"}
        (misreading,) = await service.list_waiting(connection)
        assert (misreading.words, misreading.channel, misreading.why) == (HEARD.words, "web", Why.FALLBACK)
        assert (misreading.intent, misreading.confidence, misreading.guesses) == ("nlu_fallback", 0.21, ("ask_cost",))
        outcomes = [await apply_effect(connection, conversation, HEARD.dropping(), now=clock.now()) for _ in range(2)]
    assert outcomes == [{"dropping": "dropped"}, {"dropping": "gone"}]


async def test_words_that_may_not_be_kept_are_not_kept_by_an_effect_either(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    effect = Effect("misreading.keep", {**HEARD.keeping().arguments, "words": "số của em là 24681012"})
    async with database.unit_of_work() as connection:
        assert await apply_effect(connection, conversation, effect, now=clock.now()) == {"keeping": "not_kept"}
        assert await service.list_waiting(connection) == []


async def test_an_effect_with_other_arguments_is_refused(database, vault, clock):
    conversation, _ = await make_conversation(database, vault)
    with pytest.raises(EffectUnknownError):
        async with database.unit_of_work() as connection:
            await apply_effect(connection, conversation, Effect("misreading.drop"), now=clock.now())


def test_a_held_message_survives_the_dialogue_state():
    assert Heard.from_text(HEARD.to_text()) == HEARD
