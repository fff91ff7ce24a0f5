"""The shape of the old and new names of places, as they stand in ``bot/content/localities.yaml``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.core.programme.records import AnyNumber, Citation, Day, Record, Several, Text


class KindOfPlace(Record):
    """A word that stands before the name of a place and says what it is, and its short forms in addresses."""

    kind: Text
    level: Literal["province", "district", "unit"]
    short: AnyNumber[Text] = ()


class OldProvince(Record):
    """A province of before, both names bare, and what it is since a day. Both are equal where it kept its name.

    `only_with_kind`: its name is a common word or a person's as well.
    """

    old: Text
    now: Text
    since: Day
    only_with_kind: bool = False
    sources: Several[Citation]


class OldDistrict(Record):
    """A district, by its kind and name, of an old province; `until` is its last day."""

    old: Text
    province: Text
    until: Day
    sources: Several[Citation]


class NewUnit(Record):
    """A commune or ward, by its kind and name, and the units that it was formed from or was called before.

    `province` is the one of today, `formerly` the one that the old units belonged to. From `kind_disputed_from` on
    sources disagree about what kind of unit it is; the name itself stands.
    """

    now: Text
    province: Text
    formerly: Text
    since: Day
    kind_disputed_from: Day | None = None
    formed_from: Several[Text] = Field(alias="from")
    sources: Several[Citation]


class Localities(Record):
    """What places were called and are called.

    Behind an old name may stand, in brackets, what tells it from others of that name. `bodies` are words after which
    the bare name of a province is part of a body's own name.
    """

    kinds: Several[KindOfPlace]
    bodies: Several[Text]
    provinces: Several[OldProvince]
    districts: Several[OldDistrict]
    units: Several[NewUnit]
