"""Attacks with challenges: again, another's, too late, and all at once."""

from __future__ import annotations

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import httpx
from fastapi import FastAPI

from bot.applications import create_app
from bot.core.db import Database
from tests.attacks.world import Member, World, refused

THREADS = 8


async def test_a_replayed_approval_is_refused(world):
    challenge, statement = await world.statement(world.an)
    signature = world.an.signer.sign(statement)
    assert (await world.send(world.an, challenge, signature)).status_code == 201
    refused(await world.send(world.an, challenge, signature), 409, "challenge-used")


async def test_an_approval_replayed_for_the_next_version_is_refused(world):
    challenge, statement = await world.statement(world.an)
    signature = world.an.signer.sign(statement)
    assert (await world.send(world.an, challenge, signature)).status_code == 201
    world.broadcasts.draft(world.clock.now(), drafter=world.chi.staff_id)
    refused(await world.send(world.an, challenge, signature), 409, "challenge-used")
    fresh, _ = await world.statement(world.an)
    refused(await world.send(world.an, fresh, signature), 422, "content-mismatch")


async def test_another_s_challenge_is_refused(world):
    challenge, statement = await world.statement(world.an)
    refused(await world.send(world.binh, challenge, world.binh.signer.sign(statement)), 404, "challenge-unknown")


async def test_a_challenge_for_another_broadcast_is_refused(world):
    world.broadcasts.draft(world.clock.now(), broadcast_id="tb-2", drafter=world.chi.staff_id)
    challenge, statement = await world.statement(world.an)
    answer = await world.send(world.an, challenge, world.an.signer.sign(statement), subject="tb-2")
    refused(answer, 404, "challenge-unknown")


async def test_a_challenge_that_nobody_made_is_refused(world):
    refused(await world.send(world.an, "A" * 32, b"x"), 404, "challenge-unknown")


async def test_a_challenge_that_ended_is_refused(world):
    challenge, statement = await world.statement(world.an)
    world.clock.advance(minutes=10, seconds=1)
    refused(await world.send(world.an, challenge, world.an.signer.sign(statement)), 410, "challenge-expired")


async def test_a_challenge_for_another_machine_lasts_longer_and_still_ends(world):
    world.broadcasts.draft(world.clock.now(), drafter=world.chi.staff_id)
    challenge, statement = await world.statement(world.an, offline=True)
    world.clock.advance(hours=5)
    assert (await world.send(world.an, challenge, world.an.signer.sign(statement))).status_code == 201
    challenge, statement = await world.statement(world.binh, offline=True)
    world.clock.advance(hours=25)
    refused(await world.send(world.binh, challenge, world.binh.signer.sign(statement)), 410, "challenge-expired")


async def test_a_broadcast_that_nobody_wrote_has_no_challenge(world):
    refused(await world.ask(world.an, subject="tb-9"), 404, "subject-unknown")
    refused(await world.ask(world.an, kind="horoscopes"), 404, "subject-unknown")


@dataclass(frozen=True)
class Process:
    """One of several web processes: an application and connections of its own, and in `send` a thread and a loop."""

    app: FastAPI
    database: Database

    @classmethod
    def beside(cls, world: World, url: str) -> Process:
        database = Database(url)
        desk = type(world.approving.desk)(database, world.approving.office)
        runtime = replace(world.product.runtime, database=database)
        app = create_app(runtime, replace(world.approving, desk=desk))
        app.openapi()  # builds the routes now: the warnings' filters, which that changes for a moment, are all threads'
        return cls(app, database)

    def send(self, member: Member, challenge: str, signature: bytes) -> httpx.Response:
        return asyncio.run(self._send(member, challenge, signature))

    async def _send(self, member: Member, challenge: str, signature: bytes) -> httpx.Response:
        body = {"challenge": challenge, "format": "cms-detached", "signature": base64.b64encode(signature).decode()}
        transport = httpx.ASGITransport(self.app)
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=60) as client:
                return await client.post("/api/v1/broadcasts/tb-1/approvals", headers=member.headers, json=body)
        finally:
            await self.database.close()


async def test_of_eight_threads_with_one_challenge_one_wins(anywhere, database_url):
    challenge, statement = await anywhere.statement(anywhere.an)
    signature = anywhere.an.signer.sign(statement)
    processes = [Process.beside(anywhere, database_url) for _ in range(THREADS)]
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(THREADS) as pool:
        racing = [loop.run_in_executor(pool, process.send, anywhere.an, challenge, signature) for process in processes]
        answers = await asyncio.gather(*racing)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (THREADS - 1)
    codes = {answer.json()["type"].rpartition("/")[2] for answer in answers if answer.status_code == 409}
    assert codes <= {"challenge-used", "already-approved"}
    log = await anywhere.log()
    assert sum(line["event"] == "approval.given" for line in log) == 1
    assert sum(line["event"] == "approval.refused" for line in log) == THREADS - 1
    await anywhere.approving.check_log(anywhere.database)
