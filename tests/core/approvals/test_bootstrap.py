"""The first two admins, and every way to become one of them that must not work."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import func, select

from bot.approving import open_office
from bot.core.approvals import bootstrap
from bot.core.approvals.bootstrap import Founder, SignedPaper, SittingIncompleteError
from bot.core.approvals.errors import (
    BootstrapClosedError,
    CertificateNotEnrolledError,
    ChallengeExpiredError,
    WrongStateError,
)
from bot.core.approvals.models import approvals
from bot.core.signatures import CertificateUntrustedError, SignatureRefusedError, TrustStore
from bot.core.staff import repository
from bot.core.staff.errors import SamePersonError
from bot.core.staff.models import staff_accounts
from bot.core.staff.roles import Role
from bot.settings import Settings
from tests.fakes import MORNING
from tests.pki import make_pki

PKI = make_pki()
AN = PKI.issuing.person("Người thứ 1", uid="CCCD:000000000001", number=11)
BINH = PKI.issuing.person("Người thứ 2", uid="CCCD:000000000002", number=12)


@pytest.fixture
def office(tmp_path):
    plain = open_office(Settings(var_dir=tmp_path), revocation=PKI.revocations())
    return replace(plain, roots=PKI.trust)


def founder(name, signer):
    return Founder.of(name, signer.certificate.public_bytes(Encoding.DER))


async def opened(database, office, *founders, now=MORNING):
    async with database.reading() as connection:
        return await bootstrap.open_sitting(connection, office, *founders, now=now)


async def closed(database, office, founders, papers, *, now=MORNING):
    async with database.unit_of_work() as connection:
        await bootstrap.close_sitting(connection, office, founders, papers, now=now)


def signed(papers, founders, signers):
    by_id = {founder.staff_id: signer for founder, signer in zip(founders, signers, strict=True)}
    return [SignedPaper(paper.statement, by_id[paper.signer.staff_id].sign(paper.statement)) for paper in papers]


@pytest.fixture
async def sitting(database, office):
    """Give both founders and their four papers, signed."""
    founders = (founder("An", AN), founder("Bình", BINH))
    papers = await opened(database, office, *founders)
    return founders, signed(papers, founders, (AN, BINH))


async def test_two_people_become_admins_together_with_evidence_of_both(database, office, sitting):
    founders, papers = sitting
    await closed(database, office, founders, papers)
    async with database.reading() as connection:
        holdings = await repository.list_holdings(connection)
        counted = (await connection.execute(select(func.count()).select_from(approvals))).scalar_one()
        lines = [line async for page in office.log.pages(connection) for line in page]
    assert {holding.staff_id for holding in holdings} == {founder.staff_id for founder in founders}
    assert {holding.role for holding in holdings} == {Role.ADMIN}
    assert counted == 2
    assert b'"event":"staff.bootstrapped"' in lines[-1]


async def test_it_closes_for_good(database, office, sitting):
    founders, papers = sitting
    await closed(database, office, founders, papers)
    with pytest.raises(BootstrapClosedError):
        await closed(database, office, founders, papers)
    with pytest.raises(BootstrapClosedError):
        await opened(database, office, *founders)


async def test_nothing_is_stored_of_a_sitting_that_fails(database, office, sitting):
    founders, papers = sitting
    broken = SignedPaper(papers[3].statement, papers[0].signature)
    with pytest.raises(SignatureRefusedError):
        await closed(database, office, founders, [*papers[:3], broken])
    async with database.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(staff_accounts))).scalar_one() == 0
        await bootstrap.check_open(connection)


@pytest.mark.parametrize(
    "second",
    [
        PKI.issuing.person("Người thứ 1", uid="cccd:000000000001", number=13),
        PKI.issuing.person("Người thứ 3", uid="CCCD:000000000003", number=11),
    ],
    ids=["same-person", "same-key"],
)
async def test_one_person_cannot_be_both(database, office, second):
    with pytest.raises(SamePersonError):
        await opened(database, office, founder("An", AN), founder("Bình", second))


async def test_nobody_signs_in_the_other_s_place(database, office):
    founders = (founder("An", AN), founder("Bình", BINH))
    papers = await opened(database, office, *founders)
    with pytest.raises(CertificateNotEnrolledError):
        await closed(database, office, founders, signed(papers, founders, (AN, AN)))


@pytest.mark.parametrize("kept", [3, 0])
async def test_papers_that_are_missing_or_twice_there_are_refused(database, office, sitting, kept):
    founders, papers = sitting
    for given in (papers[:kept], [*papers[:3], papers[0]]):
        with pytest.raises(SittingIncompleteError):
            await closed(database, office, founders, given)


async def test_papers_of_two_sittings_do_not_mix(database, office, sitting):
    founders, papers = sitting
    others = (founder("Chi", PKI.issuing.person(uid="CCCD:000000000004", number=14)), founders[1])
    with pytest.raises(SittingIncompleteError):
        await closed(database, office, others, papers)


async def test_an_hour_later_the_papers_count_no_more(database, office, sitting):
    founders, papers = sitting
    with pytest.raises(ChallengeExpiredError):
        await closed(database, office, founders, papers, now=MORNING + timedelta(hours=1, seconds=1))


async def test_papers_from_before_another_line_of_the_log_count_no_more(database, office, sitting):
    founders, papers = sitting
    async with database.unit_of_work() as connection:
        await office.log.append(connection, "staff.added", {}, now=MORNING)
    with pytest.raises(WrongStateError):
        await closed(database, office, founders, papers)


async def test_papers_for_another_deployment_are_refused(database, office, sitting):
    founders, papers = sitting
    with pytest.raises(SittingIncompleteError):
        await closed(database, replace(office, aud="https://tinh-khac.example.vn"), founders, papers)


async def test_without_a_root_nobody_is_enrolled(database, office, sitting):
    founders, papers = sitting
    with pytest.raises(CertificateUntrustedError):
        await closed(database, replace(office, roots=TrustStore(())), founders, papers)
