"""The province of `tests.attacks.world`, with evidence about revocation from the web; its time is today."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bot.applications import create_app
from bot.approving import GivenLists, open_approving
from bot.core.approvals import bootstrap
from bot.core.approvals.bootstrap import Founder, SignedPaper
from bot.core.staff.roles import Role
from bot.revocation.fetching import Fetcher, open_fetcher
from bot.revocation.hosts import Hosts
from bot.revocation.refreshing import Refresher
from bot.revocation.source import KeptEvidence
from tests.attacks.world import Broadcasts, Member, World
from tests.fakes import FixedClock
from tests.fixtures.product import build_product
from tests.pki import (
    DAY,
    SIGNING,
    Authority,
    Pki,
    Revocations,
    Signer,
    TrustStore,
    authority_extensions,
    make_root,
    pem,
)
from tests.revocation.web import Responder, Web, asks_for, make_responder

ROOT_LIST, LIST = "/root.crl", "/issuing.crl"


@dataclass
class Province(World):
    """The world, with what fetches its evidence."""

    web: Web
    responder: Responder
    evidence: KeptEvidence
    fetcher: Fetcher
    refresher: Refresher

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def publish(self, *revoked: x509.Certificate, lasts: timedelta = 6 * DAY) -> None:
        """Put fresh lists of both authorities on the web."""
        dates = {"this_update": self.now, "next_update": self.now + lasts}
        self.web.pages[ROOT_LIST] = self.pki.root.crl(revoked, **dates)
        self.web.pages[LIST] = self.pki.issuing.crl(revoked, **dates)

    def later(self, **duration: float) -> None:
        """Move the clock."""
        self.clock.advance(**duration)


def new_person(issuing: Authority, number: int, web: Web, *, ocsp: str | None = None) -> Signer:
    """Give somebody whose certificate names where its list is, and a responder if any."""
    now = datetime.now(UTC)
    extensions = [(SIGNING, True), asks_for(web.url(LIST), kind="crl")]
    extensions += [asks_for(ocsp, kind="ocsp")] if ocsp else []
    return issuing.person(
        f"Người thứ {number}",
        uid=f"CCCD:{number:012d}",
        number=60 + number,
        extensions=extensions,
        not_before=now - DAY,
        not_after=now + 365 * DAY,
    )


@asynccontextmanager
async def opened_province(
    web: Web, url: str, directory: Path, *, vault, programme, renderer, hosts=None, ocsp=False, **settings
) -> AsyncIterator[Province]:
    """Found the province by lists that somebody brought; what comes after needs the web."""
    now = datetime.now(UTC).replace(microsecond=0)
    root = make_root()
    above = [*authority_extensions(0), asks_for(web.url(ROOT_LIST), kind="crl")]
    issuing = root.authority("Đơn vị cấp thử nghiệm", extensions=above, not_before=now - DAY, not_after=now + 900 * DAY)
    speaker = issuing.responder(not_before=now - DAY, not_after=now + 30 * DAY)
    responder = make_responder(directory, issuing, speaker)
    responder_url = responder.url if ocsp else None
    first, second = (new_person(issuing, number, web, ocsp=responder_url) for number in (1, 2))
    (directory / "roots").mkdir()
    (directory / "roots" / "root.pem").write_bytes(pem([root.certificate]))
    clock = FixedClock(now)
    listed = [f"127.0.0.1:{web.port}", f"127.0.0.1:{responder.port}"] if hosts is None else hosts
    async with (
        build_product(url, directory, vault, clock, programme, renderer, **settings) as product,
        open_fetcher(Hosts(listed, urls=settings.get("crl_urls", ()))) as fetcher,
    ):
        runtime = product.runtime
        evidence = KeptEvidence(runtime.database, clock, runtime.settings, fetcher)
        broadcasts = Broadcasts()
        approving = open_approving(
            runtime.settings,
            runtime.database,
            clock,
            revocation=evidence,
            prepare=evidence.prepare,
            subjects=[broadcasts],
        )
        office = approving.office
        dates = {"this_update": now, "next_update": now + DAY}
        brought = replace(office, revocation=GivenLists([root.crl(**dates), issuing.crl(**dates)]))
        an, binh = (
            Founder.of(name, signer.certificate.public_bytes(Encoding.DER))
            for name, signer in (("An", first), ("Bình", second))
        )
        signers = {an.staff_id: first, binh.staff_id: second}
        async with runtime.database.unit_of_work() as connection:
            papers = await bootstrap.open_sitting(connection, brought, an, binh, now=now)
            signed = [
                SignedPaper(paper.statement, signers[paper.signer.staff_id].sign(paper.statement)) for paper in papers
            ]
            await bootstrap.close_sitting(connection, brought, (an, binh), signed, now=now)
        refresher = Refresher(runtime.database, clock, office, evidence, fetcher, urls=settings.get("crl_urls", ()))
        transport = httpx.ASGITransport(create_app(runtime, approving))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=20) as client:
            nobody = Member("", "")
            province = Province(
                product=product,
                approving=approving,
                pki=Pki(root, issuing, TrustStore([root.certificate])),
                revocations=Revocations(),
                broadcasts=broadcasts,
                client=client,
                an=nobody,
                binh=nobody,
                chi=nobody,
                web=web,
                responder=responder,
                evidence=evidence,
                fetcher=fetcher,
                refresher=refresher,
            )
            province.an = Member(an.staff_id, await province.token(an.staff_id), first)
            province.binh = Member(binh.staff_id, await province.token(binh.staff_id), second)
            province.chi = await province.hire("Chi", Role.OFFICER)
            broadcasts.draft(now, drafter=province.chi.staff_id)
            try:
                yield province
            finally:
                responder.stop()
