"""Attacks between the last signature and sending: the check starts over from the evidence."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import and_, delete, insert, select, update

from bot.core.approvals.errors import (
    ApprovalRevokedError,
    ApprovalsMissingError,
    DigestMismatchError,
    ScheduleInvalidError,
)
from bot.core.approvals.models import approval_challenges, approvals, policy_changes
from bot.core.approvals.ports import Window
from bot.core.approvals.rechecks import recheck
from bot.core.signatures import RevocationUnavailableError
from bot.core.staff.models import ProposalState, staff_enrolments, staff_grants
from bot.core.staff.roles import Role
from bot.core.statements import canonical
from bot.core.statements.values import write_moment
from tests.attacks.world import person, refused

OURS = approvals.c.kind == "broadcasts"


@pytest.fixture
async def approved(world):
    """Give the province with the broadcast approved by two admins."""
    for member in (world.an, world.binh):
        assert (await world.approve(member)).status_code == 201
    return world


async def leave(world, *, outgoing: bytes | None = None, window: Window | None = None):
    broadcast = world.broadcasts.kept["tb-1"]
    async with world.database.reading() as connection:
        return await recheck(
            connection,
            world.approving.office,
            kind="broadcasts",
            outgoing=outgoing or broadcast.to_bytes(),
            areas=broadcast.audience.areas,
            window=window or world.broadcasts.window(broadcast),
            at=world.clock.now(),
        )


async def tamper(world, statement):
    async with world.database.unit_of_work() as connection:
        await connection.execute(statement)


async def test_what_was_approved_may_leave(approved):
    assert len((await leave(approved)).statements) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"audience": {"areas": ("tinh", "xa-tan-my"), "channels": ("telegram",)}},
        {"content": {"lang": "vi", "title": "Khẩn", "text": "Chuyển tiền ngay.", "media": ()}},
        {"severity": "urgent"},
        {"mode": "training"},
        {"drafter": "nv-00000000"},
    ],
    ids=["audience", "words", "severity", "mode", "drafter"],
)
async def test_a_widened_audience_or_any_other_change_is_refused(approved, change):
    broadcast = approved.broadcasts.kept["tb-1"]
    widened = type(broadcast).model_validate(broadcast.model_dump() | change)
    with pytest.raises(DigestMismatchError):
        await leave(approved, outgoing=widened.to_bytes())


async def test_the_next_version_has_no_approvals(approved):
    approved.broadcasts.draft(approved.clock.now(), drafter=approved.chi.staff_id)
    with pytest.raises(ApprovalsMissingError):
        await leave(approved)


async def test_one_approval_is_too_few(world):
    await world.approve(world.an)
    with pytest.raises(ApprovalsMissingError):
        await leave(world)


async def test_a_certificate_that_was_revoked_since_is_refused(approved):
    crl = approved.pki.issuing.crl([approved.binh.signer.certificate])
    approved.revocations.crls[:] = [approved.pki.root.crl(), crl]
    with pytest.raises(ApprovalRevokedError):
        await leave(approved)


async def test_without_fresh_evidence_about_revocation_nothing_leaves(approved):
    approved.revocations.crls.clear()
    with pytest.raises(RevocationUnavailableError):
        await leave(approved)


async def test_an_enrolment_that_was_ended_since_is_refused(approved):
    mine = (await approved.client.get("/api/v1/enrolments", headers=approved.an.headers)).json()
    ended = next(row["id"] for row in mine if row["person"] == approved.binh.staff_id)
    answer = await approved.client.post(f"/api/v1/enrolments/{ended}/end", headers=approved.an.headers)
    assert answer.status_code == 204
    with pytest.raises(ApprovalRevokedError):
        await leave(approved)


@pytest.mark.parametrize("at", ["before", "after"])
async def test_outside_of_its_window_nothing_leaves(approved, at):
    now = approved.clock.now()
    hour = timedelta(hours=1)
    window = Window(now + hour, now + 2 * hour) if at == "before" else Window(now - 2 * hour, now - hour)
    with pytest.raises(ScheduleInvalidError):
        await leave(approved, window=window)


async def test_an_approval_copied_to_a_second_account_is_refused(world):
    """Somebody with the database in hand lets one signature count as two people's."""
    await world.approve(world.an)
    async with world.database.unit_of_work() as connection:
        row = dict((await connection.execute(select(approvals).where(OURS))).one()._mapping)
        forged = {"id": 99, "staff_id": world.binh.staff_id, "person": "0" * 64, "key_sha256": "0" * 64}
        await connection.execute(insert(approvals).values(row | forged))
    with pytest.raises(DigestMismatchError):
        await leave(world)


