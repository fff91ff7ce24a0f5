"""The way that every attack bends: it works, on both databases, and leaves a log that tells of it."""

from __future__ import annotations

from bot.core.approvals.rechecks import recheck
from bot.core.staff.roles import Role
from tests.attacks.world import person


async def test_two_admins_approve_what_an_officer_drafted_and_it_may_leave(anywhere):
    first = await anywhere.approve(anywhere.an)
    assert (first.status_code, first.json()) == (201, {"approvals": 1, "required": 2})
    second = await anywhere.approve(anywhere.binh)
    assert second.json() == {"approvals": 2, "required": 2}
    broadcast = anywhere.broadcasts.kept["tb-1"]
    async with anywhere.database.reading() as connection:
        cleared = await recheck(
            connection,
            anywhere.approving.office,
            kind="broadcasts",
            outgoing=broadcast.to_bytes(),
            areas=broadcast.audience.areas,
            window=anywhere.broadcasts.window(broadcast),
            at=anywhere.clock.now(),
        )
    log = await anywhere.log()
    given = [line for line in log if line["event"] == "approval.given"]
    assert [line["statement_sha256"] for line in given] == list(cleared.statements)
    assert {line["subject_sha256"] for line in given} == {cleared.subject_sha256}
    assert [line["count"] for line in given] == [1, 2]
    await anywhere.approving.check_log(anywhere.database)


async def test_a_third_admin_is_enrolled_by_one_admin_and_granted_by_two(anywhere):
    world = anywhere
    dung = await world.hire("Dũng")
    dung = await world.enrol(dung, person(world.pki, 4))
    now = world.clock.now()
    asked = await world.client.post(
        "/api/v1/grants",
        headers=world.an.headers,
        json={
            "person": dung.staff_id,
            "action": "give",
            "roles": ["admin"],
            "not_before": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "not_after": "2028-01-01T00:00:00Z",
        },
    )
    assert asked.status_code == 201, asked.text
    grant = asked.json()["id"]
    one = await world.approve(world.an, kind="grants", subject=grant)
    assert one.json() == {"approvals": 1, "required": 2}
    assert (await world.ask(dung)).status_code == 403
    assert (await world.approve(world.binh, kind="grants", subject=grant)).status_code == 201
    assert (await world.approve(dung)).status_code == 201
    me = (await world.client.get("/api/v1/staff/me", headers=dung.headers)).json()
    assert [role["role"] for role in me["roles"]] == [Role.ADMIN]
