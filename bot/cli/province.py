"""A province of invented people, for trying things out: who founds it, who is appointed, and what they sign for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cli.database import named_database_failures
from bot.cli.demonstration import Demonstration, write_privately
from bot.cli.plain import refuse
from bot.core.approvals import bootstrap as sitting
from bot.core.approvals.bootstrap import Founder, SignedPaper
from bot.core.approvals.ports import Office
from bot.core.approvals.service import Purpose, examine, issue_challenge, record
from bot.core.db import Database, sqlite_file
from bot.core.signatures import facts_of, verify
from bot.core.staff import accounts, grants
from bot.core.staff.roles import Role
from bot.core.staff.tokens import Scope
from bot.migrations import migrate
from bot.settings import Settings
from bot.signing.keys import SigningKey, sign_detached

ROOT_FILE = "dev-root.pem"
"""The demonstration's root, among the roots of signers' certificates."""
BY = "machine"
TOKENS_LAST = timedelta(days=30)
GRANT_LASTS = timedelta(days=365)


def install(settings: Settings, authority: Demonstration) -> None:
    """Put the root where roots are read, and the lists where lists are."""
    roots, lists = settings.effective_signing_roots, settings.effective_crl_dir
    if roots.is_file():
        refuse(f"HIENDIEN_SIGNING_ROOTS là tệp {roots}. Hãy bỏ thiết lập đó để dùng thử.")
    for directory in (roots, lists):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_privately(roots / ROOT_FILE, authority.root())
    for name, data in authority.lists():
        write_privately(lists / f"dev-{name}", data)


async def make_database(settings: Settings) -> None:
    """Make the database where there is none yet: whoever tries signatures out need not have run the product before."""
    file = sqlite_file(settings.effective_database_url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    database = Database(settings.effective_database_url)
    try:
        with named_database_failures(settings.effective_database_url):
            await migrate(database)
    finally:
        await database.close()


def der(signer: SigningKey) -> bytes:
    """Return the certificate of a signer, DER."""
    return facts_of(signer.certificate).der


async def found(
    connection: AsyncConnection,
    office: Office,
    first: tuple[str, SigningKey],
    second: tuple[str, SigningKey],
    *,
    now: datetime,
) -> tuple[str, str]:
    """Enrol two people, by name and key, as the first admins; return the ids of their accounts.

    Raises:
        ProductError: as `bootstrap.open_sitting` and `bootstrap.close_sitting`.
    """
    founders = [Founder.of(name, der(signer)) for name, signer in (first, second)]
    keys = {founder.staff_id: signer for founder, (_, signer) in zip(founders, (first, second), strict=True)}
    papers = await sitting.open_sitting(connection, office, *founders, now=now)
    signed = [
        SignedPaper(paper.statement, sign_detached(paper.statement, keys[paper.signer.staff_id])) for paper in papers
    ]
    await sitting.close_sitting(connection, office, founders, signed, now=now)
    return founders[0].staff_id, founders[1].staff_id


async def appoint(
    connection: AsyncConnection,
    office: Office,
    *,
    name: str,
    role: Role,
    areas: Sequence[str],
    proposer: str,
    approver: tuple[str, SigningKey],
    now: datetime,
) -> str:
    """Give somebody an account and a role in these areas, which one admin proposes and another signs for.

    Raises:
        ProductError: as `grants.propose` and the service of approvals.
    """
    staff_id = await accounts.add(connection, office.log, name=name, by=BY, now=now)
    begins = now.replace(microsecond=0)
    grant = await grants.propose(
        connection,
        office.log,
        by=proposer,
        person=staff_id,
        action="give",
        roles=(role,),
        areas=areas,
        not_before=begins,
        not_after=begins + GRANT_LASTS,
        now=now,
    )
    await sign_off(connection, office, kind="grants", subject_id=grant.id, by=approver, now=now)
    return staff_id


async def sign_off(
    connection: AsyncConnection,
    office: Office,
    *,
    kind: str,
    subject_id: str,
    by: tuple[str, SigningKey],
    purpose: Purpose = Purpose.APPROVE,
    now: datetime,
) -> None:
    """Answer a challenge at once, as a member of staff would with `hiendien sign`.

    Raises:
        ProductError: as `issue_challenge`, `verify` and `record`.
    """
    staff_id, signer = by
    challenge = await issue_challenge(
        connection, office, kind=kind, subject_id=subject_id, staff_id=staff_id, purpose=purpose, now=now
    )
    examined = await examine(
        connection, office, kind=kind, subject_id=subject_id, jti=challenge.jti, staff_id=staff_id, now=now
    )
    verified = verify(
        sign_detached(challenge.statement, signer),
        challenge.statement,
        trust=examined.trust,
        revocation=office.revocation,
        at=now,
        policy=office.signatures,
    )
    await record(connection, office, examined, verified, now=now)


async def give_token(connection: AsyncConnection, office: Office, staff_id: str, *, now: datetime) -> str:
    """Give somebody a token for all that their roles allow; return its text."""
    token, _ = await accounts.issue_token(
        connection, office.log, staff_id=staff_id, scopes=tuple(Scope), lasts=TOKENS_LAST, by=BY, now=now
    )
    return token.text
