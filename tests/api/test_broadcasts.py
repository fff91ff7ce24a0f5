"""Broadcasts over HTTP: what officers write, who may do what, and what a stale or repeated request does."""

from __future__ import annotations

import asyncio
import json

import pytest
from sqlalchemy import func, select

from bot.core.broadcasts.firing import Outcome
from bot.core.broadcasts.models import broadcasts
from bot.core.deliveries.models import DeliveryState
from bot.core.requests.models import answered_requests
from bot.core.staff.roles import Role
from bot.core.staff.tokens import Scope
from tests.attacks.world import Member, refused
from tests.newsroom import AREAS, TEXT


async def count(newsroom, table) -> int:
    async with newsroom.world.database.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def test_a_draft_is_told_as_it_will_be_signed_with_its_address_and_tag(newsroom):
    answer = await newsroom.drafted()
    draft = answer.json()
    assert (draft["state"], draft["version"], draft["revision"]) == ("draft", 1, 1)
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == f"/api/v1/broadcasts/{draft['id']}"
    assert (draft["drafter"], draft["editors"]) == (newsroom.world.chi.staff_id, [])
    assert draft["content"]["text"] == TEXT
    assert draft["audience"]["areas"] == AREAS
    shown = await newsroom.ask("GET", f"/broadcasts/{draft['id']}")
    assert shown.json() == draft


async def test_the_way_of_a_broadcast_from_its_draft_to_its_end(newsroom):
    await newsroom.add_groups()
    broadcast = await newsroom.scheduled()
    assert (broadcast["state"], broadcast["next_fire_at"]) == ("scheduled", broadcast["schedule"]["not_before"])
    path = f"/broadcasts/{broadcast['id']}"
    assert await newsroom.fire() == [Outcome.FIRED]
    (edition,) = (await newsroom.ask("GET", f"{path}/editions")).json()
    assert (edition["state"], edition["deliveries"]) == ("sending", {"pending": 2})
    assert edition["check_url"].endswith(f"/kiem-tra/{edition['check_code'].replace('-', '')}")
    (fire,) = (await newsroom.ask("GET", f"{path}/fires")).json()
    assert (fire["outcome"], fire["edition"]) == ("fired", edition["id"])
    history = (await newsroom.ask("GET", f"{path}/history")).json()
    assert [line["state"] for line in history] == ["draft", "submitted", "approved", "scheduled", "sending"]
    listed = (await newsroom.ask("GET", f"{path}/deliveries")).json()
    assert {(each["area"], each["state"]) for each in listed} == {(area, "pending") for area in AREAS}


async def test_a_series_comes_back_and_is_told_with_its_timetable(newsroom):
    series = await newsroom.scheduled(kind="series")
    assert (series["state"], series["schedule"]) == ("scheduled", None)
    assert series["timetable"]["times"] == ["09:00"]
    assert series["next_fire_at"] == "2026-11-20T02:00:00Z"
    # Each kind has its own address.
    refused(await newsroom.ask("GET", f"/broadcasts/{series['id']}"), 404, "broadcast-unknown")


async def test_an_edit_needs_the_tag_that_was_read_and_voids_the_approvals(newsroom):
    broadcast = await newsroom.scheduled()
    path = f"/broadcasts/{broadcast['id']}"
    body = newsroom.broadcast(content={"lang": "vi", "title": "Đổi giờ", "text": "Đổi sang 9 giờ."})
    refused(await newsroom.ask("PUT", path, body=body), 428, "precondition-required")
    refused(await newsroom.ask("PUT", path, seen='"1"', body=body), 412, "revision-stale")
    answer = await newsroom.ask("PUT", path, seen=f'"{broadcast["revision"]}"', body=body)
    edited = answer.json()
    assert (edited["state"], edited["version"], edited["next_fire_at"]) == ("draft", 2, None)
    assert answer.headers["etag"] == f'"{edited["revision"]}"'
    assert edited["editors"] == [newsroom.world.chi.staff_id]
    assert (await newsroom.ask("GET", f"{path}/approvals", by=newsroom.world.an)).json() == []
    assert await newsroom.fire() == []


