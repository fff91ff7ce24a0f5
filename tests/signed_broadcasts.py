"""A province without HTTP: two admins who sign with real certificates, an officer, the clock, and what sends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Executable

from bot.core.approvals import bootstrap
from bot.core.approvals.bootstrap import Founder, SignedPaper
from bot.core.approvals.desk import Desk
from bot.core.approvals.policies import PolicyChanges
from bot.core.approvals.ports import Office
from bot.core.approvals.service import Purpose
from bot.core.approvals.subjects import Enrolments, Grants
from bot.core.audit.log import AuditLog
from bot.core.broadcasts import repository
from bot.core.broadcasts.bodies import DraftBody
from bot.core.broadcasts.emission import Emission
from bot.core.broadcasts.firing import Firing, Outcome
from bot.core.broadcasts.repository import BroadcastRow, EditionRow, FireRow
from bot.core.broadcasts.subjects import approvable
from bot.core.db import Database
from bot.core.deliveries.arrivals import Arrival, list_arrivals
from bot.core.destinations import service as destinations
from bot.core.notices import service as notices
from bot.core.notices.repository import NoticeRow
from bot.core.rendering import Renderer
from bot.core.staff.roles import Role
from bot.settings import ROOT
from tests.broadcasting import COMMUNES, LATE, YEN_DUNG, Bureau, NoWitness, make_caller
from tests.fakes import FixedClock
from tests.pki import NOW, Pki, Revocations, Signer, make_pki

ADDRESS = "http://127.0.0.1:8000"
GROUP = "-1009000000000001"


@dataclass(frozen=True)
class Admin:
    """An admin and what they sign with."""

    staff_id: str
    signer: Signer


@dataclass
class Province:
    """Who and what takes part, in one database."""

    database: Database
    clock: FixedClock
    pki: Pki
    revocations: Revocations
    office: Office
    bureau: Bureau
    an: Admin
    binh: Admin
    emission: Emission
    firing: Firing

    async def group(
        self,
        address: str = GROUP,
        *,
        area: str = YEN_DUNG,
        is_training: bool = False,
        channel: str = "telegram-group",
    ) -> str:
        """Take a group into use; return its id."""
        async with self.database.unit_of_work() as connection:
            row = await destinations.add(
                connection,
                self.office.log,
                area=area,
                channel=channel,
                address=address,
                title="Tổ dân phố",
                is_training=is_training,
                by=self.bureau.officer,
                communes=COMMUNES,
                now=self.clock.now(),
            )
        return row.id

    async def sign(self, row: BroadcastRow, *admins: Admin) -> BroadcastRow:
        """Have admins approve a submitted one, each by a signature; return it as it then is."""
        desk = Desk(self.database, self.office)
        for admin in admins:
            given = {"kind": row.kind, "subject_id": row.id, "staff_id": admin.staff_id, "purpose": Purpose.APPROVE}
            challenge = await desk.challenge(**given, offline=False, now=self.clock.now())
            signature = admin.signer.sign(challenge.statement)
            await desk.answer(**given, jti=challenge.jti, signature=signature, now=self.clock.now())
        return await self.row(row.id)

    async def approved(self, body: DraftBody | None = None) -> BroadcastRow:
        """Draft something and have both admins approve it."""
        return await self.sign(await self.bureau.submitted(body), self.an, self.binh)

    async def due(self, body: DraftBody | None = None) -> BroadcastRow:
        """Draft something, have it approved, and let its moment come."""
        row = await self.approved(body)
        assert row.next_fire_at is not None
        self.at(row.next_fire_at)
        return row

    async def fired(self, body: DraftBody | None = None) -> EditionRow:
        """Have something fired; return its edition."""
        row = await self.due(body)
        assert await self.fire() == [Outcome.FIRED]
        (edition,) = await self.editions(row.id)
        return edition

    def at(self, moment) -> None:
        """Let it be that moment."""
        self.clock.moment = self.bureau.now = moment

    def later(self, **duration: float) -> None:
        """Let some time pass."""
        self.at(self.clock.now() + timedelta(**duration))

    def revoke(self, admin: Admin) -> None:
        """Have an admin's certificate revoked."""
        self.revocations.crls[:] = self.pki.revocations(admin.signer.certificate).crls

    async def fire(self) -> list[Outcome]:
        """Do what the clock does every five seconds."""
        now = self.clock.now()
        return [await self.firing.take(row, now=now) for row in await self.firing.list_due(now=now)]

    async def tamper(self, *statements: Executable) -> None:
        """Change the database as somebody does who has it in hand."""
        async with self.database.unit_of_work() as connection:
            for statement in statements:
                await connection.execute(statement)

    async def row(self, broadcast_id: str) -> BroadcastRow:
        async with self.database.reading() as connection:
            row = await repository.find(connection, broadcast_id)
        assert row is not None
        return row

    async def editions(self, broadcast_id: str) -> Sequence[EditionRow]:
        async with self.database.reading() as connection:
            return await repository.editions_of(connection, broadcast_id)

    async def fires(self, broadcast_id: str) -> Sequence[FireRow]:
        async with self.database.reading() as connection:
            return await repository.list_fires(connection, broadcast_id)

    async def deliveries(self, edition: EditionRow) -> Sequence[Arrival]:
        async with self.database.reading() as connection:
            return await list_arrivals(connection, (edition.id,), most=100)

    async def notices(self, staff_id: str) -> Sequence[NoticeRow]:
        async with self.database.reading() as connection:
            return await notices.list_of(connection, staff_id)

    async def log_lines(self, event: str) -> list[bytes]:
        async with self.database.reading() as connection:
            lines = [line async for page in self.office.log.pages(connection) for line in page]
        return [line for line in lines if f'"event":"{event}"'.encode() in line]


