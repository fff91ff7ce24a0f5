"""Challenges, approvals, rejections and evidence of anything that is approved."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api.admin.access import Admin, AdminDep, Approver, LogReader
from bot.api.admin.bodies import ChallengeIn, RejectionIn, SignatureIn, body_of, decode, documented, encode
from bot.api.admin.problems import AdminRoute
from bot.core.approvals import repository, service
from bot.core.approvals.evidence import approval_files, log_files
from bot.core.approvals.ports import Submitted
from bot.core.approvals.repository import Challenge
from bot.core.approvals.service import Outcome, Purpose
from bot.core.audit.bundle import pack
from bot.core.broadcasts import visibility
from bot.core.broadcasts.errors import BroadcastUnknownError
from bot.core.broadcasts.kinds import Kind as BroadcastKind
from bot.core.staff.accounts import Caller
from bot.core.statements import digest

router = APIRouter(prefix="/api/v1", tags=["approvals"], route_class=AdminRoute)

Kind = Annotated[
    str, Path(pattern=r"^[a-z][a-z-]{1,31}$", description="`broadcasts`, `series`, `grants`, `enrolments` …")
]
SubjectId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]

_SIGNATURE = {"challenge": "q3v0Yc1m8Jt5oXn2kWbE7rLhZ4uGdS6a", "format": "cms-detached", "signature": "MIIG…"}


class ChallengeOut(BaseModel):
    """A statement to sign: exactly these bytes (base64). Its digest is for comparing by eye."""

    challenge: str
    statement: str
    sha256: str
    expires_at: datetime

    @classmethod
    def of(cls, challenge: Challenge) -> ChallengeOut:
        """Return what is told of a challenge."""
        statement = challenge.statement
        return cls(
            challenge=challenge.jti,
            statement=encode(statement),
            sha256=digest(statement),
            expires_at=challenge.expires_at,
        )


class OutcomeOut(BaseModel):
    """How many have approved, and how many must."""

    approvals: int
    required: int

    @classmethod
    def of(cls, outcome: Outcome) -> OutcomeOut:
        """Return what is told of an outcome."""
        return cls(approvals=outcome.count, required=outcome.required)


class ApprovalOut(BaseModel):
    """One person's approval, by digests."""

    staff: str
    approved_at: datetime
    statement_sha256: str
    cms_sha256: str
    certificate_sha256: str


@router.post(
    "/enrolments/{subject_id}/proof-challenges",
    status_code=201,
    openapi_extra=documented(ChallengeIn, {"offline": False}),
)
async def ask_to_prove_the_key(
    subject_id: SubjectId,
    caller: Approver,
    asked: Annotated[ChallengeIn, Depends(body_of(ChallengeIn))],
    admin: AdminDep,
) -> ChallengeOut:
    """Give the holder of a certificate a statement to sign with its key."""
    return await _challenge("enrolments", subject_id, caller, asked, admin, purpose=Purpose.PROVE)


@router.post("/enrolments/{subject_id}/proofs", status_code=201, openapi_extra=documented(SignatureIn, _SIGNATURE))
async def prove_the_key(
    subject_id: SubjectId,
    caller: Approver,
    sent: Annotated[SignatureIn, Depends(body_of(SignatureIn))],
    admin: AdminDep,
) -> OutcomeOut:
    """Show that one has the key of one's certificate; another admin approves next."""
    return await _answer("enrolments", subject_id, caller, sent, admin, purpose=Purpose.PROVE)


@router.post(
    "/{kind}/{subject_id}/approval-challenges",
    status_code=201,
    openapi_extra=documented(ChallengeIn, {"offline": False}),
)
async def ask_to_approve(
    kind: Kind,
    subject_id: SubjectId,
    caller: Approver,
    asked: Annotated[ChallengeIn, Depends(body_of(ChallengeIn))],
    admin: AdminDep,
) -> ChallengeOut:
    """Give an admin a statement of their own to sign: the whole subject, for this once."""
    return await _challenge(kind, subject_id, caller, asked, admin, purpose=Purpose.APPROVE)


@router.post("/{kind}/{subject_id}/approvals", status_code=201, openapi_extra=documented(SignatureIn, _SIGNATURE))
async def approve(
    kind: Kind,
    subject_id: SubjectId,
    caller: Approver,
    sent: Annotated[SignatureIn, Depends(body_of(SignatureIn))],
    admin: AdminDep,
) -> OutcomeOut:
    """Approve by signature. It counts once; enough different people's let the subject happen."""
    return await _answer(kind, subject_id, caller, sent, admin, purpose=Purpose.APPROVE)


