"""Enrolments and grants as what is approved (`ports.Approvable`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals import policies
from bot.core.approvals.ports import Submitted
from bot.core.staff import enrolments, grants, proposals
from bot.core.staff.models import ProposalState
from bot.core.staff.roles import Role
from bot.core.statements import EnrolmentApproval, GrantApproval, Subject
from bot.core.statements.models import Enrolment


class Enrolments:
    """Certificates: open to approval once the holder has shown that they have the key."""

    kind = "enrolments"
    statement = EnrolmentApproval

    async def load(self, connection: AsyncConnection, subject_id: str, *, locked: bool) -> Submitted:
        """Return an enrolment.

        Raises:
            EnrolmentUnknownError: there is none.
        """
        row = await enrolments.get(connection, subject_id, locked=locked)
        subject = Enrolment.model_validate_json(row.subject)
        return Submitted(subject, policies.ENROLMENT, row.state == ProposalState.PROVEN)

    async def approved(self, connection: AsyncConnection, subject: Subject, *, by: str, now: datetime) -> None:
        """Let the certificate count.

        Raises:
            SamePersonError, PersonChangedError, EnrolmentStateError: it can no longer.
        """
        await enrolments.enrol(connection, subject.id, now=now)

    async def rejected(
        self, connection: AsyncConnection, subject: Subject, *, by: str, reason: str, now: datetime
    ) -> None:
        """Put the enrolment away."""
        state = ProposalState.REJECTED
        await proposals.change_enrolment(connection, subject.id, state=state, decided_at=now)


class Grants:
    """Roles given or taken; an admin's, or their deputy's, by two signatures."""

    kind = "grants"
    statement = GrantApproval

    async def load(self, connection: AsyncConnection, subject_id: str, *, locked: bool) -> Submitted:
        """Return a grant.

        Raises:
            GrantUnknownError: there is none.
        """
        row = await grants.get(connection, subject_id, locked=locked)
        grant = grants.read(row)
        policy = policies.ADMIN_GRANT if Role.ADMIN in grant.roles else policies.GRANT
        return Submitted(grant, policy, row.state == ProposalState.PROVEN, areas=grant.areas)

    async def approved(self, connection: AsyncConnection, subject: Subject, *, by: str, now: datetime) -> None:
        """Give or take the roles.

        Raises:
            StaffUnknownError, DeputyRefusedError, LastAdminError, GrantStateError: they can no longer be.
        """
        await grants.carry_out(connection, subject.id, now=now)

    async def rejected(
        self, connection: AsyncConnection, subject: Subject, *, by: str, reason: str, now: datetime
    ) -> None:
        """Put the grant away."""
        await grants.reject(connection, subject.id, now=now)