@pytest.mark.parametrize("seen", ["*", "1", 'W/"1"', '"1", "2"', '""', '"0"', '"' + "9" * 40 + '"'])
async def test_any_other_condition_is_no_tag_that_was_read(newsroom, seen):
    draft = (await newsroom.drafted()).json()
    answer = await newsroom.ask("POST", f"/broadcasts/{draft['id']}/submission", seen=seen, body={})
    refused(answer, 428, "precondition-required")


async def test_who_has_read_the_newest_is_told_that_nothing_changed(newsroom):
    draft = await newsroom.drafted()
    headers = {**newsroom.world.chi.headers, "If-None-Match": draft.headers["etag"]}
    answer = await newsroom.world.client.get(draft.headers["location"], headers=headers)
    assert (answer.status_code, answer.content) == (304, b"")


async def test_a_repeat_under_the_same_key_does_nothing_and_is_answered_alike(newsroom):
    body = newsroom.broadcast()
    first = await newsroom.ask("POST", "/broadcasts", key="k-1", body=body)
    again = await newsroom.ask("POST", "/broadcasts", key="k-1", body=body)
    assert (again.status_code, again.content) == (201, first.content)
    assert (again.headers["etag"], again.headers["location"]) == (first.headers["etag"], first.headers["location"])
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert await count(newsroom, broadcasts) == 1
    # Somebody else's key is another one.
    other = await newsroom.world.hire("Em", Role.OFFICER)
    assert (await newsroom.ask("POST", "/broadcasts", by=other, key="k-1", body=body)).content != first.content


async def test_a_repeat_is_answered_alike_although_it_names_what_was_true_before(newsroom):
    draft = await newsroom.drafted()
    path = f"/broadcasts/{draft.json()['id']}/submission"
    first = await newsroom.ask("POST", path, key="k-2", seen='"1"', body={})
    again = await newsroom.ask("POST", path, key="k-2", seen='"1"', body={})
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    refused(await newsroom.ask("POST", path, seen='"1"', body={}), 412, "revision-stale")


