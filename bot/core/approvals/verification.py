"""Whether a bundle shows that its subject was approved as it says: files in, findings out.

There is no database, no clock and no network here, and nothing is believed that the bundle does not prove. The moment
of an approval is what the audit log tells, which the approver's own statement and the checkpoint hold between them;
revocation is shown by the lists and answers that were archived then. Roots that came with the bundle prove nothing
about who made it: a reader gets them from the authority.

What it cannot show: that an account belongs to whom the certificate names (the enrolment's own evidence does) and is an
admin's (the grant's does), and whether a certificate was revoked later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.approvals.kept import APPROVER, KeptProofs, count_people
from bot.core.approvals.policies import BUILT_IN
from bot.core.approvals.service import excluded
from bot.core.audit.findings import (
    Check,
    Finding,
    FindingFact,
    Outcome,
    Problem,
    Verdict,
    conclude,
    doubtful,
    fails,
    holds,
)
from bot.core.audit.unpacking import BundleProblem, BundleUnusableError
from bot.core.audit.verification import HandedLog, check_earlier, choose_roots, examine_log, required
from bot.core.errors import InvalidInputError
from bot.core.signatures import (
    RevocationUnavailableError,
    SignaturePolicy,
    SignatureRefusedError,
    TrustStore,
    Verified,
    verify,
)
from bot.core.staff.enrolments import Identity
from bot.core.statements import Approval, digest, read_statement
from bot.core.statements.canonical import Json
from bot.core.statements.models import Policy
from bot.core.statements.values import read_moment, write_moment

GIVEN = "approval.given"
STALE = SignaturePolicy(stale_crl_grace=timedelta(days=366))
"""For what the log says was accepted on a list that had ended: shown, and told as doubtful."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found; `approvals` are the statements that could be read."""

    findings: tuple[Finding, ...]
    verdict: Verdict
    approvals: tuple[Approval, ...]
    log_size: int


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What approvals are held against."""

    files: Mapping[str, bytes]
    subject: bytes
    log: HandedLog
    given: Sequence[tuple[int, Mapping[str, Json]]]
    """The log's lines about approvals, with their numbers."""
    trust: TrustStore | None
    proofs: KeptProofs


@dataclass(frozen=True, slots=True)
class _Examined:
    """One approval, as far as it could be followed."""

    statement: Approval | None
    verified: Verified | None
    findings: tuple[Finding, ...]

    @property
    def counted(self) -> tuple[str, Identity] | None:
        """Return whose account and who approved; None where anything speaks against it."""
        if (
            self.statement is None
            or self.verified is None
            or any(one.outcome is Outcome.FAILS for one in self.findings)
        ):
            return None
        return self.statement.approver.id, Identity.of(self.verified.certificate)


def examine(
    files: Mapping[str, bytes],
    *,
    roots: bytes | None = None,
    log_roots: bytes | None = None,
    earlier: bytes | None = None,
) -> Report:
    """Check all that a bundle can show.

    Args:
        files: by name.
        roots: of the approvers' certificates (PEM, or one in DER), from the authority; None takes the bundle's.
        log_roots: of the log's key, as noted earlier; None takes the bundle's.
        earlier: a checkpoint's statement that the reader has kept, if any.

    Raises:
        BundleUnusableError: a file is missing without which nothing can be checked, or the log is no log by its size.
    """
    numbers = _numbers(files)
    log = HandedLog.read(required(files, "log.jsonl"))
    statement, signature = required(files, "checkpoint.json"), required(files, "checkpoint.p7s")
    findings: list[Finding] = []
    trust = None
    if numbers or "subject.json" in files:
        trust, finding = choose_roots(Check.ROOTS, roots, files.get("roots.pem"))
        findings.append(finding)
    log_trust, finding = choose_roots(Check.LOG_ROOTS, log_roots, files.get("log-roots.pem"))
    findings.append(finding)
    checkpoint, found = examine_log(log, statement, signature, log_trust)
    findings += [*found, *([check_earlier(log, earlier)] if earlier is not None else [])]
    resting_on = Check.LOG_ROOTS
    examined: list[_Examined] = []
    if numbers or "subject.json" in files:
        resting_on = Check.ROOTS
        subject = required(files, "subject.json")
        evidence = _Evidence(files, subject, log, list(log.entries(GIVEN)), trust, _proofs(files))
        examined = [_examine_one(number, evidence) for number in numbers]
        findings += [_check_proofs(files), *(finding for one in examined for finding in one.findings)]
    read = [one.statement for one in examined if one.statement is not None]
    deployments = {told.aud for told in (*read, *((checkpoint,) if checkpoint else ()))}
    if len(deployments) > 1:
        findings.append(fails(Check.DEPLOYMENT, Problem.DEPLOYMENTS_DIFFER))
    elif deployments:
        findings.append(holds(Check.DEPLOYMENT, deployment=deployments.pop()))
    if resting_on is Check.ROOTS:
        findings += _examine_together(examined, read, log)
    order = list(Check)
    ordered = sorted(findings, key=lambda finding: _place(order, finding))
    return Report(tuple(ordered), conclude(ordered, resting_on=resting_on), tuple(read), len(log.lines))