async def test_a_statement_whose_number_of_signatures_was_lowered_is_refused(world):
    await world.approve(world.an)
    async with world.database.unit_of_work() as connection:
        (statement,) = (await connection.execute(select(approvals.c.statement).where(OURS))).one()
        lowered = statement.replace(b'"required":2', b'"required":1')
        assert lowered != statement
        await connection.execute(update(approvals).where(OURS).values(statement=lowered))
    with pytest.raises(DigestMismatchError):
        await leave(world)


@pytest.mark.parametrize("policy", ["enrolment", "grant"])
async def test_a_message_to_many_cannot_be_approved_by_the_policy_of_something_smaller(world, policy):
    """Somebody with the database and one admin's key: by these policies one signature is enough."""
    await world.approve(world.an)
    async with world.database.unit_of_work() as connection:
        (statement,) = (await connection.execute(select(approvals.c.statement).where(OURS))).one()
        value = json.loads(statement)
        value["policy"].update(id=policy, required=1)
        other = canonical(value)
        values = {"statement": other, "signature": world.an.signer.sign(other)}
        await connection.execute(update(approvals).where(OURS).values(values))
    with pytest.raises(DigestMismatchError):
        await leave(world)


async def test_a_challenge_whose_policy_was_changed_in_the_database_counts_for_nobody(world):
    challenge, statement = await world.statement(world.an)
    value = json.loads(statement)
    value["policy"].update(version=2, required=1)
    lowered = canonical(value)
    await tamper(world, update(approval_challenges).values(statement=lowered))
    refused(await world.send(world.an, challenge, world.an.signer.sign(lowered)), 409, "version-superseded")


async def test_an_enrolled_person_whose_role_was_written_into_the_database_approves_nothing(world):
    """Their certificate is truly theirs; that they are an admin nobody ever signed."""
    officer = await world.enrol(await world.hire("Dũng", Role.ADMIN), person(world.pki, 4))
    for member in (officer, world.an):
        assert (await world.approve(member)).status_code == 201
    with pytest.raises(DigestMismatchError):
        await leave(world)


async def test_an_admin_by_a_signed_grant_approves_like_the_first_two(world):
    third = await promoted(world)
    for member in (third, world.an):
        assert (await world.approve(member)).status_code == 201
    assert len((await leave(world)).statements) == 2


@pytest.mark.parametrize(
    "forgery",
    [
        delete(approvals).where(approvals.c.kind == "grants"),
        update(approvals).where(approvals.c.kind == "grants").values(signature=b"x"),
        delete(staff_grants),
    ],
    ids=["signatures", "a-signature", "grant"],
)
async def test_a_grant_that_is_not_signed_as_it_must_be_makes_no_admin(world, forgery):
    third = await promoted(world)
    for member in (third, world.an):
        assert (await world.approve(member)).status_code == 201
    await tamper(world, forgery)
    with pytest.raises(DigestMismatchError):
        await leave(world)


async def test_what_somebody_approved_is_void_once_their_account_is_ended(world):
    third = await promoted(world)
    for member in (third, world.an):
        assert (await world.approve(member)).status_code == 201
    answer = await world.client.post(f"/api/v1/staff/{third.staff_id}/end", headers=world.an.headers)
    assert answer.status_code == 204, answer.text
    with pytest.raises(ApprovalRevokedError):
        await leave(world)


async def promoted(world):
    """Give somebody whom both admins made a third, by their signatures."""
    third = await world.enrol(await world.hire("Dũng"), person(world.pki, 4))
    now = world.clock.now()
    body = {
        "person": third.staff_id,
        "action": "give",
        "roles": ["admin"],
        "areas": [],
        "not_before": write_moment(now),
        "not_after": write_moment(now + timedelta(days=90)),
    }
    asked = await world.client.post("/api/v1/grants", headers=world.an.headers, json=body)
    assert asked.status_code == 201, asked.text
    for member in (world.an, world.binh):
        answer = await world.approve(member, kind="grants", subject=asked.json()["id"])
        assert answer.status_code == 201, answer.text
    return third


async def test_an_approval_taken_out_of_the_database_is_missed(approved):
    await tamper(approved, delete(approvals).where(OURS, approvals.c.staff_id == approved.an.staff_id))
    with pytest.raises(ApprovalsMissingError):
        await leave(approved)


async def test_an_approval_dated_otherwise_than_its_statement_allows_is_refused(approved):
    await tamper(approved, update(approvals).values(approved_at=approved.clock.now() - timedelta(days=1)))
    with pytest.raises(DigestMismatchError):
        await leave(approved)


