"""Somebody with the database in hand wants a bulletin sent that nobody approved, or another one than was approved.

Whatever they write into the rows, the clock and the sender start over from the signed bytes: nothing reaches the fake.
What is not signed is which groups belong to a commune; what was found when it was fired stands in the audit log, and
nothing leaves for elsewhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import delete, func, insert, select, update
from structlog.testing import capture_logs

from bot.core.approvals.models import approvals, policy_changes
from bot.core.broadcasts import codes, drafting
from bot.core.broadcasts.models import broadcast_areas, broadcasts, editions, fires
from bot.core.broadcasts.repository import BroadcastRow
from bot.core.deliveries.models import deliveries
from bot.core.destinations.models import destinations
from bot.core.staff.models import staff_enrolments
from bot.core.statements.models import Broadcast
from tests.broadcasting import HOUR, LUC_NAM, TAN_AN, YEN_DUNG, broadcast_draft, series_draft
from tests.telegram.bulletins import Bulletins, opened_bulletins
from tests.telegram.conftest import telegram_product
from tests.telegram.fake_bot_api import FakeBotApi

OURS = approvals.c.kind.in_(("broadcasts", "series"))
SCAM = "Chuyển tiền ngay vào tài khoản này."


@pytest_asyncio.fixture
async def bulletins(sqlite_url, tmp_path, vault, clock, programme, renderer) -> AsyncIterator[Bulletins]:
    async with (
        telegram_product(FakeBotApi(clock), sqlite_url, tmp_path, vault, clock, programme, renderer) as product,
        opened_bulletins(product) as opened,
    ):
        yield opened


@pytest_asyncio.fixture
async def group(bulletins):
    """Give a group of the audience's first commune; no bulletin reaches it in these tests."""
    return await bulletins.group()


async def everything_runs(bulletins: Bulletins) -> None:
    """Let the clock and a fresh sender work now, a minute later, and when it is too late."""
    with capture_logs():
        for minutes in (0, 1, 15):
            bulletins.province.later(minutes=minutes)
            await bulletins.tick()
            await bulletins.send()


def forged(row: BroadcastRow, *, subject: bytes | None = None, fire_at, destination_id: str) -> list:
    """Write what firing would have written: an edition that is being sent, its fire record, and a delivery."""
    subject = subject or row.subject
    edition = {
        "id": "ed-forged",
        "broadcast_id": row.id,
        "kind": row.kind,
        "version": row.version,
        "subject": subject,
        "fire_at": fire_at,
        "not_after": fire_at + HOUR,
        "check_code": next(codes.candidates(subject, fire_at)),
        "state": "sending",
        "created_at": fire_at,
    }
    fire = {"broadcast_id": row.id, "fire_at": fire_at, "outcome": "fired", "edition_id": "ed-forged", "at": fire_at}
    delivery = {
        "edition_id": "ed-forged",
        "destination_id": destination_id,
        "dedupe_key": "forged",
        "carrier": "telegram",
        "created_at": fire_at,
    }
    return [insert(editions).values(edition), insert(fires).values(fire), insert(deliveries).values(delivery)]


async def destination_of(bulletins: Bulletins) -> str:
    async with bulletins.province.database.reading() as connection:
        return str((await connection.execute(destinations.select())).first().id)


async def unapproved(bulletins: Bulletins, how: str) -> BroadcastRow:
    province = bulletins.province
    match how:
        case "draft":
            return await province.bureau.draft()
        case "submitted":
            return await province.bureau.submitted()
        case "signed by one":
            return await province.sign(await province.bureau.submitted(), province.an)
        case "edited since":
            row = await province.approved()
            return await province.bureau.edit(row, broadcast_draft(text=SCAM))
        case "returned":
            row = await province.bureau.submitted()
            return await province.bureau.do(drafting.return_, row, by=province.bureau.admin, reason="Sửa lại.")
        case "stopped":
            return await province.bureau.do(drafting.stop, await province.bureau.draft())
    raise AssertionError(how)


UNAPPROVED = ["draft", "submitted", "signed by one", "edited since", "returned", "stopped"]


@pytest.mark.parametrize("how", UNAPPROVED)
async def test_what_is_not_approved_is_not_sent_by_giving_it_to_the_clock(bulletins, group, how):
    row = await unapproved(bulletins, how)
    fire_at = Broadcast.model_validate_json(row.subject).schedule.not_before
    await bulletins.province.tamper(
        update(broadcasts).where(broadcasts.c.id == row.id).values(state="scheduled", next_fire_at=fire_at)
    )
    bulletins.province.at(fire_at)
    await everything_runs(bulletins)
    assert group.texts == []


