"""Where people are in a guide, kept for them, and counted for all."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.conversations import retention
from bot.core.effects import EffectUnknownError, apply_effect
from bot.core.guides import counts, progress
from bot.core.guides.counts import Counted, StepCounts, Tally
from bot.core.guides.models import guide_counts, guide_progress
from bot.core.guides.progress import Progress
from bot.core.ports import DialogueState
from bot.core.replies import Effect
from tests.factories import make_conversation

AT_TWO = Progress("sign-token", 2, "st21", "vi")


def counted(*tallies, step=2):
    return [Counted(tally, "sign-token", step) for tally in tallies]


async def keep(database, citizen_id, at=AT_TWO, *, now, tallies=(Tally.REACHED,)):
    async with database.unit_of_work() as connection:
        await progress.keep(connection, citizen_id, at, counted=counted(*tallies), now=now)


async def found(database, citizen_id):
    async with database.reading() as connection:
        return await progress.find(connection, citizen_id)


async def listed(database):
    async with database.reading() as connection:
        return await counts.list_worst_first(connection)


@pytest.fixture
async def lan(database, vault):
    conversation, _ = await make_conversation(database, vault)
    return conversation


async def test_a_place_is_kept_with_the_person_and_the_newest_replaces_it(database, clock, lan):
    assert await found(database, lan.citizen_id) is None
    await keep(database, lan.citizen_id, now=clock.now())
    at_three = Progress("sign-token", 3, "st321", "en")
    await keep(database, lan.citizen_id, at_three, now=clock.now())
    assert await found(database, lan.citizen_id) == at_three


async def test_a_place_holds_nothing_but_ids_codes_and_the_moment(database, clock, lan):
    await keep(database, lan.citizen_id, now=clock.now())
    async with database.reading() as connection:
        row = (await connection.execute(select(guide_progress))).one()
    assert set(row._mapping) == {"citizen_id", "guide", "step", "place", "language", "has_left", "updated_at"}


async def test_a_guide_that_is_over_leaves_no_place(database, clock, lan):
    await keep(database, lan.citizen_id, now=clock.now())
    async with database.unit_of_work() as connection:
        await progress.end(connection, lan.citizen_id, counted=counted(Tally.DONE))
    assert await found(database, lan.citizen_id) is None
    assert await listed(database) == [StepCounts("sign-token", 2, reached=1, done=1, stuck=0, left=0)]


async def test_an_erased_person_s_place_is_erased(database, clock, lan):
    await keep(database, lan.citizen_id, now=clock.now())
    async with database.unit_of_work() as connection:
        assert await retention.forget_idle(connection, now=clock.now() + timedelta(days=31)) == 1
    assert await found(database, lan.citizen_id) is None
    assert (await listed(database))[0].left == 1


@pytest.mark.parametrize(("tallies", "left"), [((Tally.REACHED,), 1), ((Tally.REACHED, Tally.LEFT), 1)])
async def test_who_never_comes_back_has_left_and_is_counted_once(database, clock, lan, tallies, left):
    await keep(database, lan.citizen_id, now=clock.now(), tallies=tallies)
    async with database.unit_of_work() as connection:
        early = await progress.forget_old(connection, now=clock.now() + progress.KEEP_PROGRESS)
        late = await progress.forget_old(connection, now=clock.now() + progress.KEEP_PROGRESS + timedelta(seconds=1))
    assert (early, late) == (0, 1)
    assert [step.left for step in await listed(database)] == [left]


async def test_counts_name_nobody_and_no_moment(database, clock, lan):
    await keep(database, lan.citizen_id, now=clock.now())
    async with database.reading() as connection:
        row = (await connection.execute(select(guide_counts))).one()
    assert set(row._mapping) == {"guide", "step", "reached", "done", "stuck", "left"}


async def test_the_step_that_makes_most_trouble_comes_first_and_one_person_proves_little(database):
    happened = {1: (1, 1), 2: (200, 90), 3: (200, 5)}
    async with database.unit_of_work() as connection:
        for step, (reached, stuck) in happened.items():
            await counts.add(connection, counted(*[Tally.REACHED] * reached, *[Tally.STUCK] * stuck, step=step))
    assert [step.step for step in await listed(database)] == [2, 1, 3]


async def test_the_effects_keep_and_end_a_guide(database, clock, lan):
    kept = {"guide": "sign-token", "step": "2", "place": "st21", "language": "ms", "counts": "done.sign-token.1"}
    async with database.unit_of_work() as connection:
        await apply_effect(connection, lan, Effect("guide.keep", kept), now=clock.now())
    assert await found(database, lan.citizen_id) == Progress("sign-token", 2, "st21", "ms")
    async with database.unit_of_work() as connection:
        await apply_effect(connection, lan, Effect("guide.end", {"counts": ""}), now=clock.now())
    assert await found(database, lan.citizen_id) is None
    with pytest.raises(EffectUnknownError):
        async with database.unit_of_work() as connection:
            await apply_effect(connection, lan, Effect("guide.end", {"place": "x"}), now=clock.now())


def test_the_dialogue_gets_the_place_that_is_kept_and_loses_one_that_is_not():
    state = DialogueState("guide_form", {"guide_place": "st1", "guide_language": "vi", "product": "id.vn"})
    assert progress.joined(state, AT_TWO).slots == {"guide_place": "st21", "guide_language": "vi", "product": "id.vn"}
    assert progress.joined(state, None).slots == {"guide_language": "vi", "product": "id.vn"}
    assert progress.joined(DialogueState(), None) == DialogueState()


@pytest.mark.parametrize("text", ["", "done", "done.sign-token", "eaten.sign-token.1", "done.sign-token.x"])
def test_what_is_no_count_is_not_counted(text):
    with pytest.raises(ValueError):
        Counted.parse(text)
