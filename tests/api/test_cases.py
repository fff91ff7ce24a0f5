"""Cases for staff: who sees which, what they may do, and what of it stands in the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.core.cases import service as cases
from bot.core.cases.rules import Why, new_reference
from bot.core.communes.directory import Communes
from bot.core.conversations import service as conversations
from bot.core.conversations import windows
from bot.core.conversations.service import ToldTurn
from bot.core.ports import DialogueState
from bot.core.staff.roles import Role
from bot.core.staff.tokens import Scope
from tests.attacks.world import Member, opened_world, refused
from tests.factories import make_conversation

HERE, THERE = "vinh-long.tan-an", "vinh-long.long-huu"
ANSWER = {"text": "Chào cô, mai cô ra xã nhé.", "name": "answer-0001"}


@pytest_asyncio.fixture
async def world(product):
    async with opened_world(product) as opened:
        yield opened


async def open_case(world, *, area="", said="giá biz.vn bao nhiêu", why=Why.ASKED):
    """Open a case of a new citizen, who agreed to pass one turn on; give its reference."""
    runtime = world.product.runtime
    conversation, _ = await make_conversation(world.database, runtime.vault)
    now = world.clock.now()
    async with world.database.unit_of_work() as connection:
        told = ToldTurn(said, "50.000 đồng")
        await conversations.save_turn(connection, conversation, state=DialogueState(), told=told, now=now)
        conversation = await conversations.load(connection, runtime.vault, conversation.id)
        reference = new_reference()
        await cases.open_case(
            connection, conversation, reference=reference, why=why, wording="person-1", due_at=now, now=now
        )
        communes = Communes(runtime.programme.communes)
        await cases.assign(connection, await cases.get(connection, reference), area=area, communes=communes)
    return reference


async def ask(world, member, method, path, body=None):
    return await world.client.request(method, f"/api/v1/cases{path}", headers=member.headers, json=body)


async def test_an_officer_sees_the_cases_of_their_area_and_the_province_sees_all(world):
    here, there, nowhere = [await open_case(world, area=area) for area in (HERE, THERE, "")]
    officer = await world.hire("Dung", Role.OFFICER, areas=(HERE,))
    listed = (await ask(world, officer, "GET", "")).json()
    assert [case["reference"] for case in listed] == [here]
    everywhere = {case["reference"] for case in (await ask(world, world.an, "GET", "")).json()}
    assert everywhere == {here, there, nowhere}
    for hidden in (there, nowhere):
        for method, path, body in (
            ("GET", f"/{hidden}", None),
            ("POST", f"/{hidden}/answers", ANSWER),
            ("POST", f"/{hidden}/closing", {}),
            ("POST", f"/{hidden}/area", {"area": HERE}),
        ):
            refused(await ask(world, officer, method, path, body), 404, "case-unknown")


async def test_nobody_without_role_or_scope_comes_near(world):
    reference = await open_case(world)
    assert (await world.client.get("/api/v1/cases")).status_code == 401
    auditor = await world.hire("Em", Role.AUDITOR)
    refused(await ask(world, auditor, "GET", f"/{reference}"), 403, "not-authorised")
    narrow = Member(world.chi.staff_id, await world.token(world.chi.staff_id, scopes=[Scope.DRAFT]))
    refused(await ask(world, narrow, "GET", ""), 403, "not-authorised")


async def test_a_case_is_read_answered_once_and_closed_and_the_log_says_so_without_a_word_of_it(world):
    reference = await open_case(world)
    read = (await ask(world, world.chi, "GET", f"/{reference}")).json()
    assert (read["state"], read["shared"]) == ("waiting", True)
    assert [(said["author"], said["text"]) for said in read["messages"]] == [
        ("shared_by_citizen", "giá biz.vn bao nhiêu"),
        ("shared_answer", "50.000 đồng"),
    ]
    assert (await ask(world, world.chi, "POST", f"/{reference}/answers", ANSWER)).json() == {"said": True}
    assert (await ask(world, world.chi, "POST", f"/{reference}/answers", ANSWER)).json() == {"said": False}
    other = await ask(world, world.chi, "POST", f"/{reference}/answers", {**ANSWER, "text": "Mai nghỉ, mốt cô ra nhé."})
    assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (409, "answer-name-taken")
    assert (await ask(world, world.chi, "POST", f"/{reference}/closing", {})).status_code == 204
    assert (await ask(world, world.chi, "POST", f"/{reference}/closing", {})).status_code == 204
    refused(
        await ask(world, world.chi, "POST", f"/{reference}/answers", {**ANSWER, "name": "answer-0002"}),
        409,
        "case-closed",
    )
    assert (await ask(world, world.chi, "GET", "")).json() == []
    assert [case["state"] for case in (await ask(world, world.chi, "GET", "?state=closed")).json()] == ["closed"]
    told = [line for line in await world.log() if line["event"].startswith("case.")]
    assert [line["event"] for line in told] == ["case.read", "case.answered", "case.closed"]
    assert not any("biz.vn" in str(line) or "xã" in str(line) for line in told)


@pytest.mark.parametrize("text", ["", "   ", "x" * 1501, "chào\u202ecô", "chào\x00"])
async def test_an_answer_that_nobody_could_read_is_refused_and_nothing_is_said(world, text):
    reference = await open_case(world)
    answer = await ask(world, world.chi, "POST", f"/{reference}/answers", {**ANSWER, "text": text})
    assert answer.status_code in (400, 422)
    assert (await ask(world, world.chi, "GET", f"/{reference}")).json()["state"] == "waiting"


async def test_urgent_cases_come_first(world):
    calm = await open_case(world)
    urgent = await open_case(world, why=Why.DISTRESS)
    assert [case["reference"] for case in (await ask(world, world.an, "GET", "")).json()] == [urgent, calm]


async def test_a_case_can_be_given_to_an_area(world):
    reference = await open_case(world)
    officer = await world.hire("Dung", Role.OFFICER, areas=(HERE,))
    assert (await ask(world, officer, "GET", "")).json() == []
    assert (await ask(world, world.an, "POST", f"/{reference}/area", {"area": HERE})).status_code == 204
    assert [case["area"] for case in (await ask(world, officer, "GET", "")).json()] == [HERE]
    refused(await ask(world, world.an, "POST", f"/{reference}/area", {"area": "xa-khong-co"}), 422, "area-unknown")
    assert [case["area"] for case in (await ask(world, officer, "GET", "")).json()] == [HERE]


async def test_a_role_that_ended_opens_nothing(world):
    reference = await open_case(world)
    officer = await world.hire("Dung", Role.OFFICER)
    world.clock.advance(days=401)
    token = await world.token(officer.staff_id)
    refused(await ask(world, replace(officer, token=token), "GET", f"/{reference}"), 403, "not-authorised")


async def on_zalo(world, *, silent_for):
    """Open a case of somebody on Zalo who has been silent for so long."""
    return await open_case_on(world, "zalo", silent_for=silent_for)


async def write_again(world, channel):
    """Have whoever has the case write; give their conversation."""
    runtime, now = world.product.runtime, world.clock.now()
    async with world.database.unit_of_work() as connection:
        return await conversations.enter(
            connection, runtime.vault, channel=channel, external_id="2000000000000000002", now=now
        )


async def open_case_on(world, channel, *, silent_for):
    """Open a case of somebody who has been silent for so long."""
    now = world.clock.now()
    conversation = await write_again(world, channel)
    async with world.database.unit_of_work() as connection:
        await windows.note_interaction(
            connection, channel=channel, external_id=conversation.external_id, at=now - silent_for
        )
        reference = new_reference()
        await cases.open_case(
            connection, conversation, reference=reference, why=Why.ASKED, wording="", due_at=now, now=now
        )
    return reference


@pytest.mark.parametrize(
    ("silent_for", "reach"),
    [(timedelta(hours=1), "open"), (timedelta(days=3), "billed"), (timedelta(days=8), "silent")],
)
async def test_a_case_tells_whether_an_answer_would_arrive(world, silent_for, reach):
    reference = await on_zalo(world, silent_for=silent_for)
    case = (await ask(world, world.an, "GET", f"/{reference}")).json()
    assert (case["reach"], case["undelivered"]) == (reach, 0)


async def test_an_answer_that_cannot_arrive_is_refused_and_staff_read_what_to_do(world):
    reference = await on_zalo(world, silent_for=timedelta(days=7, seconds=1))
    sentence = refused(await ask(world, world.an, "POST", f"/{reference}/answers", ANSWER), 409, "citizen-silent")
    assert "7 ngày" in sentence
    assert "gọi điện" in sentence
    case = (await ask(world, world.an, "GET", f"/{reference}")).json()
    assert (case["messages"], case["undelivered"]) == ([], 0)


@pytest.mark.parametrize("channel", ["telegram", "zalo"])
async def test_an_answer_to_somebody_who_blocked_us_is_refused_until_they_write_again(world, channel):
    reference = await open_case_on(world, channel, silent_for=timedelta(minutes=5))
    async with world.database.unit_of_work() as connection:
        case = await cases.get(connection, reference)
        await conversations.mark_unreachable(connection, case.conversation_id, now=world.clock.now())
    sentence = refused(await ask(world, world.an, "POST", f"/{reference}/answers", ANSWER), 409, "citizen-unreachable")
    assert "đã chặn" in sentence
    assert "gọi điện" in sentence
    case = (await ask(world, world.an, "GET", f"/{reference}")).json()
    assert (case["reach"], case["state"], case["messages"], case["undelivered"]) == ("unreachable", "waiting", [], 0)
    await write_again(world, channel)
    assert (await ask(world, world.an, "POST", f"/{reference}/answers", ANSWER)).json() == {"said": True}


async def test_news_that_cannot_arrive_are_listed_for_admins_and_never_what_they_say(world):
    reference = await on_zalo(world, silent_for=timedelta(days=8))
    runtime = world.product.runtime
    async with world.database.unit_of_work() as connection:
        case = await cases.get(connection, reference)
        now = world.clock.now()
        await cases.close(connection, runtime.vault, runtime.composer, case, staff_id=world.an.staff_id, now=now)

    async def listed(by):
        return await world.client.get("/api/v1/undelivered-messages", headers=by.headers)

    (message,) = (await listed(world.an)).json()
    assert message | {"id": 1} == {
        "id": 1,
        "channel": "zalo",
        "about": reference,
        "state": "failed",
        "error": "silent-too-long",
        "says": message["says"],
        "written_at": "2026-11-20T01:00:00Z",
    }
    assert "7 ngày" in message["says"]
    of_one_area = await world.hire("Em", Role.ADMIN, areas=(HERE,))
    for nobody in (world.chi, of_one_area):
        refused(await listed(nobody), 403, "not-authorised")
