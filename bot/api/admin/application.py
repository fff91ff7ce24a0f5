"""Puts the admin API on an application."""

from __future__ import annotations

from fastapi import FastAPI

from bot.api.admin import (
    approvals,
    audit,
    broadcasts,
    cases,
    destinations,
    editions,
    guides,
    notices,
    parked,
    proposals,
    staff,
    undelivered,
)
from bot.api.admin.access import Admin
from bot.api.admin.failure_texts import FailureTexts
from bot.api.admin.notice_texts import NoticeTexts
from bot.api.admin.problems import Problems
from bot.api.errors import ProblemTexts
from bot.approving import Approving
from bot.core.audit.bundle import read_me
from bot.core.broadcasts import codes
from bot.core.broadcasts.bodies import Limits, Measure
from bot.core.broadcasts.channels import Channel, utf16_units
from bot.core.broadcasts.kinds import Item
from bot.core.broadcasts.wording import write_message
from bot.core.communes.directory import Communes
from bot.wiring import Runtime


def add_admin_api(app: FastAPI, runtime: Runtime, approving: Approving, texts: ProblemTexts) -> None:
    """Add every endpoint for staff to `app`."""
    settings = runtime.settings
    app.state.admin = Admin(
        approving,
        problems=Problems(texts, approving.office.aud),
        database=runtime.database,
        clock=runtime.clock,
        readme=read_me(settings.templates_dir),
        limits=Limits(Communes(runtime.programme.communes), _measure(runtime)),
        late=settings.late,
        outside_url=settings.outside_url,
        notices=NoticeTexts(settings.templates_dir, texts),
        failures=FailureTexts(settings.templates_dir),
        vault=runtime.vault,
        composer=runtime.composer,
        tell=runtime.tell,
        sends_billed=settings.zalo_billed,
    )
    # The last one's paths begin with any kind of subject.
    for noun in (
        staff,
        proposals,
        audit,
        guides,
        cases,
        parked,
        undelivered,
        destinations,
        notices,
        broadcasts,
        editions,
        approvals,
    ):
        app.include_router(noun.router)


def _measure(runtime: Runtime) -> Measure:
    def measure(channel: Channel, item: Item) -> int:
        text = write_message(
            runtime.renderer,
            item,
            code=codes.ALPHABET[: codes.LENGTH],
            channel=channel.name,
            public_url=runtime.settings.outside_url,
        )
        return utf16_units(text)

    return measure
