"""What the audit log tells of a broadcast since it was signed: whether it was taken back, and what was fired of it.

A signature says what may be sent; that it was changed or stopped afterwards, or was sent before, stands in rows beside
it, and whoever can write rows can unsay it. The log cannot be unsaid without notice: it is followed line by line from
where it stood when the signers saw it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.audit.chain import Head
from bot.core.audit.log import AuditLog
from bot.core.broadcasts.errors import TakenBackError
from bot.core.statements import read_json
from bot.core.statements.values import read_moment

_TAKES_BACK = frozenset(
    {
        "broadcast.edited",
        "broadcast.returned",
        "broadcast.stopped",
        "broadcast.refused",
        "broadcast.lapsed",
        "approval.rejected",
    }
)

_MOVED = b'"event":"destination.moved"'


@dataclass(slots=True)
class Course:
    """What became of a broadcast: the event that took it back, if any, and its editions by the moment they left.

    `places` are where each left for (`bot.core.destinations.service.write_place`), and where those moved to since.
    `let_go` are the moments at which a person let it go on, or had a message of it sent once more.
    `stopped_at` is when staff stopped all of it, `refused_at` when a check did, by the moment that was being sent.
    """

    broadcast_id: str
    taken_back_by: str | None = None
    fired: dict[str, str] = field(default_factory=dict)
    places: dict[str, set[str]] = field(default_factory=dict)
    is_paused: bool = False
    let_go: list[datetime] = field(default_factory=list)
    stopped_at: datetime | None = None
    refused_at: dict[str, datetime] = field(default_factory=dict)

    def check_stands(self) -> None:
        """Raise unless what was signed still stands.

        Raises:
            TakenBackError: it was changed, stopped or refused since.
        """
        if self.taken_back_by is not None:
            raise TakenBackError(broadcast=self.broadcast_id, event=self.taken_back_by)

    def read(self, line: bytes) -> None:
        """Take in a line of the log, about this broadcast or anything else."""
        if _MOVED not in line and f'"{self.broadcast_id}"'.encode() not in line:
            return
        value = read_json(line.removesuffix(b"\n"))
        facts = value if isinstance(value, Mapping) else {}
        if facts.get("event") == "destination.moved":
            moved = facts.get("destination")
            for places in self.places.values():
                if f"{moved}:{facts.get('from_sha256')}" in places:
                    places.add(f"{moved}:{facts.get('address_sha256')}")
        if self.broadcast_id not in {facts.get("broadcast"), facts.get("subject")}:
            return
        event = facts.get("event")
        if event in _TAKES_BACK:
            self.taken_back_by = str(event)
        if event == "broadcast.fired":
            fire_at = str(facts.get("fire_at"))
            self.fired[fire_at] = str(facts.get("edition"))
            listed = facts.get("places")
            self.places[fire_at] = {str(place) for place in listed} if isinstance(listed, Sequence) else set()
        if event in {"broadcast.paused", "broadcast.resumed"}:
            self.is_paused = event == "broadcast.paused"
        at = read_moment(facts.get("at"))
        if isinstance(at, datetime) and (
            event == "broadcast.resumed" or (event == "delivery.settled" and facts.get("arrived") is False)
        ):
            self.let_go.append(at)
        if isinstance(at, datetime) and event == "broadcast.stopped":
            self.stopped_at = at
        if isinstance(at, datetime) and event == "broadcast.refused":
            self.refused_at[str(facts.get("fire_at"))] = at


async def follow_course(
    connection: AsyncConnection, log: AuditLog, *, broadcast_id: str, seen: Head, witnessed: Head | None
) -> Course:
    """Return what the log tells of a broadcast after a head that its signers saw.

    It takes some milliseconds for a thousand lines of anything.

    Raises:
        ProductError: the log does not follow from that head, as `AuditLog.lines_since`.
    """
    course = Course(broadcast_id)
    async for line in log.lines_since(connection, seen, witnessed=witnessed):
        course.read(line)
    return course
