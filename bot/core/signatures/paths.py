"""The path from a certificate to a root, and what the certificate was made for (reference, section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from bot.core.signatures.algorithms import check_key
from bot.core.signatures.errors import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    CertificateUnreadableError,
    CertificateUntrustedError,
    CertificateUsageError,
)

Extension = TypeVar("Extension", bound=x509.ExtensionType)

MOST_INTERMEDIATES = 4
ALLOWED_PURPOSES = frozenset(
    {
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # id-kp-documentSigning, RFC 9336
        x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),  # Microsoft's document signing
    }
)


class TrustStore:
    """The roots that count, and intermediates at hand for messages that bring none along.

    An intermediate here is only found more easily; it is trusted no more than one that comes with a message.
    """

    def __init__(self, roots: Iterable[x509.Certificate], intermediates: Iterable[x509.Certificate] = ()) -> None:
        """Take the roots as they are configured: they need no signature.

        Raises:
            WeakKeyError: a root's key is too weak.
        """
        self.roots = tuple(roots)
        self.intermediates = tuple(intermediates)
        for root in self.roots:
            check_key(root.public_key())

    @classmethod
    def from_pem(cls, roots: bytes, intermediates: bytes = b"") -> TrustStore:
        """Read certificates one after the other, in PEM.

        Raises:
            CertificateUnreadableError: there is one that cannot be read, or no root at all.
            WeakKeyError: a root's key is too weak.
        """
        try:
            known = x509.load_pem_x509_certificates(intermediates) if intermediates.strip() else []
            return cls(x509.load_pem_x509_certificates(roots), known)
        except (ValueError, x509.InvalidVersion) as error:
            raise CertificateUnreadableError from error


def check_dates(certificate: x509.Certificate, at: datetime) -> None:
    """Raise unless `certificate` is valid at that moment.

    Raises:
        CertificateExpiredError: it has ended.
        CertificateNotYetValidError: it has not begun.
    """
    if at > certificate.not_valid_after_utc:
        raise CertificateExpiredError
    if at < certificate.not_valid_before_utc:
        raise CertificateNotYetValidError


def check_usage(certificate: x509.Certificate) -> None:
    """Raise unless `certificate` was made for signing documents, by a person.

    Raises:
        CertificateUsageError: its key usage is absent or another, or it names purposes and none fits, or it is an
            authority's.
    """
    usage = _extension(certificate, x509.KeyUsage)
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    constraints = _extension(certificate, x509.BasicConstraints)
    if (
        usage is None
        or not (usage.digital_signature or usage.content_commitment)
        or (purposes is not None and ALLOWED_PURPOSES.isdisjoint(purposes))
        or (constraints is not None and constraints.ca)
    ):
        raise CertificateUsageError


def find_path(
    certificate: x509.Certificate, others: Iterable[x509.Certificate], trust: TrustStore, at: datetime
) -> tuple[x509.Certificate, ...]:
    """Return the path from `certificate` to a root of `trust`, both included, valid at that moment.

    Raises:
        CertificateUntrustedError: there is none.
        WeakKeyError: a key on it is too weak.
    """
    if not trust.roots:
        raise CertificateUntrustedError
    builder = PolicyBuilder().store(Store(list(trust.roots))).time(at).max_chain_depth(MOST_INTERMEDIATES)
    verifier = builder.extension_policies(ca_policy=_AUTHORITY, ee_policy=_PERSON).build_client_verifier()
    try:
        path = verifier.verify(certificate, [*others, *trust.intermediates]).chain
    except VerificationError as error:
        raise CertificateUntrustedError from error
    for one in path:
        check_key(one.public_key())
    return tuple(path)


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _must_be_authority(_policy: Policy, _certificate: x509.Certificate, constraints: x509.BasicConstraints) -> None:
    if not constraints.ca:
        raise CertificateUntrustedError


def _may_sign_certificates(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise CertificateUntrustedError


# The library's own policies are for web servers: they refuse certificates for signing documents and accept any key
# usage. A person's is checked by `check_usage`, which can say what is wrong; here it only has to be recognised.
_PERSON = (
    ExtensionPolicy.permit_all()
    .require_present(x509.KeyUsage, Criticality.AGNOSTIC, None)
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None)
    .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
)
_AUTHORITY = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _must_be_authority)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign_certificates)
)
