"""What an officer writes: a broadcast or a series before it becomes a subject, and the checks that make it one.

Lists without an order may come in any; blanks around texts are taken off. From then on nothing is changed silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal, Protocol, TypeAlias

from pydantic import Field, StringConstraints

from bot.core.approvals.errors import ScheduleInvalidError
from bot.core.broadcasts import kinds
from bot.core.broadcasts.channels import Channel, find_channel
from bot.core.broadcasts.errors import (
    AreaUnknownError,
    MediaUnsupportedError,
    RepeatUnsupportedError,
    TextTooLongError,
)
from bot.core.broadcasts.kinds import Item, Kind
from bot.core.communes.directory import Communes
from bot.core.statements.models import Broadcast, Media, Mode, Series
from bot.core.statements.values import Id, LocalTime, Moment, Part, Several, sort_once


class ContentDraft(Part):
    """What people will read. The title is one line."""

    lang: Literal["vi", "en"] = "vi"
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\n\t]+$")]
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000)]
    media: Several[Media] = ()


class AudienceDraft(Part):
    """Codes of communes and names of channels."""

    areas: Annotated[Several[Id], Field(min_length=1)]
    channels: Annotated[Several[Id], Field(min_length=1)]


class ScheduleDraft(Part):
    """It is sent at `not_before`, and after `not_after` no more."""

    not_before: Moment
    not_after: Moment
    repeat: Annotated[int, Field(ge=1, le=100)] = 1


class TimetableDraft(Part):
    """It is sent at these times of these days, on the clocks of Việt Nam, from one moment to another; 1 is Monday."""

    not_before: Moment
    not_after: Moment
    times: Annotated[Several[LocalTime], Field(min_length=1, max_length=24)]
    weekdays: Several[Annotated[int, Field(ge=1, le=7)]] = ()
    days_of_month: Several[Annotated[int, Field(ge=1, le=31)]] = ()


class Draft(Part):
    """What both kinds have."""

    content: ContentDraft
    audience: AudienceDraft
    severity: Id
    mode: Mode


class BroadcastDraft(Draft):
    """A message that is sent once."""

    kind: ClassVar[Kind] = Kind.BROADCASTS

    schedule: ScheduleDraft


class SeriesDraft(Draft):
    """A message that comes back."""

    kind: ClassVar[Kind] = Kind.SERIES

    timetable: TimetableDraft


DraftBody: TypeAlias = BroadcastDraft | SeriesDraft


class Measure(Protocol):
    """Measures the message that would go out."""

    def __call__(self, channel: Channel, item: Item) -> int:
        """Return how long the message of an item is on a channel, in the units of `Channel.longest`."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What drafts are held against in this deployment."""

    communes: Communes
    measure: Measure


def make_subject(
    body: DraftBody,
    *,
    item_id: str,
    version: int,
    drafter: str,
    editors: tuple[str, ...],
    limits: Limits,
    now: datetime,
) -> Item:
    """Return what is to be signed.

    Raises:
        AreaUnknownError, ChannelUnknownError: it is for a commune or a channel that there is not.
        MediaUnsupportedError, RepeatUnsupportedError: it asks for what is not sent yet.
        ScheduleInvalidError: its times are in the wrong order, or past.
        TextTooLongError: a channel of its audience does not take that much.
    """
    unknown = sorted({area for area in body.audience.areas if limits.communes.find(area) is None})
    if unknown:
        raise AreaUnknownError(areas=unknown)
    channels = [find_channel(name) for name in body.audience.channels]
    if body.content.media:
        raise MediaUnsupportedError
    members = body.model_dump() | {
        "id": item_id,
        "version": version,
        "drafter": drafter,
        "editors": sort_once(editors),
        "audience": {name: sort_once(value) for name, value in body.audience},
    }
    item = _broadcast(body, members) if isinstance(body, BroadcastDraft) else _series(body, members)
    check_ahead(item, now=now)
    for channel in channels:
        length = limits.measure(channel, item)
        if length > channel.longest:
            raise TextTooLongError(channel=channel.name, most=channel.longest, length=length)
    return item


def check_ahead(item: Item, *, now: datetime) -> None:
    """Raise unless it would still be sent.

    Raises:
        ScheduleInvalidError: its only moment, or its last, is past, or it has none.
    """
    if kinds.moment_ahead(item, now=now, late=timedelta()) is None:
        raise ScheduleInvalidError(problem="past")


def _broadcast(body: BroadcastDraft, members: dict[str, object]) -> Broadcast:
    if body.schedule.repeat > 1:
        raise RepeatUnsupportedError
    _check_order(body.schedule)
    return Broadcast.model_validate(members)


def _series(body: SeriesDraft, members: dict[str, object]) -> Series:
    given = body.timetable
    _check_order(given)
    if not (given.weekdays or given.days_of_month):
        raise ScheduleInvalidError(problem="no-days")
    days = {
        "times": sort_once(given.times),
        "weekdays": sort_once(given.weekdays),
        "days_of_month": sort_once(given.days_of_month),
    }
    return Series.model_validate(members | {"timetable": given.model_dump() | days})


def _check_order(given: ScheduleDraft | TimetableDraft) -> None:
    if given.not_before >= given.not_after:
        raise ScheduleInvalidError(problem="order")
