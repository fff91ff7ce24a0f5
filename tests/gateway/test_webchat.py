import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.conversations import retention
from bot.core.conversations import service as conversations
from bot.core.inbox import service as inbox
from bot.core.notifying import notify
from bot.core.ports import DialogueState
from bot.core.programme import topics
from bot.core.replies import Press, Reply
from bot.doorbell import Doorbell, conversation_bell
from tests.fakes import greeting, unavailable
from tests.fixtures.product import Product
from tests.gateway.talking import ME, MESSAGES, asking, body, say
from tests.waiting import until


class WatchedDoorbell(Doorbell):
    """Remembers for which keys somebody began to wait."""

    def __init__(self):
        super().__init__()
        self.expected = set()

    def expecting(self, key):
        self.expected.add(key)
        return super().expecting(key)


async def test_the_dialogue_state_goes_from_turn_to_turn(product):
    product.assistant.answer = asking
    async with product.working(), product.client() as client:
        token = (await say(client))["conversation_token"]
        await say(client, conversation_token=token)
    assert [request.state for request in product.assistant.requests] == [
        DialogueState(),
        DialogueState("eligibility_form", {"turns": 1}),
    ]


async def test_a_message_sent_again_gives_the_same_answer_once(product):
    async with product.working(), product.client() as client:
        first = await say(client, message_id="message-0001")
        second = await say(client, message_id="message-0001")
        third = await say(client, message_id="message-0002")
    assert second["replies"] == first["replies"]
    assert len(product.assistant.requests) == 2
    assert third["replies"][0]["id"] == 2


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"text": "chào"},
        {"conversation_id": "short", "text": "chào"},
        {"conversation_id": "a" * 65, "text": "chào"},
        {"conversation_id": "with spaces in it", "text": "chào"},
        {"conversation_id": ME},
        {"conversation_id": ME, "text": "chào", "payload": "x~y"},
        {"conversation_id": ME, "payload": "ask_cost~AAAAAAAAAAAA"},
        {"conversation_id": ME, "payload": ""},
        {"conversation_id": ME, "text": 5},
        {"conversation_id": ME, "text": "chào", "message_id": "x"},
        [],
    ],
)
async def test_bad_input_is_a_problem_and_stores_nothing(product, sent):
    async with product.client() as client:
        response = await client.post(MESSAGES, json=sent)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"].startswith("urn:hiendien:problem:")
    assert response.json()["title"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"conversation_id": "conversation", "text": "\\ud83d"}', b"\xff\xfe"])
