"""Who is told when, before certificates end, and where nothing fresh is known about revocation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from bot.revocation.hosts import Hosts
from bot.revocation.standing import Ending
from bot.revocation.watching import Watch
from scheduler import jobs
from tests.pki import DAY

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "alarm"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (0.5, 7), (0, 0), (-3, 0)],
)
def test_a_certificate_is_spoken_of_sixty_thirty_and_seven_days_before_its_end(left, alarm):
    ending = Ending("staff", "nv-00000001", "a" * 64, NOW + timedelta(days=left))
    assert ending.alarm(NOW) == (None if alarm is None else timedelta(days=alarm))


def watch(province, hosts=None):
    approving = province.approving
    return Watch(province.database, province.clock, approving.office, approving.signer, hosts or Hosts())


def gauge(name, **labels):
    return REGISTRY.get_sample_value(name, labels)


async def test_every_certificate_that_signatures_rest_on_is_known(province):
    standing = await watch(province).look()
    assert sorted(ending.kind for ending in standing.endings) == ["authority", "log", "log", "root", "staff", "staff"]
    assert 364 < gauge("hiendien_certificate_days_left", kind="staff") < 366
    assert standing.alarms(province.now) == ()


async def test_once_a_day_the_log_names_what_ends_soon_by_account_and_not_by_name(province):
    province.later(days=335)
    with capture_logs() as logged:
        await jobs.alarm_job(watch(province))(province.database, province.clock)
    told = [line for line in logged if line["event"] == "certificate.ends_soon"]
    assert {line["holder"] for line in told} == {province.an.staff_id, province.binh.staff_id}
    assert {line["days"] for line in told} == {30}
    assert "Người thứ" not in str(told)


async def test_an_authority_without_a_fresh_list_is_named_until_one_is_there(province):
    looking = watch(province)
    assert {one.name for one in (await looking.look()).blind()} == {"Gốc thử nghiệm", "Đơn vị cấp thử nghiệm"}
    assert gauge("hiendien_revocation_blind_authorities") == 2
    await province.refresher.make_round()
    province.later(hours=1)
    assert (await looking.look()).blind() == ()
    assert gauge("hiendien_revocation_list_age_seconds", authority="Gốc thử nghiệm") == 3600
    province.later(days=10)
    assert len((await looking.look()).blind()) == 2


async def test_a_forged_list_put_by_hand_makes_no_authority_look_well(province, tmp_path):
    (tmp_path / "crls").mkdir()
    dates = {"this_update": province.now, "next_update": province.now + DAY}
    forged = province.pki.issuing.crl(signed_by=province.pki.root.key, **dates)
    (tmp_path / "crls" / "forged.crl").write_bytes(forged)
    await province.evidence.take_in_files()
    assert "Đơn vị cấp thử nghiệm" in {one.name for one in (await watch(province).look()).blind()}


async def test_an_authority_whose_responder_may_be_asked_needs_no_list(open_province):
    async with open_province(ocsp=True) as province:
        hosts = Hosts([f"127.0.0.1:{province.responder.port}"])
        assert {one.name for one in (await watch(province, hosts).look()).blind()} == {"Gốc thử nghiệm"}
