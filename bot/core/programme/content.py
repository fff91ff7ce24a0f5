"""The shapes of the programme's facts, as they stand in ``bot/content/``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field

from bot.core.programme.communes_content import Commune
from bot.core.programme.consents_content import ConsentWording
from bot.core.programme.days_off_content import Holiday
from bot.core.programme.dx_day_content import Activity, Body, DigitalDay, Duty, Statement
from bot.core.programme.localities_content import Localities
from bot.core.programme.naming_content import Naming
from bot.core.programme.points import Agency, Claim, Point, Registrar, Shelf, Topic
from bot.core.programme.records import PRODUCTS, Citation, Confidence, Day, Product, Record, Several, Text

__all__ = ["PRODUCTS", "Citation", "Day", "Product", "Programme", "Record", "Several", "Text"]

OfferKind: TypeAlias = Literal["waiver", "services"]
FeeKind: TypeAlias = Literal["registration", "maintenance"]


class DeskHours(Record):
    """When people are there: weekdays (Monday is 1) and spans of a day, on the clocks of Việt Nam."""

    weekdays: Several[Annotated[int, Field(ge=1, le=7)]]
    spans: Several[Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]]


class Operator(Record):
    """The body that runs this deployment. All of it is told to citizens, so all of it is Vietnamese."""

    name: Text
    address: Text
    contact: Text
    hours: Text
    desk: DeskHours
    controller: Text
    email: Text
    demonstration: bool


class LegalBasis(Record):
    """A document that facts rest on.

    `title` is the official one, or our own description where the title was not read. An `in_force_to` of None says
    that no end is known, not that there is none.
    """

    number: Text
    kind: Literal[
        "Luật",
        "Nghị quyết",
        "Nghị định",
        "Quyết định",
        "Thông tư",
        "Kế hoạch",
        "Công văn",
        "Hướng dẫn",
        "Trang thông tin",
    ]
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
    registrars: Several[Registrar]
    consents: Several[ConsentWording]
    holidays: Several[Holiday]
    agencies: Several[Agency]
    materials: Several[Shelf]
    naming: Naming
    localities: Localities
    communes: Several[Commune]
    claims: Several[Claim]
    topics: Several[Topic]
    abbreviations: Mapping[Text, Text]
    dx_day: DigitalDay
    dx_day_activities: Several[Activity]
    dx_day_bodies: Several[Body]
    dx_day_statements: Several[Statement]
    dx_day_duties: Several[Duty]

    plan: Several[Point]
    groups: Several[Point]
    targets: Several[Point]
    duties: Several[Point]
    deadlines: Several[Point]
    registration: Several[Point]
    naming_rules: Several[Point]
    services: Several[Point]
    renewal: Several[Point]
    safety: Several[Point]
    privacy: Several[Point]
    law: Several[Point]
    broadcasting: Several[Point]

    @cached_property
    def points(self) -> Sequence[Point]:
        """Every statement of every file, in the files' order above."""
        return tuple(point for name in POINT_FILES for point in getattr(self, name))

    @cached_property
    def days_off(self) -> frozenset[date]:
        """The weekdays on which offices are closed."""
        return frozenset(holiday.day for holiday in self.holidays)

    def fee(self, product: Product, kind: FeeKind) -> Fee:
        """Give the fee of a product; the loader has made sure that there is exactly one."""
        return next(fee for fee in self.fees if fee.product == product and fee.kind == kind)

    def legal_basis(self, number: str) -> LegalBasis:
        """Give a cited document; the loader has made sure that it is there."""
        return next(basis for basis in self.legal_bases if basis.number == number)

    def agency(self, name: str) -> Agency | None:
        """Give a body by the name that the plan uses; None when there is none of that name."""
        return next((agency for agency in self.agencies if agency.name == name), None)


POINT_FILES: Sequence[str] = tuple(
    name for name, field in Programme.model_fields.items() if get_args(field.annotation)[:1] == (Point,)
)
"""The content files that hold points."""
