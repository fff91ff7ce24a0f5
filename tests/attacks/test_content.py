"""Attacks on what is signed: other words, other requests, other bytes."""

from __future__ import annotations

import json
import unicodedata

import pytest

from bot.core.staff.roles import Role
from bot.core.statements import canonical
from tests.attacks.world import refused


def changed(statement: bytes, *path: str, to: object) -> bytes:
    """Give a statement in which one member is another."""
    value = json.loads(statement)
    place = value
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return canonical(value)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("broadcast", "content", "text"), "Mời bà con đến nhà văn hoá."),
        (("broadcast", "audience", "areas"), ["tinh"]),
        (("broadcast", "schedule", "repeat"), 99),
        (("policy", "required"), 1),
        (("jti",), "A" * 32),
        (("aud",), "https://xa-khac.example.vn"),
    ],
)
async def test_swapped_content_is_refused(world, path, to):
    challenge, statement = await world.statement(world.an)
    answer = await world.send(world.an, challenge, world.an.signer.sign(changed(statement, *path, to=to)))
    refused(answer, 422, "content-mismatch")


async def test_a_signature_for_another_broadcast_is_refused(world):
    world.broadcasts.draft(world.clock.now(), broadcast_id="tb-2", drafter=world.chi.staff_id)
    challenge, _ = await world.statement(world.an)
    _, other = await world.statement(world.an, subject="tb-2")
    refused(await world.send(world.an, challenge, world.an.signer.sign(other)), 422, "content-mismatch")


async def test_a_broadcast_that_was_edited_since_the_challenge_is_refused(world):
    challenge, statement = await world.statement(world.an)
    world.broadcasts.draft(world.clock.now(), drafter=world.chi.staff_id)
    refused(await world.send(world.an, challenge, world.an.signer.sign(statement)), 409, "version-superseded")


async def test_a_broadcast_that_was_edited_under_the_same_version_is_refused(world):
    challenge, statement = await world.statement(world.an)
    same = world.broadcasts.kept["tb-1"]
    world.broadcasts.kept["tb-1"] = same.model_copy(update={"severity": "urgent"})
    refused(await world.send(world.an, challenge, world.an.signer.sign(statement)), 409, "version-superseded")


async def test_a_broadcast_whose_time_is_past_is_refused(world):
    world.clock.advance(hours=7)
    refused(await world.ask(world.an), 422, "schedule-invalid")


@pytest.mark.parametrize(
    "body",
    [
        b'{"challenge":"%s","challenge":"%s","format":"cms-detached","signature":"AA=="}' % (b"A" * 32, b"B" * 32),
        b'{"challenge":"%s","format":"cms-detached","signature":"AA==","note":"x"}' % (b"A" * 32),
        b'{"challenge":"%s","format":"jws","signature":"AA=="}' % (b"A" * 32),
        b'{"challenge":1.5,"format":"cms-detached","signature":"AA=="}',
        b'{"challenge":NaN,"format":"cms-detached","signature":"AA=="}',
        b'{"challenge":null,"format":"cms-detached","signature":"AA=="}',
        b"\xff\xfe{}",
        b"[]",
        b"{",
        b"[" * 50_000,
    ],
    ids=["twice", "extra", "format", "float", "nan", "null", "utf-16", "array", "cut", "deep"],
)
async def test_duplicate_keys_and_other_unreadable_json_are_refused(world, body):
    headers = {**world.an.headers, "Content-Type": "application/json"}
    answer = await world.client.post("/api/v1/broadcasts/tb-1/approvals", headers=headers, content=body)
    refused(answer, 400, "json-invalid")


@pytest.mark.parametrize(
    "text",
    [unicodedata.normalize("NFD", "Nguyễn Thị Bình"), "Bi\u0300nh", "An\u200b", "An\u202enh", "An\u00adn", "\ufeffAn"],
    ids=["nfd", "windows-1258", "zero-width", "right-to-left", "soft-hyphen", "byte-order-mark"],
)
async def test_nfd_text_and_hidden_characters_are_refused(world, text):
    answer = await world.client.post("/api/v1/staff", headers=world.an.headers, json={"name": text})
    refused(answer, 422, "text-not-normalised")
    rejection = await world.client.post(
        "/api/v1/broadcasts/tb-1/rejections", headers=world.an.headers, json={"reason": text}
    )
    refused(rejection, 422, "text-not-normalised")


async def test_a_body_over_100_kb_is_refused(world):
    answer = await world.client.post("/api/v1/staff", headers=world.an.headers, json={"name": "A" * 100_001})
    refused(answer, 413, "payload-too-large")


@pytest.mark.parametrize("signature", ["", "AA==", "không phải", "MIIG\nAA=="])
async def test_what_is_no_signature_is_refused(world, signature):
    challenge, _ = await world.statement(world.an)
    body = {"challenge": challenge, "format": "cms-detached", "signature": signature}
    answer = await world.client.post("/api/v1/broadcasts/tb-1/approvals", headers=world.an.headers, json=body)
    refused(answer, 422, "signature-malformed")


async def test_every_refused_signature_is_a_line_of_the_log_without_anything_of_it(world):
    challenge, statement = await world.statement(world.an)
    sent = world.an.signer.sign(changed(statement, "decision", to="reject"))
    refused(await world.send(world.an, challenge, sent), 422, "content-mismatch")
    line = (await world.log())[-1]
    assert (line["event"], line["code"], line["staff"]) == ("approval.refused", "content-mismatch", world.an.staff_id)
    assert set(line) == {"seq", "prev", "at", "event", "kind", "subject", "staff", "code", "sent_sha256"}


async def test_a_rejected_broadcast_takes_no_signature_any_more(world):
    challenge, statement = await world.statement(world.an)
    answer = await world.client.post(
        "/api/v1/broadcasts/tb-1/rejections", headers=world.binh.headers, json={"reason": "Sai ngày."}
    )
    assert answer.status_code == 204
    refused(await world.send(world.an, challenge, world.an.signer.sign(statement)), 409, "wrong-state")


async def test_a_third_signature_after_enough_is_refused(world):
    dung = await world.hire("Dũng", Role.ADMIN)
    challenge, statement = await world.statement(dung)
    await world.approve(world.an)
    await world.approve(world.binh)
    refused(await world.send(dung, challenge, world.an.signer.sign(statement)), 409, "wrong-state")