@asynccontextmanager
async def opened_province(database: Database, clock: FixedClock) -> AsyncIterator[Province]:
    """Found the province in an empty database."""
    pki = make_pki()
    clock.moment = max(clock.moment, NOW)
    revocations = pki.revocations()
    kinds = (Enrolments(), Grants(), PolicyChanges(), *approvable(late=LATE))
    office = Office(
        aud=ADDRESS,
        log=AuditLog(NoWitness()),
        roots=pki.trust,
        revocation=revocations,
        subjects={source.kind: source for source in kinds},
    )
    signers = [
        pki.issuing.person(f"Người thứ {number}", uid=f"CCCD:{number:012d}", number=10 + number) for number in (1, 2)
    ]
    founders = [
        Founder.of(name, signer.certificate.public_bytes(Encoding.DER))
        for name, signer in zip(("An", "Bình"), signers, strict=True)
    ]
    an, binh = (Admin(founder.staff_id, signer) for founder, signer in zip(founders, signers, strict=True))
    by_id = {admin.staff_id: admin.signer for admin in (an, binh)}
    now = clock.now()
    async with database.unit_of_work() as connection:
        papers = await bootstrap.open_sitting(connection, office, *founders, now=now)
        signed = [SignedPaper(paper.statement, by_id[paper.signer.staff_id].sign(paper.statement)) for paper in papers]
        await bootstrap.close_sitting(connection, office, founders, signed, now=now)
    officer = await make_caller(database, Role.OFFICER, now=now)
    bureau = Bureau(database, officer, await make_caller(database, Role.ADMIN, now=now), office.log, now)
    renderer = Renderer(ROOT / "templates")
    emission = Emission(database, office, renderer, clock, public_url=ADDRESS, late=LATE)
    yield Province(
        database, clock, pki, revocations, office, bureau, an, binh, emission, Firing(database, office, late=LATE)
    )


def another_firing(province: Province) -> Firing:
    """Give what a second process fires with."""
    return Firing(province.database, replace(province.office), late=LATE)
