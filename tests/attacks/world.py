"""A small province: two admins who were enrolled together, an officer who drafts, and a broadcast that waits."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import httpx
from cryptography.hazmat.primitives.serialization import Encoding

from bot.applications import create_app
from bot.approving import Approving, open_approving
from bot.core.approvals import bootstrap
from bot.core.approvals.bootstrap import Founder, SignedPaper
from bot.core.approvals.errors import SubjectUnknownError
from bot.core.approvals.ports import Submitted, Window
from bot.core.staff import accounts, repository
from bot.core.staff.roles import Holding, Role
from bot.core.staff.tokens import Scope
from bot.core.statements import BroadcastApproval
from bot.core.statements.models import Broadcast
from tests.fixtures.product import Product
from tests.pki import Pki, Revocations, Signer, make_pki

ALL_SCOPES = tuple(Scope)
BASE = "http://127.0.0.1:8000"
"""The deployment, as `Settings` has it by default."""


@dataclass(frozen=True)
class Member:
    """Somebody on the staff: an account, a token, and who they are with their key."""

    staff_id: str
    token: str
    signer: Signer | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class Broadcasts:
    """Broadcasts as what is approved, until the product has them: kept in memory, drafted by a function call."""

    kind = "broadcasts"
    statement = BroadcastApproval
    kept: dict[str, Broadcast] = field(default_factory=dict)
    is_open: dict[str, bool] = field(default_factory=dict)

    def draft(self, now: datetime, *, broadcast_id: str = "tb-1", drafter: str, **changes: object) -> Broadcast:
        """Submit a broadcast, or its next version."""
        before = self.kept.get(broadcast_id)
        values = {
            "id": broadcast_id,
            "version": before.version + 1 if before else 1,
            "drafter": drafter,
            "editors": (),
            "content": {
                "lang": "vi",
                "title": "Ngày hội chuyển đổi số",
                "text": "Mời bà con đến nhà văn hóa.",
                "media": (),
            },
            "audience": {"areas": ("xa-tan-my",), "channels": ("telegram",)},
            "schedule": {
                "not_before": now.replace(microsecond=0),
                "not_after": now.replace(microsecond=0) + timedelta(hours=6),
                "repeat": 1,
            },
            "severity": "notice",
            "mode": "live",
        }
        self.kept[broadcast_id] = Broadcast.model_validate(values | changes)
        self.is_open[broadcast_id] = True
        return self.kept[broadcast_id]

    def window(self, broadcast: Broadcast) -> Window:
        return Window(broadcast.schedule.not_before, broadcast.schedule.not_after)

    async def load(self, connection, subject_id, *, locked) -> Submitted:
        broadcast = self.kept.get(subject_id)
        if broadcast is None:
            raise SubjectUnknownError(kind=self.kind, subject=subject_id)
        window = self.window(broadcast)
        areas = broadcast.audience.areas
        return Submitted(broadcast, "broadcast", self.is_open[subject_id], areas=areas, window=window)

    async def approved(self, connection, subject, *, by, now) -> None:
        self.is_open[subject.id] = False

    async def rejected(self, connection, subject, *, by, reason, now) -> None:
        self.is_open[subject.id] = False


@dataclass
class World:
    """The province, over HTTP."""

    product: Product
    approving: Approving
    pki: Pki
    revocations: Revocations
    broadcasts: Broadcasts
    client: httpx.AsyncClient
    an: Member
    binh: Member
    chi: Member
    """An officer, who drafted the broadcast and has no certificate."""

    @property
    def clock(self):
        return self.product.clock

    @property
    def database(self):
        return self.product.runtime.database

    async def ask(self, member: Member, *, kind: str = "broadcasts", subject: str = "tb-1", offline: bool = False):
        """Ask for a challenge."""
        return await self.client.post(
            f"/api/v1/{kind}/{subject}/approval-challenges", headers=member.headers, json={"offline": offline}
        )

    async def statement(self, member: Member, **options) -> tuple[str, bytes]:
        """Give the challenge and the bytes that a member is to sign."""
        asked = await self.ask(member, **options)
        assert asked.status_code == 201, asked.text
        return asked.json()["challenge"], base64.b64decode(asked.json()["statement"])

    async def send(
        self, member: Member, challenge: str, signature: bytes, *, kind: str = "broadcasts", subject: str = "tb-1"
    ) -> httpx.Response:
        """Send a signature."""
        body = {"challenge": challenge, "format": "cms-detached", "signature": base64.b64encode(signature).decode()}
        return await self.client.post(f"/api/v1/{kind}/{subject}/approvals", headers=member.headers, json=body)

    async def approve(self, member: Member, *, signer: Signer | None = None, **options) -> httpx.Response:
        """Do as an honest member does: ask, read, sign, send."""
        challenge, statement = await self.statement(member, **options)
        by = signer or member.signer
        assert by is not None
        return await self.send(member, challenge, by.sign(statement), **options)

    async def hire(self, name: str, *roles: Role, **holding) -> Member:
        """Give somebody an account with roles and a token, but no certificate."""
        now = self.clock.now()
        async with self.database.unit_of_work() as connection:
            staff_id = await accounts.add(connection, self.approving.log, name=name, by="test", now=now)
            for role in roles:
                values = {
                    "not_before": now,
                    "not_after": now + timedelta(days=400),
                    "areas": (),
                    "substitute_for": None,
                }
                held = Holding(staff_id=staff_id, role=role, **{**values, **holding})
                await repository.add_holding(connection, held, grant_id="test")
        return Member(staff_id, await self.token(staff_id))

    async def token(self, staff_id: str, *, scopes: Sequence[Scope] = ALL_SCOPES, days: int = 30) -> str:
        async with self.database.unit_of_work() as connection:
            made, _ = await accounts.issue_token(
                connection,
                self.approving.log,
                staff_id=staff_id,
                scopes=scopes,
                lasts=timedelta(days=days),
                by="test",
                now=self.clock.now(),
            )
        return made.text

    async def propose_certificate(self, member: Member, signer: Signer) -> httpx.Response:
        certificate = signer.certificate.public_bytes(Encoding.PEM).decode()
        return await self.client.post("/api/v1/enrolments", headers=member.headers, json={"certificate": certificate})

    async def prove(self, member: Member, enrolment: str, signer: Signer) -> httpx.Response:
        path = f"/api/v1/enrolments/{enrolment}"
        asked = await self.client.post(f"{path}/proof-challenges", headers=member.headers)
        assert asked.status_code == 201, asked.text
        signature = signer.sign(base64.b64decode(asked.json()["statement"]))
        body = {
            "challenge": asked.json()["challenge"],
            "format": "cms-detached",
            "signature": base64.b64encode(signature).decode(),
        }
        return await self.client.post(f"{path}/proofs", headers=member.headers, json=body)

    async def enrol(self, member: Member, signer: Signer, *, by: Member | None = None) -> Member:
        """Have a certificate proposed, proven and approved; give the member with their key."""
        proposed = await self.propose_certificate(member, signer)
        assert proposed.status_code == 201, proposed.text
        enrolment = proposed.json()["id"]
        proven = await self.prove(member, enrolment, signer)
        assert proven.status_code == 201, proven.text
        approved = await self.approve(by or self.an, kind="enrolments", subject=enrolment)
        assert approved.status_code == 201, approved.text
        return replace(member, signer=signer)

    async def log(self) -> list[dict]:
        answer = await self.client.get("/api/v1/audit/log", headers=self.an.headers)
        return [json.loads(line) for line in answer.text.splitlines()]


def person(pki: Pki, number: int, **options) -> Signer:
    """Give the certificate and key of the person of a number, issued by the authority that everybody trusts."""
    options = {"uid": f"CCCD:{number:012d}", "number": 10 + number, **options}
    return pki.issuing.person(f"Người thứ {number}", **options)


@asynccontextmanager
async def opened_world(product: Product, *, has_broadcasts: bool = False) -> AsyncIterator[World]:
    """Found the province; `product` has an empty database.

    Where it `has_broadcasts`, what is approved are the product's own and not those kept in memory.
    """
    pki = make_pki()
    revocations = pki.revocations()
    broadcasts = Broadcasts()
    runtime = product.runtime
    plain = open_approving(
        runtime.settings,
        runtime.database,
        runtime.clock,
        revocation=revocations,
        subjects=() if has_broadcasts else [broadcasts],
    )
    office = replace(plain.office, roots=pki.trust)
    approving = replace(plain, desk=type(plain.desk)(runtime.database, office))
    first, second = person(pki, 1), person(pki, 2)
    an, binh = (
        Founder.of(name, signer.certificate.public_bytes(Encoding.DER))
        for name, signer in (("An", first), ("Bình", second))
    )
    signers = {an.staff_id: first, binh.staff_id: second}
    now = product.clock.now()
    async with runtime.database.unit_of_work() as connection:
        papers = await bootstrap.open_sitting(connection, office, an, binh, now=now)
        signed = [
            SignedPaper(paper.statement, signers[paper.signer.staff_id].sign(paper.statement)) for paper in papers
        ]
        await bootstrap.close_sitting(connection, office, (an, binh), signed, now=now)
    transport = httpx.ASGITransport(create_app(runtime, approving))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=20) as client:
        nobody = Member("", "")
        world = World(product, approving, pki, revocations, broadcasts, client, nobody, nobody, nobody)
        world.an = Member(an.staff_id, await world.token(an.staff_id), first)
        world.binh = Member(binh.staff_id, await world.token(binh.staff_id), second)
        world.chi = await world.hire("Chi", Role.OFFICER)
        broadcasts.draft(now, drafter=world.chi.staff_id)
        yield world


def refused(answer: httpx.Response, status: int, code: str) -> str:
    """Make sure that an answer is this refusal, in Vietnamese, with nothing of what was sent; give its sentence."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    problem = answer.json()
    assert problem["type"] == f"{BASE}/problems/approvals/{code}"
    assert problem["status"] == status
    assert answer.headers["cache-control"] == "no-store"
    sentence = problem["detail"]
    assert sentence.endswith(".")
    assert any(letter in sentence for letter in "ạảấầậắặẹếệịọốộớợụừựýỳĐđ"), sentence
    assert set(problem) - {"members"} == {"type", "status", "title", "detail"}
    assert "note" not in problem.get("members", ()), "names of ours only"
    return sentence
