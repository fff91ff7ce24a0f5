"""Attacks by people: deciding alone, as two, for oneself, without a role, or out of one's time."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.core.approvals import bootstrap
from bot.core.approvals.errors import BootstrapClosedError
from bot.core.signatures import facts_of
from bot.core.staff import enrolments
from bot.core.staff.enrolments import Identity
from bot.core.staff.models import staff_accounts, staff_keys
from bot.core.staff.roles import Role
from bot.core.staff.tokens import Scope
from tests.attacks.world import Member, person, refused


def when(moment) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def grant(person_id: str, *roles: str, begins, days: int = 30, **more) -> dict:
    return {
        "person": person_id,
        "action": "give",
        "roles": list(roles),
        "not_before": when(begins),
        "not_after": when(begins + timedelta(days=days)),
        **more,
    }


async def test_nobody_approves_what_they_drafted(world):
    world.broadcasts.draft(world.clock.now(), drafter=world.an.staff_id)
    refused(await world.ask(world.an), 403, "self-approval")


async def test_nobody_approves_what_they_edited_in_any_version(world):
    editors = tuple(sorted({world.an.staff_id, world.binh.staff_id}))
    world.broadcasts.draft(world.clock.now(), drafter=world.chi.staff_id, editors=editors)
    for member in (world.an, world.binh):
        refused(await world.ask(member), 403, "self-approval")


async def test_nobody_approves_twice(world):
    challenge, statement = await world.statement(world.an)
    assert (await world.approve(world.an)).status_code == 201
    refused(await world.send(world.an, challenge, world.an.signer.sign(statement)), 409, "already-approved")


async def test_two_keys_of_one_person_are_one_person(world):
    second = await world.hire("An, lần hai", Role.ADMIN)
    other_key = world.pki.issuing.person("Người thứ 1", uid="cccd: 000000000001", number=20)
    refused(await world.propose_certificate(second, other_key), 409, "same-person")


async def test_one_key_under_two_accounts_is_one_person(world):
    second = await world.hire("Em", Role.ADMIN)
    same_key = world.pki.issuing.person("Người thứ 5", uid="CCCD:000000000005", number=11)
    refused(await world.propose_certificate(second, same_key), 409, "same-person")


async def test_two_accounts_that_propose_one_person_at_once_get_one(world):
    signers = [world.pki.issuing.person("Người thứ 6", uid="CCCD:000000000006", number=number) for number in (21, 22)]
    members = [await world.hire(name, Role.ADMIN) for name in ("Giang", "Hà")]
    proposed = [(await world.propose_certificate(*pair)).json()["id"] for pair in zip(members, signers, strict=True)]
    for member, enrolment, signer in zip(members, proposed, signers, strict=True):
        assert (await world.prove(member, enrolment, signer)).status_code == 201
    approvals = [await world.approve(world.an, kind="enrolments", subject=enrolment) for enrolment in proposed]
    assert approvals[0].status_code == 201
    refused(approvals[1], 409, "same-person")


async def test_one_person_counts_once_even_where_the_database_gives_them_two_accounts(world):
    """Somebody with the database in hand enrols An's second certificate under Dũng's account."""
    dung = await world.enrol(await world.hire("Dũng", Role.ADMIN), person(world.pki, 4))
    await world.approve(world.an)
    identity = Identity.of(facts_of(world.an.signer.certificate))
    async with world.database.unit_of_work() as connection:
        rows = await enrolments.proposals.list_enrolments(connection, staff_ids=(world.an.staff_id,))
        await enrolments.proposals.change_enrolment(connection, rows[0].id, staff_id=dung.staff_id)
        await connection.execute(
            update(staff_accounts).where(staff_accounts.c.person == identity.person).values(person=None)
        )
        await connection.execute(update(staff_keys).values(staff_id=dung.staff_id))
    refused(await world.approve(dung, signer=world.an.signer), 409, "same-person")


async def test_the_drafter_under_another_account_is_found_by_their_certificate(world):
    """Somebody with the database in hand moves the drafter's certificate to an account that may approve."""
    drafter = await world.enrol(await world.hire("Dũng", Role.OFFICER), person(world.pki, 4))
    world.broadcasts.draft(world.clock.now(), drafter=drafter.staff_id)
    other = await world.hire("Em", Role.ADMIN)
    async with world.database.unit_of_work() as connection:
        rows = await enrolments.proposals.list_enrolments(connection, staff_ids=(drafter.staff_id,))
        await enrolments.proposals.change_enrolment(connection, rows[0].id, staff_id=other.staff_id)
    refused(await world.approve(other, signer=drafter.signer), 409, "same-person")


async def test_a_certificate_of_another_person_cannot_follow_under_one_account(world):
    refused(await world.propose_certificate(world.an, person(world.pki, 7)), 409, "person-changed")


