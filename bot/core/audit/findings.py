"""What somebody found who checked evidence: one finding for each thing that had to hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

FindingFact: TypeAlias = str | int


class Outcome(StrEnum):
    """How it stands."""

    HOLDS = "holds"
    DOUBTFUL = "doubtful"
    """It may hold, but this evidence alone cannot show it."""
    FAILS = "fails"


class Check(StrEnum):
    """What is looked at, in this order."""

    ROOTS = "roots"
    LOG_ROOTS = "log-roots"
    LOG = "log"
    CHECKPOINT = "checkpoint"
    LOG_END = "log-end"
    EARLIER = "earlier"
    PROOFS = "proofs"
    DEPLOYMENT = "deployment"
    STATEMENT = "statement"
    SIGNATURE = "signature"
    ENTRY = "entry"
    WITNESS = "witness"
    ENTRIES = "entries"
    POLICY = "policy"
    AUTHORS = "authors"
    PEOPLE = "people"
    COUNT = "count"


class Problem(StrEnum):
    """Why something does not hold, beside the codes of `bot.core.signatures.errors`."""

    ROOTS_OF_THE_BUNDLE = "roots-of-the-bundle"
    ROOTS_UNREADABLE = "roots-unreadable"
    LOG_BROKEN = "log-broken"
    LOG_SHORT = "log-short"
    LOG_LONG = "log-long"
    LOG_OTHER = "log-other"
    PROOF_RENAMED = "proof-renamed"
    DEPLOYMENTS_DIFFER = "deployments-differ"
    STATEMENT_UNREADABLE = "statement-unreadable"
    STATEMENT_OF_OTHER_KIND = "statement-of-other-kind"
    NOT_AS_APPROVER = "not-as-approver"
    SUBJECT_DIFFERS = "subject-differs"
    REVOCATION_STALE = "revocation-stale"
    ENTRY_MISSING = "entry-missing"
    ENTRY_TWICE = "entry-twice"
    ENTRY_DIFFERS = "entry-differs"
    ENTRY_OUT_OF_TIME = "entry-out-of-time"
    ENTRY_BEFORE_CHALLENGE = "entry-before-challenge"
    APPROVALS_LEFT_OUT = "approvals-left-out"
    POLICIES_DIFFER = "policies-differ"
    POLICY_ALTERED = "policy-altered"
    POLICY_CHANGED = "policy-changed"
    AUTHOR_APPROVED = "author-approved"
    SAME_ACCOUNT = "same-account"
    SAME_PERSON = "same-person"
    SAME_KEY = "same-key"
    TOO_FEW = "too-few"


class Verdict(StrEnum):
    """What it comes to."""

    PROVEN = "proven"
    REFUTED = "refuted"
    UNPROVEN = "unproven"
    """Everything fits together, but the roots came from the bundle: it shows nothing about who made it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing stands; `number` is the approval's that it is about, 0 where it is about none."""

    check: Check
    outcome: Outcome
    problem: str = ""
    number: int = 0
    facts: Mapping[str, FindingFact] = field(default_factory=dict)


def holds(check: Check, number: int = 0, **facts: FindingFact) -> Finding:
    """Return the finding that something is as it must be."""
    return Finding(check, Outcome.HOLDS, "", number, facts)


def fails(check: Check, problem: str, number: int = 0, **facts: FindingFact) -> Finding:
    """Return the finding that something is not."""
    return Finding(check, Outcome.FAILS, str(problem), number, facts)


def doubtful(check: Check, problem: str, number: int = 0, **facts: FindingFact) -> Finding:
    """Return the finding that something cannot be told from here."""
    return Finding(check, Outcome.DOUBTFUL, str(problem), number, facts)


def conclude(findings: Iterable[Finding], *, resting_on: Check) -> Verdict:
    """Return the verdict; `resting_on` names the roots without which nothing is proven."""
    listed = list(findings)
    if any(finding.outcome is Outcome.FAILS for finding in listed):
        return Verdict.REFUTED
    rests = any(finding.check is resting_on and finding.outcome is Outcome.HOLDS for finding in listed)
    return Verdict.PROVEN if rests else Verdict.UNPROVEN
