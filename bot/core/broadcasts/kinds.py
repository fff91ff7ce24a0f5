"""The two kinds of what is broadcast, read from the bytes that are signed; no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from pydantic import ValidationError

from bot.core.approvals.errors import DigestMismatchError
from bot.core.approvals.ports import Window
from bot.core.broadcasts import timetable
from bot.core.errors import InvalidInputError
from bot.core.statements import read_json
from bot.core.statements.models import Broadcast, Series

Item: TypeAlias = Broadcast | Series


class Kind(StrEnum):
    """A kind, as approvals and the API's paths name it."""

    BROADCASTS = "broadcasts"
    """Sent once."""
    SERIES = "series"
    """Comes back by a timetable."""


_TYPES: Mapping[Kind, type[Item]] = {Kind.BROADCASTS: Broadcast, Kind.SERIES: Series}


def read(kind: str, subject: bytes) -> Item:
    """Return what canonical bytes of a kind say.

    Raises:
        DigestMismatchError: they are no canonical bytes of that kind, so that nobody signed them.
    """
    try:
        item = _TYPES[Kind(kind)].model_validate(read_json(subject))
    except (ValidationError, InvalidInputError, ValueError) as error:
        raise DigestMismatchError(kind=kind, problem="unreadable") from error
    if item.to_bytes() != subject:
        raise DigestMismatchError(kind=kind, problem="not-canonical")
    return item


def window_of(item: Item) -> Window:
    """Return the signed window: outside of it nothing is sent."""
    given = item.schedule if isinstance(item, Broadcast) else item.timetable
    return Window(given.not_before, given.not_after)


def next_moment(item: Item, after: datetime) -> datetime | None:
    """Return the first moment after another at which it is to be sent; None where there is none any more."""
    if isinstance(item, Series):
        return timetable.next_moment(item.timetable, after)
    return item.schedule.not_before if item.schedule.not_before > after else None


def moment_ahead(item: Item, *, now: datetime, late: timedelta) -> datetime | None:
    """Return the moment for which the clock would take it now; None where its time is past.

    What is sent once may begin `late` after its moment. Of a series only the moments after now are meant.
    """
    if isinstance(item, Series):
        return timetable.next_moment(item.timetable, now)
    given = item.schedule
    return given.not_before if given.not_before >= now - late and now <= given.not_after else None