@pytest.mark.parametrize("how", UNAPPROVED)
async def test_what_is_not_approved_is_not_sent_by_writing_what_firing_would_write(bulletins, group, how):
    row = await unapproved(bulletins, how)
    fire_at = Broadcast.model_validate_json(row.subject).schedule.not_before
    await bulletins.province.tamper(
        delete(editions), *forged(row, fire_at=fire_at, destination_id=await destination_of(bulletins))
    )
    bulletins.province.at(fire_at)
    await everything_runs(bulletins)
    assert group.texts == []


async def test_other_words_are_not_sent_under_the_approvals_of_an_approved_one(bulletins, group):
    row = await bulletins.province.due()
    item = Broadcast.model_validate_json(row.subject)
    content = item.content.model_copy(update={"text": SCAM})
    subject = item.model_copy(update={"content": content}).to_bytes()
    await bulletins.province.tamper(
        delete(editions),
        update(broadcasts).values(state="sending", next_fire_at=None),
        *forged(row, subject=subject, fire_at=row.next_fire_at, destination_id=await destination_of(bulletins)),
    )
    await everything_runs(bulletins)
    assert group.texts == []


def with_words(row: BroadcastRow) -> bytes:
    item = Broadcast.model_validate_json(row.subject)
    return item.model_copy(update={"content": item.content.model_copy(update={"text": SCAM})}).to_bytes()


BEFORE_THE_FIRE: dict[str, Callable] = {
    "the broadcast's words": lambda row: update(broadcasts).values(subject=with_words(row)),
    "the edition's words": lambda row: update(editions).values(subject=with_words(row)),
    "both": lambda row: [update(table).values(subject=with_words(row)) for table in (broadcasts, editions)],
    "the audience": lambda row: update(broadcasts).values(
        subject=row.subject.replace(TAN_AN.encode(), LUC_NAM.encode())
    ),
    "the version": lambda row: update(broadcasts).values(version=2),
    "the kind": lambda row: update(broadcasts).values(kind="series"),
    "the moment, earlier": lambda row: update(broadcasts).values(next_fire_at=row.next_fire_at - timedelta(minutes=5)),
    "the moment, later": lambda row: update(broadcasts).values(next_fire_at=row.next_fire_at + timedelta(seconds=30)),
    "the edition's state": lambda row: update(editions).values(state="sending"),
    "the approvals' words": lambda row: update(approvals).where(OURS).values(statement=b"{}"),
    "the approvals": lambda row: delete(approvals).where(OURS),
    "one approval": lambda row: delete(approvals).where(
        approvals.c.id == select(func.max(approvals.c.id)).scalar_subquery()
    ),
    "the enrolments": lambda row: update(staff_enrolments).values(state=0),
}


@pytest.mark.parametrize("what", BEFORE_THE_FIRE)
async def test_what_was_approved_and_then_changed_in_the_database_is_not_sent(bulletins, group, what):
    row = await bulletins.province.due()
    statements = BEFORE_THE_FIRE[what](row)
    await bulletins.province.tamper(*(statements if isinstance(statements, list) else [statements]))
    await everything_runs(bulletins)
    assert group.texts == []


BETWEEN_FIRE_AND_SEND: dict[str, Callable] = {
    "words": lambda row: update(editions).values(subject=with_words(row)),
    "code": lambda row: update(editions).values(check_code="CDF234"),
    "version": lambda row: update(editions).values(version=2),
    "kind": lambda row: update(editions).values(kind="series"),
    "moment": lambda row: update(editions).values(fire_at=row.next_fire_at + timedelta(minutes=1)),
    "fire record": lambda row: delete(fires),
    "fire record's outcome": lambda row: update(fires).values(outcome="missed"),
    "approvals": lambda row: delete(approvals).where(OURS),
    "destination's area": lambda row: update(destinations).values(area=LUC_NAM),
    "destination's channel": lambda row: update(destinations).values(channel="loudspeaker"),
    "destination's training": lambda row: update(destinations).values(is_training=True),
    "destination's end": lambda row: update(destinations).values(ended_at=row.next_fire_at),
    "edition's pause": lambda row: update(editions).values(state="paused"),
}


