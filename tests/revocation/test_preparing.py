"""Signatures of the same moment: what one of them learns about a certificate, the others must know too."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtensionOID

from bot.core.db import Database
from bot.revocation.pieces import list_addresses, responder_addresses
from bot.revocation.source import KeptEvidence
from tests.pki import DAY, authority_extensions, make_root
from tests.revocation.province import LIST, new_person

LONG_ENOUGH = 0.5
"""Seconds in which whoever does not wait is done."""


class HeldDatabase(Database):
    """Holds up whoever is about to write, or has just read, until it is let go."""

    def __init__(self, url: str, what: str) -> None:
        super().__init__(url)
        self._what = what
        self.reached, self.let_go = asyncio.Event(), asyncio.Event()

    async def _hold(self, what: str) -> None:
        if what == self._what and not self.reached.is_set():
            self.reached.set()
            await self.let_go.wait()

    @asynccontextmanager
    async def unit_of_work(self):
        await self._hold("writing")
        async with super().unit_of_work() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self):
        async with super().reading() as connection:
            yield connection
        await self._hold("reading")


@pytest_asyncio.fixture
async def asked_online(open_province, web):
    """Give the province with fresh lists, and somebody whom the responder at `/ocsp` calls revoked."""
    async with open_province() as province:
        province.publish()
        await province.refresher.make_round()
        signer = new_person(province.pki.issuing, 7, web, ocsp=web.url("/ocsp"))
        dates = {"this_update": province.now, "next_update": province.now + DAY}
        web.pages["/ocsp"] = province.pki.issuing.ocsp(signer.certificate, status=ocsp.OCSPCertStatus.REVOKED, **dates)
        yield province, signer.certificate


def evidence_held(province, url: str, what: str) -> tuple[KeptEvidence, HeldDatabase]:
    database = HeldDatabase(url, what)
    evidence = KeptEvidence(database, province.clock, province.product.runtime.settings, province.fetcher)
    return evidence, database


def path_of(province, certificate) -> list[bytes]:
    above = [province.pki.issuing.certificate, province.pki.root.certificate]
    return [one.public_bytes(Encoding.DER) for one in (certificate, *above)]


def answers_at_hand(evidence, province, certificate) -> int:
    return len(evidence.evidence_for(certificate, province.pki.issuing.certificate).ocsp)


async def test_coming_when_an_answer_is_there_and_not_kept_yet(asked_online, sqlite_url):
    province, certificate = asked_online
    evidence, database = evidence_held(province, sqlite_url, "writing")
    path = path_of(province, certificate)
    first = asyncio.ensure_future(evidence.prepare(path))
    await asyncio.wait_for(database.reached.wait(), 10)
    second = asyncio.ensure_future(evidence.prepare(path))
    done, _ = await asyncio.wait({second}, timeout=LONG_ENOUGH)
    assert not done or answers_at_hand(evidence, province, certificate) == 1
    database.let_go.set()
    await asyncio.gather(first, second)
    assert answers_at_hand(evidence, province, certificate) == 1
    assert LIST in province.web.asked
    await database.close()


async def test_having_read_before_an_answer_was_kept_and_ending_after(asked_online, sqlite_url):
    province, certificate = asked_online
    evidence, database = evidence_held(province, sqlite_url, "reading")
    path = path_of(province, certificate)
    first = asyncio.ensure_future(evidence.prepare(path))
    await asyncio.wait_for(database.reached.wait(), 10)
    second = asyncio.ensure_future(evidence.prepare(path))
    await asyncio.wait({second}, timeout=LONG_ENOUGH)
    database.let_go.set()
    await asyncio.gather(first, second)
    assert answers_at_hand(evidence, province, certificate) == 1
    await database.close()


@pytest.mark.parametrize(
    ("read", "oid"),
    [
        (list_addresses, ExtensionOID.CRL_DISTRIBUTION_POINTS),
        (responder_addresses, ExtensionOID.AUTHORITY_INFORMATION_ACCESS),
    ],
    ids=["lists", "responders"],
)
def test_an_authority_that_names_its_evidence_in_a_form_that_nobody_reads(read, oid):
    party = bytes.fromhex("a5023000")  # ediPartyName
    points = bytes.fromhex("300a3008a006a004") + party
    places = bytes.fromhex("3010300e06082b06010505073001") + bytes.fromhex("a5023000")
    odd = x509.UnrecognizedExtension(oid, points if read is list_addresses else places)
    authority = make_root().authority("Đơn vị cấp", extensions=[*authority_extensions(0), (odd, False)])
    assert read(authority.certificate) == ()
