"""Policies and roots: what is in force, and what cannot come into force."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.approving import SigningRootsUnusableError, open_office, read_roots
from bot.core.approvals import policies
from bot.core.approvals import repository as approvals
from bot.core.approvals.errors import DigestMismatchError, PolicyRefusedError, VersionSupersededError
from bot.core.approvals.models import policy_changes
from bot.core.approvals.policies import BUILT_IN, PolicyChanges
from bot.core.approvals.repository import ApprovalRow
from bot.core.signatures import verify
from bot.core.staff import repository
from bot.core.staff.enrolments import Identity
from bot.core.statements import PolicyChangeApproval
from bot.core.statements.models import Approver, LogHead, Policy
from bot.settings import Settings
from tests.fakes import MORNING
from tests.pki import make_pki, make_root, pem

PKI = make_pki()
STRICTER = Policy(id="broadcast", version=2, required=3, distinct_from=("drafter", "editors"))


@pytest.fixture
def office(tmp_path):
    return replace(open_office(Settings(var_dir=tmp_path)), roots=PKI.trust)


def table(*changed: Policy) -> list[Policy]:
    rows = {policy.id: policy for policy in (*BUILT_IN, *changed)}
    return list(rows.values())


async def propose(database, office, rows, *, roots=None):
    async with database.unit_of_work() as connection:
        return await policies.propose(
            connection, office, by="nv-1", policies=rows, roots=roots, summary="Đổi quy định.", now=MORNING
        )


async def approve(database, office, change, *, signers=2):
    """Have so many people sign a change, as the desk would store it, and put it in force."""
    async with database.unit_of_work() as connection:
        for number in range(1, signers + 1):
            staff_id = f"nv-{number}"
            if await repository.find_account(connection, staff_id) is None:
                await repository.add_account(connection, staff_id=staff_id, name="Người", now=MORNING)
            await approvals.add_approval(connection, await signed(connection, office, change, number))
        await PolicyChanges().approved(connection, change, by="nv-1", now=MORNING)


async def signed(connection, office, change, number: int) -> ApprovalRow:
    rules = await policies.rules_in_force(connection, office)
    statement = PolicyChangeApproval(
        aud=office.aud,
        jti=f"{number:032d}",
        iat=MORNING,
        exp=MORNING + timedelta(minutes=10),
        approver=Approver(id=f"nv-{number}", role="admin"),
        policy=rules.policy("policy-change"),
        log=LogHead(size=0, head="0" * 64),
        policy_change=change,
    ).to_bytes()
    signer = PKI.issuing.person(uid=f"CCCD:{number:012d}", number=10 + number)
    verified = verify(signer.sign(statement), statement, trust=rules.trust, revocation=PKI.revocations(), at=MORNING)
    identity = Identity.of(verified.certificate)
    return ApprovalRow(
        kind="policy-changes",
        subject_id=change.id,
        version=change.version,
        staff_id=f"nv-{number}",
        person=identity.person,
        key_sha256=identity.key_sha256,
        certificate_sha256=verified.certificate.sha256,
        statement=statement,
        signature=verified.stored,
        proofs=await approvals.keep_proofs(connection, verified.revocation),
        approved_at=MORNING,
    )


async def in_force(database, office):
    async with database.reading() as connection:
        return await policies.rules_in_force(connection, office)


async def test_version_1_is_the_product_s_and_the_operator_s(database, office):
    rules = await in_force(database, office)
    assert (rules.version, rules.policy("broadcast").required) == (1, 2)
    assert rules.trust is PKI.trust
    with pytest.raises(PolicyRefusedError):
        rules.policy("horoscope")


async def test_an_approved_change_is_the_next_version_and_older_policies_stay_known(database, office):
    new_root = make_root("Gốc mới", number=9).certificate
    change = await propose(database, office, table(STRICTER), roots=pem([*PKI.trust.roots, new_root]))
    assert (await in_force(database, office)).version == 1
    await approve(database, office, change)
    rules = await in_force(database, office)
    assert (rules.version, rules.policy("broadcast")) == (2, STRICTER)
    assert len(rules.trust.roots) == 2
    assert set(BUILT_IN) < rules.known


async def test_of_two_proposals_for_one_version_one_comes_into_force(database, office):
    first, second = [await propose(database, office, table(STRICTER)) for _ in range(2)]
    await approve(database, office, first)
    with pytest.raises(VersionSupersededError):
        await approve(database, office, second)
    third = await propose(database, office, [replace_version(policy) for policy in table(STRICTER)])
    assert third.version == 3


def replace_version(policy: Policy) -> Policy:
    return policy.model_copy(update={"version": 3, "required": 4}) if policy.id == "broadcast" else policy


@pytest.mark.parametrize(
    "change",
    [
        Policy(id="broadcast", version=2, required=1, distinct_from=("editors",)),
        Policy(id="broadcast", version=2, required=2, distinct_from=("drafter",)),
        Policy(id="grant-admin", version=2, required=1, distinct_from=("drafter", "editors")),
        Policy(id="policy-change", version=2, required=1, distinct_from=("drafter", "editors")),
        Policy(id="broadcast", version=1, required=3, distinct_from=("drafter", "editors")),
        Policy(id="broadcast", version=3, required=3, distinct_from=("drafter", "editors")),
        Policy(id="series", version=2, required=2, distinct_from=("drafter", "editors")),
    ],
    ids=["alone", "editor", "one-makes-an-admin", "one-changes-all", "same-version", "a-version-left-out", "new-at-2"],
)
async def test_a_policy_by_which_one_person_decides_or_that_hides_a_change_is_refused(database, office, change):
    with pytest.raises(PolicyRefusedError):
        await propose(database, office, table(change))


async def test_a_policy_that_is_needed_cannot_be_left_out(database, office):
    with pytest.raises(PolicyRefusedError):
        await propose(database, office, [STRICTER])


async def test_roots_that_somebody_put_into_the_database_are_found(database, office):
    change = await propose(database, office, table(STRICTER))
    await approve(database, office, change)
    foreign = pem([*PKI.trust.roots, make_root("Gốc lạ", number=9).certificate])
    async with database.unit_of_work() as connection:
        await connection.execute(update(policy_changes).values(roots=foreign))
    with pytest.raises(DigestMismatchError):
        await in_force(database, office)


async def test_a_version_that_one_person_signed_is_found(database, office):
    change = await propose(database, office, table(STRICTER))
    await approve(database, office, change, signers=1)
    with pytest.raises(DigestMismatchError):
        await in_force(database, office)


def test_roots_are_read_from_a_file_or_a_directory_and_none_is_no_failure(tmp_path):
    assert read_roots(tmp_path / "nothing").roots == ()
    (tmp_path / "a.pem").write_bytes(pem(PKI.trust.roots).rstrip())
    (tmp_path / "b.crt").write_bytes(pem([make_root("Gốc khác", number=9).certificate]))
    (tmp_path / "notes.txt").write_text("x")
    assert len(read_roots(tmp_path).roots) == 2
    assert len(read_roots(tmp_path / "a.pem").roots) == 1
    (tmp_path / "b.crt").write_text("x")
    with pytest.raises(SigningRootsUnusableError):
        read_roots(tmp_path / "b.crt")
