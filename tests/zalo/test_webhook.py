"""What Zalo calls us with, and what the person sees then."""

from __future__ import annotations

import json

import pytest

from bot.core.ports import DialogueState, TurnRequest, TurnResult
from bot.core.replies import Button, Press, Reply, Source
from bot.gateway.zalo.webhook import PATH
from tests.zalo.conftest import SETTINGS
from tests.zalo.fake_zalo import OA_ID, encode, sign

OPTIONS = (Button("ask_cost", Press("ask_cost")), Button("ask_renewal", Press.of("ask_renewal", product="id.vn")))


def offering(request: TurnRequest) -> TurnResult:
    reply = Reply("greet", "greet", buttons=OPTIONS, sources=(Source("45/KH-UBND", "III.2"),))
    return TurnResult((reply,), DialogueState(), "greet", 0.9)


async def test_a_question_is_answered_in_the_chat_and_the_bot_says_once_what_it_is(called, zalo, lan):
    async with called.answering():
        for number, text in enumerate(("chào", "chào lần nữa"), start=1):
            assert (await called.post(lan.says(text))).status_code == 200
            await zalo.until(lambda number=number: len(lan.texts) == number)
        await called.until_states("sent", "sent")
    first, second = lan.texts
    assert "trợ lý tự động (AI)" in first
    assert "trợ lý tự động (AI)" not in second
    assert {request.channel for request in called.product.assistant.requests} == {"zalo"}


async def test_an_event_that_comes_again_is_answered_once(called, zalo, lan):
    event = lan.says("chào")
    for _ in range(3):
        assert (await called.post(event)).status_code == 200
    # The same message in other bytes is the same message.
    assert (await called.post(json.dumps(event, indent=1).encode())).status_code == 200
    assert await called.count_stored() == 1


@pytest.mark.parametrize("how", ["missing", "wrong", "app_secret"])
async def test_without_proof_nothing_is_stored(called, lan, how):
    answer = await called.post(lan.says("chào"), how=how)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert await called.count_stored() == 0


@pytest.mark.parametrize("how", ["right", "bare", "upper"])
async def test_the_proof_may_be_written_as_reports_saw_it(called, lan, how):
    assert (await called.post(lan.says("chào"), how=how)).status_code == 200
    assert await called.count_stored() == 1


async def test_a_changed_body_or_timestamp_proves_nothing(called, lan):
    raw = encode(lan.says("chào"))
    headers = sign(raw)
    async with called.product.client() as client:
        for changed in (raw.replace("chào".encode(), b"chau"), raw.replace(b'"timestamp":"1', b'"timestamp":"2')):
            assert changed != raw
            assert (await client.post(PATH, content=changed, headers=headers)).status_code == 401
    assert await called.count_stored() == 0


@pytest.mark.parametrize("body", [b"", b"{}", b" {} "])
async def test_the_unsigned_probe_gets_its_answer_and_nothing_happens(called, body):
    async with called.product.client() as client:
        assert (await client.post(PATH, content=body)).status_code == 200
    assert await called.count_stored() == 0


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b"1", b'"x"', b"{", b'{"timestamp": 1}', b"\xff", b"[" * 100_000, b'{"timestamp":"x"}']
)
async def test_what_is_no_event_is_refused(called, body):
    async with called.product.client() as client:
        assert (await client.post(PATH, content=body)).status_code == 401


async def test_a_body_over_a_mebibyte_is_refused(called):
    async with called.product.client() as client:
        assert (await client.post(PATH, content=b"x" * (1024 * 1024 + 1))).status_code == 413


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("oa_send_text", {"sender": {"id": OA_ID}, "recipient": {"id": "2"}, "message": {"msg_id": "x", "text": "y"}}),
        ("user_seen_message", {"sender": {"id": OA_ID}, "recipient": {"id": "2"}, "message": {"msg_ids": ["x"]}}),
        ("user_send_group_text", {"sender": {"id": "2"}, "recipient": {"id": "3"}, "message": {"msg_id": "x"}}),
        ("something_new", {}),
        ("user_send_text", {"sender": {"id": "2"}}),
        ("user_send_text", {"sender": {"id": 2}, "recipient": {"id": OA_ID}, "message": {"text": "x"}}),
        ("user_send_text", {"sender": {"id": "2"}, "recipient": {"id": OA_ID}, "message": {"text": ["x"]}}),
        ("follow", {"follower": "2", "oa_id": OA_ID}),
        ("follow", {}),
        ("unfollow", {"follower": None}),
    ],
)
async def test_what_is_not_for_us_is_acknowledged_and_kept_nowhere(called, zalo, name, members):
    assert (await called.post(zalo.event(name, **members))).status_code == 200
    assert await called.count_stored() == 0


