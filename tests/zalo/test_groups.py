"""Groups of the account: answered when called, one person at a time, nothing personal, no buttons and no mentions."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.core.broadcasts.channels import find_channel
from bot.core.conversations.models import conversations
from bot.core.ports import DialogueState, TurnResult
from bot.core.replies import Button, Effect, Press, Reply
from bot.gateway.zalo.addressing import text_for, without_mentions
from bot.gateway.zalo.events import Ignored, read_event
from tests.zalo.fake_zalo import OA_ID

WORD = "trợ lý"
OFFERS = Reply(
    "ask_offer",
    "bot_challenge",
    {"operator_name": "Xã thử", "operator_contact": "Xã thử"},
    buttons=(
        Button("ask_cost", Press.of("ask_cost", product="id.vn")),
        Button("ask_documents", Press.of("ask_documents")),
    ),
)


def offering(request):
    return TurnResult((OFFERS,), DialogueState(), "ask_offer", 0.9)


def personal(request):
    return TurnResult((Reply("start_registration", "greet"),), DialogueState("form", {"age": 30}), "inform", 0.9)


@pytest.fixture
def group(zalo):
    return zalo.group()


def mention(text):
    return f"[@{OA_ID}] {text}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"[@{OA_ID}] giá bao nhiêu", "giá bao nhiêu"),
        (f"giá bao nhiêu vậy [@{OA_ID}]", "giá bao nhiêu vậy"),
        ("Trợ lý ơi giá bao nhiêu", "ơi giá bao nhiêu"),
        ("tro ly, giá bao nhiêu", "giá bao nhiêu"),
        ("TRỢ LÝ: 2", "2"),
        ("trợ lý", ""),
        ("trợ lí ơi giá bao nhiêu", "ơi giá bao nhiêu"),
        ("Tro li, giá", "giá"),
        ("trợ lý cửa hàng tôi đăng ký được không", "cửa hàng tôi đăng ký được không"),
        ("trợ lý, chủ tịch xã có phải ký không", "chủ tịch xã có phải ký không"),
        (f"[@{OA_ID}]", ""),
        (f"[@{OA_ID}] trợ lý 2", "2"),
        ("[@77] trợ lý giá", "giá"),
        ("[@77] giá bao nhiêu", None),
        ("trợ lýx giá", None),
        ("Trợ lý chủ tịch xã mời bà con đi họp 7 giờ tối", None),
        ("tro ly pho bi thu vua goi", None),
        ("Trợ lý của đồng chí bí thư đâu rồi", None),
        ("Trợ lý của xã ơi, giá bao nhiêu", "của xã ơi, giá bao nhiêu"),
        ("nhờ trợ lý giúp", None),
        ("2", None),
        ("", None),
    ],
)
def test_what_is_meant_for_the_assistant(text, said):
    assert text_for(text, account=OA_ID, word=WORD) == said


def test_only_the_end_of_a_word_may_be_spelt_otherwise():
    assert text_for("mai giá bao nhiêu", account=OA_ID, word="máy") is None
    assert text_for("máy giá bao nhiêu", account=OA_ID, word="máy") == "giá bao nhiêu"


def test_whose_name_is_told_is_heard_whatever_follows_it():
    assert text_for(mention("trợ lý chủ tịch xã là ai"), account=OA_ID, word=WORD) == "chủ tịch xã là ai"


def test_where_there_is_no_word_only_a_mention_calls():
    assert text_for("trợ lý giá", account=OA_ID, word="") is None
    assert text_for(mention("trợ lý giá"), account=OA_ID, word="") == "trợ lý giá"


@given(st.text(st.sampled_from("[]@1a "), max_size=40))
def test_nothing_that_is_left_of_a_text_calls_anybody(text):
    left = without_mentions(text)
    assert without_mentions(left) == left
    assert f"[@{OA_ID}]" not in without_mentions(text.replace("1", OA_ID))


async def test_who_calls_is_answered_in_the_group_with_numbers_and_no_buttons(called, zalo, lan, group):
    called.product.assistant.answer = offering
    async with called.answering():
        await called.post(lan.says(mention("có gì miễn phí"), where=group))
        await zalo.until(lambda: len(group.texts) == 1)
        assert called.product.assistant.requests[0].text == "có gì miễn phí"
        (sent,) = group.seen
        assert sent.buttons == ()
        assert "1. " in sent.text
        assert f"{WORD} 1" in sent.text
        assert lan.seen == []
        await called.post(lan.says("trợ lý số 2", where=group))
        await zalo.until(lambda: len(group.texts) == 2)
    assert called.product.assistant.requests[1].press == OFFERS.buttons[1].press


async def test_an_officer_learns_the_group_s_address_as_a_destination_is_to_be_written(called, zalo, lan, group):
    async with called.answering():
        await called.post(lan.says("trợ lý mã nhóm", where=group))
        await zalo.until(lambda: len(group.texts) == 1)
    assert group.group_id in group.texts[0].split()
    assert find_channel("zalo-group").address.fullmatch(group.group_id)
    assert called.product.assistant.requests == []


async def test_what_others_say_to_each_other_is_kept_nowhere(called, lan, group):
    for event in (lan.says("mai họp nhé", where=group), lan.says("2", where=group), lan.sends("image", where=group)):
        assert (await called.post(event)).status_code == 200
    assert await called.count_stored() == 0


async def test_each_person_has_a_conversation_of_their_own_there(called, zalo, lan, group):
    other = zalo.person(3)
    called.product.assistant.answer = offering
    async with called.answering():
        await called.post(lan.says(mention("có gì"), where=group))
        await zalo.until(lambda: len(group.texts) == 1)
        # What was offered to Lan is no option of somebody else's.
        await called.post(other.says(mention("2"), where=group))
        await zalo.until(lambda: len(group.texts) == 2)
    assert called.product.assistant.requests[1].text == "2"


async def test_what_is_personal_is_not_asked_there(called, zalo, lan, group):
    called.product.assistant.answer = personal
    async with called.answering():
        await called.post(lan.says(mention("đăng ký cho tôi"), where=group))
        await zalo.until(lambda: len(group.texts) == 1)
    assert f"https://zalo.me/{OA_ID}" in group.texts[0]
    async with called.runtime.database.reading() as connection:
        rows = (await connection.execute(select(conversations.c.state, conversations.c.is_guest))).all()
    assert [tuple(row) for row in rows] == [(None, True)]


async def test_an_effect_is_never_done_there(called, zalo, lan, group):
    erase = Effect("rights.erase", {"receipt": "XD-22222"})
    called.product.assistant.answer = lambda request: TurnResult(
        (Reply("ask_cost", "bot_challenge", {"operator_name": "Xã thử", "operator_contact": "Xã thử"}),),
        DialogueState(),
        "ask_cost",
        0.9,
        erase,
    )
    async with called.answering():
        await called.post(lan.says(mention("xóa dữ liệu"), where=group))
        await zalo.until(lambda: len(group.texts) == 1)
    assert "https://zalo.me/" in group.texts[0]


async def test_who_only_calls_is_told_what_can_be_asked(called, zalo, lan, group):
    async with called.answering():
        await called.post(lan.says(f"[@{OA_ID}]", where=group))
        await zalo.until(lambda: len(group.texts) == 1)
    assert called.product.assistant.requests == []
    assert f"“{WORD} ơi " in group.texts[0]


async def test_who_was_not_understood_is_told_how_to_ask_again(called, zalo, lan, group):
    called.product.assistant.answer = lambda request: TurnResult(
        (Reply("none", "fallback"),), DialogueState(), "nlu_fallback", 0.2
    )
    async with called.answering():
        await called.post(lan.says("tro ly ơi abc", where=group))
        await zalo.until(lambda: len(group.texts) == 1)
    assert f"mở đầu bằng chữ “{WORD}”" in group.texts[0]


@pytest.mark.parametrize("code", [-237, -238, -241, -403])
async def test_a_group_that_is_closed_is_marked_for_everybody_in_it(called, zalo, lan, group, code):
    other = zalo.person(3)
    async with called.answering():
        await called.post(other.says(mention("chào"), where=group))
        await called.until_states("sent")
        zalo.let("group/message", code)
        await called.post(lan.says(mention("chào"), where=group))
        await called.until_states("sent", "failed")
    assert await unreachable(called) == [True, True]


async def test_a_group_that_was_deleted_is_marked(called, lan, group):
    await called.post(lan.says(mention("chào"), where=group))
    assert await unreachable(called) == [False]
    await called.post(group.dismisses())
    assert await unreachable(called) == [True]


async def unreachable(called):
    async with called.runtime.database.reading() as connection:
        since = (await connection.execute(select(conversations.c.unreachable_since))).scalars().all()
    return [moment is not None for moment in since]


async def test_no_text_of_ours_calls_a_member(called, zalo, lan):
    called.product.assistant.answer = lambda request: TurnResult(
        (Reply("error", "error_internal", {"reference": "[@77] và [@[@78]79]"}),), DialogueState(), "none", 0.9
    )
    async with called.answering():
        await called.post(lan.says("chào"))
        await zalo.until(lambda: len(lan.texts) == 1)
    assert "[@" not in lan.texts[0]


@pytest.mark.parametrize(
    "name",
    [
        "create_group",
        "user_join_group",
        "user_request_join_group",
        "accept_request_join_group",
        "reject_request_join_group",
        "react_request_join_group",
        "user_out_group",
        "user_leave_group",
        "add_group_admin",
        "remove_group_admin",
        "update_group_info",
    ],
)
def test_what_happens_to_groups_is_known_by_either_spelling(zalo, lan, group, name):
    event = zalo.group_changes(name, group, lan)
    assert read_event(event, json.dumps(event).encode()) == Ignored("group")


@pytest.mark.parametrize(
    "members",
    [
        {"recipient": {"id": "a/b"}},
        {"recipient": {"id": "x" * 61}},
        {"recipient": {}},
        {"recipient": None},
        {"sender": {"id": "9" * 61}},
        {"oa_id": None},
        {"message": []},
    ],
)
def test_a_group_message_that_cannot_be_is_malformed(lan, group, members):
    event = lan.says(mention("chào"), where=group) | members
    assert read_event(event, b"x") == Ignored("malformed")
