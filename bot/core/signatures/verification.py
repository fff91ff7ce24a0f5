"""All checks of a signature, in one place and one order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bot.core.signatures.algorithms import SignatureAlgorithm, check_fit, check_key, check_signature
from bot.core.signatures.assembly import assemble
from bot.core.signatures.certificates import CertificateFacts, facts_of
from bot.core.signatures.errors import SignatureMalformedError, SignatureRefusedError
from bot.core.signatures.evidence import RevocationProof, RevocationSource
from bot.core.signatures.messages import SignatureMessage, read_message
from bot.core.signatures.paths import TrustStore, check_dates, check_usage, find_path
from bot.core.signatures.policy import DEFAULT_POLICY, SignaturePolicy
from bot.core.signatures.revocation import check_revocation


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that counts, as it was verified.

    `stored` is the message to keep: built anew from the verified parts, with the intermediates of `path`, and so the
    same bytes for the same signature whatever it came wrapped in. `path` is the certificate first, the root last, DER.
    """

    certificate: CertificateFacts
    algorithm: SignatureAlgorithm
    stored: bytes
    path: tuple[bytes, ...]
    revocation: tuple[RevocationProof, ...]

    @property
    def is_revocation_stale(self) -> bool:
        """Whether a list that had ended had to do (`SignaturePolicy.stale_crl_grace`)."""
        return any(proof.is_stale for proof in self.revocation)


def verify(
    signature: bytes,
    content: bytes,
    *,
    trust: TrustStore,
    revocation: RevocationSource | None,
    at: datetime,
    revocation_at: datetime | None = None,
    policy: SignaturePolicy = DEFAULT_POLICY,
) -> Verified:
    """Check that `signature` is over `content` and that its certificate counts at the moment `at`.

    `revocation_at` is the moment for which "not revoked" must be shown: `at`, unless it is said otherwise. Before
    sending, `at` is when the approval came and `revocation_at` is now. `revocation` is None where nobody asks whether a
    certificate was revoked: for the audit log's own key, whose root's key is gone, so that nobody could say; and to
    learn the path of a sound signature before evidence about it is fetched. Such a signature counts for nothing else.

    Raises:
        SignatureRefusedError: it does not count; the class says why. Nothing that is sent makes it raise another error.
        ValueError: `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(at)
    message = _read(signature, content, policy)
    certificate = message.certificate
    path, facts = _follow(message, trust, at)
    asked_at = revocation_at or at
    proofs = () if revocation is None else check_revocation(path, revocation, at=asked_at, policy=policy)
    stored = assemble(message.attributes, message.signature, certificate, path[1:-1], message.algorithm)
    _read(stored, content, policy)
    return Verified(
        certificate=facts,
        algorithm=message.algorithm,
        stored=stored,
        path=tuple(one.public_bytes(Encoding.DER) for one in path),
        revocation=proofs,
    )


def _read(signature: bytes, content: bytes, policy: SignaturePolicy) -> SignatureMessage:
    """Check all that the message, its content and its key decide by themselves."""
    message = read_message(signature)
    check_key(message.key)
    check_fit(message.algorithm, message.key, allow_rs256=policy.allow_rs256)
    message.check_content(content)
    check_signature(message.algorithm, message.key, signature=message.signature, signed=message.attributes)
    return message


def _follow(
    message: SignatureMessage, trust: TrustStore, at: datetime
) -> tuple[tuple[x509.Certificate, ...], CertificateFacts]:
    """Check all that the certificate and those above it decide."""
    try:
        check_dates(message.certificate, at)
        check_usage(message.certificate)
        return find_path(message.certificate, message.others, trust, at), facts_of(message.certificate)
    except SignatureRefusedError:
        raise
    except Exception as error:
        raise SignatureMalformedError(problem="certificate") from error
