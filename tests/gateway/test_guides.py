"""The guides on the way through the gateway: the kept place, a secret that is typed, and pictures."""

import pytest
from sqlalchemy import select

from bot.core.guides import progress
from bot.core.inbox.models import inbox
from bot.core.ports import DialogueState, TurnResult
from bot.core.replies import Effect, Picture, Press, Reply
from tests.gateway.talking import say

KEPT = {"guide": "sign-token", "step": "4", "place": "st432", "language": "vi", "counts": "reached.sign-token.4"}
FACTS = {"language": "vi", "step": 4, "of": 4, "is_understood": True}
ALT = {
    "language": "vi", "kind": "dialog", "window": "User PIN Verification", "pane": None, "menu": [], "fields": [],
    "option": None, "commands": [], "press": ["OK"], "either": False, "message": None, "then_press": None,
}  # fmt: skip
REPLY = Reply("guide.sign-token.4", "guide_reminder", FACTS, picture=Picture("sign-token/4", "guide_picture", ALT))


def at_the_pin(request):
    """Be at the step where the PIN is typed on the computer."""
    state = DialogueState("guide_form", {**request.state.slots, "requested_slot": "guide_asking"})
    return TurnResult((REPLY,), state, "guide_next", 1.0, Effect("guide.keep", KEPT))


async def talk(product, *texts):
    answers = []
    async with product.working(), product.client() as client:
        token = None
        for text in texts:
            answers.append(await say(client, text, conversation_token=token))
            token = answers[0]["conversation_token"]
    return answers


async def test_a_turn_gets_the_place_that_the_last_one_kept(product):
    product.assistant.answer = at_the_pin
    await talk(product, "bắt đầu", "xong")
    first, second = product.assistant.requests
    assert "guide_place" not in first.state.slots
    assert second.state.slots["guide_place"] == "st432"
    assert second.state.slots["guide_language"] == "vi"


async def test_a_place_that_was_forgotten_is_not_in_the_dialogue_any_more(product):
    product.assistant.answer = at_the_pin
    async with product.working(), product.client() as client:
        token = (await say(client))["conversation_token"]
        product.assistant.answer = lambda request: TurnResult((REPLY,), request.state, "greet", 1.0)
        await say(client, conversation_token=token)
        async with product.runtime.database.unit_of_work() as connection:
            product.clock.advance(days=31)
            assert await progress.forget_old(connection, now=product.clock.now()) == 1
        await say(client, conversation_token=token)
    assert "guide_place" in product.assistant.requests[1].state.slots
    assert "guide_place" not in product.assistant.requests[2].state.slots


@pytest.mark.parametrize("typed", ["hoamai", "Hoa@Mai", "48 21", "mật khẩu là hoamai"])
async def test_what_may_be_the_pin_is_neither_passed_on_nor_kept(product, typed):
    product.assistant.answer = at_the_pin
    await talk(product, "bắt đầu", typed)
    assert product.assistant.requests[1].text is None
    assert product.assistant.requests[1].press == Press.of("start_token_guide", guiding="secret")
    async with product.runtime.database.reading() as connection:
        assert all(row.payload is None for row in await connection.execute(select(inbox.c.payload)))


@pytest.mark.parametrize("said", ["xong", "chưa được", "không thấy cửa sổ nào"])
async def test_what_people_say_at_that_step_is_passed_on(product, said):
    product.assistant.answer = at_the_pin
    await talk(product, "bắt đầu", said)
    assert product.assistant.requests[1].text == said


async def test_outside_of_a_guide_a_lone_word_is_a_word(product):
    await talk(product, "bắt đầu", "hoamai")
    assert product.assistant.requests[1].text == "hoamai"


async def test_a_reply_carries_its_picture_with_words_for_it(product):
    product.assistant.answer = at_the_pin
    ((answer,), *_) = [answer["replies"] for answer in await talk(product, "bắt đầu")]
    assert answer["picture"]["url"] == "/guides/pictures/sign-token/4.png"
    assert "User PIN Verification" in answer["picture"]["alt"]


async def test_a_picture_is_given_in_both_kinds_and_loaded_once(product):
    async with product.client() as client:
        png = await client.get("/guides/pictures/sign-token/4.png")
        svg = await client.get("/guides/pictures/sign-token/4.svg")
        again = await client.get("/guides/pictures/sign-token/4.png", headers={"if-none-match": png.headers["etag"]})
    assert (png.headers["content-type"], svg.headers["content-type"]) == ("image/png", "image/svg+xml")
    assert png.content.startswith(b"\x89PNG")
    assert png.headers["cache-control"] == "public, max-age=86400"
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["sign-token/99.png", "nothing/1.png", "sign-token/4.gif", "..%2f..%2fetc/1.png"])
async def test_no_other_picture_is_given(product, path):
    async with product.client() as client:
        assert (await client.get(f"/guides/pictures/{path}")).status_code in {404, 422}
