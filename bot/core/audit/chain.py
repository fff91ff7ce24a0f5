"""The chain of lines: making one, and following them; no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TypeAlias

from bot.core.audit.errors import AuditLogBehindError, AuditLogBrokenError, AuditLogForkedError
from bot.core.errors import InvalidInputError, ProductError
from bot.core.statements import canonical, digest, read_json
from bot.core.statements.values import write_moment

Fact: TypeAlias = str | int | bool | Sequence[str]

_EVENT = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_CODE = re.compile(r"[A-Za-z0-9._:/-]{0,200}")
"""What a text may be: an id, a code, a digest. No blank and no letter with a mark, so that no name and no sentence."""
_OWN = frozenset({"seq", "prev", "at", "event"})


class FactNotACodeError(ProductError):
    """A fact for the audit log could be somebody's words; the log holds codes, ids, digests and counts."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a log stands: so many lines, the last with this digest."""

    size: int
    head: str


EMPTY = Head(0, "0" * 64)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line, its line feed included."""

    seq: int
    line: bytes

    @property
    def head(self) -> Head:
        """Return where the log stands after it."""
        return Head(self.seq, digest(self.line))


def next_entry(after: Head, event: str, facts: Mapping[str, Fact], *, now: datetime) -> Entry:
    """Make the line that follows.

    Raises:
        FactNotACodeError: a fact is no code, or bears a name that every line has.
    """
    if not _EVENT.fullmatch(event):
        raise FactNotACodeError(event=event)
    for name, value in facts.items():
        texts = (value,) if isinstance(value, str) else value if isinstance(value, Sequence) else ()
        if name in _OWN or not _NAME.fullmatch(name) or not all(_CODE.fullmatch(text) for text in texts):
            raise FactNotACodeError(fact=name)
    seq = after.size + 1
    members = {**facts, "seq": seq, "prev": after.head, "at": write_moment(now), "event": event}
    return Entry(seq, canonical(members) + b"\n")


def follow(lines: Iterable[bytes], *, after: Head = EMPTY, known: Iterable[Head] = ()) -> Head:
    """Go along the lines that come after a head, each with its line feed; return where they end.

    Args:
        lines: in their order.
        after: where they begin.
        known: heads that were told of this log; those before `after` are not looked at.

    Raises:
        AuditLogBrokenError: a line is not canonical, or does not follow from the one before.
        AuditLogBehindError: the lines end before a head that is known.
        AuditLogForkedError: a known head is not this log's.
    """
    heads = sorted((head for head in known if head.size >= after.size), key=lambda head: head.size)
    waiting = iter(heads)
    awaited = next(waiting, None)
    at = after
    for head in chain((after,), _heads(lines, after)):
        at = head
        while awaited is not None and awaited.size == at.size:
            if awaited != at:
                raise AuditLogForkedError(seq=at.size)
            awaited = next(waiting, None)
    if awaited is not None:
        raise AuditLogBehindError(size=at.size, known=heads[-1].size)
    return at


def _heads(lines: Iterable[bytes], after: Head) -> Iterator[Head]:
    at = after
    for line in lines:
        at = _step(at, line)
        yield at


def _step(at: Head, line: bytes) -> Head:
    seq = at.size + 1
    try:
        value = read_json(line.removesuffix(b"\n"))
        whole = canonical(value) + b"\n"
    except InvalidInputError as error:
        raise AuditLogBrokenError(seq=seq, problem="unreadable") from error
    if whole != line or not isinstance(value, Mapping):
        raise AuditLogBrokenError(seq=seq, problem="not-canonical")
    if value.get("seq") != seq or value.get("prev") != at.head:
        raise AuditLogBrokenError(seq=seq, problem="does-not-follow")
    return Head(seq, digest(line))
