"""Fetching one list or one answer, and making sure at once that it is worth keeping."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime

import structlog
from cryptography import x509

from bot.core.signatures import EvidenceUnusableError, OcspAnswer
from bot.metrics import REVOCATION_FETCHES
from bot.revocation.fetching import Fetcher, FetchFailedError
from bot.revocation.pieces import (
    LARGEST_ANSWER,
    LARGEST_LIST,
    QUESTION,
    ListUnreadableError,
    Piece,
    is_signed_by_one_of,
    make_question,
    take_answer,
    take_list,
)

log = structlog.get_logger()


async def fetch_list(
    fetcher: Fetcher, url: str, authorities: Collection[x509.Certificate], *, seconds: float, now: datetime
) -> Piece | None:
    """Return the list at a URL; None, counted and logged, where there is none that one of these authorities issued."""
    try:
        data = await fetcher.get(url, most_bytes=LARGEST_LIST, seconds=seconds)
        piece = await asyncio.to_thread(take_list, data, source=url, now=now)
    except FetchFailedError as error:
        return _failed("crl", url, error.reason)
    except ListUnreadableError:
        return _failed("crl", url, "not-a-list")
    # A list of 50,000 takes a tenth of a second.
    if not await asyncio.to_thread(is_signed_by_one_of, piece, authorities):
        return _failed("crl", url, "unsound")
    if piece.note.next_update <= now:
        return _failed("crl", url, "stale", piece)
    REVOCATION_FETCHES.labels("crl", "fetched").inc()
    return piece


async def fetch_answer(
    fetcher: Fetcher,
    url: str,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    *,
    seconds: float,
    now: datetime,
) -> Piece | None:
    """Return what a responder says about a certificate; None, counted and logged, where it says nothing sound."""
    question, nonce = make_question(certificate, issuer)
    try:
        der = await fetcher.post(url, question, kind=QUESTION, most_bytes=LARGEST_ANSWER, seconds=seconds)
        piece, finding = take_answer(OcspAnswer(der, nonce), certificate, issuer, source=url, now=now)
    except FetchFailedError as error:
        return _failed("ocsp", url, error.reason)
    except EvidenceUnusableError as error:
        return _failed("ocsp", url, str(error.facts["problem"]))
    if finding.is_revoked:
        log.warning("revocation.revoked", source=url, certificate=piece.note.about[:16])
    elif finding.next_update <= now:
        return _failed("ocsp", url, "stale", piece)
    REVOCATION_FETCHES.labels("ocsp", "fetched").inc()
    return piece


def _failed(kind: str, url: str, reason: str, piece: Piece | None = None) -> Piece | None:
    """Count and log a failure; what has ended is kept all the same, for whom it names."""
    REVOCATION_FETCHES.labels(kind, reason).inc()
    log.warning("revocation.fetch_failed", kind=kind, source=url, reason=reason)
    return piece
