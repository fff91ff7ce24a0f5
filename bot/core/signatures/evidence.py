"""Evidence about revocation: what comes in, who brings it, and what is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from cryptography import x509

from bot.core.errors import ProductError

Kind: TypeAlias = Literal["crl", "ocsp"]


@dataclass(frozen=True, slots=True)
class OcspAnswer:
    """An OCSP response, DER, and the nonce that was asked with, if any."""

    der: bytes
    nonce: bytes | None = None


@dataclass(frozen=True, slots=True)
class RevocationEvidence:
    """Lists (DER) and answers about one certificate, in any order; unusable ones do no harm."""

    crls: Sequence[bytes] = ()
    ocsp: Sequence[OcspAnswer] = ()


class RevocationSource(Protocol):
    """Who has fetched what there is about revocation."""

    def evidence_for(self, certificate: x509.Certificate, issuer: x509.Certificate) -> RevocationEvidence:
        """Return what is at hand about `certificate`, at once: nobody waits for a network here."""
        ...


@dataclass(frozen=True, slots=True)
class RevocationProof:
    """The bytes that showed that a certificate was not revoked: kept, so that it can be shown again years later.

    `is_stale` tells that they had ended and counted by `SignaturePolicy.stale_crl_grace`.
    """

    certificate_sha256: str
    kind: Kind
    der: bytes
    this_update: datetime
    next_update: datetime
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What one sound piece of evidence says about one certificate, and from when to when."""

    kind: Kind
    der: bytes
    is_revoked: bool
    this_update: datetime
    next_update: datetime


class EvidenceUnusableError(ProductError):
    """A list or an answer says nothing that can be relied on. `verify` never raises it."""