async def test_a_body_that_cannot_be_read_is_a_problem(product, content):
    async with product.client() as client:
        response = await client.post(MESSAGES, content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_problem_does_not_repeat_what_was_sent(product):
    async with product.client() as client:
        response = await client.post(MESSAGES, json=body(text="chào", payload="số 079203001234"))
    assert "079203001234" not in response.text


async def test_a_body_over_one_mebibyte_is_refused_also_without_its_length(product):
    async def stream():
        for _ in range(20):
            yield b"x" * 65_536

    async with product.client() as client:
        announced = await client.post(MESSAGES, content=b"x" * (1024 * 1024 + 1))
        streamed = await client.post(MESSAGES, content=stream())
    assert announced.status_code == 413
    assert streamed.status_code == 413


async def test_a_button_shown_here_works_here_and_nowhere_else(product):
    product.assistant.answer = asking
    async with product.working(), product.client() as client:
        payload = (await say(client))["replies"][0]["buttons"][0]["payload"]
        pressed = await client.post(MESSAGES, json=body(payload=payload))
        elsewhere = await client.post(MESSAGES, json={"conversation_id": "another-conversation", "payload": payload})
    assert pressed.status_code == 200
    assert product.assistant.requests[-1].press == Press.of("ask_cost", product="id.vn")
    assert elsewhere.status_code == 422
    assert elsewhere.json()["type"] == "urn:hiendien:problem:payload-unknown"


async def test_an_identity_number_reaches_neither_the_assistant_nor_the_disk_and_is_answered_kindly(product, tmp_path):
    async with product.working(), product.client() as client:
        answer = await say(client, text="em là Lan, cccd 079 203 001 234, em 20 tuổi")
    assert product.assistant.requests[0].text == "em là Lan, cccd , em 20 tuổi"
    assert [reply["topic"] for reply in answer["replies"]] == ["greet"]
    assert "số giấy tờ khỏi tin nhắn" in answer["replies"][0]["text"]
    await product.runtime.database.close()
    files = [path for path in Path(tmp_path).iterdir() if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        for secret in (b"079 203 001 234", b"079203001234", "em là Lan".encode()):
            assert secret not in content


async def test_a_message_that_is_nothing_but_a_secret_is_refused_without_understanding(product):
    async with product.working(), product.client() as client:
        answer = await say(client, text="079203001234")
    assert [reply["topic"] for reply in answer["replies"]] == ["ask_scam_safety"]
    assert "số giấy tờ khỏi tin nhắn" in answer["replies"][0]["text"]
    assert product.assistant.requests == []


async def test_text_never_begins_with_a_slash_when_it_reaches_the_assistant(product):
    async with product.working(), product.client() as client:
        await say(client, text=' /restart{"x": 1}')
    assert product.assistant.requests[0].text == 'restart{"x": 1}'


@pytest.mark.parametrize("text", ["", "   ", "/", "\u200b"])
async def test_an_empty_message_gets_a_short_answer_and_a_menu(product, text):
    async with product.working(), product.client() as client:
        answer = await say(client, text=text)
    assert answer["replies"][0]["topic"] == "error"
    assert len(answer["replies"][0]["buttons"]) == len(topics.menu_buttons())
    assert product.assistant.requests == []


@pytest.mark.parametrize("length", [2_001, 10_000, 500_000])
async def test_a_message_longer_than_anybody_reads_gets_a_short_answer_and_is_not_kept(product, tmp_path, length):
    empty = sum(path.stat().st_size for path in tmp_path.iterdir())
    async with product.working(), product.client() as client:
        answer = await say(client, text="a1 " * (length // 3 + 1))
    assert "2.000" in answer["replies"][0]["text"] or "2000" in answer["replies"][0]["text"]
    assert product.assistant.requests == []
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < empty + 400_000


async def test_an_error_nobody_foresaw_is_told_with_a_reference_and_all_headers(product):
    broken = Product(replace(product.runtime, vault=None), product.assistant, product.clock)
    async with broken.client() as client:
        response = await client.post(MESSAGES, json=body(text="chào"))
    assert response.status_code == 500
    assert response.json()["reference"].startswith("L-")
    assert "content-security-policy" in response.headers
    assert "Traceback" not in response.text


async def test_an_update_abandoned_by_workers_that_died_is_answered_with_an_apology(product):
    async with product.client() as client:
        sending = asyncio.create_task(say(client))
        await until(lambda: product.runtime.doorbell.updates_announced == 1)
        for _ in range(5):
            async with product.runtime.database.unit_of_work() as connection:
                assert len(await inbox.claim(connection, owner="dying", most=1, lease_seconds=-1)) == 1
        async with product.working():
            answer = await sending
    assert [reply["topic"] for reply in answer["replies"]] == ["error"]
    assert "L-1" in answer["replies"][0]["text"]


async def test_when_understanding_is_away_the_menu_answers_and_the_form_is_kept(product):
    product.assistant.answer = asking
    async with product.working(), product.client() as client:
        token = (await say(client))["conversation_token"]
        product.assistant.answer = unavailable
        menu = await say(client, text="20", conversation_token=token)
        button = next(item for item in menu["replies"][0]["buttons"] if item["payload"].startswith("ask_cost"))
        pressed = await client.post(MESSAGES, json=body(payload=button["payload"], conversation_token=token))
        product.assistant.answer = asking
        await say(client, text="20", conversation_token=token)
    assert [reply["topic"] for reply in menu["replies"]] == ["menu"]
    assert [reply["topic"] for reply in pressed.json()["replies"]] == ["ask_cost", "menu"]
    assert pressed.json()["replies"][0]["sources"]
    assert product.assistant.requests[-1].state == DialogueState("eligibility_form", {"turns": 1})


async def test_every_topic_of_the_menu_answers_without_understanding(product):
    product.assistant.answer = unavailable
    async with product.working(), product.client() as client:
        menu = (await say(client))["replies"][0]
        answered = []
        for button in menu["buttons"]:
            response = await client.post(MESSAGES, json=body(payload=button["payload"]))
            answered.append(response.json()["replies"][0]["topic"])
    assert answered == [*(topic for topic in topics.MENU if topic != "check_eligibility"), "decision_form"]


async def test_a_turn_that_breaks_once_is_tried_again(product):
    def break_once(request):
        if len(product.assistant.requests) == 1:
            raise RuntimeError("with private words")
        return greeting(request)

    product.assistant.answer = break_once
    async with product.working(), product.client() as client:
        answer = await say(client)
    assert answer["replies"][0]["topic"] == "greet"
    assert len(product.assistant.requests) == 2


async def test_messages_of_one_conversation_are_answered_in_order_and_others_do_not_wait(product):
    gate = asyncio.Event()

    async def slow_for_me(request):
        if request.text == "chậm":
            await gate.wait()
        return greeting(request)

    product.assistant.answer = slow_for_me
    async with product.working(), product.client() as client, product.client() as other:
        token = (await say(client))["conversation_token"]
        first = asyncio.create_task(say(client, text="chậm", conversation_token=token))
        await until(lambda: len(product.assistant.requests) >= 2)
        second = asyncio.create_task(say(client, text="nhanh", conversation_token=token))
        answer = await other.post(MESSAGES, json={"conversation_id": "somebody-else", "text": "chào"})
        assert answer.status_code == 200
        assert not second.done()
        gate.set()
        ids = [(await task)["replies"][0]["id"] for task in (first, second)]
    assert ids == [2, 3]


async def test_a_later_reply_reaches_a_waiting_page(product):
    gate = asyncio.Event()

    async def slow(request):
        if request.text == "chậm":
            await gate.wait()
        return greeting(request)

    product.assistant.answer = slow
    async with product.working(), product.client() as client, product.client(raise_app_exceptions=False) as page:
        first = await say(client)
        page.cookies = client.cookies
        later = asyncio.create_task(
            page.get(f"/api/v1/chat/conversations/{ME}/messages", params={"after": first["cursor"], "wait": 10})
        )
        sent = asyncio.create_task(say(client, text="chậm"))
        await until(lambda: len(product.assistant.requests) >= 2)
        assert not later.done()
        gate.set()
        answer = (await later).json()
        assert answer["replies"][0]["topic"] == "greet"
        assert answer["cursor"] == "2"
        await sent


@pytest.mark.parametrize("name", ["somebody-else", ME])
async def test_a_page_that_waits_never_reads_what_somebody_else_is_told_under_the_same_id(product, name):
    """SQLite gives the id of a row that is gone to the next one."""
    doorbell = WatchedDoorbell()
    product = Product(replace(product.runtime, doorbell=doorbell), product.assistant, product.clock)
    runtime, now = product.runtime, product.clock.now()
    async with product.working(), product.client() as client, product.client() as page:
        token = (await say(client))["conversation_token"]
        waiting = asyncio.create_task(
            page.get(
                f"/api/v1/chat/conversations/{ME}/messages",
                params={"after": 1, "wait": 10, "conversation_token": token},
            )
        )
        doorbell.expected.clear()
        await until(lambda: conversation_bell(1) in doorbell.expected)
        async with runtime.database.unit_of_work() as connection:
            mine = await conversations.find_by_name(connection, runtime.vault, "web", ME)
            await retention.forget_citizen(connection, mine.citizen_id)
            theirs = (
                await conversations.admit(
                    connection, runtime.vault, channel="web", external_id=name, tokens=[], now=now
                )
            ).conversation
            assert theirs.id == mine.id
            for key in ("first", "second"):
                await notify(connection, runtime.composer, theirs, [Reply("greet", "greet")], key=key, now=now)
        doorbell.ring(conversation_bell(theirs.id))
        answer = await waiting
    assert answer.status_code == 403
    assert "replies" not in answer.json()


async def test_a_page_that_comes_back_gets_everything_again_and_then_waits_for_news(product):
    async with product.working(), product.client() as client:
        first = await say(client)
        token = first["conversation_token"]
        path = f"/api/v1/chat/conversations/{ME}/messages"
        client.cookies.clear()
        everything = await client.get(path, params={"after": 0, "wait": 0, "conversation_token": token})
        nothing = await client.get(path, params={"after": 1, "wait": 0.05, "conversation_token": token})
    assert everything.json()["replies"] == first["replies"]
    assert nothing.json() == {"replies": [], "cursor": "1"}


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=99999999999", "wait=26", "wait=nan"])
async def test_a_bad_cursor_is_a_problem(product, query):
    async with product.client() as client:
        response = await client.get(f"/api/v1/chat/conversations/{ME}/messages?{query}")
    assert response.status_code == 422


async def test_no_answer_is_cached_or_framed_and_only_our_own_scripts_run(product):
    async with product.client() as client:
        page = await client.get("/chat")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert not re.search(r"(src|href)=\"https?:", page.text)


async def test_the_page_s_files_are_served_and_nothing_beside_them(product):
    async with product.client() as client:
        page = (await client.get("/chat")).text
        for path in re.findall(r"/chat/assets/[\w.-]+", page):
            assert (await client.get(path)).status_code == 200
        for path in ("/chat/assets/chat.html", "/chat/assets/..%2f..%2fpyproject.toml", "/chat/assets/nothing.js"):
            assert (await client.get(path)).status_code == 404
        assert (await client.get("/")).headers["location"] == "/chat"


async def test_a_page_s_file_that_did_not_change_is_not_sent_again(product):
    async with product.client() as client:
        first = await client.get("/chat/assets/chat.css")
        second = await client.get("/chat/assets/chat.css", headers={"If-None-Match": first.headers["etag"]})
    assert (second.status_code, second.content) == (304, b"")


async def test_a_waiting_page_does_not_hold_up_the_end_of_the_process(product):
    async with product.client() as client:
        async with product.working():
            await say(client)
            waiting = asyncio.create_task(client.get(f"/api/v1/chat/conversations/{ME}/messages?after=1"))
            await asyncio.sleep(0)
        response = await asyncio.wait_for(waiting, 1)
    assert response.json()["replies"] == []


async def test_the_api_describes_itself_without_assets_from_elsewhere(product):
    async with product.client() as client:
        assert (await client.get("/openapi.json")).json()["paths"][MESSAGES]
        assert (await client.get("/docs")).status_code == 404