async def test_one_of_many_at_once_under_a_key_does_it_and_all_are_answered_alike(newsroom):
    body = newsroom.broadcast()
    answers = await asyncio.gather(*(newsroom.ask("POST", "/broadcasts", key="k-3", body=body) for _ in range(6)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert await count(newsroom, broadcasts) == 1


async def test_a_key_is_for_one_request(newsroom):
    await newsroom.ask("POST", "/broadcasts", key="k-4", body=newsroom.broadcast())
    other = newsroom.broadcast(mode="training")
    refused(await newsroom.ask("POST", "/broadcasts", key="k-4", body=other), 422, "idempotency-key-reused")
    refused(await newsroom.ask("POST", "/broadcasts", body=other), 400, "idempotency-key-missing")
    refused(await newsroom.ask("POST", "/broadcasts", key="k" * 129, body=other), 422, "idempotency-key-invalid")


async def test_a_refusal_is_not_kept_so_that_the_same_key_may_be_tried_again(newsroom):
    body = newsroom.broadcast(audience={"areas": ["vinh-long.nowhere"], "channels": ["telegram-group"]})
    refused(await newsroom.ask("POST", "/broadcasts", key="k-5", body=body), 422, "area-unknown")
    assert await count(newsroom, answered_requests) == 0
    assert (await newsroom.ask("POST", "/broadcasts", key="k-5", body=newsroom.broadcast())).status_code == 201


REFUSED_BODIES = {
    "channel-unknown": (422, {"audience": {"areas": AREAS, "channels": ["carrier-pigeon"]}}),
    "repeat-unsupported": (
        422,
        {"schedule": {"not_before": "2026-11-20T02:00:00Z", "not_after": "2026-11-20T03:00:00Z", "repeat": 2}},
    ),
    "schedule-invalid": (
        422,
        {"schedule": {"not_before": "2026-11-20T03:00:00Z", "not_after": "2026-11-20T02:00:00Z"}},
    ),
    "media-unsupported": (
        422,
        {
            "content": {
                "lang": "vi",
                "title": "Ảnh",
                "text": "Xem ảnh.",
                "media": [{"sha256": "0" * 64, "bytes": 9, "type": "image/png"}],
            }
        },
    ),
    "text-not-normalised": (422, {"content": {"lang": "vi", "title": "Tin", "text": "a\u0301n"}}),
    "json-invalid": (400, {"severity": 7}),
}


@pytest.mark.parametrize("code", REFUSED_BODIES)
async def test_what_cannot_be_sent_cannot_be_drafted(newsroom, code):
    status, changes = REFUSED_BODIES[code]
    answer = await newsroom.ask("POST", "/broadcasts", key="k-6", body=newsroom.broadcast(**changes))
    refused(answer, status, code)
    assert await count(newsroom, broadcasts) == 0


async def test_a_text_that_is_too_long_is_told_with_the_limit_and_its_length(newsroom):
    body = newsroom.broadcast(content={"lang": "vi", "title": "Dài", "text": "dài " * 1500})
    problem = (await newsroom.ask("POST", "/broadcasts", key="k-7", body=body)).json()
    assert problem["type"].endswith("/text-too-long")
    assert (problem["channel"], problem["most"]) == ("telegram-group", 4096)
    assert 6000 < problem["length"] < 6300


async def test_a_step_from_the_wrong_state_is_refused_with_the_state(newsroom):
    draft = (await newsroom.drafted()).json()
    answer = await newsroom.ask("POST", f"/broadcasts/{draft['id']}/pause", seen='"1"', body={})
    assert (answer.status_code, answer.json()["state"]) == (409, "draft")
    assert answer.json()["type"].endswith("/transition-refused")


async def test_an_admin_gives_one_back_and_its_author_reads_why(newsroom):
    submitted = (await newsroom.submitted()).json()
    path = f"/broadcasts/{submitted['id']}"
    body = {"reason": "Ngày chưa đúng."}
    refused(await newsroom.ask("POST", f"{path}/return", seen='"2"', body=body), 403, "not-authorised")
    answer = await newsroom.ask("POST", f"{path}/return", by=newsroom.world.an, seen='"2"', body=body)
    assert answer.json()["state"] == "returned"
    last = (await newsroom.ask("GET", f"{path}/history")).json()[-1]
    assert (last["state"], last["by"], last["reason"]) == ("returned", newsroom.world.an.staff_id, "Ngày chưa đúng.")


async def test_pause_resume_and_stop(newsroom):
    broadcast = await newsroom.scheduled()
    path = f"/broadcasts/{broadcast['id']}"
    paused = await newsroom.ask("POST", f"{path}/pause", seen=f'"{broadcast["revision"]}"', body={"reason": "Mưa."})
    assert (paused.json()["state"], paused.json()["next_fire_at"]) == ("paused", None)
    resumed = await newsroom.ask("POST", f"{path}/resumption", seen=paused.headers["etag"], body={})
    assert (resumed.json()["state"], resumed.json()["next_fire_at"]) == ("scheduled", broadcast["next_fire_at"])
    stopped = await newsroom.ask("POST", f"{path}/stop", by=newsroom.world.an, seen=resumed.headers["etag"], body={})
    assert stopped.json()["state"] == "stopped"
    assert await newsroom.fire() == []


async def test_what_goes_to_other_areas_is_not_there(newsroom):
    broadcast = (await newsroom.drafted()).json()
    path = f"/broadcasts/{broadcast['id']}"
    elsewhere = await newsroom.world.hire("Giang", Role.OFFICER, areas=("vinh-long.tan-hoa",))
    for below in ("", "/history", "/editions", "/fires", "/deliveries"):
        refused(await newsroom.ask("GET", f"{path}{below}", by=elsewhere), 404, "broadcast-unknown")
    refused(
        await newsroom.ask("PUT", path, by=elsewhere, seen='"1"', body=newsroom.broadcast()), 404, "broadcast-unknown"
    )
    refused(await newsroom.ask("POST", f"{path}/stop", by=elsewhere, seen='"1"', body={}), 404, "broadcast-unknown")
    assert (await newsroom.ask("GET", "/broadcasts", by=elsewhere)).json() == []
    auditor = await newsroom.world.hire("Khánh", Role.AUDITOR, areas=("vinh-long.tan-hoa",))
    admin = await newsroom.world.hire("Lan", Role.ADMIN, areas=("vinh-long.tan-hoa",))
    for below in ("/evidence", "/approvals"):
        for by in (auditor, admin):
            refused(await newsroom.ask("GET", f"{path}{below}", by=by), 404, "broadcast-unknown")
        for by in (newsroom.world.an, await newsroom.world.hire("Minh", Role.ADMIN, areas=(AREAS[0],))):
            assert (await newsroom.ask("GET", f"{path}{below}", by=by)).status_code == 200
    # Who works for one of its areas sees it, and may not change it.
    partly = await newsroom.world.hire("Hoa", Role.OFFICER, areas=(AREAS[0],))
    assert (await newsroom.ask("GET", path, by=partly)).status_code == 200
    refused(await newsroom.ask("PUT", path, by=partly, seen='"1"', body=newsroom.broadcast()), 403, "not-authorised")


async def test_a_token_opens_what_it_is_for(newsroom):
    world = newsroom.world
    chi = world.chi.staff_id
    reader = Member(chi, await world.token(chi, scopes=(Scope.AUDIT,)))
    assert (await newsroom.ask("GET", "/broadcasts", by=reader)).status_code == 200
    body = newsroom.broadcast()
    refused(await newsroom.ask("POST", "/broadcasts", by=reader, key="k-8", body=body), 403, "not-authorised")
    nobody = await world.hire("Khoa")
    refused(await newsroom.ask("GET", "/broadcasts", by=nobody), 403, "not-authorised")
    admin_only = await newsroom.ask("POST", "/broadcasts", by=world.an, key="k-9", body=body)
    refused(admin_only, 403, "not-authorised")


async def test_they_are_listed_newest_first_a_page_at_a_time(newsroom):
    ids = []
    for _ in range(3):
        newsroom.world.clock.advance(seconds=1)
        ids.append((await newsroom.drafted()).json()["id"])
    first = (await newsroom.ask("GET", "/broadcasts?most=2")).json()
    rest = (await newsroom.ask("GET", f"/broadcasts?most=2&before={first[-1]['id']}")).json()
    assert [each["id"] for each in (*first, *rest)] == ids[::-1]
    assert (await newsroom.ask("GET", "/broadcasts?state=sending")).json() == []
    answer = await newsroom.ask("GET", "/broadcasts?state=lost")
    refused(answer, 400, "json-invalid")
    assert answer.json()["members"] == ["state"]
    refused(await newsroom.ask("GET", "/broadcasts?offset=2"), 400, "json-invalid")


async def test_who_looked_into_the_group_settles_what_nobody_knew(newsroom):
    await newsroom.add_groups()
    edition = await newsroom.fired()
    await newsroom.deliver(DeliveryState.UNKNOWN, DeliveryState.UNKNOWN)
    path = f"/broadcasts/{edition['broadcast']}/deliveries"
    here, there = (each["id"] for each in (await newsroom.ask("GET", f"{path}?state=unknown")).json())
    arrived = await newsroom.ask("POST", f"{path}/{here}/settlement", key="s-1", body={"outcome": "arrived"})
    assert arrived.json() == {"state": "sent"}
    again = await newsroom.ask("POST", f"{path}/{there}/settlement", key="s-2", body={"outcome": "send-again"})
    assert again.json() == {"state": "pending"}
    replayed = await newsroom.ask("POST", f"{path}/{there}/settlement", key="s-2", body={"outcome": "send-again"})
    assert replayed.json() == {"state": "pending"}
    answer = await newsroom.ask("POST", f"{path}/{here}/settlement", body={"outcome": "send-again"})
    refused(answer, 409, "delivery-settled")
    refused(
        await newsroom.ask("POST", f"{path}/999/settlement", body={"outcome": "arrived"}), 404, "delivery-not-found"
    )
    refused(await newsroom.ask("POST", f"{path}/{here}/settlement", body={"outcome": "lost"}), 400, "json-invalid")


async def test_the_log_tells_what_was_done_and_no_word_of_what_was_written(newsroom):
    await newsroom.submitted()
    events = [line["event"] for line in await newsroom.world.log()]
    assert events[-2:] == ["broadcast.drafted", "broadcast.submitted"]
    assert "nha van hoa" not in json.dumps(await newsroom.world.log())
    assert "nhà" not in json.dumps(await newsroom.world.log(), ensure_ascii=False)
