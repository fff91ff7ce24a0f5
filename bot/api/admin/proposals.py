"""What staff propose and others sign: certificates, roles, policies and roots."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ValidationError

from bot.api.admin.access import AdminDep, Approver, StaffAdmin, StaffReader
from bot.api.admin.bodies import EnrolmentIn, GrantIn, NothingIn, PolicyChangeIn, body_of, decode, documented
from bot.api.admin.problems import AdminRoute
from bot.core.approvals import policies
from bot.core.approvals import repository as approvals_repository
from bot.core.staff import enrolments, grants, proposals
from bot.core.staff.errors import EnrolmentUnknownError
from bot.core.staff.models import ProposalState
from bot.core.staff.proposals import EnrolmentRow
from bot.core.staff.roles import Role, in_force
from bot.core.staff.tokens import Scope
from bot.core.statements import JsonInvalidError
from bot.core.statements.models import Enrolment, Policy

router = APIRouter(prefix="/api/v1", tags=["staff"], route_class=AdminRoute)

EnrolmentId = Annotated[str, Path(pattern=r"^enr-[0-9a-f]{10}$")]

_GRANT = {
    "person": "nv-1a2b3c4d",
    "action": "give",
    "roles": ["officer"],
    "areas": ["24-bac-giang"],
    "not_before": "2026-12-01T00:00:00Z",
    "not_after": "2028-11-30T23:59:59Z",
    "substitute_for": "",
}
_POLICIES = {
    "policies": [{"id": "broadcast", "version": 2, "required": 3, "distinct_from": ["drafter", "editors"]}],
    "summary": "Three signatures for each broadcast.",
}


class EnrolmentOut(BaseModel):
    """A certificate that is, was or may become somebody's."""

    id: str
    version: int
    person: str
    holder: str
    state: str
    certificate_sha256: str
    not_after: datetime

    @classmethod
    def of(cls, row: EnrolmentRow) -> EnrolmentOut:
        """Return what is told of an enrolment."""
        subject = Enrolment.model_validate_json(row.subject)
        return cls(
            id=row.id,
            version=subject.version,
            person=subject.person,
            holder=subject.holder,
            state=ProposalState(row.state).name.lower(),
            certificate_sha256=row.certificate_sha256,
            not_after=row.not_after,
        )


class GrantOut(BaseModel):
    """Roles that are to be given or taken, or were."""

    id: str
    version: int
    state: str
    person: str
    action: str
    roles: list[str]
    areas: list[str]
    not_before: datetime
    not_after: datetime
    substitute_for: str


class ProposedOut(BaseModel):
    """What was proposed: the id and version that approvals name."""

    id: str
    version: int


class PoliciesOut(BaseModel):
    """What is in force, and from which roots certificates must come (SHA-256)."""

    version: int
    policies: list[Policy]
    roots: list[str]


@router.post(
    "/enrolments",
    status_code=201,
    openapi_extra=documented(EnrolmentIn, {"certificate": "-----BEGIN CERTIFICATE-----\n…"}),
)
async def propose_my_certificate(
    caller: Approver,
    sent: Annotated[EnrolmentIn, Depends(body_of(EnrolmentIn))],
    admin: AdminDep,
) -> EnrolmentOut:
    """Propose one's own certificate. It counts once its key is proven and another admin has signed."""
    text = sent.certificate
    certificate = text.encode() if text.lstrip().startswith("-----") else decode(text) or b""
    async with admin.database.unit_of_work() as connection:
        row = await enrolments.propose(
            connection,
            admin.approving.log,
            staff_id=caller.staff_id,
            certificate=certificate,
            now=admin.clock.now(),
        )
    return EnrolmentOut.of(row)


@router.get("/enrolments")
async def list_enrolments(caller: Approver, admin: AdminDep) -> list[EnrolmentOut]:
    """List certificates: all of them for admins and auditors, one's own for others."""
    now = admin.clock.now()
    sees_all = any(in_force(caller.holdings, role, now=now) for role in (Role.ADMIN, Role.AUDITOR))
    async with admin.database.reading() as connection:
        rows = await proposals.list_enrolments(connection, staff_ids=None if sees_all else (caller.staff_id,))
    return [EnrolmentOut.of(row) for row in rows]


