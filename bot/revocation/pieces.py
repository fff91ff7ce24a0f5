"""Pieces of revocation evidence: where certificates say it is, what is asked, and what comes in by wire or by hand."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from bot.core.errors import InvalidInputError
from bot.core.revocations.models import LONGEST_SOURCE
from bot.core.revocations.repository import Note
from bot.core.signatures import EvidenceUnusableError, Finding, OcspAnswer, SignaturePolicy, read_answer, read_list
from bot.settings import Settings

LARGEST_LIST = 32 * 1024 * 1024
LARGEST_ANSWER = 64 * 1024
QUESTION = "application/ocsp-request"
NONCE_BYTES = 16
MOST_ADDRESSES = 4
"""Of the addresses that a certificate names for one thing, so many are read."""
CLOCK_SKEW = SignaturePolicy().clock_skew
_NO_ADDRESSES = (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError)
_HAND = "file:"
FILES = ("*.crl", "*.pem", "*.der")
FILES_AMONG_ROOTS = ("*.crl",)


class ListUnreadableError(InvalidInputError):
    """The bytes are no revocation list that says from when to when it counts."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence and what is noted of it."""

    note: Note
    der: bytes


def about_issuer(name: x509.Name) -> str:
    """Return the digest by which the lists of an issuer are found, in whatever encoding its name is written."""
    return hashlib.sha256(name.rfc4514_string().encode()).hexdigest()


def about_certificate(certificate: x509.Certificate) -> str:
    """Return the digest by which the answers about a certificate are found."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def list_addresses(certificate: x509.Certificate) -> Sequence[str]:
    """Return where a certificate says that its issuer's list is."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        return _web(name for point in points for name in point.full_name or ())
    except _NO_ADDRESSES:
        return ()


def responder_addresses(certificate: x509.Certificate) -> Sequence[str]:
    """Return whom a certificate says to ask about it."""
    try:
        places = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        return _web(
            place.access_location for place in places if place.access_method == AuthorityInformationAccessOID.OCSP
        )
    except _NO_ADDRESSES:
        return ()


def make_question(certificate: x509.Certificate, issuer: x509.Certificate) -> tuple[bytes, bytes]:
    """Return an OCSP request, DER, and its nonce."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    # Only a name for the issuer, and the one digest that every responder knows.
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303
    request = asked.add_extension(x509.OCSPNonce(nonce), critical=False).build()
    return request.public_bytes(Encoding.DER), nonce


def take_answer(
    answer: OcspAnswer, certificate: x509.Certificate, issuer: x509.Certificate, *, source: str, now: datetime
) -> tuple[Piece, Finding]:
    """Return an answer about a certificate as it is kept, and what it says.

    Raises:
        EvidenceUnusableError: it is unsound, from the future, or about something else.
    """
    finding = read_answer(answer, certificate, issuer, at=now, revoked=frozenset())
    if finding.this_update - now > CLOCK_SKEW and not finding.is_revoked:
        raise EvidenceUnusableError(problem="not-begun")
    return Piece(_note(finding, about_certificate(certificate), source, now), finding.der), finding


def take_list(data: bytes, *, source: str, now: datetime) -> Piece:
    """Return a list (DER or PEM) as it is kept; nobody has looked yet at who signed it.

    Raises:
        ListUnreadableError: it is no list, never ends, or has not begun.
    """
    try:
        is_pem = data.lstrip().startswith(b"-----")
        read = x509.load_pem_x509_crl(data) if is_pem else x509.load_der_x509_crl(data)
        der, begins, ends = read.public_bytes(Encoding.DER), read.last_update_utc, read.next_update_utc
        about = about_issuer(read.issuer)
    except Exception as error:  # the library has several kinds for what it cannot read
        raise ListUnreadableError(source=source.removeprefix(_HAND)) from error
    # One from the future would keep all of today's out: of one source the newest is kept.
    if ends is None or begins - now > CLOCK_SKEW or len(der) > LARGEST_LIST:
        raise ListUnreadableError(source=source.removeprefix(_HAND))
    return Piece(_note(Finding("crl", der, False, begins, ends), about, source, now), der)


def is_signed_by_one_of(piece: Piece, authorities: Iterable[x509.Certificate]) -> bool:
    """Tell whether one of these authorities issued a list, in a form that is read here."""
    return any(
        _is_issued_by(piece.der, authority)
        for authority in authorities
        if about_issuer(authority.subject) == piece.note.about
    )


def lists_in_files(settings: Settings, *, now: datetime) -> Iterator[tuple[Path, Piece | None]]:
    """Yield the lists that were put by hand into the lists' directory or beside the roots; None for what is none."""
    directories = ((settings.effective_crl_dir, FILES), (settings.effective_signing_roots, FILES_AMONG_ROOTS))
    for directory, patterns in directories:
        for path in sorted({path for pattern in patterns for path in directory.glob(pattern)}):
            try:
                piece = take_list(_read(path), source=hand_source(path), now=now)
            except (ListUnreadableError, OSError):
                yield path, None
            else:
                yield path, piece


def hand_source(path: Path) -> str:
    """Return how a list is known that came as a file."""
    return f"{_HAND}{path.name}"[:LONGEST_SOURCE]


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(2 * LARGEST_LIST)


def _note(finding: Finding, about: str, source: str, now: datetime) -> Note:
    digest = hashlib.sha256(finding.der).hexdigest()
    return Note(finding.kind, about, source, digest, finding.this_update, finding.next_update, now)


def _is_issued_by(der: bytes, authority: x509.Certificate) -> bool:
    try:
        read_list(der, authority)
    except EvidenceUnusableError:
        return False
    return True


def _web(names: Iterable[x509.GeneralName]) -> Sequence[str]:
    found = [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    usable = [url for url in found if url.startswith(("http://", "https://")) and len(url) <= LONGEST_SOURCE]
    return usable[:MOST_ADDRESSES]
