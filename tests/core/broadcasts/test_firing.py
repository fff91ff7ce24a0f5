import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from bot.core.approvals.models import approvals
from bot.core.broadcasts import drafting
from bot.core.broadcasts.firing import Outcome
from bot.core.broadcasts.models import broadcasts, editions
from bot.core.broadcasts.states import State
from bot.core.deliveries.models import DeliveryState
from bot.core.statements import digest
from tests.broadcasting import HOUR, LATE, TAN_AN, YEN_DUNG, broadcast_draft, series_draft
from tests.signed_broadcasts import GROUP, another_firing

DAY = timedelta(days=1)
FAR = "-1009000000000099"


def told(notices):
    return [(notice.kind, dict(notice.facts)) for notice in notices]


async def test_nothing_happens_before_its_moment(province):
    row = await province.approved()
    province.at(row.next_fire_at - timedelta(seconds=1))
    assert await province.fire() == []


async def test_at_its_moment_it_is_fired_to_every_group_of_its_areas(province):
    groups = {await province.group(), await province.group("-1009000000000002", area=TAN_AN)}
    edition = await province.fired()
    assert (edition.state, edition.fired_at) == (State.SENDING, province.clock.now())
    deliveries = await province.deliveries(edition)
    assert {each.destination_id for each in deliveries} == groups
    assert {each.state for each in deliveries} == {DeliveryState.PENDING}
    row = await province.row(edition.broadcast_id)
    assert (row.state, row.next_fire_at) == (State.SENDING, None)
    (fire,) = await province.fires(row.id)
    assert (fire.outcome, fire.edition_id) == ("fired", edition.id)


async def test_the_log_tells_what_left_by_whose_word_and_where_to(province):
    await province.group()
    edition = await province.fired()
    (line,) = await province.log_lines("broadcast.fired")
    facts = json.loads(line)
    assert facts["subject_sha256"] == digest(edition.subject)
    assert (facts["edition"], facts["code"], facts["destinations"]) == (edition.id, edition.check_code, 1)
    assert len(facts["statements"]) == 2
    assert GROUP not in line.decode()


async def test_a_training_bulletin_goes_to_training_groups_only_and_a_real_one_never(province):
    training = await province.group(is_training=True)
    real = await province.group("-1009000000000002")
    exercise = await province.fired(broadcast_draft(mode="training"))
    assert [each.destination_id for each in await province.deliveries(exercise)] == [training]
    later = province.clock.now() + HOUR
    live = await province.fired(broadcast_draft(not_before=later, not_after=later + HOUR))
    assert [each.destination_id for each in await province.deliveries(live)] == [real]


async def test_groups_of_other_areas_and_groups_that_have_ended_get_nothing(province):
    await province.group()
    edition = await province.fired(broadcast_draft(areas=[TAN_AN]))
    assert await province.deliveries(edition) == []


async def test_where_nobody_is_to_be_reached_it_is_done_and_its_author_is_told(province):
    edition = await province.fired()
    assert edition.state is State.DONE
    assert (await province.row(edition.broadcast_id)).state is State.DONE
    ((kind, facts),) = told(await province.notices(province.bureau.officer.staff_id))
    assert (kind, facts["broadcast"]) == ("broadcast-nobody", edition.broadcast_id)


async def test_too_late_is_not_sent_and_its_author_is_told(province):
    await province.group()
    row = await province.due()
    province.later(minutes=10, seconds=1)
    assert await province.fire() == [Outcome.MISSED]
    (edition,) = await province.editions(row.id)
    assert (edition.state, (await province.row(row.id)).state) == (State.EXPIRED, State.EXPIRED)
    assert await province.deliveries(edition) == []
    ((kind, facts),) = told(await province.notices(province.bureau.officer.staff_id))
    assert (kind, facts["title"]) == ("broadcast-missed", "Ngày hội chuyển đổi số")
    assert [fire.outcome for fire in await province.fires(row.id)] == ["missed"]
    assert len(await province.log_lines("broadcast.missed")) == 1
    assert await province.fire() == []


async def test_ten_minutes_late_is_still_in_time(province):
    await province.group()
    await province.due()
    province.later(minutes=10)
    assert await province.fire() == [Outcome.FIRED]


