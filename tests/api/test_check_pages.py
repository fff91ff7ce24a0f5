"""The pages and the endpoint that tell anybody whether a bulletin is genuine."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from bot.core.approvals.models import approvals
from bot.core.broadcasts.models import editions
from bot.core.deliveries.models import DeliveryState
from bot.core.rates import Limiter, Rate
from bot.core.staff.models import ProposalState, staff_enrolments
from tests.newsroom import TEXT

UNKNOWN = "CDF234"


async def page(client: httpx.AsyncClient, path: str) -> tuple[int, str]:
    """Give the status of a page and what stands on it."""
    answer = await client.get(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert unicodedata.is_normalized("NFC", answer.text)
    assert "{{" not in answer.text
    return answer.status_code, html.unescape(answer.text)


def without_markup(text: str) -> str:
    return re.sub(r"<[^>]+>", "", text)


async def test_a_code_leads_to_the_signed_words_who_approved_them_and_where_they_went(newsroom):
    await newsroom.add_groups()
    edition = await newsroom.fired()
    await newsroom.deliver(DeliveryState.SENT, DeliveryState.UNKNOWN)
    status, text = await page(newsroom.world.client, f"/kiem-tra/{edition['code']}")
    assert status == 200
    assert f"Mã {edition['check_code']} có thật" in without_markup(text)
    assert TEXT in text
    assert "Người thứ 1" in text
    assert "Người thứ 2" in text
    assert "lúc 9:00, thứ Sáu 20/11/2026, sau khi 2 người ký duyệt" in text
    assert "Xã Càng Long, nhóm Telegram: đã đăng" in text
    assert "Xã Tiểu Cần, nhóm Telegram: chưa rõ đã đăng được chưa" in text
    assert "127.0.0.1:8000" in text
    assert "CCCD" not in text
    assert newsroom.world.an.staff_id not in text


@pytest.mark.parametrize("typed", ["cdf234", "CDF-234", "c d f 2 3 4", " Cdf 234. "])
async def test_a_code_may_be_typed_loosely(product, typed):
    async with product.client() as client:
        answer = await client.get("/kiem-tra", params={"ma": typed})
        assert (answer.status_code, answer.headers["location"]) == (303, "/kiem-tra/CDF234")
        _, text = await page(client, f"/kiem-tra/{typed}")
    assert "mang mã CDF-234" in without_markup(text)


async def test_the_words_on_the_page_cannot_bring_their_own_markup(newsroom):
    content = {"lang": "vi", "title": "<b>Tin</b>", "text": "<script>alert(1)</script>"}
    edition = await newsroom.fired(newsroom.broadcast(content=content))
    answer = await newsroom.world.client.get(f"/kiem-tra/{edition['code']}")
    assert "<script" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text


async def test_a_bulletin_that_was_approved_but_not_sent_is_not_shown(newsroom):
    broadcast = await newsroom.scheduled()
    (edition,) = (await newsroom.ask("GET", f"/broadcasts/{broadcast['id']}/editions")).json()
    status, text = await page(newsroom.world.client, f"/kiem-tra/{edition['check_code']}")
    assert status == 404
    assert TEXT not in text


async def test_an_unknown_code_says_that_the_bulletin_may_be_false_and_what_to_do(product):
    async with product.client() as client:
        status, text = await page(client, f"/kiem-tra/{UNKNOWN}")
    assert status == 404
    assert "Không có bản tin nào mang mã CDF-234" in without_markup(text)
    assert "có thể là giả" in text
    assert "đừng chuyển tiền" in text


@pytest.mark.parametrize("typed", ["ABC", "SOIL01", "đ" * 40, "<b>", "CDF23", "''; DROP"])
async def test_what_can_be_no_code_gets_the_form_again(product, typed):
    async with product.client() as client:
        answer = await client.get("/kiem-tra", params={"ma": typed})
    assert answer.status_code == 422
    assert "chưa phải là mã kiểm tra" in answer.text
    assert "<b>" not in answer.text


async def test_a_stopped_bulletin_is_told_as_stopped(newsroom):
    await newsroom.add_groups()
    edition = await newsroom.fired()
    path = f"/broadcasts/{edition['broadcast']}"
    seen = (await newsroom.ask("GET", path)).headers["etag"]
    stopped = await newsroom.ask("POST", f"{path}/stop", seen=seen, body={"reason": "Sai ngày."})
    assert stopped.status_code == 200
    _, text = await page(newsroom.world.client, f"/kiem-tra/{edition['code']}")
    assert "có thật, nhưng bản tin đã bị thu hồi" in text
    assert "Bản tin đã bị thu hồi lúc 9:00, thứ Sáu 20/11/2026" in text
    assert "Sai ngày" not in text


async def test_a_bulletin_for_training_says_so_first(newsroom):
    edition = await newsroom.fired(newsroom.broadcast(mode="training"))
    _, text = await page(newsroom.world.client, f"/kiem-tra/{edition['code']}")
    assert text.index("TẬP HUẤN") < text.index("là của một tin tập huấn</h1>")
    assert "có thật" not in text


async def test_what_was_found_is_told_again_for_a_minute_and_looked_at_anew_after_it(newsroom):
    await newsroom.add_groups()
    edition = await newsroom.fired()
    path = f"/kiem-tra/{edition['code']}"
    assert "đang gửi" in (await page(newsroom.world.client, path))[1]
    await newsroom.deliver(DeliveryState.SENT, DeliveryState.SENT)
    newsroom.world.clock.advance(seconds=59)
    assert "đang gửi" in (await page(newsroom.world.client, path))[1]
    newsroom.world.clock.advance(seconds=1)
    assert "đang gửi" not in (await page(newsroom.world.client, path))[1]


async def test_a_certificate_that_ended_since_takes_nothing_back(newsroom):
    edition = await newsroom.fired()
    await newsroom.world.hire("Dung")
    newsroom.world.clock.advance(days=3 * 365)
    async with newsroom.world.database.unit_of_work() as connection:
        ended = {"state": ProposalState.ENDED, "ended_at": newsroom.world.clock.now() - timedelta(days=1)}
        await connection.execute(update(staff_enrolments).values(ended))
    status, _ = await page(newsroom.world.client, f"/kiem-tra/{edition['code']}")
    assert status == 200


TAMPERED = {
    "words": lambda connection, edition: connection.execute(
        update(editions).values(
            subject=update_subject(edition["subject"], "8 giờ sáng".encode(), "9 giờ sáng".encode())
        )
    ),
    "code": lambda connection, edition: connection.execute(update(editions).values(check_code=edition["other"])),
    "version": lambda connection, edition: connection.execute(update(editions).values(version=2)),
    "signature": lambda connection, edition: connection.execute(update(approvals).values(signature=b"\x30\x00")),
    "time of approval": lambda connection, edition: connection.execute(
        update(approvals).values(approved_at=edition["later"])
    ),
    "one approval gone": lambda connection, edition: connection.execute(
        approvals.delete().where(approvals.c.staff_id == edition["an"])
    ),
    "enrolment gone": lambda connection, edition: connection.execute(
        staff_enrolments.update().where(staff_enrolments.c.staff_id == edition["an"]).values(state=0)
    ),
}


def update_subject(subject: bytes, old: bytes, new: bytes) -> bytes:
    assert old in subject
    return subject.replace(old, new)


@pytest.mark.parametrize("what", TAMPERED)
async def test_what_was_tampered_with_is_not_told_as_genuine(newsroom, what):
    told = await newsroom.fired()
    world = newsroom.world
    async with world.database.reading() as connection:
        subject = (await connection.execute(editions.select())).one().subject
    facts = {"subject": subject, "other": UNKNOWN, "later": world.clock.now() + timedelta(hours=1)}
    async with world.database.unit_of_work() as connection:
        await TAMPERED[what](connection, {**facts, "an": world.an.staff_id})
    code = UNKNOWN if what == "code" else told["code"]
    status, text = await page(newsroom.world.client, f"/kiem-tra/{code}")
    assert status == 409
    assert f"Đừng tin bản tin mang mã {code[:3]}-{code[3:]}" in without_markup(text)
    assert "9 giờ sáng" not in text
    answer = await world.client.get(f"/api/v1/bulletins/{code}")
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:hiendien:problem:bulletin-unconfirmed"


async def test_machines_are_told_the_same(newsroom):
    await newsroom.add_groups()
    edition = await newsroom.fired()
    await newsroom.deliver(DeliveryState.SENT, DeliveryState.FAILED)
    answer = (await newsroom.world.client.get(f"/api/v1/bulletins/{edition['check_code'].lower()}")).json()
    assert (answer["code"], answer["text"], answer["state"]) == (edition["check_code"], TEXT, "sending")
    assert [each["name"] for each in answer["approvals"]] == ["Người thứ 1", "Người thứ 2"]
    assert [(each["name"], each["reach"]) for each in answer["places"]] == [
        ("xã Càng Long", "arrived"),
        ("xã Tiểu Cần", "failed"),
    ]
    assert answer["subject"] == edition["broadcast"]


@pytest.mark.parametrize(
    ("code", "status", "kind"), [(UNKNOWN, 404, "bulletin-unknown"), ("x", 422, "check-code-unreadable")]
)
async def test_machines_get_a_problem_with_what_to_do(product, code, status, kind):
    async with product.client() as client:
        answer = await client.get(f"/api/v1/bulletins/{code}")
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:hiendien:problem:{kind}")
    assert answer.json()["detail"]


async def test_who_guesses_codes_has_to_wait(product):
    product.app.state.checks = replace(product.app.state.checks, limiter=Limiter(Rate(2, 3600)))
    async with product.client() as client:
        assert [(await client.get(f"/kiem-tra/{UNKNOWN}")).status_code for _ in range(3)] == [404, 404, 429]
        answer = await client.get(f"/kiem-tra/{UNKNOWN}")
        assert re.search(r"Bạn chờ \d+ giây", answer.text)
        assert int(answer.headers["retry-after"]) > 60
        assert (await client.get(f"/api/v1/bulletins/{UNKNOWN}")).status_code == 429
        assert (await client.get("/kiem-tra")).status_code == 200


async def test_a_commune_behind_one_address_reads_one_bulletin_without_waiting(newsroom):
    edition = await newsroom.fired()
    app = newsroom.world.client._transport.app
    app.state.checks = replace(app.state.checks, limiter=Limiter(Rate(2, 3600)))
    for path in (f"/kiem-tra/{edition['code']}", f"/api/v1/bulletins/{edition['code']}"):
        for _ in range(4):
            assert (await newsroom.world.client.get(path)).status_code == 200
    assert (await newsroom.world.client.get(f"/kiem-tra/{UNKNOWN}")).status_code == 404
    # What was found is old by now and would have to be looked up again.
    newsroom.world.clock.advance(minutes=1)
    assert (await newsroom.world.client.get(f"/kiem-tra/{edition['code']}")).status_code == 429


async def test_a_bulletin_of_which_nothing_left_in_time_is_not_told_as_sent(newsroom):
    await newsroom.add_groups()
    edition = await newsroom.fired()
    await newsroom.deliver(DeliveryState.CANCELLED, DeliveryState.CANCELLED)
    async with newsroom.world.database.unit_of_work() as connection:
        await connection.execute(update(editions).values(state="expired", finished_at=newsroom.world.clock.now()))
    _, text = await page(newsroom.world.client, f"/kiem-tra/{edition['code']}")
    assert "quá giờ nên không gửi cho ai" in text
    assert "có thật" not in text


async def test_the_pages_need_nothing_from_elsewhere_and_no_script(newsroom):
    edition = await newsroom.fired()
    for path in ("/kiem-tra", f"/kiem-tra/{edition['code']}", f"/kiem-tra/{UNKNOWN}"):
        answer = await newsroom.world.client.get(path)
        assert "<script" not in answer.text
        for link in re.findall(r'(?:href|src|action)="([^"]+)"', answer.text):
            assert link.startswith("/"), link
        assert answer.headers["cache-control"] == "no-store"
