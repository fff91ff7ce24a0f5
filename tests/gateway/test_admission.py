"""Who is let into a conversation, and how often."""

import asyncio

from bot.core.ports import DialogueState
from tests.fakes import unavailable
from tests.gateway.talking import ME, MESSAGES, asking, body, say


async def test_the_first_answer_brings_the_token_the_ai_notice_and_the_operator(product):
    async with product.working(), product.client() as client:
        answer = await say(client)
        again = await say(client, conversation_token=answer["conversation_token"])
    first = answer["replies"][0]["text"]
    assert product.runtime.programme.operator.name in first
    assert "tự động" in first
    assert "AI" in first
    assert product.runtime.programme.operator.name not in again["replies"][0]["text"]
    assert "conversation_token" not in again


async def test_the_token_is_also_a_cookie_that_no_script_reads(product):
    async with product.working(), product.client() as client:
        response = await client.post(MESSAGES, json=body(text="chào"))
        cookie = response.headers["set-cookie"]
        assert response.json()["conversation_token"] in cookie
        for attribute in ("HttpOnly", "SameSite=strict", "Path=/api/v1/chat"):
            assert attribute in cookie
        assert not (await say(client))["guest"]


async def test_one_browser_can_hold_several_conversations(product):
    product.assistant.answer = asking
    async with product.working(), product.client() as client:
        for name in ("conversation-one", "conversation-two", "conversation-one"):
            response = await client.post(MESSAGES, json={"conversation_id": name, "text": "chào"})
            assert not response.json()["guest"]
    assert product.assistant.requests[-1].state.slots == {"turns": 1}


async def test_without_the_token_one_gets_general_answers_and_nothing_of_the_conversation(product):
    product.assistant.answer = asking
    async with product.working(), product.client() as owner, product.client() as stranger:
        token = (await say(owner))["conversation_token"]
        answer = await say(stranger)
        assert answer["guest"]
        assert [reply["topic"] for reply in answer["replies"]] == ["error"]
        assert product.assistant.requests[-1].state == DialogueState()
        await say(owner, conversation_token=token)
        assert product.assistant.requests[-1].state == DialogueState("eligibility_form", {"turns": 1})
        fetched = await stranger.get(f"/api/v1/chat/conversations/{ME}/messages?wait=0")
    assert fetched.status_code == 403
    assert fetched.headers["content-type"] == "application/problem+json"


async def test_a_guest_s_general_question_is_answered(product):
    async with product.working(), product.client() as owner, product.client() as stranger:
        await say(owner)
        answer = await say(stranger)
    assert answer["replies"][0]["topic"] == "greet"


async def test_whoever_lost_the_very_first_answer_gets_it_again_with_a_token_of_their_own(product):
    first_id = "11111111-1111-4111-8111-111111111111"
    async with product.working(), product.client() as before, product.client() as after:
        lost = await say(before, message_id=first_id)
        again = await say(after, message_id=first_id)
        assert not again["guest"]
        assert again["replies"] == lost["replies"]
        assert len(product.assistant.requests) == 1
        await say(after, text="tiếp", conversation_token=again["conversation_token"])
        stranger = await say(before, message_id=first_id, conversation_token=lost["conversation_token"])
    assert stranger["guest"]


async def test_a_guess_at_a_short_message_id_lets_nobody_in(product):
    async with product.working(), product.client() as owner, product.client() as stranger:
        await say(owner, message_id="message-0001")
        answer = await say(stranger, message_id="message-0001")
    assert answer["guest"]


async def test_the_cookie_is_renewed_with_every_answer_and_holds_the_latest_conversations(product):
    async with product.working(), product.client() as client:
        first = await client.post(MESSAGES, json=body(text="chào"))
        token = first.json()["conversation_token"]
        for number in range(7):
            await client.post(MESSAGES, json={"conversation_id": f"another-{number}", "text": "chào"})
        again = await client.post(MESSAGES, json=body(text="chào"))
        await client.post(MESSAGES, json={"conversation_id": "another-7", "text": "chào"})
        last = await client.post(MESSAGES, json=body(text="chào"))
    assert f"hiendien_chat={token}." in again.headers["set-cookie"]
    assert not last.json()["guest"]


async def test_a_button_of_a_guest_s_answer_works(product):
    async with product.working(), product.client() as owner, product.client() as stranger:
        await say(owner)
        product.assistant.answer = unavailable
        payload = (await say(stranger))["replies"][0]["buttons"][0]["payload"]
        pressed = await stranger.post(MESSAGES, json=body(payload=payload))
    assert pressed.status_code == 200
    assert pressed.json()["replies"][0]["topic"] == "ask_offer"


async def test_a_guest_s_messages_do_not_use_up_the_owner_s_share(product):
    limited = product.limited_to("2/1m")
    async with limited.working(), limited.client() as owner, limited.client() as stranger:
        token = (await say(owner))["conversation_token"]
        statuses = [(await stranger.post(MESSAGES, json=body(text="chào"))).status_code for _ in range(3)]
        for _ in range(3):
            assert (await stranger.get(f"/api/v1/chat/conversations/{ME}/messages?wait=0")).status_code == 403
        answer = await owner.post(MESSAGES, json=body(text="chào", conversation_token=token))
    assert statuses == [200, 200, 429]
    assert answer.status_code == 200


async def test_too_many_messages_are_told_when_to_come_back(product):
    limited = product.limited_to("2/1m")
    async with limited.working(), limited.client() as client:
        await say(client)
        await say(client)
        response = await client.post(MESSAGES, json=body(text="nữa"))
    assert response.status_code == 429
    assert 0 < int(response.headers["retry-after"]) <= 60


async def test_who_may_want_to_die_is_answered_however_fast_they_write(product):
    limited = product.limited_to("2/1m")
    async with limited.working(), limited.client() as client:
        statuses = [(await client.post(MESSAGES, json=body(text="chào"))).status_code for _ in range(3)]
        answer = await client.post(MESSAGES, json=body(text="tôi không muốn sống nữa"))
    assert statuses == [200, 200, 429]
    assert answer.status_code == 200
    assert "đừng ở một mình" in answer.json()["replies"][0]["text"]


async def test_the_token_may_come_as_a_bearer_too(product):
    async with product.working(), product.client() as client:
        token = (await say(client))["conversation_token"]
        client.cookies.clear()
        response = await client.get(
            f"/api/v1/chat/conversations/{ME}/messages?wait=0", headers={"Authorization": f"Bearer {token}"}
        )
    assert response.status_code == 200


async def test_a_conversation_has_a_few_places_for_waiting_pages(product):
    limited = product.limited_to("30/1m")
    async with limited.working(), limited.client() as client:
        await say(client)
        path = f"/api/v1/chat/conversations/{ME}/messages?after=1&wait=0.5"
        statuses = [answer.status_code for answer in await asyncio.gather(*(client.get(path) for _ in range(6)))]
    assert sorted(statuses) == [200, 200, 200, 200, 429, 429]
