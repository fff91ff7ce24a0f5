"""A person instead of the assistant: exactly one speaks, whoever that is, and the citizen always knows which."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.core.cases import offer, repository, retention, service
from bot.core.cases.models import Author, CaseState, cases
from bot.core.cases.rules import CaseClosedError
from bot.core.communes.directory import Communes
from bot.core.conversations import service as conversations
from bot.core.deliveries import service as deliveries
from bot.core.deliveries.models import DeliveryState
from bot.core.deliveries.models import deliveries as delivery_table
from bot.core.deliveries.service import OutboundMessage
from bot.core.inbox import service as inbox
from bot.core.inbox.models import UpdateState
from bot.core.inbox.models import inbox as inbox_table
from bot.core.inbox.repository import MOST_ATTEMPTS
from bot.core.inbox.service import Message
from bot.core.ports import DialogueState, TurnResult
from bot.core.replies import Press, Reply
from tests.fakes import greeting, unavailable
from tests.gateway.talking import ME, MESSAGES, body, say

AREA = "vinh-long.tan-an"
NEWS = OutboundMessage("check_registration_status", "Yêu cầu đã được tiếp nhận.")


class Talk:
    """One citizen's side, and the staff's."""

    def __init__(self, product, client):
        self.product, self.client, self.token = product, client, None

    async def say(self, text="xin chào", **fields):
        answer = await say(self.client, text, **({"conversation_token": self.token} if self.token else {}), **fields)
        self.token = self.token or answer["conversation_token"]
        return answer

    async def press(self, press):
        payload = self.product.runtime.vault.mark_press(f"web:{ME}", str(press))
        sent = body(payload=payload, conversation_token=self.token)
        response = await self.client.post(MESSAGES, json=sent)
        assert response.status_code == 200, response.text
        return response.json()

    async def later(self, after=0):
        response = await self.client.get(
            f"/api/v1/chat/conversations/{ME}/messages",
            params={"after": after, "wait": 0, "conversation_token": self.token},
        )
        assert response.status_code == 200
        return response.json()

    async def ask_for_a_person(self, *, share=True, why="asked"):
        runtime = self.product.runtime
        opening = offer.opening(runtime.programme, share=share, why=why)
        self.product.assistant.answer = lambda request: TurnResult(
            (opening.reply,), DialogueState(), "request_human", 1.0, opening.effect
        )
        answer = await self.say("có")
        self.product.assistant.answer = greeting
        return answer

    async def is_finished(self, inbox_id):
        async with self.product.runtime.database.reading() as connection:
            return await inbox.is_finished(connection, inbox_id)

    async def case(self):
        async with self.product.runtime.database.reading() as connection:
            (case,) = await repository.list_rows(connection, cases.c.id > 0, most=2)
            return case

    async def said(self):
        async with self.product.runtime.database.reading() as connection:
            return await service.list_said(connection, self.product.runtime.vault, await self.case())

    async def staff_say(self, text, name="answer-1"):
        runtime = self.product.runtime
        case = await self.case()
        async with runtime.database.unit_of_work() as connection:
            return await service.answer(
                connection,
                runtime.vault,
                runtime.composer,
                case,
                text=text,
                name=name,
                staff_id="nv-1",
                now=runtime.clock.now(),
            )

    async def staff_close(self):
        runtime = self.product.runtime
        case = await self.case()
        async with runtime.database.unit_of_work() as connection:
            await service.close(
                connection, runtime.vault, runtime.composer, case, staff_id="nv-1", now=runtime.clock.now()
            )

    async def clock_strikes(self, job):
        runtime = self.product.runtime
        async with runtime.database.unit_of_work() as connection:
            return await job(connection, runtime.vault, runtime.composer, now=runtime.clock.now())


@pytest_asyncio.fixture
async def talk(product):
    async with product.working(), product.client() as client:
        yield Talk(product, client)


async def test_who_asks_for_a_person_is_told_by_when_and_then_the_assistant_is_silent(talk):
    opened = await talk.ask_for_a_person()
    assert opened["handled_by"] == "person"
    assert "YC-" in opened["replies"][0]["text"]
    assert "14:00 ngày 20/11/2026" in opened["replies"][0]["text"]  # asked on a Friday at eight
    asked = len(talk.product.assistant.requests)
    silent = await talk.say("cho hỏi giá biz.vn")
    assert (silent["replies"], silent["handled_by"]) == ([], "person")
    assert len(talk.product.assistant.requests) == asked
    assert [(each.author, each.text) for each in await talk.said()] == [(Author.CITIZEN, "cho hỏi giá biz.vn")]


async def test_at_night_the_promise_is_for_the_next_morning(talk):
    talk.product.clock.advance(hours=14)  # ten in the evening of Friday
    text = (await talk.ask_for_a_person())["replies"][0]["text"]
    assert "ngoài giờ" in text
    assert "11:30 ngày 23/11/2026" in text


async def test_the_last_turns_are_passed_on_only_with_consent_and_without_what_tells_of_a_person(product):
    for share, expected in ((True, ["giá biz.vn bao nhiêu"]), (False, [])):
        product.runtime.stopping.clear()
        async with product.working(), product.client() as client:
            sent = {"conversation_id": f"conversation-{share}"}
            answer = await say(client, "giá biz.vn bao nhiêu", **sent)
            token = {"conversation_token": answer["conversation_token"], **sent}
            await say(client, "tên tôi là Lan, số 0900 000 001", **token)
            opening = offer.opening(product.runtime.programme, share=share, why="asked")
            product.assistant.answer = lambda request, opening=opening: TurnResult(
                (opening.reply,), DialogueState(), "request_human", 1.0, opening.effect
            )
            await say(client, "có", **token)
            product.assistant.answer = greeting
        async with product.runtime.database.reading() as connection:
            reference = opening.effect.arguments["reference"]
            case = await service.get(connection, reference)
            said = await service.list_said(connection, product.runtime.vault, case)
        assert [each.text for each in said if each.author == Author.SHARED_BY_CITIZEN] == expected


async def test_staff_speak_on_the_citizen_s_channel_and_the_same_answer_is_said_once(talk):
    await talk.ask_for_a_person()
    assert await talk.staff_say("Chào cô, mai cô ra xã nhé.")
    assert not await talk.staff_say("Chào cô, mai cô ra xã nhé.")
    later = await talk.later(after=1)
    assert [reply["text"] for reply in later["replies"]] == ["Người phụ trách trả lời:\nChào cô, mai cô ra xã nhé."]
    assert later["handled_by"] == "person"
    assert (await talk.case()).state == CaseState.ANSWERED


async def test_closing_brings_the_assistant_back_with_a_note_and_what_waited_meanwhile(talk):
    await talk.ask_for_a_person()
    database = talk.product.runtime.database
    async with database.unit_of_work() as connection:
        conversation = await conversations.load(connection, talk.product.runtime.vault, 1)
        for _ in range(2):
            await deliveries.write_later(
                connection, conversation, key="news", messages=[NEWS], now=talk.product.clock.now()
            )
    assert (await talk.later(after=1))["replies"] == []  # the assistant does not speak between
    await talk.staff_close()
    later = await talk.later(after=1)
    assert "đã xong việc" in later["replies"][0]["text"]
    assert [reply["text"] for reply in later["replies"][1:]] == [NEWS.text]
    assert "handled_by" not in later
    assert (await talk.say("giá sao"))["replies"]
    with pytest.raises(CaseClosedError):
        await talk.staff_say("còn nữa", name="answer-2")


async def test_the_citizen_may_have_the_assistant_back_at_once(talk):
    await talk.ask_for_a_person()
    back = await talk.press(Press.of(offer.TOPIC, deciding=offer.LEAVE))
    assert "Mình đây" in back["replies"][0]["text"]
    assert "handled_by" not in back
    assert (await talk.case()).state == CaseState.CLOSED


async def test_after_a_day_without_a_word_the_assistant_is_back_and_staff_may_still_answer(talk):
    await talk.ask_for_a_person()
    talk.product.clock.advance(hours=23, minutes=59)
    assert await talk.clock_strikes(retention.resume_silent) == []
    talk.product.clock.advance(minutes=1)
    assert len(await talk.clock_strikes(retention.resume_silent)) == 1
    assert await talk.clock_strikes(retention.resume_silent) == []
    later = await talk.later(after=1)
    assert "Mình trả lời lại từ bây giờ" in later["replies"][0]["text"]
    assert (await talk.say())["replies"]
    assert await talk.staff_say("Xin lỗi cô, hôm nay tôi mới đọc.")
    assert (await talk.say("dạ"))["handled_by"] == "person"


async def test_a_late_answer_is_escalated_once_and_the_citizen_is_told(talk):
    await talk.ask_for_a_person()
    async with talk.product.runtime.database.unit_of_work() as connection:
        communes = Communes(talk.product.runtime.programme.communes)
        await service.assign(connection, await talk.case(), area=AREA, communes=communes)
    talk.product.clock.advance(hours=5)
    assert await talk.clock_strikes(retention.escalate_unanswered) == []
    talk.product.clock.advance(hours=2)
    assert len(await talk.clock_strikes(retention.escalate_unanswered)) == 1
    assert await talk.clock_strikes(retention.escalate_unanswered) == []
    assert (await talk.case()).area == AREA
    later = await talk.later(after=1)
    assert ["đánh dấu trễ hẹn" in reply["text"] for reply in later["replies"]] == [True]


async def test_over_a_weekend_the_assistant_is_back_in_a_day_and_the_answer_is_still_owed(talk):
    talk.product.clock.advance(hours=9)  # five on a Friday: due on Monday at 11:30
    await talk.ask_for_a_person(why="distress")
    talk.product.clock.advance(hours=24)
    assert len(await talk.clock_strikes(retention.resume_silent)) == 1
    assert await talk.clock_strikes(retention.escalate_unanswered) == []
    talk.product.clock.advance(hours=43)
    assert len(await talk.clock_strikes(retention.escalate_unanswered)) == 1
    assert await talk.clock_strikes(retention.escalate_unanswered) == []
    late = (await talk.later(after=2))["replies"][0]
    assert "đánh dấu trễ hẹn" in late["text"]
    assert "Về với trợ lý" not in str(late)
    assert (await talk.case()).state == CaseState.LAPSED


async def test_a_citizen_s_word_after_an_answer_waits_for_the_next_one(talk):
    await talk.ask_for_a_person()
    await talk.staff_say("Cô mang giấy tờ gì theo?")
    talk.product.clock.advance(hours=23)
    await talk.say("tôi chưa có giấy nào, phải làm sao")
    talk.product.clock.advance(hours=2)
    assert await talk.clock_strikes(retention.resume_silent) == []
    case = await talk.case()
    assert (case.state, case.due_at > talk.product.clock.now(), case.closed_at) == (CaseState.WAITING, True, None)
    talk.product.clock.advance(days=3)
    for owed in (1, 0):
        assert len(await talk.clock_strikes(retention.escalate_unanswered)) == owed
    await talk.clock_strikes(retention.resume_silent)
    assert (await talk.case()).state == CaseState.LAPSED
    await talk.staff_say("Xin lỗi cô.", name="answer-2")
    await talk.say("vậy mai tôi ra được không")
    talk.product.clock.advance(days=4)
    assert len(await talk.clock_strikes(retention.escalate_unanswered)) == 1  # each answer that is owed, anew


async def test_mere_thanks_wait_for_nothing(talk):
    await talk.ask_for_a_person()
    await talk.staff_say("Mai cô ra xã nhé.")
    await talk.say("dạ cảm ơn anh nhiều ạ")
    assert (await talk.case()).state == CaseState.ANSWERED


async def test_an_answer_that_the_assistant_was_thinking_of_is_dropped_when_a_person_takes_over(talk):
    await talk.ask_for_a_person()
    talk.product.clock.advance(hours=24)
    await talk.clock_strikes(retention.resume_silent)
    thinking, may_go_on = asyncio.Event(), asyncio.Event()

    async def slowly(request):
        thinking.set()
        await may_go_on.wait()
        return greeting(request)

    talk.product.assistant.answer = slowly
    asking = asyncio.create_task(talk.say("còn ai không"))
    await thinking.wait()
    await talk.staff_say("Có tôi đây.")
    may_go_on.set()
    assert (await asking)["replies"] == []
    texts = [reply["text"] for reply in (await talk.later(after=2))["replies"]]
    assert texts == ["Người phụ trách trả lời:\nCó tôi đây."]
    assert [each.text for each in await talk.said() if each.author == Author.CITIZEN] == ["còn ai không"]


async def test_whatever_got_written_without_the_floor_is_not_handed_out(talk):
    await talk.ask_for_a_person()
    await talk.staff_say("Có tôi đây.")
    async with talk.product.runtime.database.unit_of_work() as connection:  # as an older release would
        await connection.execute(update(delivery_table).where(delivery_table.c.position == 2).values(case_id=None))
    assert (await talk.later(after=1))["replies"] == []
    async with talk.product.runtime.database.reading() as connection:
        row = (await connection.execute(select(delivery_table).where(delivery_table.c.position == 2))).one()
    assert (row.state, row.error) == (DeliveryState.CANCELLED, "speaker-changed")


async def test_a_person_can_be_had_while_the_assistant_is_away(talk):
    await talk.say()
    talk.product.assistant.answer = unavailable
    menu = await talk.say("giúp tôi với")
    assert menu["replies"][0]["buttons"][-1]["title"] == "Gặp người thật"
    question = await talk.press(Press.of(offer.TOPIC))
    assert [button["title"] for button in question["replies"][0]["buttons"]] == [
        "Gửi kèm và báo",
        "Chỉ báo, không gửi kèm",
        "Thôi, không báo",
    ]
    opened = await talk.press(Press.of(offer.TOPIC, deciding=offer.PLAIN, why="asked"))
    assert opened["handled_by"] == "person"


async def test_while_the_assistant_is_away_nothing_is_passed_on_by_a_button_that_may_be_old(talk):
    await talk.say("quán em ở chợ")
    talk.product.assistant.answer = unavailable
    opened = await talk.press(Press.of(offer.TOPIC, deciding=offer.SHARE, why="asked"))
    assert "gửi kèm" not in opened["replies"][0]["text"]
    assert await talk.said() == []


async def test_who_may_want_to_die_is_answered_with_care_whatever_is_going_on(talk):
    talk.product.assistant.answer = unavailable
    reply = (await talk.say("toi khong muon song nua"))["replies"][0]
    assert "lo cho bạn" in reply["text"]
    assert not any(character.isdigit() for character in reply["text"].partition("lo cho bạn")[2])
    assert [button["title"] for button in reply["buttons"]] == ["Gặp người thật"]
    await talk.ask_for_a_person()
    waiting = await talk.say("không ai trả lời, tôi muốn chết")
    assert "đánh dấu gấp" in waiting["replies"][0]["text"]
    assert (await talk.case()).urgent


async def test_people_s_rights_work_while_a_person_speaks_by_words_and_staff_read_them(talk):
    await talk.ask_for_a_person(share=True)
    held = (await talk.say("anh giữ gì của tôi"))["replies"][0]
    assert "Lúc này mình giữ của bạn" in held["text"]
    question = (await talk.say("xoa du lieu cua toi giup"))["replies"][0]
    titles = [button["title"] for button in question["buttons"]]
    assert titles == ["Xóa hết", "Giữ gì của tôi?", "Không xóa", "Về với trợ lý"]
    gone = await talk.say("tôi rút lại đồng ý, đừng cho ai xem nữa")
    assert "Mình đã rút lại" in gone["replies"][0]["text"]
    assert gone["handled_by"] == "person"
    assert "sẽ không nhắc nữa" in (await talk.say("dung nhac toi nua"))["replies"][0]["text"]
    words = [each.text for each in await talk.said() if each.author == Author.CITIZEN]
    assert words == [
        "anh giữ gì của tôi",
        "xoa du lieu cua toi giup",
        "tôi rút lại đồng ý, đừng cho ai xem nữa",
        "dung nhac toi nua",
    ]
    assert (await talk.say("mai tôi ra xã được không"))["replies"] == []


@pytest.mark.parametrize(
    ("press", "expected"),
    [
        ("start_registration?registering=withdraw", "yêu cầu"),
        ("start_registration?registering=forget_reminder&reference=HD-8YFY-64T7", "sẽ không nhắc nữa"),
        ("report_scam?reporting=withdraw&reference=BC-7K2MX", "BC-7K2MX"),
        ("withdraw_consent", "không có gì để rút"),
        ("delete_my_data?deciding=keep", "chưa xóa gì"),
    ],
)
async def test_the_buttons_of_rights_work_while_a_person_speaks(talk, press, expected):
    await talk.ask_for_a_person(share=False)
    assert expected in (await talk.press(press))["replies"][0]["text"]


async def test_all_can_be_erased_while_a_person_speaks(talk):
    await talk.ask_for_a_person()
    erased = await talk.press("delete_my_data?deciding=do")
    assert "XD-" in erased["replies"][0]["text"]
    async with talk.product.runtime.database.reading() as connection:
        assert await repository.list_rows(connection, cases.c.id > 0, most=1) == []


@pytest.mark.parametrize("is_person_there", [True, False])
async def test_whose_message_cannot_be_worked_on_is_told_so_only_by_the_assistant(talk, is_person_there):
    """Five workers died of it, one after the other."""
    if is_person_there:
        await talk.ask_for_a_person()
    else:
        await talk.say()
    runtime = talk.product.runtime
    async with runtime.database.unit_of_work() as connection:
        conversation = await conversations.load(connection, runtime.vault, 1)
        kept = {"account": "", "update_id": "doomed", "message": Message("giúp với", None), "now": runtime.clock.now()}
        receipt = await inbox.receive(connection, conversation, **kept)
        dead = {"attempt": MOST_ATTEMPTS, "lease_until": 1, "owner": "dead", "state": UpdateState.WORKING}
        await connection.execute(update(inbox_table).where(inbox_table.c.id == receipt.inbox_id).values(**dead))
    async with asyncio.timeout(10):
        while not await talk.is_finished(receipt.inbox_id):
            await asyncio.sleep(0.05)
    replies = (await talk.later(after=1))["replies"]
    assert ["L-" in reply["text"] for reply in replies] == ([] if is_person_there else [True])


async def test_a_guest_gets_no_case(talk):
    await talk.say()
    opening = offer.opening(talk.product.runtime.programme, share=False, why="asked")
    talk.product.assistant.answer = lambda request: TurnResult(
        (Reply("request_human", "person_not_opened"),), DialogueState(), "request_human", 1.0, opening.effect
    )
    async with talk.product.client() as stranger:
        answer = await say(stranger, "cho gặp người thật")
    assert answer["guest"]
    assert answer["replies"][0]["topic"] == "error"
