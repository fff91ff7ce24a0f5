"""When lists are fetched, how long they are kept, and who shares them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.x509 import ocsp
from structlog.testing import capture_logs

from bot.core.db import Database
from bot.core.revocations import repository, retention
from bot.core.revocations.repository import Note
from bot.core.signatures import EvidenceUnusableError, OcspAnswer
from bot.revocation.pieces import ListUnreadableError, take_answer, take_list
from bot.revocation.refreshing import Refresher, next_fetch, next_retry
from tests.fixtures.database import free_port
from tests.pki import DAY, make_pki
from tests.revocation.province import LIST, ROOT_LIST
from tests.waiting import until

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def note(lasts, *, age=timedelta(0)):
    return Note("crl", "a" * 64, "http://crl.example.vn/a.crl", "b" * 64, NOW - age, NOW - age + lasts, NOW)


@pytest.mark.parametrize(
    ("lasts", "age", "wait"),
    [
        (7 * DAY, timedelta(0), HOUR),
        (7 * DAY, 6 * DAY, MINUTE),
        (HOUR, timedelta(0), 48 * MINUTE),
        (2 * MINUTE, timedelta(0), timedelta(seconds=96)),
        (MINUTE, timedelta(0), MINUTE),
    ],
    ids=["a week", "nearly over", "an hour", "two minutes", "a minute"],
)
def test_a_list_is_fetched_anew_within_the_hour_and_well_before_its_end(lasts, age, wait):
    assert next_fetch(note(lasts, age=age), jitter=0) == NOW + wait
    assert next_fetch(note(lasts, age=age), jitter=1) == NOW + wait * 9 / 10


def test_failures_are_tried_again_later_and_later_up_to_half_an_hour():
    waits = [(next_retry(failures, now=NOW, jitter=0) - NOW) / MINUTE for failures in (1, 2, 3, 5, 6, 1000)]
    assert waits == [1, 2, 4, 16, 30, 30]
    assert next_retry(1, now=NOW, jitter=1) == NOW + MINUTE / 2


async def test_each_round_fetches_what_is_due_and_nothing_else(province):
    await province.refresher.make_round()
    assert sorted(province.web.asked) == [LIST, ROOT_LIST]
    province.later(minutes=30)
    await province.refresher.make_round()
    assert len(province.web.asked) == 2
    province.later(minutes=31)
    await province.refresher.make_round()
    assert len(province.web.asked) == 4


async def test_a_restart_is_not_blind_and_fetches_nothing_that_is_fresh(province):
    await province.refresher.make_round()
    province.web.pages.clear()
    office = province.approving.office
    again = Refresher(province.database, province.clock, office, province.evidence, province.fetcher, urls=())
    await again.make_round()
    assert len(province.web.asked) == 2


async def test_a_host_that_is_down_is_left_alone_for_a_while(province):
    province.web.pages.clear()
    await province.refresher.make_round()
    await province.refresher.make_round()
    assert len(province.web.asked) == 2
    province.later(minutes=1)
    await province.refresher.make_round()
    assert len(province.web.asked) == 4


async def test_configured_lists_are_fetched_though_no_certificate_names_them(open_province, web):
    url = web.url("/configured.crl")
    async with open_province(hosts=[], crl_urls=(url,)) as province:
        now = province.now
        web.pages["/configured.crl"] = province.pki.issuing.crl(this_update=now, next_update=now + DAY)
        await province.refresher.make_round()
        async with province.database.reading() as connection:
            kept = await repository.list_notes(connection)
        assert [one.source for one in kept] == [url]
        assert "/configured.crl" in web.asked


async def test_a_stop_ends_the_rounds(province):
    stopping = asyncio.Event()
    running = asyncio.create_task(province.refresher.run(stopping))
    stopping.set()
    await asyncio.wait_for(running, 5)


async def test_a_database_that_is_away_ends_a_round_and_not_the_rounds(province):
    away = Database(f"postgresql+asyncpg://nobody@127.0.0.1:{free_port()}/nothing")
    office = province.approving.office
    refresher = Refresher(away, province.clock, office, province.evidence, province.fetcher, urls=())
    stopping = asyncio.Event()
    with capture_logs() as logged:
        running = asyncio.create_task(refresher.run(stopping))
        await until(lambda: any(line["event"] == "revocation.round_failed" for line in logged))
        assert not running.done()
        stopping.set()
        await asyncio.wait_for(running, 5)
    await away.close()


async def keep(database, der, *, source="http://crl.example.vn/a.crl", now=NOW):
    piece = take_list(der, source=source, now=now)
    async with database.unit_of_work() as connection:
        await repository.keep(connection, piece.note, piece.der)


async def kept(database):
    async with database.reading() as connection:
        return await repository.list_notes(connection)


async def test_of_one_source_the_newest_list_is_kept_whatever_comes_later(database):
    issuing = make_pki().issuing
    newer = issuing.crl(this_update=NOW - HOUR)
    older = issuing.crl(this_update=NOW - 2 * DAY)
    for der in (older, newer, older):
        await keep(database, der)
    await keep(database, older, source="file:old.crl")
    assert [one.this_update for one in await kept(database)] == [NOW - HOUR, NOW - 2 * DAY]


async def test_a_list_from_the_future_is_none_and_stands_in_nobody_s_way(database):
    issuing = make_pki().issuing
    with pytest.raises(ListUnreadableError):
        await keep(database, issuing.crl(this_update=NOW + DAY, next_update=NOW + 300 * DAY))
    await keep(database, issuing.crl(this_update=NOW + 4 * MINUTE))
    assert [one.this_update for one in await kept(database)] == [NOW + 4 * MINUTE], "clocks differ a little"


async def test_an_answer_from_the_future_is_none_unless_it_says_revoked():
    pki = make_pki()
    signer, dates = pki.issuing.person(), {"this_update": NOW + DAY, "next_update": NOW + 300 * DAY}

    def take(**options):
        der = pki.issuing.ocsp(signer.certificate, **dates, **options)
        answer, source = OcspAnswer(der), "http://ocsp.example.vn/"
        return take_answer(answer, signer.certificate, pki.issuing.certificate, source=source, now=NOW)

    with pytest.raises(EvidenceUnusableError):
        take()
    _, finding = take(status=ocsp.OCSPCertStatus.REVOKED)
    assert finding.is_revoked


async def test_evidence_is_forgotten_ninety_days_after_its_end(database):
    await keep(database, make_pki().issuing.crl(this_update=NOW - DAY, next_update=NOW))
    for later, left in ((90 * DAY, 1), (91 * DAY, 0)):
        async with database.unit_of_work() as connection:
            await retention.forget_ended(connection, now=NOW + later)
        assert len(await kept(database)) == left