@router.post("/enrolments/{enrolment_id}/end", status_code=204, openapi_extra=documented(NothingIn, {}))
async def end_enrolment(enrolment_id: EnrolmentId, caller: Approver, admin: AdminDep) -> Response:
    """Let a certificate count no more, at once: one's own, or as an admin anybody's."""
    now = admin.clock.now()
    may_all = Scope.STAFF in caller.scopes and in_force(caller.holdings, Role.ADMIN, now=now) is not None
    async with admin.database.unit_of_work() as connection:
        row = await enrolments.get(connection, enrolment_id)
        if row.staff_id != caller.staff_id and not may_all:
            raise EnrolmentUnknownError
        await enrolments.end(connection, admin.approving.log, enrolment_id, by=caller.staff_id, now=now)
    return Response(status_code=204)


@router.post("/grants", status_code=201, openapi_extra=documented(GrantIn, _GRANT))
async def propose_grant(
    caller: StaffAdmin, asked: Annotated[GrantIn, Depends(body_of(GrantIn))], admin: AdminDep
) -> ProposedOut:
    """Propose to give or take roles; others sign. An admin's role takes two signatures."""
    try:
        async with admin.database.unit_of_work() as connection:
            row = await grants.propose(
                connection,
                admin.approving.log,
                by=caller.staff_id,
                person=asked.person,
                action=asked.action,
                roles=[Role(role) for role in asked.roles],
                areas=asked.areas,
                not_before=asked.not_before,
                not_after=asked.not_after,
                substitute_for=asked.substitute_for,
                now=admin.clock.now(),
            )
    except ValidationError as error:
        raise JsonInvalidError(problem="members") from error
    return ProposedOut(id=row.id, version=1)


@router.get("/grants")
async def list_grants(caller: StaffReader, admin: AdminDep) -> list[GrantOut]:
    """List what was proposed about roles, the oldest first."""
    async with admin.database.reading() as connection:
        rows = await proposals.list_grants(connection)
    found = [(row, grants.read(row)) for row in rows]
    return [
        GrantOut(
            id=row.id,
            version=grant.version,
            state="proposed" if row.state == ProposalState.PROVEN else ProposalState(row.state).name.lower(),
            person=grant.person,
            action=grant.action,
            roles=list(grant.roles),
            areas=list(grant.areas),
            not_before=grant.not_before,
            not_after=grant.not_after,
            substitute_for=grant.substitute_for,
        )
        for row, grant in found
    ]


@router.get("/policies")
async def policies_in_force(caller: StaffReader, admin: AdminDep) -> PoliciesOut:
    """Tell how many must sign what, and which roots are trusted."""
    async with admin.database.reading() as connection:
        rules = await policies.rules_in_force(connection, admin.approving.office)
    return PoliciesOut(
        version=rules.version,
        policies=sorted(rules.policies.values(), key=lambda policy: policy.id),
        roots=list(policies.digests_of(rules.trust)),
    )


@router.get("/policy-changes")
async def list_policy_changes(caller: StaffReader, admin: AdminDep) -> list[ProposedOut]:
    """List the proposals of policies and roots, the oldest first."""
    async with admin.database.reading() as connection:
        rows = await approvals_repository.list_policy_changes(connection)
    return [ProposedOut(id=row.id, version=row.version) for row in rows]


@router.post("/policy-changes", status_code=201, openapi_extra=documented(PolicyChangeIn, _POLICIES))
async def propose_policies(
    caller: StaffAdmin,
    asked: Annotated[PolicyChangeIn, Depends(body_of(PolicyChangeIn))],
    admin: AdminDep,
) -> ProposedOut:
    """Propose the next version of the policies, or of the roots; it takes two admins' signatures."""
    try:
        async with admin.database.unit_of_work() as connection:
            change = await policies.propose(
                connection,
                admin.approving.office,
                by=caller.staff_id,
                policies=asked.policies,
                roots=asked.roots.encode() or None,
                summary=asked.summary,
                now=admin.clock.now(),
            )
    except ValidationError as error:
        raise JsonInvalidError(problem="members") from error
    return ProposedOut(id=change.id, version=change.version)
