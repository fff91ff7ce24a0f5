"""How an installation stands: which authorities have fresh evidence, and which certificates end soon."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals.authorities import list_paths
from bot.core.approvals.policies import rules_in_force
from bot.core.approvals.ports import Office
from bot.core.revocations import repository
from bot.core.revocations.repository import Note
from bot.core.staff import proposals
from bot.core.staff.models import ProposalState
from bot.core.text import nfc
from bot.metrics import CERTIFICATE_DAYS, REVOCATION_BLIND, REVOCATION_LIST_AGE
from bot.revocation.hosts import Hosts, Place
from bot.revocation.pieces import Piece, about_issuer, is_signed_by_one_of, responder_addresses

Kind: TypeAlias = Literal["staff", "authority", "root", "log"]

ALARMS = (timedelta(days=60), timedelta(days=30), timedelta(days=7), timedelta(0))
"""How long before its end a certificate is spoken of, the first time to the last."""


@dataclass(frozen=True, slots=True)
class AuthorityStanding:
    """An authority that certificates come from: its newest sound list, and whether a responder can be asked instead."""

    name: str
    newest: Note | None
    is_fresh: bool
    has_responder: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """When a certificate ends: a member of staff's (`holder` is their account), or one that others rest on."""

    kind: Kind
    holder: str
    sha256: str
    ends_at: datetime

    def alarm(self, now: datetime) -> timedelta | None:
        """Return the last of `ALARMS` that has come; None where it is too early for any."""
        return next((alarm for alarm in reversed(ALARMS) if self.ends_at - now <= alarm), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """The authorities in use, and the certificates in use, those first that end first."""

    authorities: tuple[AuthorityStanding, ...]
    endings: tuple[Ending, ...]

    def blind(self) -> tuple[AuthorityStanding, ...]:
        """Return the authorities about whose certificates nothing fresh can be known."""
        return tuple(one for one in self.authorities if not one.is_fresh and not one.has_responder)

    def alarms(self, now: datetime) -> tuple[Ending, ...]:
        """Return the certificates that end soon, or have ended."""
        return tuple(ending for ending in self.endings if ending.alarm(now) is not None)


async def survey(
    connection: AsyncConnection,
    office: Office,
    *,
    hosts: Hosts,
    log_certificates: Sequence[x509.Certificate],
    now: datetime,
) -> Standing:
    """Look at everything that signatures rest on now; `log_certificates` are those of the audit log's key."""
    paths = await list_paths(connection, office, now=now)
    below: dict[x509.Certificate, list[x509.Certificate]] = {}
    for path in paths:
        for certificate, issuer in pairwise(path):
            below.setdefault(issuer, []).append(certificate)
    authorities = [
        await _authority(connection, issuer, issued, hosts=hosts, now=now) for issuer, issued in below.items()
    ]
    rows = await proposals.list_enrolments(connection)
    endings = [
        Ending("staff", row.staff_id, row.certificate_sha256, row.not_after)
        for row in rows
        if row.state == ProposalState.APPROVED
    ]
    roots = (await rules_in_force(connection, office)).trust.roots
    endings += [*_endings("root", roots), *_endings("log", log_certificates)]
    endings += _endings("authority", (one for path in paths for one in path[1:-1]))
    once = {ending.sha256: ending for ending in endings}
    return Standing(tuple(authorities), tuple(sorted(once.values(), key=lambda ending: ending.ends_at)))


def show(standing: Standing, *, now: datetime) -> None:
    """Set the gauges."""
    REVOCATION_BLIND.set(len(standing.blind()))
    REVOCATION_LIST_AGE.clear()
    for authority in standing.authorities:
        if authority.newest is not None:
            age = now - authority.newest.this_update
            REVOCATION_LIST_AGE.labels(authority.name).set(age.total_seconds())
    CERTIFICATE_DAYS.clear()
    for ending in reversed(standing.endings):
        CERTIFICATE_DAYS.labels(ending.kind).set((ending.ends_at - now) / timedelta(days=1))


async def _authority(
    connection: AsyncConnection,
    issuer: x509.Certificate,
    issued: Iterable[x509.Certificate],
    *,
    hosts: Hosts,
    now: datetime,
) -> AuthorityStanding:
    notes = [
        note
        for note in await repository.list_notes(connection, about=(about_issuer(issuer.subject),))
        if note.kind == "crl"
    ]
    ders = await repository.find_bytes(connection, {note.sha256 for note in notes})
    pieces = [Piece(note, ders[note.sha256]) for note in notes]
    newest = await asyncio.to_thread(_first_sound, pieces, issuer)
    return AuthorityStanding(
        name=_name(issuer),
        newest=newest,
        is_fresh=newest is not None and now <= newest.next_update,
        has_responder=all(_has_responder(one, hosts) for one in issued),
    )


def _first_sound(pieces: Iterable[Piece], issuer: x509.Certificate) -> Note | None:
    return next((piece.note for piece in pieces if is_signed_by_one_of(piece, (issuer,))), None)


def _has_responder(certificate: x509.Certificate, hosts: Hosts) -> bool:
    places = [Place.of(url) for url in responder_addresses(certificate)]
    return any(place is not None and hosts.lists(place) for place in places)


def _endings(kind: Kind, certificates: Iterable[x509.Certificate]) -> list[Ending]:
    return [
        Ending(kind, _name(one), one.fingerprint(hashes.SHA256()).hex(), one.not_valid_after_utc)
        for one in certificates
    ]


def _name(certificate: x509.Certificate) -> str:
    named = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return nfc(str(named[0].value) if named else certificate.subject.rfc4514_string())