@pytest.mark.parametrize("what", BETWEEN_FIRE_AND_SEND)
async def test_what_was_fired_and_then_changed_in_the_database_is_not_sent(bulletins, group, what):
    row = await bulletins.province.due()
    await bulletins.tick()
    await bulletins.province.tamper(BETWEEN_FIRE_AND_SEND[what](row))
    await everything_runs(bulletins)
    assert group.texts == []


async def test_a_certificate_revoked_between_fire_and_send_stops_it(bulletins, group):
    await bulletins.province.due()
    await bulletins.tick()
    bulletins.province.revoke(bulletins.province.binh)
    await everything_runs(bulletins)
    assert group.texts == []


async def test_a_policy_lowered_in_the_database_stops_everything(bulletins, group):
    """One signature would suffice by a version of the policies that nobody signed."""
    row = await bulletins.province.sign(await bulletins.province.bureau.submitted(), bulletins.province.an)
    fire_at = Broadcast.model_validate_json(row.subject).schedule.not_before
    change = {
        "id": "pol-forged",
        "version": 2,
        "state": 2,
        "subject": b"{}",
        "roots": b"",
        "created_at": fire_at,
    }
    await bulletins.province.tamper(
        insert(policy_changes).values(change),
        update(broadcasts).values(state="scheduled", next_fire_at=fire_at),
    )
    bulletins.province.at(fire_at)
    await everything_runs(bulletins)
    assert group.texts == []


async def test_a_delivery_by_hand_of_an_edition_that_waits_for_its_moment_is_not_sent_before_it(bulletins, group):
    row = await bulletins.province.approved()
    (edition,) = await bulletins.province.editions(row.id)
    values = {"edition_id": edition.id, "dedupe_key": "by hand", "carrier": "telegram"}
    await bulletins.province.tamper(
        insert(deliveries).values(
            **values, destination_id=await destination_of(bulletins), created_at=bulletins.province.clock.now()
        ),
        update(editions).values(state="sending"),
    )
    await everything_runs(bulletins)
    assert group.texts == []


async def test_a_delivery_by_hand_to_a_group_outside_of_the_signed_audience_is_not_sent(bulletins, group):
    stranger = await bulletins.group("Huyện khác", area=LUC_NAM)
    edition = await bulletins.province.fired()
    async with bulletins.province.database.reading() as connection:
        rows = (await connection.execute(destinations.select())).all()
    outside = next(row.id for row in rows if row.area == LUC_NAM)
    values = {"edition_id": edition.id, "destination_id": outside, "dedupe_key": "by hand", "carrier": "telegram"}
    await bulletins.province.tamper(
        insert(broadcast_areas).values(broadcast_id=edition.broadcast_id, area=LUC_NAM),
        insert(deliveries).values(**values, created_at=bulletins.province.clock.now()),
    )
    await everything_runs(bulletins)
    assert (len(group.texts), stranger.texts) == (1, [])


async def test_a_group_whose_number_is_changed_after_the_fire_is_not_the_one_that_was_meant(bulletins, group):
    stranger = bulletins.fake.group("Nhóm lạ", kind="supergroup")
    await bulletins.province.due()
    await bulletins.tick()
    await bulletins.province.tamper(update(destinations).values(address=str(stranger.chat_id)))
    await everything_runs(bulletins)
    assert (group.texts, stranger.texts) == ([], [])


async def test_a_pause_is_not_undone_by_writing_that_it_is_being_sent(bulletins, group):
    row = await bulletins.province.due()
    await bulletins.tick()
    await bulletins.province.bureau.do(drafting.pause, await bulletins.province.row(row.id))
    await bulletins.province.tamper(*(update(table).values(state="sending") for table in (broadcasts, editions)))
    await everything_runs(bulletins)
    assert group.texts == []


async def test_a_series_cannot_be_made_to_leave_more_often_than_was_signed(bulletins, group):
    row = await bulletins.province.due(series_draft(areas=[YEN_DUNG]))
    await bulletins.province.tamper(update(broadcasts).values(next_fire_at=row.next_fire_at - timedelta(minutes=7)))
    await everything_runs(bulletins)
    assert group.texts == []


async def test_an_untouched_one_arrives(bulletins, group):
    """What the tests above rely on: without an attack the same way brings the bulletin to its group."""
    await bulletins.province.due()
    await everything_runs(bulletins)
    assert len(group.texts) == 1
