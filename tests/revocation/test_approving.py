"""Approving at the admin API with evidence from the web: lists by http, and openssl's own responder."""

from __future__ import annotations

import asyncio
import base64
import shutil
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from bot.core.approvals.errors import ApprovalRevokedError
from bot.core.approvals.rechecks import list_signers_paths, recheck
from bot.core.signatures import RevocationUnavailableError
from bot.revocation.source import KeptEvidence
from tests.attacks.world import refused
from tests.pki import DAY, make_key
from tests.revocation.province import LIST, ROOT_LIST, new_person
from tests.revocation.web import Stalled, endless

GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN


def with_version(der, version):
    """Give a list of a version that there is none of."""
    changed = bytearray(der)
    changed[der.index(b"\x02\x01\x01") + 2] = version
    return bytes(changed)


async def leave(province):
    """Send what was approved, as a sender does."""
    office = province.approving.office
    broadcast = province.broadcasts.kept["tb-1"]
    outgoing = broadcast.to_bytes()
    async with province.database.reading() as connection:
        paths = await list_signers_paths(connection, office, kind="broadcasts", outgoing=outgoing)
    for path in paths:
        await office.prepare(path)
    async with province.database.reading() as connection:
        return await recheck(
            connection,
            office,
            kind="broadcasts",
            outgoing=outgoing,
            areas=broadcast.audience.areas,
            window=None,
            at=province.clock.now(),
        )


async def test_lists_on_the_web_let_two_admins_approve_and_it_leaves(anywhere):
    for member in (anywhere.an, anywhere.binh):
        assert (await anywhere.approve(member)).status_code == 201
    assert len((await leave(anywhere)).statements) == 2
    assert sorted(anywhere.web.asked) == [LIST, ROOT_LIST], "the second found them kept"


async def test_a_certificate_that_the_next_list_revokes_is_refused(province):
    assert (await province.approve(province.an)).status_code == 201
    province.later(hours=2)
    province.publish(province.binh.signer.certificate)
    await province.refresher.make_round()
    sentence = refused(await province.approve(province.binh), 403, "certificate-revoked")
    assert "thu hồi" in sentence


async def test_what_was_approved_leaves_no_more_once_a_list_revokes_an_approver(province):
    for member in (province.an, province.binh):
        assert (await province.approve(member)).status_code == 201
    province.later(hours=2)
    province.publish(province.an.signer.certificate)
    await province.refresher.make_round()
    with pytest.raises(ApprovalRevokedError):
        await leave(province)


async def test_one_process_fetches_and_another_that_may_not_approves_with_it(province):
    await province.refresher.make_round()
    settings = province.product.runtime.settings
    elsewhere = KeptEvidence(province.database, province.clock, settings)
    desk = province.approving.desk
    desk.office = replace(desk.office, revocation=elsewhere, prepare=elsewhere.prepare)
    assert (await province.approve(province.an)).status_code == 201


