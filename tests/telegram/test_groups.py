"""The bot among others: who is answered, with what, and what nobody gets to see."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.core.broadcasts.channels import find_channel
from bot.core.conversations.models import conversations as table
from bot.core.conversations.names import group_name
from bot.core.ports import DialogueState, TurnResult
from bot.core.rates import ChatLimits, Rate
from bot.core.replies import Button, Effect, Press, Reply
from bot.core.rights import offer as rights
from bot.gateway.telegram.addressing import BotIdentity
from bot.gateway.telegram.updates import Ignored, PressedElsewhere, read_update
from tests.gateway.talking import asking as asking_an_age
from tests.telegram.fake_bot_api import BOT, FakeBotApi
from tests.telegram.fake_people import FIRST_GROUP, Chat, Person
from tests.telegram.product import NAME

PRIVATE_CHAT = f"https://t.me/{NAME}?start=hoi"
IDENTITY = BotIdentity(BOT["id"], NAME)
COSTS = Reply("ask_cost", "thank", buttons=(Button("ask_offer", Press.of("ask_offer")),))


def telling_costs(request):
    return TurnResult((COSTS,), DialogueState(None, {"age": 20}), "ask_cost", 0.9)


@pytest.fixture
def lan(fake: FakeBotApi) -> Person:
    return fake.person("Lan")


@pytest.fixture
def group(fake: FakeBotApi) -> Chat:
    return fake.group()


async def stored(product):
    async with product.runtime.database.reading() as connection:
        return (await connection.execute(select(table).order_by(table.c.id))).all()


def read(update):
    return read_update(update, IDENTITY)


async def test_a_question_to_the_bot_is_answered_in_the_group_under_the_message_that_asked(called, fake, lan, group):
    called.product.assistant.answer = telling_costs
    async with called.answering():
        update = lan.says(f"@{NAME} giá id.vn bao nhiêu 🇻🇳", where=group)
        await called.push()
        await fake.until(lambda: len(group.texts) == 1)
    shown = group.shown[0]
    assert shown.answers == update["message"]["message_id"]
    assert "Không có gì" in shown.text
    assert shown.buttons == []
    assert [request.text for request in called.product.assistant.requests] == ["giá id.vn bao nhiêu 🇻🇳"]
    assert lan.chat.texts == []


async def test_an_officer_learns_the_group_s_address_as_a_destination_is_to_be_written(called, fake, lan, group):
    async with called.answering():
        lan.says(f"@{NAME} mã nhóm", where=group)
        await called.push()
        await fake.until(lambda: len(group.texts) == 1)
    assert str(group.chat_id) in group.texts[0].split()
    assert find_channel("telegram-group").address.fullmatch(str(group.chat_id))
    assert called.product.assistant.requests == []


async def test_who_asked_and_took_it_back_is_answered_all_the_same(called, fake, lan, group):
    called.product.assistant.answer = telling_costs
    update = lan.says(f"@{NAME} giá?", where=group)
    await called.push()
    lan.takes_back(update, where=group)
    async with called.answering():
        await fake.until(lambda: len(group.texts) == 1)
    assert group.shown[0].answers is None


async def test_the_bot_hears_its_name_in_any_case_a_link_to_it_a_reply_and_its_commands(called, fake, lan, group):
    called.product.assistant.answer = telling_costs
    async with called.answering():
        lan.says(f"giá bao nhiêu vậy @{NAME.upper()}", where=group)
        await called.push()
        await fake.until(lambda: len(group.texts) == 1)
        lan.points_at_bot("Hiện Diện", "còn biz.vn?", where=group)
        lan.says("còn email?", where=group, reply_to=group.shown[0])
        lan.says("/giup giá tên miền", where=group)
        lan.says(f"/menu@{NAME} thời gian", where=group)
        await called.push()
        await fake.until(lambda: len(group.texts) == 5)
    asked = [request.text for request in called.product.assistant.requests]
    assert asked == ["giá bao nhiêu vậy", "còn biz.vn?", "còn email?", "giá tên miền", "thời gian"]
    assert "trợ lý tự động (AI)" in group.texts[0]
    assert not any("trợ lý tự động (AI)" in text for text in group.texts[1:])


@pytest.mark.parametrize("typed", ["/giup", "/menu", "/start", "/start abc", f"/giup@{NAME}", f"/x@{NAME}", f"@{NAME}"])
async def test_whoever_only_calls_the_bot_is_told_in_one_sentence_what_it_does_there(called, fake, lan, group, typed):
    async with called.answering():
        lan.says(typed, where=group)
        await called.push()
        await fake.until(lambda: len(group.texts) == 1)
    assert "Trong nhóm, mình trả lời câu hỏi chung" in group.texts[0]
    assert PRIVATE_CHAT in group.texts[0]
    assert called.product.assistant.requests == []


def test_what_is_not_meant_for_the_bot_is_left_alone(fake, lan, group):
    minh = fake.person("Minh")
    theirs = fake.group("Nhóm khác")
    human = {"message_id": 4, "date": 0, "chat": group.wire(), "from": {"id": 7, "is_bot": False, "first_name": "A"}}
    topic = {**human, "from": BOT, "forum_topic_created": {"name": "Hỏi đáp", "icon_color": 1}}
    ignored = {
        "not_meant": [
            minh.says("chào cả nhà", where=group),
            minh.says(f"thư gửi a@{NAME}", where=group),
            minh.says(f"@{NAME}_khac ơi", where=group),
            minh.sends(text="ừ", reply_to_message=human, where=group),
            minh.sends(text="mọi người ơi", reply_to_message=topic, where=group),
            minh.sends(photo=[], where=group),
        ],
        "other_command": [
            minh.says("/giup@bot_khac", where=group),
            minh.says("/huy", where=group),
            minh.says("/help", where=group),
        ],
        "not_a_person": [
            minh.sends(text=f"@{NAME} giá?", sender_chat=group.wire(), where=group),
            minh.sends(text="/giup", sender_chat=theirs.wire(), where=group),
        ],
    }
    for reason, updates in ignored.items():
        assert [read(update) for update in updates] == [Ignored(reason)] * len(updates)
    lan.says("/giup")
    post = lan.says("/giup", where=group)["message"]
    assert read({"update_id": 1, "channel_post": post | {"chat": {"id": -5, "type": "channel"}}}) == Ignored(
        "channel_post"
    )
    assert read({"update_id": 1, "edited_message": post}) == Ignored("edited_message")
    assert read({"update_id": 1, "message": post | {"from": BOT}}) == Ignored("not_a_person")


def test_a_bot_that_does_not_know_its_name_hears_no_name(lan, group):
    update = lan.says(f"/giup@{NAME}", where=group)
    assert read_update(update, BotIdentity(BOT["id"])) == Ignored("other_command")


PERSONAL = {
    "form": asking_an_age,
    "effect": lambda _: TurnResult((COSTS,), DialogueState(), "ask_privacy", 0.9, Effect("rights.tell", {})),
    "eligibility": lambda _: TurnResult((Reply("x", "thank"),), DialogueState(), "check_eligibility", 0.9),
    "registration": lambda _: TurnResult(
        (Reply("start_registration", "start_registration"),), DialogueState(), "start_registration", 0.9
    ),
    "status": lambda _: TurnResult(
        (Reply("check_registration_status", "handoff_status", {"reference": "HD-7K4M-X29Q"}),),
        DialogueState(),
        "check_registration_status",
        0.9,
    ),
    "person": lambda _: TurnResult((Reply("request_human", "person_left"),), DialogueState(), "request_human", 0.9),
    "erasure": lambda _: TurnResult((Reply("delete_my_data", "points"),), DialogueState(), "delete_my_data", 0.9),
    "guide": lambda _: TurnResult((Reply("start_token_guide", "guide_ask"),), DialogueState(), "guide_next", 0.9),
    "a second reply": lambda _: TurnResult(
        (COSTS, Reply("check_eligibility", "eligibility_verdict")), DialogueState(), "ask_cost", 0.9
    ),
}


@pytest.mark.parametrize("answer", PERSONAL.values(), ids=PERSONAL)
async def test_what_is_personal_is_answered_by_the_way_to_the_private_chat(called, fake, lan, group, answer):
    called.product.assistant.answer = answer
    async with called.answering():
        lan.says(f"@{NAME} em 20 tuổi có được miễn phí không", where=group)
        await called.push()
        await fake.until(lambda: len(group.texts) == 1)
    told = group.texts[0].splitlines()[-1]
    assert PRIVATE_CHAT in told
    assert "20" not in told
    assert group.shown[0].buttons == []
    assert (await stored(called))[0].state is None
    assert (await stored(called))[0].recent is None


async def test_nothing_that_was_said_is_known_in_the_next_turn(called, fake, lan, group):
    called.product.assistant.answer = telling_costs
    async with called.answering():
        for number in (1, 2):
            lan.says(f"@{NAME} em 20 tuổi, giá bao nhiêu", where=group)
            await called.push()
            await fake.until(lambda number=number: len(group.texts) == number)
    assert all(request.state.is_empty for request in called.product.assistant.requests)


async def test_each_person_has_a_conversation_of_their_own_in_each_group_and_in_private(called, fake, lan, group):
    called.product.assistant.answer = telling_costs
    minh, other = fake.person("Minh"), fake.group("Nhóm khác")
    async with called.answering():
        for person, where in ((lan, group), (minh, group), (lan, other)):
            person.says(f"@{NAME} giá?", where=where)
        lan.says("giá?")
        await called.push()
        await fake.until(lambda: (len(group.texts), len(other.texts), len(lan.chat.texts)) == (2, 1, 1))
    rows = await stored(called)
    assert len({row.citizen_id for row in rows}) == len(rows) == 4
    assert [row.is_guest for row in rows] == [True, True, True, False]
    assert minh.chat.texts == []


async def test_a_secret_told_in_a_group_is_not_kept_and_its_writer_told_that_all_can_see_it(called, fake, lan, group):
    called.product.assistant.answer = telling_costs
    async with called.answering():
        lan.says(f"@{NAME} cccd 079 203 001 234, giá bao nhiêu", where=group)
        await called.push()
        await fake.until(lambda: len(group.texts) == 1)
    assert "cả nhóm đều thấy" in group.texts[0]
    assert "079" not in group.texts[0]
    assert "079" not in called.product.assistant.requests[0].text


async def test_somebody_in_despair_is_answered_before_anything_else(called, fake, lan, group):
    async with called.answering():
        lan.says(f"@{NAME} em muốn chết", where=group)
        await called.push()
        await fake.until(lambda: len(group.texts) == 1)
    assert "Bạn đừng ở một mình lúc này" in group.texts[0]
    assert PRIVATE_CHAT in group.texts[0]
    assert "bấm" not in group.texts[0]


async def test_a_person_s_rate_holds_in_groups_and_in_private_together(called, fake, lan, group):
    called.product.assistant.answer = telling_costs
    called.product.runtime = replace(called.runtime, chat_limits=ChatLimits(Rate(2, 60)))
    minh = fake.person("Minh")
    async with called.product.client() as client, called.answering():
        for update in (lan.says("giá?"), *(lan.says(f"@{NAME} giá?", where=group) for _ in range(4))):
            assert (await fake.updates.post(client, update)).status_code == 200
        await fake.updates.post(client, minh.says(f"@{NAME} giá?", where=group))
        await fake.until(lambda: len(group.texts) == 3)
    assert sum("nhắn hơi nhanh" in text for text in group.texts) == 1


async def test_a_press_in_a_group_stops_waiting_and_means_nothing(called, fake, lan, group):
    update = lan.says("chào", where=group)
    query = {"id": "77", "from": update["message"]["from"], "chat_instance": "1", "data": "1.aaaa"}
    press = {"update_id": 5, "callback_query": {**query, "message": update["message"]}}
    assert read(press) == PressedElsewhere("77")
    fake.updates.drop_all()
    answer = await called.post(press)
    assert answer.json() == {"method": "answerCallbackQuery", "callback_query_id": "77"}
    assert await called.count_stored() == 0


@pytest.mark.parametrize("told_first", [True, False])
async def test_an_answer_follows_a_group_that_became_a_supergroup(called, fake, lan, told_first):
    called.product.assistant.answer = telling_costs
    small = fake.group(kind="group")
    lan.says(f"@{NAME} giá?", where=small)
    await called.push()
    async with called.product.working():
        await called.until_states("pending")
    big = lan.upgrades(small)
    if told_first:
        await called.push()
    sender = called.sender()
    called.runtime.stopping.clear()
    async with called.answering(sender):
        await fake.until(lambda: len(big.texts) == 1)
    await called.push()
    assert small.texts == []
    assert await called.states() == ["sent"]
    assert [row.external_id for row in await stored(called)] == [group_name(str(big.chat_id), str(lan.user_id))]


async def test_who_threw_the_bot_out_gets_no_answer_and_nothing_else_stops(called, fake, lan, group):
    called.product.assistant.answer = telling_costs
    lan.says(f"@{NAME} giá?", where=group)
    await called.push()
    lan.kicks_bot_from(group)
    with capture_logs():
        async with called.answering():
            await called.until_states("failed")
            lan.says("giá?")
            await called.push()
            await fake.until(lambda: len(lan.chat.texts) == 1)


async def test_a_group_gets_no_more_than_its_pace(called, fake, lan):
    busy = fake.group()
    limited = called.runtime.settings.model_copy(update={"telegram_group_rate": "1/1h"})
    called.product.runtime = replace(called.runtime, settings=limited)
    called.product.assistant.answer = telling_costs
    for person in (lan, fake.person("Minh")):
        person.says(f"@{NAME} giá?", where=busy)
    lan.says("giá?")
    await called.push()
    async with called.answering():
        await fake.until(lambda: len(busy.texts) == len(lan.chat.texts) == 1)
        async with asyncio.timeout(10):
            while sorted(await called.states()) != ["pending", "sent", "sent"]:
                await asyncio.sleep(0.02)
    assert len(busy.texts) == 1


def test_groups_and_people_have_names_that_do_not_meet():
    assert group_name(str(FIRST_GROUP), "7") == f"group:{FIRST_GROUP}/7"


async def test_who_has_themselves_erased_is_forgotten_in_groups_too(called, fake, lan, group):
    called.product.assistant.answer = telling_costs
    minh = fake.person("Minh")
    async with called.answering():
        for person in (lan, minh):
            person.says(f"@{NAME} giá?", where=group)
        await called.push()
        await fake.until(lambda: len(group.texts) == 2)
        erasing = rights.erasing(called.runtime.programme.operator)
        called.product.assistant.answer = lambda _: TurnResult(
            (erasing.reply,), DialogueState(), "delete_my_data", 1.0, erasing.effect
        )
        lan.says("xóa hết dữ liệu của em")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 1)
    names = [row.external_id for row in await stored(called)]
    assert names == [group_name(str(group.chat_id), str(minh.user_id)), str(lan.user_id)]
