"""A bulletin on its way to groups, by the real sender."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import update
from structlog.testing import capture_logs

from bot.assembly import create_sender
from bot.core.broadcasts.states import State
from bot.core.deliveries.models import deliveries
from bot.core.destinations import repository as places
from bot.core.ports import TurnResult
from bot.core.replies import Reply
from bot.gateway.telegram.carrier import TelegramCarrier
from tests.broadcasting import HOUR, TAN_AN, broadcast_draft
from tests.telegram.bulletins import Bulletins, opened_bulletins
from tests.telegram.fake_wire import RefusedError, flood
from tests.telegram.product import TelegramProduct
from tests.telegram.replying import answer, one_reply, reply
from tests.waiting import until


@pytest_asyncio.fixture
async def bulletins(asking: TelegramProduct) -> AsyncIterator[Bulletins]:
    async with opened_bulletins(asking) as opened:
        yield opened


async def states(bulletins, edition):
    return [each.state.name.lower() for each in await bulletins.province.deliveries(edition)]


async def state_of(bulletins, edition):
    (found,) = await bulletins.province.editions(edition.broadcast_id)
    return found.state


async def test_every_group_of_the_audience_gets_it_once(bulletins):
    groups = [await bulletins.group(), await bulletins.group("Thôn Đông", area=TAN_AN)]
    edition = await bulletins.province.fired(broadcast_draft(text="Họp <thôn> & bầu tổ trưởng.\n\nĐi đủ nhé."))
    for _ in range(3):
        await bulletins.send()
    for group in groups:
        (text,) = group.texts
        assert "Họp <thôn> & bầu tổ trưởng.\n\nĐi đủ nhé." in text
        assert edition.check_code in text
    assert await state_of(bulletins, edition) is State.DONE


async def test_a_group_whose_answer_was_lost_is_not_sent_to_again_by_any_machine(bulletins):
    group = await bulletins.group()
    edition = await bulletins.province.fired()
    bulletins.fake.fails("sendMessage", "answer_lost")
    for _ in range(3):
        await bulletins.send()
    assert len(group.texts) == 1
    assert await states(bulletins, edition) == ["unknown"]
    (notice,) = await bulletins.province.notices(bulletins.province.bureau.officer.staff_id)
    assert (notice.kind, notice.facts["unknown"]) == ("broadcast-incomplete", 1)


async def test_a_group_that_became_a_supergroup_gets_it_there(bulletins):
    group = await bulletins.group(kind="group")
    person = bulletins.fake.person("Minh")
    upgraded = person.upgrades(group)
    edition = await bulletins.province.fired()
    for _ in range(2):
        await bulletins.send()
    assert (len(group.texts), len(upgraded.texts)) == (0, 1)
    assert await states(bulletins, edition) == ["sent"]
    async with bulletins.province.database.reading() as connection:
        moved = await places.find_in_use(connection, channel="telegram-group", address=str(upgraded.chat_id))
    assert moved is not None
    assert len(await bulletins.province.log_lines("destination.moved")) == 1


@pytest.mark.parametrize(
    "said",
    [
        "not enough rights to send text messages to the chat",
        "need administrator rights in the channel chat",
        "CHAT_ADMIN_REQUIRED",
        "PEER_ID_INVALID",
    ],
)
async def test_a_group_that_threw_the_bot_out_or_silenced_it_is_unreachable_and_holds_up_no_other(bulletins, said):
    kicked, silenced, other = [await bulletins.group(f"Tổ {number}") for number in range(3)]
    bulletins.fake.person("Minh").kicks_bot_from(kicked)
    bulletins.fake.fails("sendMessage", RefusedError(400, said), chat=silenced)
    edition = await bulletins.province.fired()
    await bulletins.send()
    assert sorted(await states(bulletins, edition)) == ["failed", "failed", "sent"]
    assert len(other.texts) == 1
    async with bulletins.province.database.reading() as connection:
        rows = await places.list_oldest_first(connection, areas=None)
    unreachable = {row.address for row in rows if row.unreachable_since is not None}
    assert unreachable == {str(kicked.chat_id), str(silenced.chat_id)}


async def test_a_group_that_throws_the_bot_out_is_noted_at_once_and_when_it_lets_it_in_again(bulletins):
    group, minh = await bulletins.group(), bulletins.fake.person("Minh")
    noted = []
    for update_ in (minh.kicks_bot_from(group), minh.adds_bot_to(group), minh.kicks_bot_from(bulletins.fake.group())):
        await bulletins.telegram.intake().take(update_)
        async with bulletins.province.database.reading() as connection:
            (row,) = await places.list_oldest_first(connection, areas=None)
        noted.append(row.unreachable_since is not None)
    assert noted == [True, False, False]


async def test_a_flood_in_one_group_is_waited_out(bulletins):
    group = await bulletins.group()
    edition = await bulletins.province.fired()
    bulletins.fake.fails("sendMessage", flood(1))
    await bulletins.send()
    assert await states(bulletins, edition) == ["pending"]
    await bulletins.province.tamper(update(deliveries).values(not_before=0.0))
    await bulletins.send()
    assert len(group.texts) == 1


async def test_a_group_s_pace_holds_back_what_is_too_fast_for_it_and_no_other_group(bulletins):
    group, other = await bulletins.group(), await bulletins.group("Tổ khác", area=TAN_AN)
    start = bulletins.province.clock.now() + HOUR
    for number in range(3):
        areas = ["bac-ninh.yen-dung"] if number < 2 else [TAN_AN]
        await bulletins.province.approved(broadcast_draft(areas=areas, not_before=start, not_after=start + HOUR))
    bulletins.province.at(start)
    await bulletins.tick()
    await bulletins.send(bulletins.sender(telegram_group_rate="1/1h"))
    assert (len(group.texts), len(other.texts)) == (1, 1)


class Broken:
    """An outbox of which nothing works."""

    async def is_any_due(self, connection, *, channel, closed):
        return False

    async def sweep(self):
        raise ZeroDivisionError


async def test_what_is_wrong_with_bulletins_holds_up_no_reply(asking, fake):
    carrier = TelegramCarrier(asking.client, asking.runtime.renderer, asking.runtime.pictures)
    lan = fake.person("Lan")
    with capture_logs() as logs:
        async with asking.answering(create_sender(asking.runtime, carrier, rate="0", bulk=Broken())):
            await asking.intake().take(lan.says("chào"))
            await fake.until(lambda: len(lan.chat.texts) == 1)
    assert any(entry["event"] == "sender.sweep_failed" for entry in logs)


async def test_replies_overtake_what_goes_to_many(bulletins):
    hold_all = [await bulletins.group(f"Tổ {number}") for number in range(8)]
    holds = [bulletins.fake.holds("sendMessage", chat=group) for group in hold_all]
    await bulletins.province.fired()
    lan = bulletins.fake.person("Lan")
    one = TurnResult((Reply("greet", "greet"),), None, "greet", 0.9)
    sender = bulletins.sender()
    stopping = bulletins.telegram.runtime.stopping
    running = asyncio.create_task(sender.run(stopping))
    try:
        await bulletins.fake.until(lambda: sum(hold.reached for hold in holds) == 6)
        await answer(
            bulletins.telegram, lan, replies=lambda request: TurnResult(one.replies, request.state, "greet", 0.9)
        )
        await bulletins.fake.until(lambda: len(lan.chat.texts) == 1)
        assert sum(hold.reached for hold in holds) == 6
    finally:
        for hold in holds:
            hold.let_go()
        await until(lambda: len(sender._under_way) == 0)
        stopping.set()
        bulletins.telegram.runtime.doorbell.ring_all()
        await running


async def test_a_reply_overtakes_bulletins_that_are_leased_and_not_begun(bulletins):
    for number in range(8):
        await bulletins.group(f"Tổ {number}")
    await bulletins.province.fired()
    lan = bulletins.fake.person("Lan")
    stopping = bulletins.telegram.runtime.stopping
    running = asyncio.create_task(bulletins.sender(telegram_rate="2/1s").run(stopping))
    calls = bulletins.fake.calls_of
    try:
        await bulletins.fake.until(lambda: len(calls("sendMessage")) == 1)
        await answer(bulletins.telegram, lan, replies=one_reply)
        before = len(calls("sendMessage"))
        await bulletins.fake.until(lambda: len(lan.chat.texts) == 1)
        assert len(calls("sendMessage")) <= before + 2
    finally:
        stopping.set()
        bulletins.telegram.runtime.doorbell.ring_all()
        await running


async def test_replies_and_bulletins_in_a_group_share_its_pace(bulletins):
    group, other = await bulletins.group(), await bulletins.group("Tổ khác", area=TAN_AN)
    await bulletins.province.fired()
    await reply(bulletins.telegram, group, "Câu", person=1000)
    sender = bulletins.sender(telegram_group_rate="1/1h")
    for _ in range(2):
        await bulletins.send(sender)
    assert [["Mã kiểm tra" in text for text in each.texts] for each in (group, other)] == [[True], [True]]


async def test_members_who_ask_without_end_do_not_hold_up_their_group_s_bulletin(bulletins):
    group = await bulletins.group()
    for number in range(12):
        await reply(bulletins.telegram, group, f"Câu {number}", person=1000 + number)
    stopping = bulletins.telegram.runtime.stopping
    running = asyncio.create_task(bulletins.sender(telegram_group_rate="1/1s burst 1").run(stopping))
    try:
        await bulletins.fake.until(lambda: len(group.texts) == 1)
        await bulletins.province.fired()
        await bulletins.fake.until(lambda: any("Mã kiểm tra" in text for text in group.texts))
    finally:
        stopping.set()
        bulletins.telegram.runtime.doorbell.ring_all()
        await running
    assert len(group.texts) <= 4


async def test_of_a_sender_that_died_only_what_telegram_was_asked_for_is_unknown(bulletins):
    asked, leased = await bulletins.group(), await bulletins.group("Thôn Đông")
    edition = await bulletins.province.fired()
    hold = bulletins.fake.holds("sendMessage", chat=asked)
    sender, idle = bulletins.sender(), bulletins.sender()
    (parcel,) = [one for one in await idle._claim(idle._lanes[1]) if await _address(bulletins, one) == leased.chat_id]
    await bulletins.province.tamper(
        update(deliveries).where(deliveries.c.id != parcel.claimed.id).values(state=0, owner=None, lease_until=None)
    )
    await sender._begin_due(asyncio.Event())
    await bulletins.fake.until(lambda: hold.reached)
    dying = list(sender._under_way)
    for task in dying:
        task.cancel()
    await asyncio.gather(*dying, return_exceptions=True)
    hold.let_go()
    await bulletins.province.tamper(update(deliveries).where(deliveries.c.state == 1).values(lease_until=0.0))
    for _ in range(2):
        await bulletins.send()
    assert (len(asked.texts), len(leased.texts)) == (1, 1)
    assert sorted(await states(bulletins, edition)) == ["sent", "unknown"]


async def _address(bulletins, parcel) -> int:
    async with bulletins.province.database.reading() as connection:
        row = await places.find(connection, parcel.claimed.destination_id)
    return int(row.address)
