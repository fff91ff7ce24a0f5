"""Whether a certificate of a path was revoked, from evidence that others fetched (reference, section 7).

For every certificate below the root:

- any sound list or answer that says "revoked" ends it, however old it is and whatever others say;
- at least one sound and fresh one must say "good"; without it the signature is refused for now.

Sound is what its issuer, or whom the issuer named for it, signed with an allowed algorithm, about this very
certificate. A list with a critical extension is not: it may be about some certificates only, and its silence about this
one would say nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bot.core.signatures.certificate_lists import CertificateList, read_list
from bot.core.signatures.errors import CertificateRevokedError, RevocationUnavailableError
from bot.core.signatures.evidence import (
    EvidenceUnusableError,
    Finding,
    RevocationEvidence,
    RevocationProof,
    RevocationSource,
)
from bot.core.signatures.ocsp_answers import read_answer
from bot.core.signatures.policy import SignaturePolicy


def check_revocation(
    path: Sequence[x509.Certificate], source: RevocationSource, *, at: datetime, policy: SignaturePolicy
) -> tuple[RevocationProof, ...]:
    """Return one proof for each certificate of `path` but the root, the freshest there is.

    Raises:
        CertificateRevokedError: one of them was revoked.
        RevocationUnavailableError: for one of them no sound and fresh evidence is at hand.
    """
    below_root = list(pairwise(path))
    found = [
        list(_findings(certificate, issuer, source.evidence_for(certificate, issuer), at))
        for certificate, issuer in below_root
    ]
    # All of them before anything is said to be missing: "revoked" will not change by asking again later.
    if any(finding.is_revoked for findings in found for finding in findings):
        raise CertificateRevokedError
    return tuple(
        _prove(certificate, findings, at, policy) for (certificate, _), findings in zip(below_root, found, strict=True)
    )


def _findings(
    certificate: x509.Certificate, issuer: x509.Certificate, evidence: RevocationEvidence, at: datetime
) -> Iterator[Finding]:
    lists = [read for der in evidence.crls for read in _sound(der, issuer)]
    yield from (read.finding(certificate) for read in lists)
    revoked = frozenset[int]().union(*(read.serials for read in lists)) if evidence.ocsp else frozenset()
    for answer in evidence.ocsp:
        try:
            yield read_answer(answer, certificate, issuer, at=at, revoked=revoked)
        except EvidenceUnusableError:
            continue


def _sound(der: bytes, issuer: x509.Certificate) -> Iterator[CertificateList]:
    try:
        yield read_list(der, issuer)
    except EvidenceUnusableError:
        return


def _prove(
    certificate: x509.Certificate, findings: Sequence[Finding], at: datetime, policy: SignaturePolicy
) -> RevocationProof:
    skew = policy.clock_skew
    # Differences, for there is no moment behind the end of the calendar, which some lists name as theirs.
    begun = [finding for finding in findings if finding.this_update - at <= skew]
    fresh = [finding for finding in begun if at - finding.next_update <= skew]
    late = [
        finding
        for finding in begun
        if finding.kind == "crl" and at - finding.next_update <= skew + policy.stale_crl_grace
    ]
    chosen = max(fresh or late, key=lambda finding: finding.this_update, default=None)
    if chosen is None:
        raise RevocationUnavailableError
    return RevocationProof(
        certificate_sha256=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        kind=chosen.kind,
        der=chosen.der,
        this_update=chosen.this_update,
        next_update=chosen.next_update,
        is_stale=not fresh,
    )