async def test_after_the_signed_end_it_was_missed_however_little_late(province):
    await province.group()
    now = province.clock.now()
    await province.due(broadcast_draft(not_before=now + HOUR, not_after=now + HOUR + timedelta(minutes=2)))
    province.later(minutes=3)
    assert await province.fire() == [Outcome.MISSED]


async def test_a_series_is_fired_at_each_of_its_moments_with_an_edition_each(province):
    await province.group()
    row = await province.due(series_draft())
    assert await province.fire() == [Outcome.FIRED]
    again = await province.row(row.id)
    assert (again.state, again.next_fire_at) == (State.SCHEDULED, row.next_fire_at + DAY)
    assert await province.fire() == []
    province.later(days=1)
    assert await province.fire() == [Outcome.FIRED]
    first, second = await province.editions(row.id)
    assert (first.subject, first.fire_at + DAY) == (second.subject, second.fire_at)
    assert first.check_code != second.check_code


async def test_a_series_that_slept_notes_what_it_missed_and_goes_on_in_time(province):
    await province.group()
    row = await province.due(series_draft())
    province.later(days=3)
    assert await province.fire() == [Outcome.MISSED]
    assert (await province.row(row.id)).next_fire_at == province.clock.now()
    assert await province.fire() == [Outcome.FIRED]
    assert [fire.outcome for fire in await province.fires(row.id)] == ["missed"] * 3 + ["fired"]
    ((kind, facts),) = told(await province.notices(province.bureau.officer.staff_id))
    assert (kind, facts["count"]) == ("broadcast-missed", 3)


async def test_a_series_that_goes_on_under_a_clock_set_back_skips_what_was_fired(province):
    await province.group()
    row = await province.due(series_draft())
    assert await province.fire() == [Outcome.FIRED]
    province.later(minutes=-5)
    paused = await province.bureau.do(drafting.pause, await province.row(row.id))
    await province.bureau.do(drafting.resume, paused, late=LATE)
    province.later(minutes=5)
    assert await province.fire() == [Outcome.SKIPPED]
    again = await province.row(row.id)
    assert (again.state, again.next_fire_at) == (State.SCHEDULED, row.next_fire_at + DAY)
    assert len(await province.editions(row.id)) == 1


async def test_a_series_is_done_once_its_last_edition_is(province):
    await province.group()
    now = province.clock.now()
    row = await province.due(series_draft(not_before=now, not_after=now + DAY))
    assert await province.fire() == [Outcome.FIRED]
    waiting = await province.row(row.id)
    assert (waiting.state, waiting.next_fire_at) == (State.SCHEDULED, None)
    province.later(minutes=11)
    await province.emission.sweep()
    assert (await province.row(row.id)).state is State.DONE


async def test_without_word_about_revocation_it_waits_and_is_sent_when_there_is(province):
    await province.group()
    await province.due()
    lists = list(province.revocations.crls)
    province.revocations.crls.clear()
    assert await province.fire() == [Outcome.WAITING]
    province.later(minutes=5)
    province.revocations.crls[:] = lists
    assert await province.fire() == [Outcome.FIRED]


async def test_evidence_is_asked_for_before_each_fire(province):
    await province.group()
    await province.due()
    asked = []

    async def prepare(path):
        asked.append(path)
        province.revoke(province.binh)

    firing = another_firing(replace(province, office=replace(province.office, prepare=prepare)))
    (row,) = await firing.list_due(now=province.clock.now())
    assert await firing.take(row, now=province.clock.now()) is Outcome.REFUSED
    assert len(asked) == 2


async def test_what_may_not_leave_is_stopped_and_author_and_admins_are_told(province):
    await province.group()
    row = await province.due()
    province.revoke(province.binh)
    assert await province.fire() == [Outcome.REFUSED]
    stopped = await province.row(row.id)
    assert (stopped.state, stopped.next_fire_at) == (State.STOPPED, None)
    (edition,) = await province.editions(row.id)
    assert edition.state is State.STOPPED
    for staff_id in (province.bureau.officer.staff_id, province.an.staff_id, province.binh.staff_id):
        kind, facts = told(await province.notices(staff_id))[0]
        assert (kind, facts["code"]) == ("broadcast-refused", "approval-revoked")
    (line,) = await province.log_lines("broadcast.refused")
    assert json.loads(line)["code"] == "approval-revoked"
    (fire,) = await province.fires(row.id)
    assert (fire.outcome, fire.reason) == ("refused", "approval-revoked")


