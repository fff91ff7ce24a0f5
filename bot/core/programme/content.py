"""The shapes of the programme's facts, as they stand in ``bot/content/``."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Product: TypeAlias = Literal["id.vn", "biz.vn"]
PRODUCTS: tuple[Product, ...] = get_args(Product)

OfferKind: TypeAlias = Literal["waiver", "services"]
FeeKind: TypeAlias = Literal["registration", "maintenance"]

# Two independent sources agree (or the official text of that point was read), or one source only. Anything weaker
# may not stand in the content at all.
Confidence: TypeAlias = Literal["confirmed", "single_source"]

Item = TypeVar("Item")
# YAML gives lists; the records are immutable, so they keep tuples.
Several: TypeAlias = Annotated[tuple[Item, ...], Field(strict=False, min_length=1)]


def _read_day(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value


# Days are read here and not by the YAML reader, which cannot say on which line a wrong one stands.
Day: TypeAlias = Annotated[date, BeforeValidator(_read_day)]
Text: TypeAlias = Annotated[str, Field(min_length=1)]


class Record(BaseModel):
    """A record of the content: immutable, without unknown fields, without silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Citation(Record):
    """A document of the legal bases, by number, and the section in it."""

    document: Text
    section: Text


class Operator(Record):
    """The body that runs this deployment. All of it is told to citizens, so all of it is Vietnamese."""

    name: Text
    address: Text
    contact: Text
    hours: Text
    controller: Text
    email: Text
    demonstration: bool


class LegalBasis(Record):
    """A document that facts rest on.

    `title` is the official one, or our own description where the title was not read. An `in_force_to` of None says
    that no end is known, not that there is none.
    """

    number: Text
    kind: Literal["Kế hoạch", "Quyết định", "Thông tư", "Nghị định", "Hướng dẫn"]
    title: Text
    issuer: Text
    issued_on: Day | None
    in_force_from: Day | None
    in_force_to: Day | None
    source: Text
    confidence: Confidence


class Offer(Record):
    """One part of the offer for one product over one period, both ends included.

    A part that is prolonged gets another record; the old one stays. `valid_to` None: the end is unknown.
    """

    product: Product
    kind: OfferKind
    includes: Several[Literal["domain_name", "website", "email", "cv_blog"]]
    years: Annotated[int, Field(gt=0)]
    legal_basis: Text
    valid_from: Day
    valid_to: Day | None
    last_checked: Day
    confidence: Confidence
    sources: Several[Citation]


class FeeStatement(Citation):
    """A place that states a fee, and how far it can be relied on."""

    confidence: Confidence


class Fee(Record):
    """A state fee in đồng: once (registration) or for each year (maintenance). The registrar's own fee is extra."""

    product: Product
    kind: FeeKind
    amount: Annotated[int, Field(gt=0)]
    stated_in: Several[FeeStatement]


class CitizenRule(Record):
    """Who may have id.vn on the offer: citizens from `age_from` in full years.

    From the birthday of `age_unsettled` to the next one nothing says whether they belong; after it they do not.
    """

    age_from: int
    age_unsettled: int
    sources: Several[Citation]


class EnterpriseRule(Record):
    """Which enterprises may have biz.vn on the offer: founded at most so many years before the name is registered.

    `older_may_pay` says who tells that an older one may register the name and pay for it.
    """

    years_since_founding: Annotated[int, Field(gt=0)]
    sources: Several[Citation]
    older_may_pay: Several[Citation]


class HouseholdRule(Record):
    """Household businesses belong at any age of the business if they hold a registration certificate."""

    sources: Several[Citation]
    certificate_from_commune_since: Day
    certificate_sources: Several[Citation]


class Eligibility(Record):
    """The rules on who belongs to the group, by kind of applicant."""

    citizen: CitizenRule
    enterprise: EnterpriseRule
    household_business: HouseholdRule


class ProgrammePhase(Record):
    """The decision that approved the programme and the calendar years that it names, both included."""

    legal_basis: Text
    phase_from: int
    phase_to: int
    sources: Several[Citation]


class Programme(Record):
    """Everything the content says, checked and immutable. Each field stands in the file of its name."""

    operator: Operator
    programme: ProgrammePhase
    legal_bases: Several[LegalBasis]
    offers: Several[Offer]
    fees: Several[Fee]
    eligibility: Eligibility

    def fee(self, product: Product, kind: FeeKind) -> Fee:
        """Give the fee of a product; the loader has made sure that there is exactly one."""
        return next(fee for fee in self.fees if fee.product == product and fee.kind == kind)

    def legal_basis(self, number: str) -> LegalBasis:
        """Give a cited document; the loader has made sure that it is there."""
        return next(basis for basis in self.legal_bases if basis.number == number)
