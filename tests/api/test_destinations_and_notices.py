"""Communes, groups and notices over HTTP."""

from __future__ import annotations

import unicodedata

import pytest
import yaml

from bot.core.broadcasts import consequences, decisions, lapsing
from bot.core.broadcasts.firing import Outcome
from bot.core.destinations import service as destinations
from bot.core.notices import service as notices
from bot.core.staff.roles import Role
from bot.settings import ROOT
from tests.attacks.world import refused
from tests.newsroom import AREAS

GROUP = {"area": AREAS[0], "channel": "telegram-group", "address": "-1001234567890", "title": "Nhóm xã"}


async def test_the_communes_are_listed_for_everybody_on_the_staff(newsroom):
    nobody = await newsroom.world.hire("Khoa")
    listed = (await newsroom.ask("GET", "/areas", by=nobody)).json()
    assert {"code": AREAS[0], "name": "Càng Long", "kind": "xã", "province": "Vĩnh Long"} in listed
    assert len({each["code"] for each in listed}) == len(listed) > 20


async def test_a_group_is_taken_into_use_once_and_out_of_it(newsroom):
    first = await newsroom.ask("POST", "/destinations", key="d-1", body=GROUP)
    assert first.status_code == 201
    again = await newsroom.ask("POST", "/destinations", key="d-1", body=GROUP)
    assert again.content == first.content
    refused(await newsroom.ask("POST", "/destinations", key="d-2", body=GROUP), 409, "destination-taken")
    refused(await newsroom.ask("POST", "/destinations", body=GROUP), 400, "idempotency-key-missing")
    group = first.json()
    assert (await newsroom.ask("GET", "/destinations")).json() == [group]
    ended = await newsroom.ask("POST", f"/destinations/{group['id']}/end", body={})
    assert ended.json()["ended_at"] is not None
    assert (await newsroom.ask("GET", "/destinations")).json() == []
    assert len((await newsroom.ask("GET", "/destinations?with_ended=true")).json()) == 1
    # Its address is free again.
    assert (await newsroom.ask("POST", "/destinations", key="d-3", body=GROUP)).status_code == 201


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"address": "12345"}, "address-invalid"),
        ({"area": "vinh-long.nowhere"}, "area-unknown"),
        ({"channel": "zalo"}, "channel-unknown"),
    ],
)
async def test_what_is_no_group_is_refused(newsroom, changes, code):
    refused(await newsroom.ask("POST", "/destinations", key="d-4", body=GROUP | changes), 422, code)


async def test_another_area_s_groups_are_not_there(newsroom):
    group = (await newsroom.ask("POST", "/destinations", key="d-5", body=GROUP)).json()
    elsewhere = await newsroom.world.hire("Giang", Role.OFFICER, areas=(AREAS[1],))
    assert (await newsroom.ask("GET", "/destinations", by=elsewhere)).json() == []
    answer = await newsroom.ask("POST", f"/destinations/{group['id']}/end", by=elsewhere, body={})
    refused(answer, 404, "destination-unknown")
    answer = await newsroom.ask("POST", "/destinations", by=elsewhere, key="d-6", body=GROUP | {"address": "-7"})
    refused(answer, 403, "not-authorised")


async def test_the_author_of_a_broadcast_that_was_too_late_reads_so_and_nobody_else_does(newsroom):
    await newsroom.scheduled()
    newsroom.world.clock.advance(minutes=11)
    assert await newsroom.fire() == [Outcome.MISSED]
    (notice,) = (await newsroom.ask("GET", "/notices?only_unread=true")).json()
    assert notice["kind"] == "broadcast-missed"
    assert "“Ngày hội chuyển đổi số”" in notice["text"]
    assert "9:00, 20/11/2026" in notice["text"]
    refused(
        await newsroom.ask("POST", f"/notices/{notice['id']}/read", by=newsroom.world.an, body={}),
        404,
        "notice-unknown",
    )
    for _ in range(2):
        assert (await newsroom.ask("POST", f"/notices/{notice['id']}/read", body={})).status_code == 204
    assert (await newsroom.ask("GET", "/notices?only_unread=true")).json() == []
    assert (await newsroom.ask("GET", "/notices")).json()[0]["read_at"] is not None


KINDS = (
    consequences.MISSED,
    consequences.REFUSED,
    consequences.NOBODY,
    consequences.EXPIRED,
    consequences.INCOMPLETE,
    decisions.RETURNED,
    decisions.REJECTED,
    decisions.LAPSED,
    lapsing.ENDED,
    destinations.ADDED,
)
FACTS = {
    "kind": "broadcasts",
    "broadcast": "bc-1a2b3c4d5e",
    "destination": "dst-1a2b3c4d5e",
    "area": "xã Càng Long",
    "by": "nv-1a2b3c4d",
    "title": "Ngày hội",
    "fire_at": "2026-11-20T01:00:00Z",
    "code": "approval-revoked",
    "reason": "Ngày chưa đúng.",
    "count": 2,
    "sent": 1,
    "failed": 1,
    "unknown": 1,
    "cancelled": 0,
}


async def test_every_kind_of_notice_has_a_sentence_that_tells_its_facts(newsroom):
    sentences = yaml.safe_load((ROOT / "templates" / "notices" / "vi.yaml").read_text("utf-8"))
    assert set(KINDS) | {"other"} == set(sentences)
    async with newsroom.world.database.unit_of_work() as connection:
        for kind in (*KINDS, "of-a-later-release"):
            await notices.tell(
                connection,
                staff_ids=[newsroom.world.chi.staff_id],
                kind=kind,
                facts=FACTS,
                about="x",
                now=newsroom.world.clock.now(),
            )
    for notice in (await newsroom.ask("GET", "/notices")).json():
        assert notice["text"].endswith((".", ")."))
        assert unicodedata.is_normalized("NFC", notice["text"])
        assert "{" not in notice["text"]
        if notice["kind"] in KINDS:
            assert "Ngày hội" in notice["text"]
            assert "8:00, 20/11/2026" in notice["text"] or notice["kind"] in KINDS[5:]