async def test_a_revoked_certificate_stops_a_series_for_good(province):
    await province.group()
    row = await province.due(series_draft())
    await province.fire()
    province.revoke(province.an)
    province.later(days=1)
    assert await province.fire() == [Outcome.REFUSED]
    assert (await province.row(row.id)).state is State.STOPPED
    assert {edition.state for edition in await province.editions(row.id)} <= {State.STOPPED, State.DONE}


async def test_two_schedulers_fire_a_moment_once(province):
    await province.group()
    row = await province.due()
    now = province.clock.now()
    firings = [province.firing, another_firing(province)]
    due = [(await firing.list_due(now=now))[0] for firing in firings]
    outcomes = await asyncio.gather(*(firing.take(row, now=now) for firing, row in zip(firings, due, strict=True)))
    assert sorted(outcomes) == ["elsewhere", "fired"]
    (edition,) = await province.editions(row.id)
    assert len(await province.deliveries(edition)) == 1


async def test_what_was_edited_or_paused_meanwhile_is_not_fired(province):
    await province.group()
    row = await province.due()
    (read,) = await province.firing.list_due(now=province.clock.now())
    await province.bureau.do(drafting.pause, row)
    assert await province.firing.take(read, now=province.clock.now()) is Outcome.ELSEWHERE
    assert await province.fires(row.id) == []


async def test_what_was_paused_is_not_fired_by_giving_it_back_to_the_clock(province):
    await province.group()
    row = await province.due()
    await province.bureau.do(drafting.pause, row)
    await province.tamper(
        update(broadcasts).values(state="scheduled", next_fire_at=row.next_fire_at),
        update(editions).values(state="scheduled"),
    )
    assert await province.fire() == [Outcome.REFUSED]
    (edition,) = await province.editions(row.id)
    assert await province.deliveries(edition) == []


async def test_a_moment_that_was_fired_before_is_not_fired_again(province):
    """Somebody with the database in hand sets the clock of a broadcast back."""
    await province.group()
    edition = await province.fired()
    row = await province.row(edition.broadcast_id)
    await province.tamper(
        update(broadcasts).values(state="scheduled", next_fire_at=edition.fire_at),
        update(editions).values(state="scheduled"),
    )
    assert await province.fire() == [Outcome.REFUSED]
    assert len(await province.deliveries(edition)) == 1
    assert (await province.row(row.id)).state is State.STOPPED


@pytest.mark.parametrize(
    ("tampering", "code"),
    [
        (lambda row: update(broadcasts).values(subject=row.subject.replace(b" 8 ", b" 9 ")), "digest-mismatch"),
        (lambda row: update(broadcasts).values(subject=b"{}"), "digest-mismatch"),
        (lambda row: update(broadcasts).values(kind="series"), "digest-mismatch"),
        (
            lambda row: update(broadcasts).values(next_fire_at=row.next_fire_at + timedelta(minutes=1)),
            "digest-mismatch",
        ),
        (lambda row: update(editions).values(subject=row.subject.replace(b" 8 ", b" 9 ")), "digest-mismatch"),
        (lambda row: update(editions).values(state="stopped"), "digest-mismatch"),
        (lambda row: delete(approvals).where(approvals.c.kind == "broadcasts"), "approvals-missing"),
    ],
    ids=["words", "no subject", "kind", "moment", "edition", "edition's state", "approvals"],
)
async def test_rows_that_were_tampered_with_are_refused(province, tampering, code):
    await province.group()
    row = await province.due()
    await province.tamper(tampering(row))
    province.later(minutes=2)
    assert await province.fire() == [Outcome.REFUSED]
    (line,) = await province.log_lines("broadcast.refused")
    assert json.loads(line)["code"] == code
    for edition in await province.editions(row.id):
        assert await province.deliveries(edition) == []


async def test_a_new_group_of_the_same_area_is_found_when_it_fires(province):
    await province.approved(broadcast_draft(areas=[YEN_DUNG]))
    added = await province.group()
    await province.group(FAR, area=TAN_AN)
    (row,) = await province.firing.list_due(now=province.clock.now() + 2 * HOUR)
    province.at(row.next_fire_at)
    await province.fire()
    (edition,) = await province.editions(row.id)
    assert [each.destination_id for each in await province.deliveries(edition)] == [added]
