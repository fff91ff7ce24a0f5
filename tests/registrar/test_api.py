"""The registrar API as registrars, thieves and auditors meet it."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.api.registrar.schemas import DeclinedReason, DocumentsReason, State
from bot.approving import open_log
from bot.core.audit.models import audit_entries
from bot.core.handoffs.references import new_reference
from bot.core.handoffs.rules import REASONS, HandoffState
from bot.core.rates import Limiter, Rate
from bot.core.registrars import tokens
from bot.core.registrars.models import registrar_tokens
from bot.core.registrars.tokens import RegistrarScope
from tests.factories import CONTACT, INET, PAVIETNAM, TENTEN
from tests.registrar.conftest import BASE

PATHS = [
    ("GET", "/me"),
    ("GET", "/handoffs"),
    ("GET", "/handoffs/{}"),
    ("PUT", "/handoffs/{}/acknowledgement"),
    ("PUT", "/handoffs/{}/status"),
]


async def test_a_registrar_works_a_request_off_and_its_citizen_hears_of_it(world):
    reference = await world.hand_on()
    page = (await world.ask("GET", "/handoffs", params={"state": "waiting"})).json()
    assert [handoff["reference"] for handoff in page["handoffs"]] == [reference]
    assert not any(told in json.dumps(page) for told in (*CONTACT.values(), "tranthiba"))
    fetched = (await world.ask("GET", f"/handoffs/{reference}")).json()
    assert fetched["contact"] == CONTACT
    assert fetched["domain"] == "tranthiba.id.vn"
    assert (await world.ask("PUT", f"/handoffs/{reference}/acknowledgement")).json()["state"] == "acknowledged"
    done = await world.ask("PUT", f"/handoffs/{reference}/status", json={"status": "registered"})
    assert (done.status_code, done.json()["state"]) == (200, "registered")
    later = await world.client.get(
        f"/api/v1/chat/conversations/{world.ba.external_id}/messages",
        params={"after": 0, "conversation_token": world.page_token},
    )
    assert [reply["topic"] for reply in later.json()["replies"]] == ["check_registration_status"] * 2


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("token", [None, "", "x", "hdr_" + "A" * 43, "hdt_" + "A" * 43, "é" * 47, "A" * 5_000])
async def test_nobody_gets_in_without_a_token_of_ours(world, method, path, token):
    headers = {} if token is None else {"Authorization": f"Bearer {token}".encode("latin-1", "replace")}
    reference = await world.hand_on()
    answer = await world.client.request(
        method, BASE + path.format(reference), headers=headers, json={"status": "contacted"}
    )
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_token_opens_nothing_once_it_ended_or_was_revoked(world):
    ending = world.tokens["ending"] = await world.give_token(TENTEN, lasts=timedelta(hours=1))
    revoked = world.tokens["revoked"] = await world.give_token(TENTEN)
    assert (await world.ask("GET", "/me", "ending")).json() == {"registrar": TENTEN, "scopes": ["read", "report"]}
    runtime = world.product.runtime
    async with runtime.database.unit_of_work() as connection:
        log = open_log(runtime.settings)
        assert await tokens.revoke(connection, log, revoked[:12], by="machine", now=runtime.clock.now()) == TENTEN
    assert (await world.ask("GET", "/me", "revoked")).status_code == 401
    world.product.clock.advance(hours=1)
    assert (await world.ask("GET", "/me", "ending")).status_code == 401
    assert (await world.ask("GET", "/me")).status_code == 200
    assert ending != revoked


async def test_a_cut_or_lengthened_token_opens_nothing(world):
    whole = world.tokens[TENTEN]
    for changed in (whole[:-1], whole + "A", whole + " x", whole.swapcase(), whole[:12]):
        world.tokens["changed"] = changed
        assert (await world.ask("GET", "/me", "changed")).status_code == 401


async def test_no_token_is_kept_and_the_log_knows_who_got_one(world):
    runtime = world.product.runtime
    async with runtime.database.reading() as connection:
        kept = (await connection.execute(select(registrar_tokens))).all()
        lines = b"".join((await connection.execute(select(audit_entries.c.line))).scalars())
    for token in world.tokens.values():
        assert token not in str(kept)
        assert token.encode() not in lines
        assert token[:12].encode() in lines


async def test_a_token_is_for_its_scope_only(world):
    reference = await world.hand_on()
    world.tokens["reader"] = await world.give_token(TENTEN, scopes=[RegistrarScope.READ])
    world.tokens["reporter"] = await world.give_token(TENTEN, scopes=[RegistrarScope.REPORT])
    assert (await world.ask("GET", f"/handoffs/{reference}", "reader")).status_code == 200
    assert (await world.ask("PUT", f"/handoffs/{reference}/acknowledgement", "reader")).status_code == 403
    assert (await world.ask("GET", f"/handoffs/{reference}", "reporter")).status_code == 403
    assert (await world.ask("GET", "/handoffs", "reporter")).status_code == 403
    assert (await world.ask("PUT", f"/handoffs/{reference}/acknowledgement", "reporter")).status_code == 200


async def test_somebody_else_s_request_looks_exactly_like_one_that_is_not_there(world):
    theirs = await world.hand_on(registrar=PAVIETNAM)
    answers = set()
    for reference in (theirs, new_reference(), "HD-2222-2223", "x"):
        for method, path in PATHS[2:]:
            answer = await world.ask(method, path.format(reference), json={"status": "contacted"})
            answers.add((answer.status_code, answer.text))
    assert {status for status, _ in answers} == {404}
    assert len(answers) == 1
    assert (await world.ask("GET", "/handoffs", INET)).json() == {"handoffs": [], "next": None}
    assert (await world.ask("GET", f"/handoffs/{theirs}", PAVIETNAM)).json()["state"] == "waiting"


async def test_a_cursor_of_another_registrar_leads_to_nothing_of_its_own(world):
    for _ in range(2):
        await world.hand_on(registrar=PAVIETNAM)
    cursor = (await world.ask("GET", "/handoffs", PAVIETNAM, params={"limit": 1})).json()["next"]
    assert cursor
    assert (await world.ask("GET", "/handoffs", TENTEN, params={"after": cursor})).json() == {
        "handoffs": [],
        "next": None,
    }


@pytest.mark.parametrize(
    "cursor", ["", "x", "====", "AAAA", "é", "MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMCBIRC02SDk0LVg1WTQ="]
)
async def test_a_cursor_that_was_not_given_out_is_refused(world, cursor):
    answer = await world.ask("GET", "/handoffs", params={"after": cursor})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:hiendien:problem:page-unknown")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"status": "waiting"}',
        b'{"status": "registered", "reason": "other", "note": "x"}',
        b'{"status": "contacted", "\\ud800": 1}',
        b'{"status": "declined", "reason": "goi ngay 0900000009"}',
        b'{"status": ["contacted"]}',
        b"\xff\xfe",
    ],
)
async def test_what_cannot_be_read_is_refused_and_changes_nothing(world, body):
    reference = await world.hand_on()
    answer = await world.client.put(
        f"{BASE}/handoffs/{reference}/status",
        content=body,
        headers={"Authorization": f"Bearer {world.tokens[TENTEN]}", "Content-Type": "application/json"},
    )
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "0900000009" not in answer.text
    assert (await world.ask("GET", f"/handoffs/{reference}")).json()["state"] == "waiting"


@pytest.mark.parametrize(
    "body",
    [
        {"status": "declined", "reason": "identity_paper"},
        {"status": "declined"},
        {"status": "registered", "reason": "other"},
    ],
)
async def test_a_status_has_its_own_reasons_or_none(world, body):
    reference = await world.hand_on()
    answer = await world.ask("PUT", f"/handoffs/{reference}/status", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:hiendien:problem:invalid-input")
    assert "reason" in answer.json()["errors"][0]["field"]


def test_what_the_description_offers_as_reasons_is_what_the_rules_know():
    assert get_args(DocumentsReason) == REASONS[HandoffState.NEEDS_DOCUMENTS]
    assert get_args(DeclinedReason) == REASONS[HandoffState.DECLINED]
    assert set(get_args(State)) == set(HandoffState)


async def test_reporting_twice_is_as_good_as_once_and_after_an_end_nothing_follows(world):
    reference = await world.hand_on()
    body = {"status": "declined", "reason": "name_taken"}
    first, again = [await world.ask("PUT", f"/handoffs/{reference}/status", json=body) for _ in range(2)]
    assert first.json() == again.json()
    late = await world.ask("PUT", f"/handoffs/{reference}/status", json={"status": "registered"})
    assert (late.status_code, late.json()["type"]) == (409, "urn:hiendien:problem:handoff-state")
    assert late.json()["detail"].startswith(late.json()["title"].rstrip("."))
    assert (await world.ask("GET", f"/handoffs/{reference}")).json()["contact"] is None


async def test_guessing_tokens_is_slowed_down_and_one_registrar_does_not_slow_another(world):
    world.tokens["wrong"] = "hdr_" + "A" * 43
    answers = [await world.ask("GET", "/me", "wrong") for _ in range(25)]
    assert [answer.status_code for answer in answers[:20]] == [401] * 20
    assert {answer.status_code for answer in answers[20:]} == {429}
    assert int(answers[-1].headers["Retry-After"]) > 0
    app = world.product.app
    app.state.registrar_office = replace(app.state.registrar_office, requests=Limiter(Rate(3, 3_600)))
    statuses = [(await world.ask("GET", "/me")).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert (await world.ask("GET", "/me", PAVIETNAM)).status_code == 200


async def test_logs_and_metrics_of_a_whole_run_hold_nothing_of_the_citizen(world):
    reference = await world.hand_on()
    with capture_logs() as events:
        for method, path in PATHS[2:]:
            await world.ask(method, path.format(reference), json={"status": "contacted"})
        await world.ask("GET", "/handoffs/HD-2222-2223")
        await world.ask("PUT", f"/handoffs/{reference}/status", json={"status": "declined", "reason": "other"})
    assert "handoff-not-found" in str(events)
    runtime = world.product.runtime
    async with runtime.database.reading() as connection:
        lines = b"".join((await connection.execute(select(audit_entries.c.line))).scalars())
    assert lines.count(b"handoff.reported") == 3
    seen = str(events) + generate_latest().decode() + lines.decode()
    for told in (*CONTACT.values(), "tranthiba", reference, *world.tokens.values()):
        assert told not in seen