async def test_an_approval_of_a_certificate_from_elsewhere_is_refused(approved):
    """Somebody with the database in hand puts a signature in that no desk would have taken."""
    stranger = person(approved.pki, 9)
    async with approved.database.unit_of_work() as connection:
        where = and_(OURS, approvals.c.staff_id == approved.an.staff_id)
        (statement,) = (await connection.execute(select(approvals.c.statement).where(where))).one()
        await connection.execute(update(approvals).where(where).values(signature=stranger.sign(statement)))
    with pytest.raises(ApprovalRevokedError):
        await leave(approved)


async def test_what_is_no_subject_at_all_is_refused(approved):
    for outgoing in (b"{}", b"[]", b'{"id":"tb-1","id":"tb-1","version":1}'):
        with pytest.raises(DigestMismatchError):
            await leave(approved, outgoing=outgoing)


async def test_a_policy_that_became_stricter_holds_for_what_was_not_sent_yet(approved):
    world = approved
    third = await world.enrol(await world.hire("Dũng", Role.ADMIN), person(world.pki, 4))
    standing = (await world.client.get("/api/v1/policies", headers=world.an.headers)).json()
    policies = [
        policy | ({"version": 2, "required": 3} if policy["id"] == "broadcast" else {})
        for policy in standing["policies"]
    ]
    body = {"policies": policies, "summary": "Ba người ký."}
    asked = await world.client.post("/api/v1/policy-changes", headers=world.an.headers, json=body)
    assert asked.status_code == 201, asked.text
    for member in (world.an, third):
        answer = await world.approve(member, kind="policy-changes", subject=asked.json()["id"])
        assert answer.status_code == 201, answer.text
    assert (await world.client.get("/api/v1/policies", headers=world.an.headers)).json()["version"] == 2
    with pytest.raises(ApprovalsMissingError):
        await leave(world)


async def test_a_certificate_enrolled_in_the_database_and_by_nobody_s_signature_is_refused(world):
    """Somebody with the database in hand makes two accounts, their roles and their enrolments, and signs as both."""
    for number in (7, 8):
        signer = person(world.pki, number)
        forged = replace(await world.hire(f"Giả {number}", Role.ADMIN), signer=signer)
        enrolment = (await world.propose_certificate(forged, signer)).json()["id"]
        await tamper(
            world,
            update(staff_enrolments).where(staff_enrolments.c.id == enrolment).values(state=ProposalState.APPROVED),
        )
        assert (await world.approve(forged)).status_code == 201
    with pytest.raises(DigestMismatchError):
        await leave(world)


async def test_two_forged_admins_who_enrolled_each_other_are_refused(world):
    """Their signatures for each other are sound, but no chain leads from them to the first two admins."""
    forged = []
    for number in (7, 8):
        signer = person(world.pki, number)
        member = replace(await world.hire(f"Giả {number}", Role.ADMIN), signer=signer)
        enrolment = (await world.propose_certificate(member, signer)).json()["id"]
        forged.append((member, enrolment, signer))
    for member, enrolment, signer in forged:
        assert (await world.prove(member, enrolment, signer)).status_code == 201
    # Each row stands as approved while its owner signs for the other, as only a forger's can.
    for (by, own, _), (_, other, _) in (forged, forged[::-1]):
        await set_state(world, own, ProposalState.APPROVED)
        await set_state(world, other, ProposalState.PROVEN)
        assert (await world.approve(by, kind="enrolments", subject=other)).status_code == 201
        await set_state(world, own, ProposalState.PROVEN)
    for member, enrolment, _ in forged:
        await set_state(world, enrolment, ProposalState.APPROVED)
        assert (await world.approve(member)).status_code == 201
    with pytest.raises(DigestMismatchError):
        await leave(world)


async def set_state(world, enrolment, state):
    await tamper(world, update(staff_enrolments).where(staff_enrolments.c.id == enrolment).values(state=state))


async def test_policies_and_roots_that_nobody_signed_stop_everything(approved):
    """Somebody with the database in hand lets one signature suffice, as version 2."""
    standing = (await approved.client.get("/api/v1/policies", headers=approved.an.headers)).json()
    body = {"policies": standing["policies"], "summary": "Không ai ký."}
    asked = await approved.client.post("/api/v1/policy-changes", headers=approved.an.headers, json=body)
    assert asked.status_code == 201
    await tamper(approved, update(policy_changes).values(state=ProposalState.APPROVED))
    with pytest.raises(DigestMismatchError):
        await leave(approved)
    refused(await approved.ask(approved.an), 409, "digest-mismatch")
