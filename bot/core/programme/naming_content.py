"""The shape of the rules on what a name may look like, as they stand in ``bot/content/naming.yaml``."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from bot.core.programme.records import Citation, Product, Record, Several, Text

# A word that can stand in a name as it is.
PlainWord: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9]+$", max_length=20)]


class ProtectedNames(Record):
    """One kind of protected names: what kind it is, as citizens read it, and words that show it.

    The list of protected names itself was not read, so a word found in a name is a reason to ask, not to refuse.
    """

    words: Several[Text]
    why: Text


class NameIdeas(Record):
    """What suggestions for one product are made of: words to put behind a wish, and whole names as examples.

    Three examples, so that two remain when somebody wishes for the third.
    """

    suffixes: Several[PlainWord]
    examples: Annotated[tuple[PlainWord, ...], Field(strict=False, min_length=3)]


class Lookup(Record):
    """Where anybody can look up a name for themselves."""

    name: Text
    url: Annotated[str, Field(pattern=r"^https://[a-z0-9.-]+$")]


class NamingSources(Record):
    """Where each rule stands."""

    form: Several[Citation]
    accents: Several[Citation]
    auction: Several[Citation]
    provinces: Several[Citation]
    protected: Several[Citation]
    products: Several[Citation]
    lookup: Several[Citation]


class Naming(Record):
    """The rules on names, and what helps to find one that keeps them.

    `auctioned_up_to` and `provinces` concern names directly under ".vn" only.
    """

    longest_label: Annotated[int, Field(gt=0)]
    auctioned_up_to: Annotated[int, Field(gt=0)]
    protected: Several[ProtectedNames]
    provinces: Several[Text]
    personal: NameIdeas
    business: NameIdeas
    lookup: Lookup
    sources: NamingSources

    def ideas(self, product: Product) -> NameIdeas:
        """Give what suggestions for a product are made of."""
        return self.personal if product == "id.vn" else self.business
