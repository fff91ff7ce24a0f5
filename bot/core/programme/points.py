"""What the sources say, statement by statement, and with which words people ask for it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field

from bot.core.programme.records import AnyNumber, Citation, Day, Product, Record, Several, Text

Intent: TypeAlias = Literal[
    "ask_programme",
    "ask_why_vn",
    "ask_offer",
    "ask_eligibility",
    "ask_cost",
    "ask_duration",
    "ask_renewal",
    "ask_programme_period",
    "ask_how_to_register",
    "ask_documents",
    "ask_registrars",
    "start_registration",
    "check_registration_status",
    "check_domain",
    "ask_naming_rules",
    "ask_use_services",
    "ask_support",
    "ask_training",
    "ask_materials",
    "ask_targets",
    "ask_agency_role",
    "ask_legal_basis",
    "ask_reporting",
    "ask_scam_safety",
    "report_scam",
    "check_bulletin",
    "ask_privacy",
    "delete_my_data",
    "withdraw_consent",
]
"""The programme block of the taxonomy without `check_eligibility`, which is a dialogue."""

INTENTS: tuple[Intent, ...] = get_args(Intent)

Asked: TypeAlias = Literal[Intent, "ask_community_team"]
"""What a statement can be asked by: the plan gives the community teams duties too."""

Key: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Point(Record):
    """One thing that a source says.

    `says` is told as it stands, so it is Vietnamese and true on every day of the time in which it holds.
    `asked_as` is never shown: it holds the words of people who want to know exactly this.
    `promises_free` marks a statement that something costs nothing: it is never told without where the offer stands.
    `only_with` holds phrases of which the question must hold one, where its other words would be those of a neighbour.
    `leads` names the intents in whose general answer it stands.
    """

    key: Key
    about: Several[Asked]
    says: Text
    asked_as: Several[Text]
    sources: Several[Citation]
    only_with: AnyNumber[Text] = ()
    agencies: AnyNumber[Text] = ()
    products: AnyNumber[Product] = ()
    promises_free: bool = False
    leads: AnyNumber[Intent] = ()
    from_: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None

    def holds(self, on: date) -> bool:
        """Tell whether it is so on a day."""
        return (self.from_ is None or self.from_ <= on) and (self.until is None or on <= self.until)


class Topic(Record):
    """With which words people ask for the general answer of an intent."""

    intent: Intent
    asked_as: Several[Text]


class Agency(Record):
    """A body that the plan names, as it names it, and how people call it.

    Where one has ended, `until` is its last day and `now` says what took its place.
    """

    name: Text
    aliases: AnyNumber[Text] = ()
    until: Day | None = None
    now: Text | None = None
    sources: AnyNumber[Citation] = ()


class Shelf(Record):
    """Media material that the plan names by a code. `original` is None while nobody has given us the thing itself."""

    code: Text
    page: Text | None
    original: Text | None
    sources: Several[Citation]


class Participation(Record):
    """What shows that a registrar takes part in the free offer, for which names, and when it was seen (year, month)."""

    products: Several[Product]
    evidence: Text
    seen_on: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")] | None
    confidence: Literal["single_source"]


class Registrar(Record):
    """A registrar whose address may be given out; `participation` None: nothing shows that it takes part."""

    name: Text
    brand: Text
    site: Annotated[str, Field(pattern=r"^https://[a-z0-9.-]+$")]
    participation: Participation | None
    sources: Several[Citation]

    @property
    def key(self) -> str:
        """The name by which rows and tokens know it: the host of its site."""
        return self.site.removeprefix("https://")


class Claim(Record):
    """Something untrue that people have read, and the truth; `doubtful` where the sources only disagree about it.

    It is heard when the message holds one phrase of every group in `mentions` and none of `unless`.
    """

    key: Key
    about: Several[Intent]
    mentions: Several[Several[Text]]
    unless: AnyNumber[Text] = ()
    corrects: Text
    doubtful: bool = False
    promises_free: bool = False
    sources: Several[Citation]