async def test_without_any_list_the_signature_is_refused_for_now_and_the_challenge_stays(province):
    province.web.pages.clear()
    challenge, statement = await province.statement(province.an)
    answer = await province.send(province.an, challenge, province.an.signer.sign(statement))
    refused(answer, 503, "revocation-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    province.publish()
    province.later(minutes=1)
    again = await province.send(province.an, challenge, province.an.signer.sign(statement))
    assert again.status_code == 201, again.text


@pytest.mark.parametrize("page", [b"<html>", b"", b"-----BEGIN X509 CRL-----", endless])
async def test_a_list_of_the_wrong_type_is_none(province, page):
    province.web.pages[LIST] = page
    refused(await province.approve(province.an), 503, "revocation-unavailable")


async def test_a_list_that_breaks_its_reader_is_none_and_ends_no_round(province, tmp_path):
    honest = province.web.pages[LIST]
    broken = with_version(honest, 9)
    province.web.pages[LIST] = broken
    (tmp_path / "crls").mkdir()
    (tmp_path / "crls" / "broken.crl").write_bytes(broken)
    await province.refresher.make_round()
    refused(await province.approve(province.an), 503, "revocation-unavailable")
    province.web.pages[LIST] = honest
    province.later(minutes=2)
    await province.refresher.make_round()
    assert (await province.approve(province.an)).status_code == 201


async def test_a_list_that_another_key_signed_is_none_and_displaces_none(province):
    assert (await province.approve(province.an)).status_code == 201
    province.later(hours=2)
    forged = province.pki.issuing.crl(
        this_update=province.now, next_update=province.now + 300 * DAY, signed_by=make_key("p256", 40)
    )
    province.web.pages[LIST] = forged
    await province.refresher.make_round()
    province.web.pages[LIST] = province.pki.issuing.crl(
        [province.binh.signer.certificate], this_update=province.now, next_update=province.now + DAY
    )
    province.later(hours=2)
    await province.refresher.make_round()
    refused(await province.approve(province.binh), 403, "certificate-revoked")


async def test_an_older_list_put_in_the_way_takes_no_revocation_back(province):
    before = province.web.pages[LIST]
    province.later(hours=2)
    province.publish(province.an.signer.certificate)
    await province.refresher.make_round()
    province.web.pages[LIST] = before
    province.later(hours=2)
    await province.refresher.make_round()
    refused(await province.approve(province.an), 403, "certificate-revoked")


async def test_a_host_that_holds_the_server_up_costs_three_seconds_and_a_503(province):
    stalled = province.web.pages[LIST] = Stalled()
    async with asyncio.timeout(6):
        refused(await province.approve(province.an), 503, "revocation-unavailable")
    stalled.released.set()


async def test_a_certificate_that_names_a_host_that_is_not_listed_makes_the_server_ask_nobody(open_province):
    async with open_province(hosts=["crl.example.vn"]) as province:
        province.publish()
        refused(await province.approve(province.an), 503, "revocation-unavailable")
        await province.refresher.make_round()
        assert province.web.asked == []


async def test_a_signature_that_is_not_sound_makes_the_server_ask_nobody(province):
    challenge, _ = await province.statement(province.an)
    answer = await province.send(province.an, challenge, province.an.signer.sign(b"{}"))
    refused(answer, 422, "content-mismatch")
    assert province.web.asked == []


async def test_a_list_put_by_hand_is_found_without_any_network(open_province, tmp_path):
    async with open_province(hosts=[]) as province:
        (tmp_path / "crls").mkdir()
        dates = {"this_update": province.now, "next_update": province.now + DAY}
        (tmp_path / "crls" / "issuing.crl").write_bytes(province.pki.issuing.crl(**dates))
        (tmp_path / "roots" / "root.crl").write_bytes(province.pki.root.crl(**dates))
        (tmp_path / "crls" / "broken.crl").write_bytes(b"x")
        assert (await province.approve(province.an)).status_code == 201
        (tmp_path / "crls" / "newer.crl").write_bytes(
            province.pki.issuing.crl([province.binh.signer.certificate], **dates)
        )
        refused(await province.approve(province.binh), 403, "certificate-revoked")


@pytest.mark.parametrize(("hours", "status"), [(0, 503), (48, 201)])
async def test_a_list_that_has_ended_counts_for_the_operators_grace_and_the_log_says_so(open_province, hours, status):
    async with open_province(stale_crl_hours=hours) as province:
        province.publish(lasts=DAY)
        await province.refresher.make_round()
        province.web.pages.clear()
        province.later(hours=30)
        now = province.now
        province.broadcasts.draft(now, drafter=province.chi.staff_id)
        assert (await province.approve(province.an)).status_code == status
        given = [line for line in await province.log() if line["event"] == "approval.given"]
        assert [line["revocation"] for line in given] == ["stale"] * (status == 201)


# openssl's own responder


@pytest.fixture
def openssl(missing_tool):
    if shutil.which("openssl") is None:
        missing_tool("openssl is not installed")


@pytest.mark.usefixtures("openssl")
async def test_openssls_responder_says_good_then_revoked(open_province):
    async with open_province(ocsp=True) as province:
        dates = {"this_update": province.now, "next_update": province.now + DAY}
        province.web.pages[ROOT_LIST] = province.pki.root.crl(**dates)
        issued = [province.an.signer.certificate, province.binh.signer.certificate]
        province.responder.start(issued, revoked=[], now=province.now)
        first = await province.approve(province.an)
        assert first.status_code == 201, first.text
        province.responder.start(issued, revoked=[province.binh.signer.certificate], now=province.now)
        refused(await province.approve(province.binh), 403, "certificate-revoked")
        evidence = await province.client.get("/api/v1/broadcasts/tb-1/evidence", headers=province.an.headers)
        assert b".ocsp.der" in evidence.content


@pytest.mark.usefixtures("openssl")
async def test_what_a_responder_called_revoked_stays_so_when_it_is_silent_and_the_list_knows_nothing_yet(open_province):
    async with open_province(ocsp=True) as province:
        province.publish()
        issued = [province.an.signer.certificate]
        province.responder.start(issued, revoked=issued, now=province.now)
        refused(await province.approve(province.an), 403, "certificate-revoked")
        province.responder.stop()
        province.later(minutes=10)
        refused(await province.approve(province.an), 403, "certificate-revoked")


@pytest.mark.usefixtures("openssl")
async def test_a_certificate_that_the_responder_does_not_know_is_refused_for_now(open_province):
    async with open_province(ocsp=True) as province:
        dates = {"this_update": province.now, "next_update": province.now + DAY}
        province.web.pages[ROOT_LIST] = province.pki.root.crl(**dates)
        province.responder.start([], revoked=[], now=province.now)
        refused(await province.approve(province.an), 503, "revocation-unavailable")


async def test_a_responder_that_is_silent_is_no_refusal_while_a_list_says_good(open_province):
    async with open_province(ocsp=True) as province:
        province.publish()
        assert (await province.approve(province.an)).status_code == 201


# answers that no honest responder gives


@pytest.fixture
async def asked_online(open_province, web):
    """Give the province with a list of the root alone, and a third person about whom only `/ocsp` can be asked."""
    async with open_province() as province:
        province.publish()
        del web.pages[LIST]
        yield province


def answers(province, signer, *, unsuccessful=None, **options):
    if unsuccessful is not None:
        return ocsp.OCSPResponseBuilder.build_unsuccessful(unsuccessful).public_bytes(Encoding.DER)
    dates = {"this_update": province.now, "next_update": province.now + DAY / 24}
    return province.pki.issuing.ocsp(signer.certificate, **{**dates, **options})


@pytest.mark.parametrize(
    ("name", "options", "status"),
    [
        ("sound", {}, 201),
        ("unknown", {"status": UNKNOWN}, 503),
        ("stale", {"this_update": -2 * DAY, "next_update": -DAY}, 503),
        ("not begun", {"this_update": DAY, "next_update": 2 * DAY}, 503),
        ("another question's", {"nonce": b"0" * 16}, 503),
        ("not named for it", {"responder": "person"}, 503),
        ("unauthorised", {"unsuccessful": ocsp.OCSPResponseStatus.UNAUTHORIZED}, 503),
        ("try later", {"unsuccessful": ocsp.OCSPResponseStatus.TRY_LATER}, 503),
        ("revoked", {"status": REVOKED}, 403),
    ],
)
async def test_an_answer_counts_only_where_it_is_sound_and_fresh(asked_online, name, options, status):
    province = asked_online
    signer = new_person(province.pki.issuing, 7, province.web, ocsp=province.web.url("/ocsp"))
    values = dict(options)
    for moment in ("this_update", "next_update"):
        if moment in values:
            values[moment] = province.now + values[moment]
    if values.get("responder") == "person":
        values["responder"] = new_person(province.pki.issuing, 8, province.web)
    province.web.pages["/ocsp"] = answers(province, signer, **values)
    member = await province.hire("Dũng")
    enrolment = (await province.propose_certificate(member, signer)).json()["id"]
    asked = await province.client.post(f"/api/v1/enrolments/{enrolment}/proof-challenges", headers=member.headers)
    challenge = asked.json()
    body = {
        "challenge": challenge["challenge"],
        "format": "cms-detached",
        "signature": base64.b64encode(signer.sign(base64.b64decode(challenge["statement"]))).decode(),
    }
    answer = await province.client.post(f"/api/v1/enrolments/{enrolment}/proofs", headers=member.headers, json=body)
    assert answer.status_code == status, answer.text


async def test_two_admins_at_the_same_moment_share_what_is_fetched(province):
    both = await asyncio.gather(province.approve(province.an), province.approve(province.binh))
    assert sorted(answer.status_code for answer in both) == [201, 201]
    assert sorted(province.web.asked) == [LIST, ROOT_LIST]


async def test_nothing_leaves_where_nobody_can_say_whether_an_approver_was_revoked(open_province):
    async with open_province() as province:
        province.publish(lasts=DAY)
        for member in (province.an, province.binh):
            assert (await province.approve(member)).status_code == 201
        province.web.pages.clear()
        province.later(days=2)
        with pytest.raises(RevocationUnavailableError):
            await leave(province)
