"""What every record of the content is made of."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Product: TypeAlias = Literal["id.vn", "biz.vn"]
PRODUCTS: tuple[Product, ...] = get_args(Product)

# Two independent sources agree (or the official text of that point was read), or one source only. Anything weaker
# may not stand in the content at all.
Confidence: TypeAlias = Literal["confirmed", "single_source"]

Item = TypeVar("Item")
# YAML gives lists; the records are immutable, so they keep tuples.
Several: TypeAlias = Annotated[tuple[Item, ...], Field(strict=False, min_length=1)]
AnyNumber: TypeAlias = Annotated[tuple[Item, ...], Field(strict=False)]


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
