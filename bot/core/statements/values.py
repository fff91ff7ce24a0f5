"""What the members of statements are made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

Item = TypeVar("Item")

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_HOST = r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?"


class Part(BaseModel):
    """An object of a statement: immutable, without unknown members, without silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def read_moment(value: object) -> object:
    """Return the moment written as ``2026-11-20T01:30:00Z``; anything else as it came, for the type to refuse."""
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return value


def write_moment(moment: datetime) -> str:
    """Write a moment as statements do: UTC, whole seconds, ``2026-11-20T01:30:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _whole_second(moment: datetime) -> datetime:
    if moment.tzinfo is None or moment.microsecond:
        raise ValueError(moment)
    return moment


def _sorted_once(items: tuple[Any, ...]) -> tuple[Any, ...]:
    if any(left >= right for left, right in pairwise(items)):
        raise ValueError(items)
    return items


def sort_once(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return `items` as a statement lists what has no order: sorted by code points, each once."""
    return tuple(sorted(set(items)))  # type: ignore[type-var]


Moment: TypeAlias = Annotated[
    datetime,
    BeforeValidator(read_moment),
    AfterValidator(_whole_second),
    PlainSerializer(write_moment, return_type=str, when_used="json"),
]
Several: TypeAlias = Annotated[tuple[Item, ...], Field(strict=False, max_length=1000)]
"""In the order that is meant."""
SortedSet: TypeAlias = Annotated[tuple[Item, ...], Field(strict=False, max_length=1000), AfterValidator(_sorted_once)]
"""Sorted by code points, each once: a set has one way to be written."""

Id: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
Count: TypeAlias = Annotated[int, Field(ge=1, le=1_000_000)]
Nonce: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{32}$")]
"""192 random bits in base64url."""
Sha256: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Deployment: TypeAlias = Annotated[
    str, Field(max_length=300, pattern=rf"^(https://{_HOST}|http://(127\.0\.0\.1|localhost))(:[0-9]{{1,5}})?$")
]
"""Where the deployment is reached, as scheme and host only; plain http is for trying it out on one machine."""
Title: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=8000)]
Line: TypeAlias = Annotated[str, Field(min_length=1, max_length=300)]
LocalTime: TypeAlias = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""``07:30``, on the clocks of Việt Nam."""
