"""The evidence that a process has at hand, and having it at hand when a signature is judged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import structlog
from cryptography import x509

from bot.core.approvals.authorities import read_path
from bot.core.clock import Clock
from bot.core.db import Database
from bot.core.revocations import repository
from bot.core.signatures import OcspAnswer, RevocationEvidence
from bot.revocation.fetching import Fetcher
from bot.revocation.gathering import fetch_answer, fetch_list
from bot.revocation.pieces import (
    Piece,
    about_certificate,
    about_issuer,
    is_signed_by_one_of,
    list_addresses,
    lists_in_files,
    responder_addresses,
)
from bot.settings import Settings

log = structlog.get_logger()

Question: TypeAlias = Callable[[], Coroutine[Any, Any, Piece | None]]

WHILE_SOMEBODY_WAITS = 3.0
"""Seconds for each question while somebody waits for an approval; all are asked at once."""
ANSWER_COUNTS = timedelta(minutes=5)
"""So long an answer is not asked for again, however long the responder says that it counts."""
REST = timedelta(seconds=30)
"""So long an address is left alone once it was asked, whatever came of it."""


class KeptEvidence:
    """A `RevocationSource` over the shared table and a memory of what this process last read from it.

    `evidence_for` answers from memory alone. `prepare` reads the table and the files put by hand, asks responders
    and, where no list is fresh, fetches lists; it fails at nothing but the database: what could not be had is missing
    afterwards, and the signature is refused for that.
    """

    def __init__(self, database: Database, clock: Clock, settings: Settings, fetcher: Fetcher | None = None) -> None:
        """Without a `fetcher` only what others fetched, and files, are at hand."""
        self._database = database
        self._clock = clock
        self._settings = settings
        self._fetcher = fetcher
        self._at_hand: Mapping[str, tuple[Piece, ...]] = {}
        self._files: dict[Path, tuple[int, int]] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._reading = asyncio.Lock()
        self._asked_at: dict[str, datetime] = {}

    def evidence_for(self, certificate: x509.Certificate, issuer: x509.Certificate) -> RevocationEvidence:
        """Return the lists of `issuer` and the answers about `certificate` that are at hand."""
        lists = self._at_hand.get(about_issuer(issuer.subject), ())
        answers = self._at_hand.get(about_certificate(certificate), ())
        return RevocationEvidence(
            tuple(kept.der for kept in lists if kept.note.kind == "crl"),
            tuple(OcspAnswer(kept.der) for kept in answers if kept.note.kind == "ocsp"),
        )

    async def prepare(self, path: Sequence[bytes]) -> None:
        """Have what there is about the certificates of a path (DER, the root last) at hand."""
        certificates = read_path(path)
        await self.take_in_files()
        about = {about_issuer(one.subject) for one in certificates} | {about_certificate(one) for one in certificates}
        await self._read_kept(about)
        if self._fetcher is None:
            return
        asked = self._questions(self._fetcher, certificates, self._clock.now())
        questions = await asyncio.to_thread(dict, asked)  # reading a large list takes a while
        if questions:
            await asyncio.gather(*(self._ask_once(name, question) for name, question in questions.items()))
            # Whatever came of it: somebody else may have asked, and kept the answer, since the table was read.
            await self._read_kept(about)

    async def take_in_files(self) -> None:
        """Keep the lists that were put by hand since the last time."""
        stamps = await asyncio.to_thread(self._stamps)
        if stamps == self._files:
            return
        found = await asyncio.to_thread(lambda: list(lists_in_files(self._settings, now=self._clock.now())))
        new = [(path, piece) for path, piece in found if stamps.get(path) != self._files.get(path)]
        await self.keep(piece for _, piece in new if piece is not None)
        for path, piece in new:
            if piece is None:
                log.warning("revocation.file_unreadable", file=path.name)
        self._files = stamps

    async def keep(self, pieces: Iterable[Piece]) -> None:
        """Keep pieces for all processes."""
        pieces = list(pieces)
        if not pieces:
            return
        async with self._database.unit_of_work() as connection:
            for piece in pieces:
                await repository.keep(connection, piece.note, piece.der)

    def _stamps(self) -> dict[Path, tuple[int, int]]:
        directories = (self._settings.effective_crl_dir, self._settings.effective_signing_roots)
        return {path: _stamp(path) for directory in directories for path in directory.glob("*")}

    async def _read_kept(self, about: Collection[str]) -> None:
        # One after the other: what was read earlier must not take the place of what was read later.
        async with self._reading:
            known = {kept.note.sha256: kept.der for all_kept in self._at_hand.values() for kept in all_kept}
            async with self._database.reading() as connection:
                notes = await repository.list_notes(connection, about=about)
                missing = {note.sha256 for note in notes} - set(known)
                ders = known | dict(await repository.find_bytes(connection, missing))
            read = {one: tuple(Piece(note, ders[note.sha256]) for note in notes if note.about == one) for one in about}
            # A new mapping in one step: a signature may be judged in another thread just now.
            self._at_hand = {**self._at_hand, **read}

    def _questions(
        self, fetcher: Fetcher, path: Sequence[x509.Certificate], now: datetime
    ) -> Iterator[tuple[str, Question]]:
        """Yield what is to be asked, each under a name of its own."""
        lists: dict[str, None] = {}
        for certificate, issuer in pairwise(path):
            for url in responder_addresses(certificate):
                if fetcher.may_ask(url) and not self._is_answered(certificate, url, now):
                    yield (
                        f"{about_certificate(certificate)} {url}",
                        partial(fetch_answer, fetcher, url, certificate, issuer, seconds=WHILE_SOMEBODY_WAITS, now=now),
                    )
            if not self._has_fresh_list(issuer, now):
                lists |= dict.fromkeys((*self._settings.crl_urls, *list_addresses(certificate)))
        for url in lists:
            if fetcher.may_ask(url):
                yield url, partial(fetch_list, fetcher, url, path[1:], seconds=WHILE_SOMEBODY_WAITS, now=now)

    def _is_answered(self, certificate: x509.Certificate, url: str, now: datetime) -> bool:
        return any(
            kept.note.source == url and now < min(kept.note.fetched_at + ANSWER_COUNTS, kept.note.next_update)
            for kept in self._at_hand.get(about_certificate(certificate), ())
        )

    def _has_fresh_list(self, issuer: x509.Certificate, now: datetime) -> bool:
        return any(
            kept.note.kind == "crl" and now < kept.note.next_update and is_signed_by_one_of(kept, [issuer])
            for kept in self._at_hand.get(about_issuer(issuer.subject), ())
        )

    async def _ask_once(self, name: str, question: Question) -> None:
        """Ask and keep what comes, unless it was asked a moment ago; whoever comes meanwhile waits for the same."""
        now = self._clock.now()
        asking = self._asking.get(name)
        if asking is None:
            if now < self._asked_at.get(name, now - REST) + REST:
                return
            asking = self._asking[name] = asyncio.ensure_future(self._ask(question))
            asking.add_done_callback(lambda _: self._asking.pop(name))
            recent = {asked: at for asked, at in self._asked_at.items() if now < at + REST}
            self._asked_at = recent | {name: now}
        await asyncio.shield(asking)

    async def _ask(self, question: Question) -> None:
        piece = await question()
        if piece is not None:
            await self.keep([piece])


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return (0, 0)
    return stat.st_mtime_ns, stat.st_size
