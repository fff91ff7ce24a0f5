"""Builders of what staff write: callers with roles, drafts of both kinds, and a broadcast brought to a state."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.audit.log import AuditLog
from bot.core.broadcasts import drafting, kinds
from bot.core.broadcasts.bodies import BroadcastDraft, DraftBody, Limits, SeriesDraft
from bot.core.broadcasts.channels import Channel, utf16_units
from bot.core.broadcasts.kinds import Item
from bot.core.broadcasts.repository import BroadcastRow
from bot.core.broadcasts.subjects import Broadcasts, approvable
from bot.core.communes.directory import Communes
from bot.core.db import Database
from bot.core.programme.communes_content import Commune
from bot.core.staff import repository as staff
from bot.core.staff.accounts import Caller
from bot.core.staff.roles import Holding, Role
from bot.core.staff.tokens import Scope
from tests.fakes import MORNING

YEN_DUNG, TAN_AN, LUC_NAM = "bac-ninh.yen-dung", "bac-ninh.tan-an", "bac-ninh.luc-nam"
COMMUNES = Communes(
    Commune(code=code, name=name, kind="phường", province="Bắc Ninh")
    for code, name in ((YEN_DUNG, "Yên Dũng"), (TAN_AN, "Tân An"), (LUC_NAM, "Lục Nam"))
)
HOUR = timedelta(hours=1)
LATE = timedelta(minutes=10)
OVERHEAD = 100
"""Of a message, beside its title and text."""


def measure(channel: Channel, item: Item) -> int:
    """Measure as if every message had the same lines around what was written."""
    return OVERHEAD + utf16_units(item.content.title + item.content.text)


LIMITS = Limits(COMMUNES, measure)


class NoWitness:
    """A witness of the audit log that was told nothing."""

    def newest(self):
        return None


def broadcast_draft(
    *,
    title: str = "Ngày hội chuyển đổi số",
    text: str = "Mời bà con đến nhà văn hóa lúc 8 giờ.",
    areas: Collection[str] = (YEN_DUNG, TAN_AN),
    channels: Collection[str] = ("telegram-group",),
    not_before: datetime = MORNING + HOUR,
    not_after: datetime = MORNING + 3 * HOUR,
    mode: str = "live",
    **schedule: object,
) -> BroadcastDraft:
    """Write a message that is sent once."""
    return BroadcastDraft.model_validate(
        {
            "content": {"title": title, "text": text},
            "audience": {"areas": list(areas), "channels": list(channels)},
            "schedule": {"not_before": not_before, "not_after": not_after, **schedule},
            "severity": "notice",
            "mode": mode,
        }
    )


def series_draft(
    *,
    text: str = "Xe thu gom rác chạy lúc 9 giờ.",
    areas: Collection[str] = (YEN_DUNG, TAN_AN),
    not_before: datetime = MORNING,
    not_after: datetime = MORNING + timedelta(days=30),
    times: Collection[str] = ("09:00",),
    weekdays: Collection[int] = (1, 2, 3, 4, 5, 6, 7),
    days_of_month: Collection[int] = (),
) -> SeriesDraft:
    """Write a message that comes back: every day at nine, two hours after `MORNING`'s 8 o'clock minus one."""
    return SeriesDraft.model_validate(
        {
            "content": {"title": "Thu gom rác", "text": text},
            "audience": {"areas": list(areas), "channels": ["telegram-group"]},
            "timetable": {
                "not_before": not_before,
                "not_after": not_after,
                "times": list(times),
                "weekdays": list(weekdays),
                "days_of_month": list(days_of_month),
            },
            "severity": "notice",
            "mode": "live",
        }
    )


async def make_caller(
    database: Database, role: Role | None = Role.OFFICER, *, areas: Collection[str] = (), now: datetime = MORNING
) -> Caller:
    """Open an account; return it as a caller with one role in some areas (none named: in all)."""
    staff_id = f"nv-{uuid.uuid4().hex[:8]}"
    async with database.unit_of_work() as connection:
        await staff.add_account(connection, staff_id=staff_id, name="Nguyễn Văn Mẫu", now=now)
    held = (Holding(staff_id, role, tuple(areas), now, now + timedelta(days=365), None),) if role else ()
    return Caller(staff_id, frozenset(Scope), held, now + timedelta(days=365))


@dataclass
class Bureau:
    """Works on broadcasts in one database, each step a transaction of its own."""

    database: Database
    officer: Caller
    admin: Caller
    log: AuditLog = field(default_factory=lambda: AuditLog(NoWitness()))
    now: datetime = MORNING

    async def draft(self, body: DraftBody | None = None, *, by: Caller | None = None) -> BroadcastRow:
        """Draft something."""
        async with self.database.unit_of_work() as connection:
            return await drafting.draft(
                connection,
                self.log,
                body=body or broadcast_draft(),
                by=by or self.officer,
                limits=LIMITS,
                now=self.now,
            )

    async def edit(self, row: BroadcastRow, body: DraftBody, *, by: Caller | None = None) -> BroadcastRow:
        """Write it anew."""
        async with self.database.unit_of_work() as connection:
            return await drafting.edit(
                connection,
                self.log,
                broadcast_id=row.id,
                revision=row.revision,
                body=body,
                by=by or self.officer,
                limits=LIMITS,
                now=self.now,
            )

    async def do(self, step, row: BroadcastRow, *, by: Caller | None = None, **options: object) -> BroadcastRow:
        """Take one of the steps of `drafting` that need no body."""
        async with self.database.unit_of_work() as connection:
            return await step(
                connection,
                self.log,
                broadcast_id=row.id,
                revision=row.revision,
                by=by or self.officer,
                now=self.now,
                **options,
            )

    async def submitted(self, body: DraftBody | None = None) -> BroadcastRow:
        """Draft and submit something."""
        return await self.do(drafting.submit, await self.draft(body))

    async def approve(self, row: BroadcastRow) -> None:
        """Do what the last approval of a submitted one does."""
        async with self.database.unit_of_work() as connection:
            item = kinds.read(row.kind, row.subject)
            await approvals_of(row.kind).approved(connection, item, by=self.admin.staff_id, now=self.now)


def approvals_of(kind: str) -> Broadcasts:
    """Return what stands for a kind at approvals."""
    return next(source for source in approvable(late=LATE) if source.kind == kind)


async def make_bureau(database: Database, *, areas: Collection[str] = ()) -> Bureau:
    """Open a bureau with an officer and an admin."""
    officer = await make_caller(database, Role.OFFICER, areas=areas)
    return Bureau(database, officer, await make_caller(database, Role.ADMIN, areas=areas))