def _place(order: Sequence[Check], finding: Finding) -> tuple[int, int, int]:
    """Return where a finding is told: what is about the bundle, then approval by approval, then about all together."""
    place = order.index(finding.check)
    if finding.number:
        return order.index(Check.STATEMENT), finding.number, place
    return place, 0, 0


def _numbers(files: Mapping[str, bytes]) -> Sequence[int]:
    """Return the approvals' numbers: from 1, without a gap, each with statement and signature."""
    names = {name.partition(".")[0] for name in files if name.startswith("approval-")}
    numbers = range(1, len(names) + 1)
    for number in numbers:
        for kind in ("json", "p7s"):
            if f"approval-{number}.{kind}" not in files:
                raise BundleUnusableError(BundleProblem.MISSING, f"approval-{number}.{kind}")
    return numbers


def _proofs(files: Mapping[str, bytes]) -> KeptProofs:
    kinds = {".crl.der": "crl", ".ocsp.der": "ocsp"}
    return KeptProofs(
        {name: (kind, der) for name, der in files.items() for end, kind in kinds.items() if name.endswith(end)}
    )


def _check_proofs(files: Mapping[str, bytes]) -> Finding:
    proofs = {name: data for name, data in files.items() if name.endswith(".der")}
    for name, data in sorted(proofs.items()):
        if digest(data)[:16] != name.partition(".")[0]:
            return fails(Check.PROOFS, Problem.PROOF_RENAMED, file=name)
    return holds(Check.PROOFS, count=len(proofs))


def _examine_one(number: int, evidence: _Evidence) -> _Examined:
    raw, signature = evidence.files[f"approval-{number}.json"], evidence.files[f"approval-{number}.p7s"]
    try:
        statement = read_statement(raw)
    except InvalidInputError as error:
        finding = fails(Check.STATEMENT, Problem.STATEMENT_UNREADABLE, number, code=error.code)
        return _Examined(None, None, (finding,))
    if not isinstance(statement, Approval):
        return _Examined(None, None, (fails(Check.STATEMENT, Problem.STATEMENT_OF_OTHER_KIND, number),))
    findings = [
        _check_statement(number, statement, evidence.subject),
        _check_witness(number, statement, evidence.log),
    ]
    mine = [(seq, entry) for seq, entry in evidence.given if entry.get("statement_sha256") == digest(raw)]
    verified = None
    if evidence.trust is not None:
        entry = mine[0][1] if mine else {}
        try:
            verified = _verify(signature, raw, evidence.trust, evidence.proofs, entry, otherwise=statement.iat)
            findings.append(_describe(number, verified))
        except SignatureRefusedError as error:
            findings.append(fails(Check.SIGNATURE, error.code, number))
    findings.append(_check_entry(number, statement, mine, _wanted(statement, raw, signature, verified)))
    return _Examined(statement, verified, tuple(findings))


def _check_statement(number: int, statement: Approval, subject: bytes) -> Finding:
    if statement.approver.role != APPROVER:
        return fails(Check.STATEMENT, Problem.NOT_AS_APPROVER, number, staff=statement.approver.id)
    if statement.subject.to_bytes() != subject:
        return fails(Check.STATEMENT, Problem.SUBJECT_DIFFERS, number, staff=statement.approver.id)
    return holds(Check.STATEMENT, number, staff=statement.approver.id, subject_sha256=digest(subject))


def _check_witness(number: int, statement: Approval, log: HandedLog) -> Finding:
    told = statement.log
    head = log.head_at(told.size)
    if head is None:
        return fails(Check.WITNESS, Problem.LOG_SHORT, number, size=len(log.lines), told=told.size)
    if head.head != told.head:
        return fails(Check.WITNESS, Problem.LOG_OTHER, number, size=len(log.lines), told=told.size)
    return holds(Check.WITNESS, number, size=told.size)


def _verify(
    signature: bytes,
    raw: bytes,
    trust: TrustStore,
    proofs: KeptProofs,
    entry: Mapping[str, Json],
    *,
    otherwise: datetime,
) -> Verified:
    """Verify a signature at the moment that the log's line tells, or, where it tells none, `otherwise`."""
    at = _moment(entry) or otherwise
    try:
        return verify(signature, raw, trust=trust, revocation=proofs, at=at)
    except RevocationUnavailableError:
        if entry.get("revocation") != "stale":
            raise
        return verify(signature, raw, trust=trust, revocation=proofs, at=at, policy=STALE)


def _describe(number: int, verified: Verified) -> Finding:
    facts = verified.certificate
    shown = {
        "holder": facts.subject,
        "issuer": facts.issuer,
        "serial": facts.serial,
        "cert_sha256": facts.sha256,
        "algorithm": verified.algorithm.name,
    }
    if verified.is_revocation_stale:
        return doubtful(Check.SIGNATURE, Problem.REVOCATION_STALE, number, **shown)
    return holds(Check.SIGNATURE, number, **shown)


