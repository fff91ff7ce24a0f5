"""Signatures: whether somebody's key signed these bytes, and whether that key counts.

One format in, one format kept: a detached CMS signature (CAdES-BES, one signer, DER), which a stock ``openssl cms``
makes and checks. The profile is narrower than CMS (`messages`): whatever no signature covers is either fixed, or
checked against what is covered, or not read at all. What is *stored* is built anew from the verified parts and read
again, so that no byte of the evidence is the sender's free choice.

- `verify` does all checks, in the order in which `errors` lists their failures. Only `bot.core.approvals` and the tools
  that check evidence call it; whether the certificate belongs to the person and the person may sign is theirs to say.
- `signed_attributes` and `assemble` build a message: for signing tools, and for plugins that sign a bare hash.
- Revocation evidence comes in as bytes (`RevocationSource`): nothing here opens a connection. "Revoked" from any sound
  answer wins; each certificate below the root needs a fresh "good"; none at hand is a refusal for now, not a yes.
  `read_list` and `read_answer` are for whoever fetches it and wants to know whether it is worth keeping.

Decided on 2026-11-21: messages are read with the ASN.1 declarations of `cryptography` and not with asn1crypto. They
read DER only, eagerly, in memory-safe code, and take a tenth of the time; asn1crypto takes BER, re-sorts sets when it
writes them, and fails late. Both they and the path building may still change, so the release is pinned, and a corpus
holds every verdict beside those of openssl and pyHanko.
"""

from bot.core.signatures.algorithms import ES256, ES384, PS256, RS256, DigestName, SignatureAlgorithm
from bot.core.signatures.assembly import assemble, signed_attributes
from bot.core.signatures.certificate_lists import CertificateList, read_list
from bot.core.signatures.certificates import CertificateFacts, facts_of, read_certificate
from bot.core.signatures.errors import (
    AlgorithmNotAllowedError,
    CertificateExpiredError,
    CertificateNotYetValidError,
    CertificateRevokedError,
    CertificateSubstitutedError,
    CertificateUnreadableError,
    CertificateUntrustedError,
    CertificateUsageError,
    ContentMismatchError,
    RevocationUnavailableError,
    SignatureInvalidError,
    SignatureMalformedError,
    SignatureRefusedError,
    WeakKeyError,
)
from bot.core.signatures.evidence import (
    EvidenceUnusableError,
    Finding,
    OcspAnswer,
    RevocationEvidence,
    RevocationProof,
    RevocationSource,
)
from bot.core.signatures.ocsp_answers import read_answer
from bot.core.signatures.paths import TrustStore
from bot.core.signatures.policy import DEFAULT_POLICY, SignaturePolicy
from bot.core.signatures.verification import Verified, verify

__all__ = [
    "DEFAULT_POLICY",
    "ES256",
    "ES384",
    "PS256",
    "RS256",
    "AlgorithmNotAllowedError",
    "CertificateExpiredError",
    "CertificateFacts",
    "CertificateList",
    "CertificateNotYetValidError",
    "CertificateRevokedError",
    "CertificateSubstitutedError",
    "CertificateUnreadableError",
    "CertificateUntrustedError",
    "CertificateUsageError",
    "ContentMismatchError",
    "DigestName",
    "EvidenceUnusableError",
    "Finding",
    "OcspAnswer",
    "RevocationEvidence",
    "RevocationProof",
    "RevocationSource",
    "RevocationUnavailableError",
    "SignatureAlgorithm",
    "SignatureInvalidError",
    "SignatureMalformedError",
    "SignaturePolicy",
    "SignatureRefusedError",
    "TrustStore",
    "Verified",
    "WeakKeyError",
    "assemble",
    "facts_of",
    "read_answer",
    "read_certificate",
    "read_list",
    "signed_attributes",
    "verify",
]
