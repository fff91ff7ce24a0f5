"""What the audit log tells of a broadcast since it was signed: whether it was taken back, and what was fired of it.

A signature says what may be sent; that it was changed or stopped afterwards, or was sent before, stands in rows beside
it, and whoever can write rows can unsay it. The log cannot be unsaid without notice: it is followed line by line from
where it stood when the signers saw it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.audit.chain import Head
from bot.core.audit.log import AuditLog
from bot.core.broadcasts.errors import TakenBackError
from bot.core.statements import read_json

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


@dataclass(slots=True)
class Course:
    """What became of a broadcast: the event that took it back, if any, and its editions by the moment they left."""

    broadcast_id: str
    taken_back_by: str | None = None
    fired: dict[str, str] = field(default_factory=dict)

    def check_stands(self) -> None:
        """Raise unless what was signed still stands.

        Raises:
            TakenBackError: it was changed, stopped or refused since.
        """
        if self.taken_back_by is not None:
            raise TakenBackError(broadcast=self.broadcast_id, event=self.taken_back_by)

    def read(self, line: bytes) -> None:
        """Take in a line of the log, about this broadcast or anything else."""
        if f'"{self.broadcast_id}"'.encode() not in line:
            return
        value = read_json(line.removesuffix(b"\n"))
        facts = value if isinstance(value, Mapping) else {}
        if self.broadcast_id not in {facts.get("broadcast"), facts.get("subject")}:
            return
        if facts.get("event") in _TAKES_BACK:
            self.taken_back_by = str(facts["event"])
        if facts.get("event") == "broadcast.fired":
            self.fired[str(facts.get("fire_at"))] = str(facts.get("edition"))


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