def _wanted(statement: Approval, raw: bytes, signature: bytes, verified: Verified | None) -> Mapping[str, Json]:
    """Return what the log's line must say of an approval."""
    subject = statement.subject
    wanted: dict[str, Json] = {
        "subject": subject.id,
        "version": subject.version,
        "subject_sha256": digest(subject.to_bytes()),
        "staff": statement.approver.id,
        "statement_sha256": digest(raw),
        "cms_sha256": digest(signature),
        "required": statement.policy.required,
    }
    if verified is not None:
        wanted |= {"cert_sha256": verified.certificate.sha256, "alg": verified.algorithm.name}
    return wanted


def _check_entry(
    number: int,
    statement: Approval,
    mine: Sequence[tuple[int, Mapping[str, Json]]],
    wanted: Mapping[str, Json],
) -> Finding:
    if not mine:
        return fails(Check.ENTRY, Problem.ENTRY_MISSING, number)
    if len(mine) > 1:
        return fails(Check.ENTRY, Problem.ENTRY_TWICE, number, seq=mine[1][0])
    seq, entry = mine[0]
    differs = next((name for name, value in wanted.items() if entry.get(name) != value), None)
    if differs is not None:
        return fails(Check.ENTRY, Problem.ENTRY_DIFFERS, number, seq=seq, member=differs)
    told_at = _moment(entry)
    if told_at is None or not statement.iat <= told_at <= statement.exp:
        return fails(Check.ENTRY, Problem.ENTRY_OUT_OF_TIME, number, seq=seq)
    if seq <= statement.log.size:
        return fails(Check.ENTRY, Problem.ENTRY_BEFORE_CHALLENGE, number, seq=seq)
    return holds(Check.ENTRY, number, seq=seq, at=write_moment(told_at))


def _moment(entry: Mapping[str, Json]) -> datetime | None:
    try:
        moment = read_moment(entry.get("at"))
    except ValueError:
        return None
    return moment if isinstance(moment, datetime) else None


def _examine_together(examined: Sequence[_Examined], read: Sequence[Approval], log: HandedLog) -> list[Finding]:
    """Check what no approval shows by itself."""
    findings = []
    policies = {statement.policy for statement in read}
    required_count = max((policy.required for policy in policies), default=1)
    if policies:
        findings += [_check_policy(policies), _check_authors(read), _check_left_out(read, log)]
    counted = [found for one in examined if (found := one.counted) is not None]
    accounts, identities = [account for account, _ in counted], [identity for _, identity in counted]
    findings += _check_people(accounts, identities)
    count = min(count_people(identities), len(set(accounts)))
    if count < required_count:
        findings.append(fails(Check.COUNT, Problem.TOO_FEW, count=count, required=required_count))
    else:
        findings.append(holds(Check.COUNT, count=count, required=required_count))
    return findings


def _check_policy(policies: set[Policy]) -> Finding:
    if len(policies) > 1:
        return fails(Check.POLICY, Problem.POLICIES_DIFFER)
    (policy,) = policies
    shown: dict[str, FindingFact] = {"policy": policy.id, "version": policy.version, "required": policy.required}
    first = next((built_in for built_in in BUILT_IN if built_in.id == policy.id), None)
    if first == policy:
        return Finding(Check.POLICY, Outcome.HOLDS, facts=shown)
    if first is not None and first.version == policy.version:
        return Finding(Check.POLICY, Outcome.FAILS, Problem.POLICY_ALTERED, facts=shown)
    return Finding(Check.POLICY, Outcome.DOUBTFUL, Problem.POLICY_CHANGED, facts=shown)


def _check_authors(read: Iterable[Approval]) -> Finding:
    for statement in read:
        if statement.approver.id in excluded(statement.subject, statement.policy):
            return fails(Check.AUTHORS, Problem.AUTHOR_APPROVED, staff=statement.approver.id)
    return holds(Check.AUTHORS)


def _check_left_out(read: Sequence[Approval], log: HandedLog) -> Finding:
    """Compare with how many approvals of this version the log tells: a bundle may not leave one out unseen."""
    subject = read[0].subject
    sha256 = digest(subject.to_bytes())
    told = sum(entry.get("subject_sha256") == sha256 for _, entry in log.entries(GIVEN))
    if told > len(read):
        return fails(Check.ENTRIES, Problem.APPROVALS_LEFT_OUT, told=told, count=len(read))
    return holds(Check.ENTRIES, told=told)


def _check_people(accounts: Sequence[str], identities: Sequence[Identity]) -> list[Finding]:
    if not identities:
        return []
    several = (
        (Problem.SAME_ACCOUNT, accounts),
        (Problem.SAME_PERSON, [identity.person for identity in identities]),
        (Problem.SAME_KEY, [identity.key_sha256 for identity in identities]),
    )
    repeated = [fails(Check.PEOPLE, problem) for problem, values in several if len(set(values)) < len(values)]
    return repeated or [holds(Check.PEOPLE, count=len(identities))]