@router.post(
    "/{kind}/{subject_id}/rejections",
    status_code=204,
    openapi_extra=documented(RejectionIn, {"reason": "The date is wrong."}),
)
async def reject(
    kind: Kind,
    subject_id: SubjectId,
    caller: Approver,
    sent: Annotated[RejectionIn, Depends(body_of(RejectionIn))],
    admin: AdminDep,
) -> Response:
    """Put a subject away. It is not signed: a false rejection can delay something, but not send it."""
    async with admin.database.unit_of_work() as connection:
        await service.reject(
            connection,
            admin.approving.office,
            kind=kind,
            subject_id=subject_id,
            staff_id=caller.staff_id,
            reason=sent.reason,
            now=admin.clock.now(),
        )
    return Response(status_code=204)


@router.get("/{kind}/{subject_id}/approvals")
async def list_approvals(kind: Kind, subject_id: SubjectId, caller: Approver, admin: AdminDep) -> list[ApprovalOut]:
    """List the approvals of a subject's present version."""
    async with admin.database.reading() as connection:
        submitted = await _visible(connection, kind, subject_id, caller, admin)
        rows = await repository.list_approvals(
            connection, kind=kind, subject_id=subject_id, version=submitted.subject.version
        )
    return [
        ApprovalOut(
            staff=row.staff_id,
            approved_at=row.approved_at,
            statement_sha256=digest(row.statement),
            cms_sha256=digest(row.signature),
            certificate_sha256=row.certificate_sha256,
        )
        for row in rows
    ]


@router.get("/{kind}/{subject_id}/evidence", response_class=Response)
async def fetch_evidence(kind: Kind, subject_id: SubjectId, caller: LogReader, admin: AdminDep) -> Response:
    """Fetch everything that an outsider needs to check a subject's approvals, as a ZIP archive."""
    approving = admin.approving
    async with admin.database.reading() as connection:
        await _visible(connection, kind, subject_id, caller, admin)
    checkpoint = await approving.checkpoints.up_to_date(now=admin.clock.now())
    async with admin.database.reading() as connection:
        files = dict(await log_files(connection, approving.office, approving.signer, checkpoint, readme=admin.readme))
        files |= await approval_files(
            connection, approving.office, kind=kind, subject_id=subject_id, log=files["log.jsonl"]
        )
    return zip_answer(pack(files), f"{subject_id}.zip")


def zip_answer(archive: bytes, name: str) -> Response:
    """Return an archive to be saved as a file."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(archive, media_type="application/zip", headers=headers)


async def _visible(connection: AsyncConnection, kind: str, subject_id: str, caller: Caller, admin: Admin) -> Submitted:
    """Return a subject that the caller may see: of what is broadcast, only what goes to any area of theirs.

    Raises:
        NotFoundError: there is none, or they may not see it.
    """
    submitted = await admin.approving.office.source(kind).load(connection, subject_id, locked=False)
    if kind in set(BroadcastKind) and not visibility.may_see(caller, submitted.areas, now=admin.clock.now()):
        raise BroadcastUnknownError(broadcast=subject_id)
    return submitted


async def _challenge(
    kind: str, subject_id: str, caller: Approver, asked: ChallengeIn, admin: AdminDep, *, purpose: Purpose
) -> ChallengeOut:
    made = await admin.approving.desk.challenge(
        kind=kind,
        subject_id=subject_id,
        staff_id=caller.staff_id,
        purpose=purpose,
        offline=asked.offline,
        now=admin.clock.now(),
    )
    return ChallengeOut.of(made)


async def _answer(
    kind: str,
    subject_id: str,
    caller: Approver,
    sent: SignatureIn,
    admin: AdminDep,
    *,
    purpose: Purpose,
) -> OutcomeOut:
    # What is no base64 is no signature either, and is refused and logged as such.
    signature = decode(sent.signature) or sent.signature.encode()
    outcome = await admin.approving.desk.answer(
        kind=kind,
        subject_id=subject_id,
        jti=sent.challenge,
        staff_id=caller.staff_id,
        purpose=purpose,
        signature=signature,
        now=admin.clock.now(),
    )
    return OutcomeOut.of(outcome)
