"""The kinds of statements, member by member.

A moment is written in UTC with whole seconds. What has no order is sorted and holds each item once. Nothing is
optional: a member that does not apply would be one more way to write the same thing.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from bot.core.statements.canonical import canonical, digest
from bot.core.statements.values import (
    Count,
    Deployment,
    Id,
    Line,
    LocalTime,
    Moment,
    Nonce,
    Part,
    Several,
    Sha256,
    SortedSet,
    Text,
    Title,
)

NOTHING_BEFORE = "0" * 64
"""Stands where the digest of a former version would, when there was none."""
HOLDER = "holder"
"""The role in which somebody signs for having the key of their own certificate."""
Mode: TypeAlias = Literal["live", "training"]


class Statement(Part):
    """What somebody signs."""

    typ: str
    aud: Deployment

    def to_bytes(self) -> bytes:
        """Return the canonical bytes: what is shown, signed, stored and verified.

        Raises:
            TextNotNormalisedError: a text in it is not NFC or holds hidden characters.
        """
        return canonical(self.model_dump(mode="json"))

    def digest(self) -> str:
        """Return the SHA-256 of the canonical bytes, in hexadecimal digits."""
        return digest(self.to_bytes())


class Checkpoint(Statement):
    """Where the audit log stood: so many lines, the last with this digest. The log's own key signs it."""

    typ: Literal["urn:hiendien:checkpoint:1"] = "urn:hiendien:checkpoint:1"
    size: Annotated[int, Field(ge=0)]
    head: Sha256
    at: Moment


class Approver(Part):
    """Whose challenge it is, and in which role they sign."""

    id: Id
    role: Id


class Policy(Part):
    """How many must approve and who may not: inside what is signed, so that lowering it later is seen."""

    id: Id
    version: Count
    required: Annotated[int, Field(ge=1, le=10)]
    distinct_from: SortedSet[Literal["drafter", "editors"]]


class LogHead(Part):
    """The audit log when the challenge was made: every signer witnesses it."""

    size: Annotated[int, Field(ge=0)]
    head: Sha256


class Subject(Part):
    """What is decided on. Any change makes a new version, and with it all approvals void."""

    id: Id
    version: Count
    drafter: Id
    editors: SortedSet[Id]

    @property
    def authors(self) -> frozenset[str]:
        """Everybody who touched any version of it."""
        return frozenset({self.drafter, *self.editors})

    def to_bytes(self) -> bytes:
        """Return its canonical bytes, the same in every approval of it."""
        return canonical(self.model_dump(mode="json"))


class Approval(Statement):
    """One person's decision, for one subject, in answer to one challenge."""

    SUBJECT: ClassVar[str]
    """The member that holds the subject."""
    POLICY: ClassVar[str]
    """The policy by which such a subject is approved; an approval by any other says nothing about it."""

    jti: Nonce
    iat: Moment
    exp: Moment
    decision: Literal["approve"] = "approve"
    approver: Approver
    policy: Policy
    log: LogHead

    @property
    def subject(self) -> Subject:
        """Return what is decided on."""
        subject: Subject = getattr(self, self.SUBJECT)
        return subject

    @property
    def fitting_policy(self) -> str:
        """Return the id of the policy by which this subject is approved."""
        return self.POLICY

    @model_validator(mode="after")
    def _names_the_policy_of_its_subject(self) -> Self:
        # Else a message to many could be approved by one, under the policy of something smaller.
        if self.policy.id != self.fitting_policy:
            raise ValueError(self.policy.id)
        return self

    @model_validator(mode="after")
    def _lasts_for_some_time(self) -> Self:
        if self.iat >= self.exp:
            raise ValueError(self.exp)
        return self


class Media(Part):
    """A file that goes along, by digest; the sender hashes it again."""

    sha256: Sha256
    bytes: Annotated[int, Field(ge=1)]
    type: Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]{1,60}$")]


class Content(Part):
    """What people will read."""

    lang: Literal["vi", "en"]
    title: Title
    text: Text
    media: Annotated[Several[Media], Field(max_length=20)]


class Audience(Part):
    """Who it is for: codes of areas and names of channels, never names of people."""

    areas: SortedSet[Id]
    channels: SortedSet[Id]


class Window(Part):
    """When it may be sent; outside of it, it is not. `repeat` says how often in all."""

    not_before: Moment
    not_after: Moment
    repeat: Annotated[int, Field(ge=1, le=100)]

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        if self.not_before >= self.not_after:
            raise ValueError(self.not_after)
        return self


class Broadcast(Subject):
    """A message to many."""

    content: Content
    audience: Audience
    schedule: Window
    severity: Id
    mode: Mode


