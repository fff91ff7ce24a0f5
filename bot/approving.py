"""Builds what approvals live on in one process: the roots, the audit log with its key and witness, and the desk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from bot.core.approvals.desk import Desk
from bot.core.approvals.evidence import witnessed_heads
from bot.core.approvals.policies import PolicyChanges
from bot.core.approvals.ports import Approvable, Office, Prepare, prepare_nothing
from bot.core.approvals.subjects import Enrolments, Grants
from bot.core.audit.chain import Head
from bot.core.audit.checkpoints import Checkpoints, LogSigner
from bot.core.audit.keys import LogKeyFile, WitnessFiles, make_log_key
from bot.core.audit.log import AuditLog
from bot.core.broadcasts.subjects import approvable
from bot.core.clock import Clock
from bot.core.db import Database
from bot.core.errors import ProductError
from bot.core.signatures import RevocationEvidence, RevocationSource, SignaturePolicy, TrustStore
from bot.log_token import LogTokenKey
from bot.settings import Settings
from bot.signing.tokens import TokenModule

DEMONSTRATION_ROOT = "Hiện Diện: gốc thử nghiệm"
"""The name of the root that `hiendien dev ca` makes."""
_CERTIFICATES = ("*.pem", "*.crt", "*.cer")


class SigningRootsUnusableError(ProductError):
    """The roots of signers' certificates cannot be read."""


class DemonstrationRootError(ProductError):
    """In production, the demonstration authority's root lies among the roots: its people's password is public."""


class LogKeyMissingError(ProductError):
    """In production, where signatures are taken, the audit log's key is the operator's; none is set."""


@dataclass(frozen=True, slots=True)
class Approving:
    """What this process approves with."""

    desk: Desk
    checkpoints: Checkpoints
    signer: LogSigner

    @property
    def office(self) -> Office:
        """Return what decisions rest on."""
        return self.desk.office

    @property
    def log(self) -> AuditLog:
        """Return the audit log."""
        return self.desk.office.log

    async def check_log(self, database: Database) -> Head:
        """Go along the whole audit log, as `check_log` does."""
        return await check_log(self.log, database)


async def check_log(log: AuditLog, database: Database) -> Head:
    """Go along the whole audit log, against every checkpoint, the witness, and all who signed an approval.

    Raises:
        AuditLogBrokenError, AuditLogBehindError, AuditLogForkedError, WitnessUnreadableError: it is not whole.
    """
    async with database.reading() as connection:
        return await log.check(connection, known=await witnessed_heads(connection))


def open_log(settings: Settings) -> AuditLog:
    """Return the audit log of this installation, with the witness beside its database."""
    return AuditLog(WitnessFiles(settings.audit_dir))


class GivenLists:
    """A `RevocationSource` of lists that somebody brought (DER); without any, every signature is refused for now.

    For commands and tests; a process that serves has `bot.revocation.source.KeptEvidence`.
    """

    def __init__(self, lists: Iterable[bytes] = ()) -> None:
        self._evidence = RevocationEvidence(tuple(lists))

    def evidence_for(self, certificate: x509.Certificate, issuer: x509.Certificate) -> RevocationEvidence:
        """Return all lists; those of other authorities say nothing."""
        return self._evidence


def open_office(
    settings: Settings,
    *,
    revocation: RevocationSource | None = None,
    prepare: Prepare = prepare_nothing,
    subjects: Iterable[Approvable] = (),
) -> Office:
    """Build what decisions rest on; `subjects` come beside the product's own kinds, or take their place.

    Raises:
        SigningRootsUnusableError: the roots cannot be read.
        DemonstrationRootError: production with a root that only shows how signing goes.
    """
    own: tuple[Approvable, ...] = (Enrolments(), Grants(), PolicyChanges(), *approvable(late=settings.late))
    kept = (*own, *subjects)
    return Office(
        aud=_origin(settings.outside_url),
        log=open_log(settings),
        roots=_read_real_roots(settings),
        revocation=revocation or GivenLists(),
        subjects={source.kind: source for source in kept},
        signatures=SignaturePolicy(
            allow_rs256=settings.allow_rs256, stale_crl_grace=timedelta(hours=settings.stale_crl_hours)
        ),
        offline=timedelta(hours=settings.offline_signing_hours),
        prepare=prepare,
    )


def open_approving(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    revocation: RevocationSource | None = None,
    prepare: Prepare = prepare_nothing,
    subjects: Iterable[Approvable] = (),
) -> Approving:
    """Build what approvals live on in a process that serves them.

    Raises:
        SigningRootsUnusableError: the roots cannot be read.
        DemonstrationRootError: production with a root that only shows how signing goes.
        LogKeyMissingError: production with roots and without a key for the audit log.
    """
    office = open_office(settings, revocation=revocation, prepare=prepare, subjects=subjects)
    signer = _log_signer(settings, office.roots, clock)
    witness = WitnessFiles(settings.audit_dir)
    checkpoints = Checkpoints(database, office.log, signer=signer, witness=witness, aud=office.aud)
    return Approving(Desk(database, office), checkpoints, signer)


def read_roots(path: Path) -> TrustStore:
    """Read the roots from a file, or from all files of a directory; no root at all where there is neither.

    Raises:
        SigningRootsUnusableError: there are files, and one of them holds no certificate that can be used.
    """
    files = [path] if path.is_file() else sorted(found for kind in _CERTIFICATES for found in path.glob(kind))
    if not files:
        return TrustStore(())
    try:
        return TrustStore.from_pem(b"".join(file.read_bytes() + b"\n" for file in files))
    except (OSError, ProductError) as error:
        raise SigningRootsUnusableError(path=str(path)) from error


def _read_real_roots(settings: Settings) -> TrustStore:
    found = read_roots(settings.effective_signing_roots)
    if settings.environment == "production" and any(_is_demonstration(root) for root in found.roots):
        raise DemonstrationRootError(path=str(settings.effective_signing_roots))
    return found


def _is_demonstration(root: x509.Certificate) -> bool:
    names = root.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return any(name.value == DEMONSTRATION_ROOT for name in names)


def _origin(url: str) -> str:
    """Return scheme and host: what a statement names as the deployment that it is for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def find_log_signer(settings: Settings, roots: TrustStore) -> LogSigner | None:
    """Return what signs the audit log: as it is configured, else the key that was made here; None where none was."""
    if settings.log_token_module is not None and settings.log_token_pin_file is not None:
        return LogTokenKey(
            TokenModule(settings.log_token_module),
            token=settings.log_token_label,
            key=settings.log_token_key or None,
            pin_file=settings.log_token_pin_file,
            chain=settings.log_token_chain,
        )
    if settings.log_key is not None:
        return LogKeyFile(settings.log_key)
    made = _made_log_key(settings)
    return LogKeyFile(made) if made.exists() and not _must_bring_log_key(settings, roots) else None


def _log_signer(settings: Settings, roots: TrustStore, clock: Clock) -> LogSigner:
    found = find_log_signer(settings, roots)
    if found is not None:
        return found
    if _must_bring_log_key(settings, roots):
        raise LogKeyMissingError
    made = _made_log_key(settings)
    make_log_key(made, now=clock.now())
    return LogKeyFile(made)


def _must_bring_log_key(settings: Settings, roots: TrustStore) -> bool:
    return settings.environment == "production" and bool(roots.roots)


def _made_log_key(settings: Settings) -> Path:
    return settings.audit_dir / "log_key.pem"
