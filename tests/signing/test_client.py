"""The signer's talk with a deployment: with the real admin API, and with servers that mean ill."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable

import httpx
import pytest
import pytest_asyncio

from bot.core.statements import digest
from bot.signing.client import Challenge, Deployment, Outcome, read_address
from bot.signing.errors import (
    ServerAddressError,
    ServerAnswerError,
    ServerRefusedError,
    ServerUnreachableError,
)
from bot.signing.keys import sign_detached
from bot.signing.reading import Wanted, read_approval
from bot.signing.softcert import Softcert
from tests.attacks.world import BASE, Member, World, opened_world, person
from tests.core.statements.examples import EXAMPLES
from tests.pki import Signer

BROADCAST = EXAMPLES["broadcast"].to_bytes()
WANTED = Wanted("broadcasts", "tb-1")


class InProcess(httpx.BaseTransport):
    """Hands a request to the application that runs in the loop of the test."""

    def __init__(self, world: World) -> None:
        self._client = world.client
        self._loop = asyncio.get_running_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        sending = self._client.request(
            request.method, request.url.raw_path.decode(), headers=dict(request.headers), content=request.read()
        )
        answer = asyncio.run_coroutine_threadsafe(sending, self._loop).result(timeout=20)
        return httpx.Response(answer.status_code, headers={"content-type": "x"}, content=answer.content)


@pytest_asyncio.fixture
async def world(product):
    async with opened_world(product) as opened:
        yield opened


async def sign_at(world: World, member: Member, wanted: Wanted, signer: Signer | None = None) -> Outcome:
    """Do what the command does between its questions."""
    by = signer or member.signer
    assert by is not None
    transport = InProcess(world)

    def work() -> Outcome:
        deployment = Deployment(BASE, member.token, transport=transport)
        challenge = deployment.challenge(wanted)
        read_approval(challenge.statement, now=world.clock.now(), aud=BASE, wanted=wanted)
        key = Softcert(by.certificate, by.chain, by.key)
        return deployment.answer(wanted, challenge, sign_detached(challenge.statement, key))

    return await asyncio.to_thread(work)


async def test_two_admins_approve_over_the_admin_api(world):
    assert await sign_at(world, world.an, WANTED) == Outcome(1, 2)
    assert await sign_at(world, world.binh, WANTED) == Outcome(2, 2)


async def test_a_holder_proves_their_key_and_an_admin_approves_it(world):
    dung, signer = await world.hire("Dũng"), person(world.pki, 4, kind="rsa2048")
    enrolment = (await world.propose_certificate(dung, signer)).json()["id"]
    await sign_at(world, dung, Wanted("enrolments", enrolment, proves=True), signer)
    await sign_at(world, world.an, Wanted("enrolments", enrolment))
    listed = (await world.client.get("/api/v1/enrolments", headers=dung.headers)).json()
    assert [row["state"] for row in listed] == ["approved"]


async def test_a_refusal_is_told_in_the_server_s_own_words(world):
    await sign_at(world, world.an, WANTED)
    with pytest.raises(ServerRefusedError) as refused:
        await sign_at(world, world.an, WANTED)
    assert "đã ký duyệt" in refused.value.facts["sentence"]


async def test_a_wrong_token_and_an_unknown_subject_are_told(world):
    with pytest.raises(ServerRefusedError) as refused:
        await sign_at(world, Member("x", "hdt_" + "A" * 43, world.an.signer), WANTED)
    assert "Mã truy cập" in refused.value.facts["sentence"]
    with pytest.raises(ServerRefusedError):
        await sign_at(world, world.an, Wanted("broadcasts", "tb-99"))


def deployment(answer: Callable[[httpx.Request], httpx.Response]) -> Deployment:
    return Deployment("https://tinh.example.vn", "hdt_x", transport=httpx.MockTransport(answer))


def made(**changes: object) -> httpx.Response:
    told = {
        "challenge": "A" * 32,
        "statement": base64.b64encode(BROADCAST).decode(),
        "sha256": digest(BROADCAST),
        "expires_at": "2026-11-20T01:40:00Z",
    }
    return httpx.Response(201, json=told | changes)


def test_an_honest_answer_is_a_challenge():
    assert deployment(lambda _: made()).challenge(WANTED) == Challenge("A" * 32, BROADCAST)


ILL_ANSWERS = {
    "a page": httpx.Response(200, html="<h1>Đăng nhập</h1>"),
    "another page": httpx.Response(502, text="Bad Gateway"),
    "somewhere else": httpx.Response(302, headers={"location": "https://khac.example/"}),
    "no object": httpx.Response(201, json=["x"]),
    "no statement": httpx.Response(201, json={"challenge": "x"}),
    "another digest": made(sha256="0" * 64),
    "no base64": made(statement="%%%"),
    "an escape sequence": httpx.Response(403, json={"detail": "\u001b[2JKý? gõ CÓ:"}),
    "an endless one": httpx.Response(201, content=b" " * 5_000_000),
    "no reason": httpx.Response(403, json={"title": "x"}),
}


@pytest.mark.parametrize("answer", ILL_ANSWERS.values(), ids=list(ILL_ANSWERS))
def test_what_the_admin_api_would_not_say_is_no_answer(answer):
    with pytest.raises(ServerAnswerError):
        deployment(lambda _: answer).challenge(WANTED)


def test_a_refusal_is_one_line():
    answer = httpx.Response(409, json={"detail": "Nội dung đã đổi.\n\nBạn\ttải lại."})
    with pytest.raises(ServerRefusedError) as refused:
        deployment(lambda _: answer).challenge(WANTED)
    assert refused.value.facts["sentence"] == "Nội dung đã đổi. Bạn tải lại."


def test_a_server_that_is_not_there_is_told():
    def gone(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("gone")

    with pytest.raises(ServerUnreachableError):
        deployment(gone).challenge(WANTED)


def test_a_subject_s_id_stays_one_part_of_the_path():
    paths = []

    def note(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return made()

    deployment(note).challenge(Wanted("broadcasts", "../../x?y#z"))
    assert paths == [b"/api/v1/broadcasts/..%2F..%2Fx%3Fy%23z/approval-challenges"]


def test_an_answer_that_counts_nothing_is_no_outcome():
    answer = httpx.Response(201, json={"approvals": "many", "required": 2})
    with pytest.raises(ServerAnswerError):
        deployment(lambda _: answer).answer(WANTED, Challenge("A" * 32, BROADCAST), b"x")


def test_the_signature_goes_as_the_admin_api_wants_it():
    sent = []

    def note(request: httpx.Request) -> httpx.Response:
        sent.append((request.headers["authorization"], json.loads(request.read())))
        return httpx.Response(201, json={"approvals": 1, "required": 2})

    assert deployment(note).answer(WANTED, Challenge("A" * 32, BROADCAST), b"\x30\x00") == Outcome(1, 2)
    assert sent == [("Bearer hdt_x", {"challenge": "A" * 32, "format": "cms-detached", "signature": "MAA="})]


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://tinh.example.vn/", "https://tinh.example.vn"),
        ("HTTPS://Tinh.Example.VN:8443", "https://tinh.example.vn:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_an_address_is_read_as_statements_write_it(typed, address):
    assert read_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "tinh.example.vn",
        "http://tinh.example.vn",
        "http://127.0.0.1.example.vn",
        "https://tinh.example.vn/api",
        "https://an@tinh.example.vn",
        "https://tinh.example.vn#x",
        "ftp://127.0.0.1",
        "https://tinh.example.vn\n",
        "",
    ],
)
def test_no_token_is_sent_to_an_address_of_another_form(typed):
    with pytest.raises(ServerAddressError):
        read_address(typed)