class Timetable(Part):
    """When a series is sent: at these times of these days, local time, while `not_before` to `not_after` lasts."""

    not_before: Moment
    not_after: Moment
    times: Annotated[SortedSet[LocalTime], Field(min_length=1)]
    weekdays: SortedSet[Annotated[int, Field(ge=1, le=7)]]
    days_of_month: SortedSet[Annotated[int, Field(ge=1, le=31)]]

    @model_validator(mode="after")
    def _names_days(self) -> Self:
        if self.not_before >= self.not_after or not (self.weekdays or self.days_of_month):
            raise ValueError(self.not_after)
        return self


class Series(Subject):
    """A message that comes back."""

    content: Content
    audience: Audience
    timetable: Timetable
    severity: Id
    mode: Mode


class ContentChange(Subject):
    """A record of the content, whole, as it will stand; `previous` is the digest of what it replaces."""

    collection: Id
    record: Id
    action: Literal["set", "remove"]
    previous: Sha256
    summary: Line
    text: Annotated[str, Field(max_length=8000)]


class PolicyChange(Subject):
    """The whole table of policies and all roots, by digest of the certificate, as they will stand."""

    previous: Sha256
    policies: Annotated[Several[Policy], Field(min_length=1)]
    roots: Annotated[SortedSet[Sha256], Field(min_length=1)]
    summary: Line

    @model_validator(mode="after")
    def _lists_each_policy_once(self) -> Self:
        ids = [policy.id for policy in self.policies]
        if ids != sorted(set(ids)):
            raise ValueError(ids)
        return self


class Enrolment(Subject):
    """A certificate that will count as this person's; `holder` is its subject as people read it."""

    person: Id
    certificate_sha256: Sha256
    key_sha256: Sha256
    holder: Line


class Grant(Subject):
    """Roles that a person will have in these areas for this time; `substitute_for` is "" but for a deputy."""

    person: Id
    action: Literal["give", "take"]
    roles: Annotated[SortedSet[Id], Field(min_length=1)]
    areas: SortedSet[Id]
    not_before: Moment
    not_after: Moment
    substitute_for: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._:-]{0,63})?$")]

    @model_validator(mode="after")
    def _lasts_for_some_time(self) -> Self:
        if self.not_before >= self.not_after:
            raise ValueError(self.not_after)
        return self


class BroadcastApproval(Approval):
    """Approves one message to many."""

    SUBJECT = "broadcast"
    POLICY = "broadcast"
    typ: Literal["urn:hiendien:broadcast-approval:1"] = "urn:hiendien:broadcast-approval:1"
    broadcast: Broadcast


class SeriesApproval(Approval):
    """Approves a message that comes back."""

    SUBJECT = "series"
    POLICY = "broadcast"
    typ: Literal["urn:hiendien:series-approval:1"] = "urn:hiendien:series-approval:1"
    series: Series


class ContentChangeApproval(Approval):
    """Approves a change of what the assistant tells."""

    SUBJECT = "content_change"
    POLICY = "content-change"
    typ: Literal["urn:hiendien:content-change:1"] = "urn:hiendien:content-change:1"
    content_change: ContentChange


class PolicyChangeApproval(Approval):
    """Approves a change of who must approve what, or of the trusted roots."""

    SUBJECT = "policy_change"
    POLICY = "policy-change"
    typ: Literal["urn:hiendien:policy-change:1"] = "urn:hiendien:policy-change:1"
    policy_change: PolicyChange


class EnrolmentApproval(Approval):
    """Signed by the holder (role ``holder``), it proves that they have the key; by another, it approves that it counts.

    Nobody approves their own: whoever is not the person in it cannot sign as its holder, and the other way round.
    """

    SUBJECT = "enrolment"
    POLICY = "enrolment"
    typ: Literal["urn:hiendien:enrolment:1"] = "urn:hiendien:enrolment:1"
    enrolment: Enrolment

    @model_validator(mode="after")
    def _is_approved_by_another(self) -> Self:
        if (self.approver.id == self.enrolment.person) != (self.approver.role == HOLDER):
            raise ValueError(self.approver)
        return self


class GrantApproval(Approval):
    """Approves that somebody gets roles, or loses them."""

    SUBJECT = "grant"
    POLICY = "grant"
    ADMIN_POLICY: ClassVar[str] = "grant-admin"
    """Of grants that make or unmake an admin."""
    typ: Literal["urn:hiendien:grant:1"] = "urn:hiendien:grant:1"
    grant: Grant

    @property
    def fitting_policy(self) -> str:
        """Return the id of the policy by which these roles are given or taken."""
        return self.ADMIN_POLICY if "admin" in self.grant.roles else self.POLICY
