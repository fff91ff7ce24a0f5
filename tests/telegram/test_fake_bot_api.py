"""The fake is driven by python-telegram-bot itself, as the product drives the real API."""

from __future__ import annotations

import asyncio
import json

import pytest
from telegram import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.gateway.telegram.failures import retry_seconds
from tests.telegram.driving import MENU, a_bot
from tests.telegram.fake_people import NotPossibleError
from tests.telegram.fake_wire import flood, migrated

# Making a RetryAfter warns in this version of the library, whatever the product does.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


# Sending


async def test_the_bot_knows_itself(bot):
    me = await bot.get_me()
    assert (me.is_bot, me.username) == (True, "hien_dien_thu_bot")


async def test_a_person_sees_text_without_markup_and_the_titles_of_buttons(bot, lan, clock):
    html = '<b>Phí 🧾 &amp; lệ</b>: <a href="https://vnnic.vn">xem</a>\n<blockquote expandable>TT 20</blockquote>'
    sent = await bot.send_message(lan.chat.chat_id, html, parse_mode="HTML", reply_markup=MENU)
    shown = lan.chat.shown[0]
    assert lan.chat.texts == ["Phí 🧾 & lệ: xem\nTT 20"] == [sent.text]
    assert (shown.rows, shown.buttons) == ([["Tôi có được ưu đãi?"]], ["Tôi có được ưu đãi?"])
    assert shown.links == ["https://vnnic.vn"]
    kinds = [(entity.type, sent.parse_entity(entity)) for entity in sent.entities]
    assert kinds == [("bold", "Phí 🧾 & lệ"), ("text_link", "xem"), ("expandable_blockquote", "TT 20")]
    assert (sent.message_id, sent.date) == (shown.message_id, clock.now())


@pytest.mark.parametrize(
    "html",
    [
        "<br>",
        "a < b",
        "<b>dở dang",
        "thừa</b>",
        "<b><i>chéo</b></i>",
        "<a href='x",
        "<b",
        "<i lạ>x</i>",
        "<a href=x/y>x</a>",
        "<span>x</span>",
        "<b>x</b",
        "&#xD800;",
    ],
)
async def test_malformed_html_is_refused(bot, lan, html):
    with pytest.raises(BadRequest, match=r"(?i)can't parse entities"):
        await bot.send_message(lan.chat.chat_id, html, parse_mode="HTML")
    assert lan.chat.shown == []


@pytest.mark.parametrize("text", ["a < b", "<br>", "A&amp;B"])
async def test_text_without_a_parse_mode_is_shown_as_it_is(bot, lan, text):
    await bot.send_message(lan.chat.chat_id, text)
    assert lan.chat.texts == [text]


async def test_the_place_of_a_fault_counts_bytes(bot, lan):
    with pytest.raises(BadRequest, match=r'(?i)unsupported start tag "br" at byte offset 5'):
        await bot.send_message(lan.chat.chat_id, "Phí <br>", parse_mode="HTML")


@pytest.mark.parametrize("text", ["a" * 4096, "<b>" + "ư" * 4096 + "</b>", "🧾" * 2048, "&lt;" * 4096])
async def test_4096_characters_fit_after_parsing(bot, lan, text):
    await bot.send_message(lan.chat.chat_id, text, parse_mode="HTML")
    with pytest.raises(BadRequest, match=r"(?i)message is too long"):
        await bot.send_message(lan.chat.chat_id, f"{text}a", parse_mode="HTML")


async def test_an_empty_text_is_refused(bot, lan):
    with pytest.raises(BadRequest, match=r"(?i)message text is empty"):
        await bot.send_message(lan.chat.chat_id, "<b> </b>\n", parse_mode="HTML")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[("x", "")]], "button_data_invalid"),
        ([[("x", "ư" * 33)]], "button_data_invalid"),
        ([[("x", None)]], "text buttons are unallowed"),
        ([[("", "x")]], "must be non-empty"),
        ([[("x", "x")] * 9], "reply markup is too long"),
        ([[("x", "x")]] * 101, "reply markup is too long"),
    ],
)
async def test_a_keyboard_that_telegram_refuses_is_refused(bot, lan, rows, reason):
    keyboard = {
        "inline_keyboard": [
            [{"text": title} | ({} if data is None else {"callback_data": data}) for title, data in row] for row in rows
        ]
    }
    with pytest.raises(BadRequest, match=rf"(?i){reason}"):
        await bot.send_message(lan.user_id, "x", api_kwargs={"reply_markup": keyboard})