async def test_who_follows_is_greeted_and_who_leaves_cannot_be_reached(called, zalo, lan):
    async with called.answering():
        await called.post(lan.follows())
        await zalo.until(lambda: len(lan.texts) == 1)
        assert called.product.assistant.requests[0].press == Press("start_over")
        assert (await called.post(lan.leaves())).status_code == 200


@pytest.mark.parametrize(("kind", "told"), [("image", "ảnh"), ("audio", "thoại"), ("sticker", ""), ("location", "")])
async def test_what_is_not_read_is_told_so(called, zalo, lan, kind, told):
    async with called.answering():
        await called.post(lan.sends(kind))
        await zalo.until(lambda: len(lan.texts) == 1)
    assert told in lan.texts[0]
    assert called.product.assistant.requests == []


class TestOptions:
    @pytest.fixture
    async def offered(self, called, zalo, lan):
        """Lan was shown two options."""
        called.product.assistant.answer = offering
        async with called.answering():
            await called.post(lan.says("chào"))
            await zalo.until(lambda: len(lan.texts) == 1)
            yield called

    async def test_are_numbered_in_the_text_and_buttons_on_phones(self, offered, lan):
        (sent,) = lan.seen
        titles = [offered.runtime.renderer.title(button.title) for button in OPTIONS]
        assert all(f"{number}. {title}" in sent.text for number, title in enumerate(titles, start=1))
        assert [button["title"] for button in sent.buttons] == [f"{n}. {title}" for n, title in enumerate(titles, 1)]
        assert "45/KH-UBND" in sent.text

    @pytest.mark.parametrize("typed", ["2", "2.", "số 2", "so 2", "chon so 2", "Chọn 2", " 2 )"])
    async def test_are_chosen_by_their_number(self, offered, zalo, lan, typed):
        await offered.post(lan.says(typed))
        await zalo.until(lambda: len(lan.texts) == 2)
        assert offered.product.assistant.requests[-1].press == OPTIONS[1].press

    @pytest.mark.parametrize("typed", ["0", "3", "19", "2 tháng", "số hai mươi", "2004"])
    async def test_of_no_such_number_are_what_was_typed(self, offered, zalo, lan, typed):
        await offered.post(lan.says(typed))
        await zalo.until(lambda: len(lan.texts) == 2)
        assert offered.product.assistant.requests[-1].text == typed

    async def test_are_pressed(self, offered, zalo, lan):
        await offered.post(lan.presses(1))
        await zalo.until(lambda: len(lan.texts) == 2)
        assert offered.product.assistant.requests[-1].press == OPTIONS[0].press

    async def test_of_somebody_else_lead_nowhere(self, offered, zalo, lan):
        other = zalo.person(3)
        await offered.post(other.says(lan.seen[0].buttons[0]["payload"]))
        await zalo.until(lambda: len(other.texts) == 1)
        assert len(offered.product.assistant.requests) == 1


class TestBeforeTheSecretIsKnown:
    @pytest.fixture
    def settings(self):
        return SETTINGS | {"zalo_oa_secret": None, "zalo_verifier": "AbC-123_x"}

    async def test_every_call_gets_its_answer_and_nothing_is_kept(self, called, lan):
        for how in ("missing", "wrong", "right"):
            assert (await called.post(lan.says("chào"), how=how)).status_code == 200
        assert await called.count_stored() == 0

    async def test_the_verifier_page_answers_for_its_own_code_only(self, called):
        async with called.product.client() as client:
            page = await client.get("/zalo_verifierAbC-123_x.html")
            other = await client.get("/zalo_verifierother.html")
        assert page.status_code == 200
        for attribute in ("name", "property"):
            assert f'<meta {attribute}="zalo-platform-site-verification" content="AbC-123_x" />' in page.text
        assert other.status_code == 404