async def test_nobody_approves_their_own_certificate(world):
    renewed = world.pki.issuing.person("Người thứ 1", uid="CCCD:000000000001", number=23)
    enrolment = (await world.propose_certificate(world.an, renewed)).json()["id"]
    refused(await world.ask(world.an, kind="enrolments", subject=enrolment), 403, "self-approval")
    await world.prove(world.an, enrolment, renewed)
    refused(await world.ask(world.an, kind="enrolments", subject=enrolment), 403, "self-approval")


async def test_a_certificate_whose_key_nobody_has_shown_cannot_be_approved(world):
    dung = await world.hire("Dũng")
    enrolment = (await world.propose_certificate(dung, person(world.pki, 4))).json()["id"]
    refused(await world.ask(world.an, kind="enrolments", subject=enrolment), 409, "wrong-state")


async def test_a_proof_of_the_key_is_no_approval(world):
    dung = await world.hire("Dũng", Role.ADMIN)
    signer = person(world.pki, 4)
    enrolment = (await world.propose_certificate(dung, signer)).json()["id"]
    path = f"/api/v1/enrolments/{enrolment}"
    asked = (await world.client.post(f"{path}/proof-challenges", headers=dung.headers)).json()
    signature = signer.sign(base64.b64decode(asked["statement"]))
    answer = await world.send(dung, asked["challenge"], signature, kind="enrolments", subject=enrolment)
    refused(answer, 404, "challenge-unknown")


async def test_nobody_proves_the_key_of_another_s_certificate(world):
    dung = await world.hire("Dũng")
    enrolment = (await world.propose_certificate(dung, person(world.pki, 4))).json()["id"]
    answer = await world.client.post(f"/api/v1/enrolments/{enrolment}/proof-challenges", headers=world.an.headers)
    refused(answer, 403, "not-authorised")


async def test_an_officer_approves_nothing(world):
    refused(await world.ask(world.chi), 403, "not-authorised")


async def test_an_admin_of_another_area_approves_nothing(world):
    elsewhere = await world.hire("Dũng", Role.ADMIN, areas=("xa-khac",))
    refused(await world.ask(elsewhere), 403, "not-authorised")


async def test_a_role_that_ended_since_the_challenge_is_refused(world):
    short = await world.hire("Dũng", Role.ADMIN, not_after=world.clock.now() + timedelta(minutes=5))
    short = await world.enrol(short, person(world.pki, 4))
    challenge, statement = await world.statement(short)
    world.clock.advance(minutes=6)
    refused(await world.send(short, challenge, short.signer.sign(statement)), 403, "not-authorised")


async def test_an_account_that_was_ended_is_let_in_no_more(world):
    dung = await world.hire("Dũng", Role.ADMIN)
    answer = await world.client.post(f"/api/v1/staff/{dung.staff_id}/end", headers=world.an.headers)
    assert answer.status_code == 204
    refused(await world.ask(dung), 401, "token-refused")


async def test_nobody_can_leave_fewer_than_two_admins(world):
    answer = await world.client.post(f"/api/v1/staff/{world.binh.staff_id}/end", headers=world.an.headers)
    refused(answer, 409, "last-admin")
    taking = {**grant(world.binh.staff_id, "admin", begins=world.clock.now()), "action": "take"}
    refused(await world.client.post("/api/v1/grants", headers=world.an.headers, json=taking), 409, "last-admin")


async def test_one_admin_cannot_make_another(world):
    dung = await world.enrol(await world.hire("Dũng"), person(world.pki, 4))
    asked = await world.client.post(
        "/api/v1/grants", headers=world.an.headers, json=grant(dung.staff_id, "admin", begins=world.clock.now())
    )
    made = asked.json()["id"]
    assert (await world.approve(world.an, kind="grants", subject=made)).json() == {"approvals": 1, "required": 2}
    refused(await world.ask(world.an, kind="grants", subject=made), 409, "already-approved")
    refused(await world.ask(dung, kind="grants", subject=made), 403, "not-authorised")
    refused(await world.ask(dung), 403, "not-authorised")


async def test_nobody_signs_for_their_own_roles(world):
    made = await world.client.post(
        "/api/v1/grants", headers=world.an.headers, json=grant(world.an.staff_id, "editor", begins=world.clock.now())
    )
    refused(await world.ask(world.an, kind="grants", subject=made.json()["id"]), 403, "self-approval")
    other = await world.client.post(
        "/api/v1/grants", headers=world.binh.headers, json=grant(world.an.staff_id, "admin", begins=world.clock.now())
    )
    refused(await world.ask(world.an, kind="grants", subject=other.json()["id"]), 403, "self-approval")


