"""The fake's pace, privacy, edits and deletions, as python-telegram-bot meets them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from telegram import ChatMember, InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, RetryAfter

from bot.gateway.telegram.failures import retry_seconds
from tests.telegram.driving import MENU
from tests.telegram.fake_faults import Slow
from tests.telegram.fake_pace import Pace
from tests.telegram.fake_people import NotPossibleError

# Making a RetryAfter warns in this version of the library, whatever the product does.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


@pytest.fixture
def paced(fake) -> Pace:
    """Limits per second, few enough for a test."""
    fake.pace = Pace(per_second=4, burst=3)
    return fake.pace


async def test_by_default_the_limits_are_those_of_the_reference():
    assert (Pace().per_second, Pace().burst) == (30, 5)


async def test_a_chat_takes_a_short_burst_then_one_a_second(paced, bot, lan, clock):
    for number in range(3):
        await bot.send_message(lan.user_id, str(number))
    for _ in range(3):
        with pytest.raises(RetryAfter) as pause:
            await bot.send_message(lan.user_id, "thêm")
        clock.advance(seconds=retry_seconds(pause.value))
        await bot.send_message(lan.user_id, "thêm")
        clock.advance(seconds=1)
        for _ in range(2):
            await bot.send_message(lan.user_id, "thêm")
    assert len(lan.chat.shown) == 12


async def test_all_chats_together_take_so_many_a_second(paced, fake, bot, clock):
    people = [fake.person(f"Người {number}") for number in range(5)]
    for person in people:
        person.starts()
    for person in people[:4]:
        await bot.send_message(person.user_id, "x")
    with pytest.raises(RetryAfter):
        await bot.send_message(people[4].user_id, "x")
    clock.advance(seconds=1)
    await bot.send_message(people[4].user_id, "x")


async def test_with_privacy_a_group_is_heard_only_where_the_bot_is_meant(fake, bot, lan):
    group = fake.group()
    shown = await bot.send_message(group.chat_id, "Chào bà con")
    fake.has_privacy = True
    assert (await bot.get_me()).can_read_all_group_messages is False
    lan.says("hôm nay trời đẹp", where=group)
    lan.says("@hien_dien_thu_bot_khac giá?", where=group)
    lan.says("/giup@bot_khac_nua", where=group)
    meant = [
        lan.says("🙂 @Hien_Dien_Thu_Bot giá bao nhiêu?", where=group),
        lan.says("/giup", where=group),
        lan.says("/giup@hien_dien_thu_bot", where=group),
        lan.says("còn hạn?", where=group, reply_to=group.shown[0]),
    ]
    lan.says("chào", where=None)
    heard = [update.update_id for update in await bot.get_updates()]
    assert heard[:-1] == [update["update_id"] for update in meant]
    assert shown.message_id == group.shown[0].message_id


async def test_a_text_is_changed_and_an_unchanged_one_refused(bot, lan):
    sent = await bot.send_message(lan.user_id, "Đang xem…", reply_markup=MENU)
    place = {"chat_id": lan.user_id, "message_id": sent.message_id}
    await bot.edit_message_text("<b>Xong</b>", parse_mode="HTML", **place)
    assert (lan.chat.texts, lan.chat.shown[0].buttons) == (["Xong"], [])
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_text("<b>Xong</b>", parse_mode="HTML", **place)
    await bot.edit_message_text("Xong", **place)
    for text, reason in (("a" * 4097, "too_long"), (" ", "text is empty"), ("x", "not found")):
        with pytest.raises(BadRequest, match=rf"(?i){reason}"):
            await bot.edit_message_text(text, chat_id=lan.user_id, message_id=999 if text == "x" else sent.message_id)


async def test_a_message_is_deleted_within_two_days_and_then_not_there(bot, lan, clock):
    first, second = [(await bot.send_message(lan.user_id, text)).message_id for text in ("một", "hai")]
    assert await bot.delete_message(lan.user_id, first)
    assert [shown.deleted for shown in lan.chat.shown] == [True, False]
    with pytest.raises(BadRequest, match="not found"):
        await bot.delete_message(lan.user_id, first)
    clock.advance(hours=49)
    with pytest.raises(BadRequest, match="can't be deleted"):
        await bot.delete_message(lan.user_id, second)


async def test_a_button_is_pressed_by_its_place_also_in_a_group(fake, bot, lan):
    group = fake.group()
    await bot.send_message(group.chat_id, "Chọn:", reply_markup=MENU)
    lan.presses_in(group.shown[0], 1)
    (update,) = await bot.get_updates()
    assert (update.callback_query.data, update.callback_query.message.chat.id) == ("a1", group.chat_id)
    await bot.edit_message_reply_markup(group.chat_id, group.shown[0].message_id, reply_markup=InlineKeyboardMarkup([]))
    with pytest.raises(NotPossibleError):
        lan.presses_in(group.shown[0], 1)


async def test_what_is_on_its_way_for_long_carries_its_own_date(bot, lan, clock):
    lan.lag = timedelta(hours=25)
    lan.says("giá?")
    (update,) = await bot.get_updates()
    assert update.message.date == clock.now() - timedelta(hours=25)


async def test_calls_keep_what_they_were_answered(fake, bot, lan):
    fake.fails("sendMessage", "works", 403, "answer_lost")
    sent = await bot.send_message(lan.user_id, "một")
    for text in ("hai", "ba"):
        with pytest.raises(Exception, match=r"(?i)scripted"):
            await bot.send_message(lan.user_id, text)
    first, second, third = fake.calls_of("sendMessage")
    assert (first.status, first.answer["message_id"]) == (200, sent.message_id)
    assert (second.status, second.answer) == (403, {"description": "Forbidden: scripted"})
    assert (third.status, third.answer) == (None, None)


async def test_a_slow_call_is_carried_out(fake, bot, lan):
    fake.fails("sendMessage", Slow(0.01))
    await bot.send_message(lan.user_id, "x")
    assert lan.chat.texts == ["x"]


async def test_a_group_that_threw_the_bot_out_lets_it_change_nothing(fake, bot, lan):
    group = fake.group()
    lan.kicks_bot_from(group)
    with pytest.raises(Forbidden):
        await bot.edit_message_text("x", chat_id=group.chat_id, message_id=1)
    (update,) = await bot.get_updates()
    assert update.my_chat_member.new_chat_member.status == ChatMember.BANNED