async def test_64_bytes_of_data_and_100_buttons_are_accepted(bot, lan):
    rows = [[InlineKeyboardButton("x", callback_data="ư" * 32)] * 4] * 25
    await bot.send_message(lan.user_id, "x", reply_markup=InlineKeyboardMarkup(rows))
    assert len(lan.chat.shown[0].buttons) == 100


async def test_chats_that_cannot_be_written_to(fake, bot, lan):
    for chat_id in (lan.user_id + 99, "nobody"):
        with pytest.raises(BadRequest, match=r"(?i)chat not found"):
            await bot.send_message(chat_id, "x")
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(fake.person("Minh").user_id, "x")
    lan.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(lan.user_id, "x")
    with pytest.raises(NotPossibleError):
        lan.says("chào")
    lan.unblocks()
    await bot.send_message(lan.user_id, "x")
    assert lan.chat.texts == ["x"]


async def test_a_wrong_token_and_an_unknown_method_are_refused(fake, bot):
    with pytest.raises(InvalidToken):
        async with a_bot(fake, token="9000000000:another"):
            pass
    with pytest.raises(TelegramError, match=r"(?i)not found"):
        await bot.do_api_request("sendNothing")


async def test_a_photo_is_accepted_by_name_and_by_upload(bot, lan):
    await bot.send_photo(lan.user_id, "made-up-file", caption="<b>Mã</b> QR", parse_mode="HTML")
    await bot.send_photo(lan.user_id, b"\x89PNG\r\n\x1a\n\x00\xff")
    assert [(shown.is_photo, shown.text) for shown in lan.chat.shown] == [(True, "Mã QR"), (True, "")]
    with pytest.raises(BadRequest, match=r"(?i)caption is too long"):
        await bot.send_photo(lan.user_id, "made-up-file", caption="a" * 1025)


async def test_actions_are_seen(bot, lan):
    await bot.send_chat_action(lan.user_id, "typing")
    assert lan.chat.actions == ["typing"]
    with pytest.raises(BadRequest):
        await bot.send_chat_action(lan.user_id, "dancing")