async def test_a_deputy_acts_within_their_dates_only_and_the_log_names_for_whom(world):
    begins = world.clock.now() + timedelta(days=1)
    deputy = await world.enrol(await world.hire("Dũng"), person(world.pki, 4))
    em = await world.enrol(await world.hire("Em", Role.ADMIN), person(world.pki, 5))
    asked = await world.client.post(
        "/api/v1/grants",
        headers=world.an.headers,
        json=grant(deputy.staff_id, "admin", begins=begins, days=3, substitute_for=world.binh.staff_id),
    )
    for member in (world.an, em):
        answer = await world.approve(member, kind="grants", subject=asked.json()["id"])
        assert answer.status_code == 201, answer.text
    refused(await world.ask(deputy), 403, "not-authorised")
    world.clock.advance(days=1, hours=1)
    world.broadcasts.draft(world.clock.now(), drafter=world.chi.staff_id)
    assert (await world.approve(deputy)).status_code == 201
    assert (await world.log())[-1]["substitute_for"] == world.binh.staff_id
    world.clock.advance(days=3)
    world.broadcasts.draft(world.clock.now(), drafter=world.chi.staff_id)
    refused(await world.ask(deputy), 403, "not-authorised")


async def test_a_deputy_of_somebody_who_left_acts_no_more(world):
    dung = await world.hire("Dũng", Role.ADMIN)
    deputy = await world.hire("Em", Role.ADMIN, substitute_for=dung.staff_id)
    assert (await world.ask(deputy)).status_code == 201
    await world.client.post(f"/api/v1/staff/{dung.staff_id}/end", headers=world.an.headers)
    refused(await world.ask(deputy), 403, "not-authorised")


@pytest.mark.parametrize("case", ["too-long", "more-roles", "for-oneself"])
async def test_a_deputy_for_more_than_there_is_cannot_be_proposed(world, case):
    dung = await world.hire("Dũng")
    begins = world.clock.now()
    asked = {
        "too-long": grant(dung.staff_id, "admin", begins=begins, days=61, substitute_for=world.binh.staff_id),
        "more-roles": grant(dung.staff_id, "editor", begins=begins, substitute_for=world.binh.staff_id),
        "for-oneself": grant(world.binh.staff_id, "admin", begins=begins, substitute_for=world.binh.staff_id),
    }[case]
    refused(await world.client.post("/api/v1/grants", headers=world.an.headers, json=asked), 422, "deputy-refused")


@pytest.mark.parametrize("shown", ["", "hdt_" + "A" * 43, "A" * 10_000, "hdt_ü"])
async def test_a_token_that_nobody_has_opens_nothing(world, shown):
    answer = await world.client.get("/api/v1/staff/me", headers={b"Authorization": f"Bearer {shown}".encode()})
    refused(answer, 401, "token-refused")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_guessing_tokens_is_slowed_down(world):
    answers = [await world.ask(Member("", f"hdt_{number}")) for number in range(30)]
    assert answers[0].status_code == 401
    refused(answers[-1], 429, "throttled")


async def test_a_token_that_ended_or_was_revoked_opens_nothing(world):
    short = await world.token(world.an.staff_id, days=1)
    answer = await world.client.delete(f"/api/v1/staff/tokens/{world.binh.token[:12]}", headers=world.an.headers)
    assert answer.status_code == 204
    refused(await world.ask(world.binh), 401, "token-refused")
    world.clock.advance(days=1)
    refused(await world.ask(replace(world.an, token=short)), 401, "token-refused")


async def test_a_token_does_what_it_is_for_and_makes_none_that_does_more_or_lasts_longer(world):
    narrow = replace(world.an, token=await world.token(world.an.staff_id, scopes=[Scope.AUDIT], days=2))
    refused(await world.ask(narrow), 403, "not-authorised")
    more = await world.client.post(
        "/api/v1/staff/me/tokens", headers=narrow.headers, json={"scopes": ["approve"], "days": 1}
    )
    refused(more, 403, "not-authorised")
    longer = await world.client.post(
        "/api/v1/staff/me/tokens", headers=narrow.headers, json={"scopes": ["audit"], "days": 300}
    )
    assert longer.json()["expires_at"] == when(world.clock.now() + timedelta(days=2))


async def test_nobody_revokes_another_s_token_but_an_admin(world):
    answer = await world.client.delete(f"/api/v1/staff/tokens/{world.an.token[:12]}", headers=world.chi.headers)
    refused(answer, 404, "token-unknown")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/staff"),
        ("POST", "/api/v1/staff"),
        ("POST", "/api/v1/grants"),
        ("GET", "/api/v1/policies"),
        ("POST", "/api/v1/policy-changes"),
        ("GET", "/api/v1/audit/log"),
        ("GET", "/api/v1/audit/bundle"),
        ("POST", "/api/v1/audit/checkpoints"),
        ("GET", "/api/v1/broadcasts/tb-1/evidence"),
    ],
)
async def test_an_officer_reaches_nothing_of_the_admins_and_auditors(world, method, path):
    refused(await world.client.request(method, path, headers=world.chi.headers), 403, "not-authorised")


async def test_the_first_admins_are_enrolled_once_and_for_good(world):
    async with world.database.reading() as connection:
        with pytest.raises(BootstrapClosedError):
            await bootstrap.check_open(connection)
