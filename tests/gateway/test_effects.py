"""What a turn has done beside its replies: all of it or nothing, once, and for nobody but the conversation's owner."""

import pytest
from structlog.testing import capture_logs

from bot.core.ports import DialogueState, TurnResult
from bot.core.replies import Effect, Press, Reply
from bot.core.reports import offer
from bot.core.reports import service as reports
from tests.fakes import greeting, unavailable
from tests.gateway.talking import MESSAGES, body, say

REFERENCE = "BC-7K2MX"
SUBMIT = Effect("report.submit", {"reference": REFERENCE, "words": "có người gọi đòi tiền"})


def doing(effect, reply=None):
    return lambda request: TurnResult((reply or offer.sent(REFERENCE),), request.state, "affirm", 1.0, effect)


async def stored(product):
    async with product.runtime.database.reading() as connection:
        return await reports.list_all(connection, product.runtime.vault)


async def failing(product, answer):
    """Let a turn fail twice, and then be answered without an effect; give the error, nothing said before the end."""

    def at_last(request):
        return answer(request) if len(product.assistant.requests) <= 2 else greeting(request)

    product.assistant.answer = at_last
    with capture_logs() as logs:
        async with product.working(), product.client() as client:
            said = await say(client, "đồng ý")
    assert [(reply["id"], reply["topic"]) for reply in said["replies"]] == [(1, "greet")]
    assert len(product.assistant.requests) == 3
    (error,) = {entry["error"] for entry in logs if entry["event"] == "turn.failed"}
    return error


async def test_an_effect_is_done_with_its_turn(product):
    product.assistant.answer = doing(SUBMIT)
    async with product.working(), product.client() as client:
        answer = await say(client, "đồng ý")
    assert REFERENCE in answer["replies"][0]["text"]
    assert [(report.reference, report.words) for report in await stored(product)] == [
        (REFERENCE, "có người gọi đòi tiền")
    ]


async def test_a_message_sent_again_has_its_effect_once(product):
    product.assistant.answer = doing(SUBMIT)
    async with product.working(), product.client() as client:
        first = await say(client, "đồng ý", message_id="m" * 32)
        again = await say(client, "đồng ý", message_id="m" * 32, conversation_token=first["conversation_token"])
    assert again["replies"] == first["replies"]
    assert len(await stored(product)) == 1


async def test_what_only_writing_can_tell_reaches_the_reply(product):
    withdrawal = offer.withdrawal(product.runtime.programme, REFERENCE)
    async with product.working(), product.client() as client:
        product.assistant.answer = doing(SUBMIT)
        token = (await say(client, "đồng ý"))["conversation_token"]
        product.assistant.answer = doing(Effect("report.withdraw", {"reference": REFERENCE}), withdrawal)
        texts = [(await say(client, "rút lại", conversation_token=token))["replies"][0]["text"] for _ in range(2)]
    assert texts[0] == f"Mình đã rút lại và xóa báo cáo {REFERENCE}."
    assert "không còn giữ" in texts[1]
    assert await stored(product) == []


@pytest.mark.parametrize("effect", [Effect("report.explode"), Effect("report.submit", {"words": "x"})])
async def test_an_unknown_effect_fails_the_turn_and_nothing_of_it_is_written(product, effect):
    assert await failing(product, doing(effect)) == "EffectUnknownError"
    assert await stored(product) == []


async def test_a_reply_that_cannot_be_told_takes_its_effect_back(product):
    lacking_facts = Reply("report_scam", "report_withdrawal")
    assert await failing(product, doing(SUBMIT, lacking_facts)) == "TemplateBrokenError"
    assert await stored(product) == []


async def test_a_guest_has_nothing_done(product):
    async with product.working(), product.client() as owner, product.client() as guest:
        await say(owner)
        product.assistant.answer = doing(SUBMIT)
        answer = await say(guest, "đồng ý")
    assert "BC-" not in answer["replies"][0]["text"]
    assert answer["replies"][0]["topic"] == "error"
    assert await stored(product) == []


async def test_without_the_assistant_a_report_s_buttons_send_nothing_and_do_not_look_as_if_they_did(product):
    def consent(request):
        question = offer.consent_question(product.runtime.programme, "có người gọi đòi tiền")
        return TurnResult((question,), DialogueState(offer.FORM, {"report_words": "x"}), "report_scam", 1.0)

    product.assistant.answer = consent
    async with product.working(), product.client() as client:
        first = await say(client, "có người gọi đòi tiền")
        product.assistant.answer = unavailable
        fields = {"payload": first["replies"][0]["buttons"][0]["payload"]}
        assert Press.parse(fields["payload"].partition("~")[0]) == Press.of("report_scam", reporting="send")
        token = first["conversation_token"]
        answer = (await client.post(MESSAGES, json=body(**fields, conversation_token=token))).json()
    assert [reply["topic"] for reply in answer["replies"]] == ["menu"]
    assert await stored(product) == []
