"""What the assistant says to whoever asks whether a bulletin is genuine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from actions.chat import Chat
from actions.handlers.bulletins import ActionCheckBulletin
from bot.core.approvals.confirmations import Confirmed
from bot.core.audit.chain import EMPTY
from bot.core.broadcasts.checking import Bulletin, Unconfirmed
from bot.core.broadcasts.states import State
from bot.core.broadcasts.telling import ROOM
from bot.core.replies import Press
from tests.fakes import ShelfOfBulletins

CODE = "CDF234"
TEXT = "Mời bà con đến nhà văn hóa lúc 8 giờ sáng thứ Bảy."
SENT = datetime(2026, 11, 20, 1, 5, tzinfo=UTC)
GENUINE = Bulletin(
    code=CODE,
    broadcast_id="bc-1a2b3c4d5e",
    version=1,
    title="Ngày hội chuyển đổi số",
    text=TEXT,
    is_training=False,
    state=State.DONE,
    fired_at=SENT,
    finished_at=SENT,
    approvals=(
        Confirmed("Nguyễn Văn An", "CA thử nghiệm", datetime(2026, 11, 19, 8, 12, tzinfo=UTC), "0" * 64, EMPTY),
        Confirmed("Trần Thị Bình", "CA thử nghiệm", datetime(2026, 11, 19, 17, 30, tzinfo=UTC), "1" * 64, EMPTY),
    ),
    places=(),
    subject_sha256="2" * 64,
)


async def said(runtime, renderer, *, typed: str | None, found=(GENUINE,)):
    """Ask about a code with these bulletins on the shelf; give the reply and its text."""
    action = ActionCheckBulletin(replace(runtime, bulletins=ShelfOfBulletins(*found)))
    entities = (("check_code", typed),) if typed else ()
    (reply,) = (await action.act(Chat("turn", "check_bulletin", text="tin này thật không", entities=entities))).replies
    assert reply.topic == "check_bulletin"
    return reply, renderer.render(reply.template, channel="web", facts=reply.to_json()["facts"])


@pytest.mark.parametrize("typed", ["CDF234", "cdf 234", "Cdf-234"])
async def test_a_code_gets_the_exact_words_who_approved_them_and_when(runtime, renderer, typed):
    reply, text = await said(runtime, renderer, typed=typed)
    assert reply.template == "bulletin_genuine"
    assert text.startswith("Mã CDF-234 có thật.")
    assert f"“Ngày hội chuyển đổi số\n{TEXT}”" in text
    assert "gửi lúc 8:05 ngày 20/11/2026" in text
    # On the clocks of Việt Nam the second signed after midnight.
    assert "Nguyễn Văn An (15:12 ngày 19/11/2026); Trần Thị Bình (0:30 ngày 20/11/2026)." in text
    assert "https://hien-dien.example.vn/kiem-tra/CDF234" in text


async def test_an_unknown_code_is_met_with_a_kind_warning(runtime, renderer):
    reply, text = await said(runtime, renderer, typed=CODE, found=())
    assert "không thấy bản tin nào mang mã CDF-234" in text
    assert "có thể là giả" in text
    assert "đừng chuyển tiền" in text
    assert Press.of("report_scam") in [button.press for button in reply.buttons]


async def test_what_can_be_no_code_of_ours_is_told_so(runtime, renderer):
    _, text = await said(runtime, renderer, typed="5YNTK2")
    assert "“5YNTK2” chưa phải là mã kiểm tra" in text
    assert "gõ lại" in text


async def test_without_a_code_it_is_told_where_a_bulletin_has_it(runtime, renderer):
    _, text = await said(runtime, renderer, typed=None)
    assert "dòng cuối" in text
    assert "luôn có mã" in text


async def test_a_bulletin_whose_signatures_do_not_hold_is_warned_of(runtime, renderer):
    _, text = await said(runtime, renderer, typed=CODE, found=(Unconfirmed(CODE),))
    assert text.startswith("Bạn đừng tin bản tin mang mã CDF-234")
    assert TEXT not in text


async def test_a_stopped_one_and_one_for_training_say_so_first(runtime, renderer):
    stopped = replace(GENUINE, state=State.STOPPED)
    assert (await said(runtime, renderer, typed=CODE, found=(stopped,)))[1].startswith(
        "Mã CDF-234 có thật, nhưng bản tin này đã bị thu hồi lúc 8:05 ngày 20/11/2026."
    )
    training = replace(GENUINE, is_training=True)
    assert (await said(runtime, renderer, typed=CODE, found=(training,)))[1].startswith("TẬP HUẤN")


async def test_one_that_was_never_sent_is_not_told_as_sent(runtime, renderer):
    _, text = await said(runtime, renderer, typed=CODE, found=(replace(GENUINE, state=State.EXPIRED),))
    assert "quá giờ nên không gửi cho ai" in text
    assert "có thật" not in text
    assert "gửi lúc" not in text


async def test_a_long_one_is_told_as_far_as_it_fits_with_where_the_rest_is(runtime, renderer):
    long = replace(GENUINE, text="Một dòng dài của bản tin. " * 60)
    _, text = await said(runtime, renderer, typed=CODE, found=(long,))
    assert len(text) < ROOM + 700
    assert "Xem đủ nội dung: https://hien-dien.example.vn/kiem-tra/CDF234" in text
