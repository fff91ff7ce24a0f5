"""What is sent and answered, as OpenAPI tells it to registrars."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from bot.core.errors import NotFoundError
from bot.core.handoffs.desk import Case, Cursor, Summary
from bot.core.handoffs.references import read_reference

State: TypeAlias = Literal[
    "waiting",
    "acknowledged",
    "contacted",
    "needs_documents",
    "registered",
    "declined",
    "withdrawn",
    "expired",
]
DocumentsReason: TypeAlias = Literal["identity_paper", "business_certificate", "declaration", "other_document"]
DeclinedReason: TypeAlias = Literal[
    "name_taken",
    "name_not_allowed",
    "not_in_group",
    "offer_ended",
    "not_reached",
    "citizen_declined",
    "other",
]
Reason: TypeAlias = Literal[""] | DocumentsReason | DeclinedReason

LONGEST_CURSOR = 120


class PageUnknownError(NotFoundError):
    """No page begins where the cursor says: it is none that was given out."""


class Problem(BaseModel):
    """A failure (RFC 9457): `type` is stable, `detail` is for people."""

    type: str
    status: int
    title: str | None = None
    detail: str | None = None
    errors: list[dict[str, str]] | None = None
    reference: str | None = None


class Me(BaseModel):
    """Whose token this is, and what it is for."""

    registrar: str
    scopes: list[Literal["read", "report"]]


class HandoffSummary(BaseModel):
    """A request without anything of its citizen. `acknowledge_by`: null once it was taken up or has ended."""

    reference: Annotated[str, Field(examples=["HD-7K4M-X29Q"])]
    product: Literal["id.vn", "biz.vn"]
    state: State
    reason: Reason
    may_cost: Annotated[bool, Field(description="the citizen was told that it may cost money")]
    handed_at: datetime
    changed_at: datetime
    acknowledge_by: datetime | None

    @classmethod
    def of(cls, summary: Summary) -> HandoffSummary:
        """Return what is told of a request."""
        return cls.model_validate(summary, from_attributes=True)


class HandoffPage(BaseModel):
    """Requests, the longest handed on first; `next` is the `after` of the next page, null on the last."""

    handoffs: list[HandoffSummary]
    next: str | None


class Contact(BaseModel):
    """How the citizen wants to be reached, for this request only: at least one of phone (E.164) and email."""

    name: str
    phone: str | None = None
    email: str | None = None


class Handoff(HandoffSummary):
    """A request with what its citizen agreed to pass on; `domain` and `contact` are null once that is erased."""

    domain: str | None
    contact: Contact | None

    @classmethod
    def opened(cls, case: Case) -> Handoff:
        """Return all that is told of a request."""
        summary = HandoffSummary.of(case.summary).model_dump()
        return cls(**summary, domain=case.domain, contact=Contact(**case.contact) if case.contact else None)


class _Report(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Contacted(_Report):
    """You have spoken with the citizen."""

    status: Literal["contacted"]


class NeedsDocuments(_Report):
    """The citizen has to bring something; `reason` says what. Which paper and how is between you and them."""

    status: Literal["needs_documents"]
    reason: DocumentsReason


class Registered(_Report):
    """The name is registered. This ends the request."""

    status: Literal["registered"]


class Declined(_Report):
    """The name will not be registered; `reason` says why. This ends the request."""

    status: Literal["declined"]
    reason: DeclinedReason


StatusIn: TypeAlias = Annotated[Contacted | NeedsDocuments | Registered | Declined, Field(discriminator="status")]


def write_cursor(cursor: Cursor | None) -> str | None:
    """Return what leads to the next page."""
    if cursor is None:
        return None
    return urlsafe_b64encode(f"{cursor.handed_at.isoformat()} {cursor.reference}".encode()).decode()


def read_cursor(text: str | None) -> Cursor | None:
    """Read what `write_cursor` wrote.

    Raises:
        PageUnknownError: it was something else.
    """
    if text is None:
        return None
    try:
        moment, _, reference = urlsafe_b64decode(text.encode("ascii")).decode("ascii").partition(" ")
        handed_at = datetime.fromisoformat(moment)
        if handed_at.tzinfo is None or read_reference(reference) != reference:
            raise PageUnknownError
        return Cursor(handed_at.astimezone(UTC), reference)
    except (ValueError, OverflowError) as error:
        raise PageUnknownError from error


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of an endpoint's failures."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    told = {
        401: "The token is missing or opens nothing",
        403: "The token is not for this",
        404: "There is no such request, or page, for you",
        409: "This does not follow from where the request stands",
        413: "The body is too large",
        422: "What was sent cannot be used",
        429: "Too many requests; `Retry-After` says how many seconds to wait",
    }
    return {
        status: {"description": told[status], "model": Problem, "content": {"application/problem+json": schema}}
        for status in statuses
    }