async def test_buttons_can_be_taken_away_once(bot, lan):
    sent = await bot.send_message(lan.user_id, "Chọn:", reply_markup=MENU)
    edited = await bot.edit_message_reply_markup(lan.user_id, sent.message_id)
    assert (edited.reply_markup, lan.chat.shown[0].buttons) == (None, [])
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await bot.edit_message_reply_markup(lan.user_id, sent.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        await bot.edit_message_reply_markup(lan.user_id, 999)


async def test_commands_are_kept_by_scope_and_language(bot):
    commands = [BotCommand("menu", "Các việc mình giúp được")]
    await bot.set_my_commands(commands, scope=BotCommandScopeAllPrivateChats(), language_code="vi")
    assert await bot.get_my_commands() == ()
    assert await bot.get_my_commands(BotCommandScopeAllPrivateChats(), "vi") == tuple(commands)
    for command in (("Menu", "x"), ("trợ_giúp", "x"), ("menu", "")):
        with pytest.raises(BadRequest):
            await bot.set_my_commands([command])


async def test_a_group_can_be_left(fake, bot, lan):
    group = fake.group()
    lan.says("chào", where=group)
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert (update.message.chat.type, update.message.chat_id) == ("supergroup", group.chat_id)
    await bot.leave_chat(group.chat_id)
    with pytest.raises(Forbidden, match="not a member"):
        await bot.send_message(group.chat_id, "x")
    with pytest.raises(BadRequest):
        await bot.leave_chat(lan.user_id)


async def test_a_group_lets_the_bot_in_and_throws_it_out(fake, bot, lan):
    group = fake.group()
    lan.kicks_bot_from(group)
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(group.chat_id, "x")
    lan.adds_bot_to(group)
    await bot.send_message(group.chat_id, "x")
    assert group.texts == ["x"]
    statuses = [
        (update.my_chat_member.chat.id, update.my_chat_member.new_chat_member.status)
        for update in await bot.get_updates()
        if update.my_chat_member is not None
    ]
    assert statuses == [(group.chat_id, "kicked"), (group.chat_id, "member")]


async def test_a_group_that_became_a_supergroup_names_its_new_number(fake, bot, lan):
    group = fake.group(kind="group")
    await bot.send_message(group.chat_id, "trước")
    upgraded = lan.upgrades(group)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(group.chat_id, "sau")
    assert moved.value.new_chat_id == upgraded.chat_id
    await bot.send_message(upgraded.chat_id, "sau")
    assert (group.texts, upgraded.texts) == (["trước"], ["sau"])
    told = [update.message for update in await bot.get_updates() if update.message is not None]
    assert [(message.chat.id, message.migrate_to_chat_id, message.migrate_from_chat_id) for message in told] == [
        (group.chat_id, upgraded.chat_id, None),
        (upgraded.chat_id, None, group.chat_id),
    ]
    with pytest.raises(NotPossibleError):
        lan.upgrades(upgraded)


async def test_a_group_takes_20_messages_in_any_minute(fake, bot, clock):
    group, other = fake.group(), fake.group("Tổ bên cạnh")
    for number in range(20):
        await bot.send_message(group.chat_id, str(number))
        clock.advance(seconds=1)
    with pytest.raises(RetryAfter) as pause:
        await bot.send_message(group.chat_id, "thêm")
    await bot.send_message(other.chat_id, "x")
    clock.advance(seconds=retry_seconds(pause.value))
    await bot.send_message(group.chat_id, "thêm")
    assert len(group.texts) == 21


# What goes wrong


@pytest.mark.parametrize(
    ("fault", "error", "reason", "shown"),
    [
        ("answer_lost", NetworkError, "RemoteProtocolError", 1),
        ("timed_out", TimedOut, "Timed out", 1),
        ("dropped", NetworkError, "RemoteProtocolError", 0),
        ("unreachable", NetworkError, "ConnectError", 0),
        ("no_connection_free", TimedOut, r"\*not\* sent", 0),
        (500, NetworkError, "Internal Server Error", 0),
        (502, NetworkError, "Bad Gateway", 0),
        (flood(7), RetryAfter, "7", 0),
        (migrated(-1_009_000_000_000_099), ChatMigrated, "-1009000000000099", 0),
    ],
)
async def test_a_scripted_fault_befalls_one_call(fake, bot, lan, fault, error, reason, shown):
    fake.fails("sendMessage", "works", fault)
    await bot.send_message(lan.user_id, "một")
    with pytest.raises(error, match=reason):
        await bot.send_message(lan.user_id, "hai")
    assert len(lan.chat.shown) == 1 + shown
    await bot.send_message(lan.user_id, "ba")
    assert len(fake.calls_of("sendMessage")) == 3


async def test_a_fault_can_wait_for_one_chat(fake, bot, lan):
    minh = fake.person("Minh")
    minh.starts()
    fake.fails("sendMessage", flood(3), chat=minh.chat)
    await bot.send_message(lan.user_id, "x")
    with pytest.raises(RetryAfter):
        await bot.send_message(minh.user_id, "x")


@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_call_can_be_held_and_given_up(fake, bot, lan, carried_out):
    hold = fake.holds("sendMessage", carried_out=carried_out)
    sending = asyncio.create_task(bot.send_message(lan.user_id, "x"))
    await fake.until(lambda: hold.reached)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert len(lan.chat.shown) == carried_out


@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_held_call_is_answered_once_let_go(fake, bot, lan, carried_out):
    hold = fake.holds("sendMessage", carried_out=carried_out)
    sending = asyncio.create_task(bot.send_message(lan.user_id, "x"))
    await fake.until(lambda: hold.reached)
    hold.let_go()
    assert isinstance(await sending, Message)
    assert lan.chat.texts == ["x"]


async def test_calls_are_kept_with_their_objects_decoded(fake, bot, lan, clock):
    await bot.send_message(lan.user_id, "x", reply_markup=MENU)
    (call,) = fake.calls_of("sendMessage")
    assert (call.parameters["chat_id"], call.at) == (str(lan.user_id), clock.now())
    assert call.parameters["reply_markup"] == json.loads(MENU.to_json())
