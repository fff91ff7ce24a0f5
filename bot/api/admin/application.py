"""Puts the admin API on an application."""

from __future__ import annotations

from fastapi import FastAPI

from bot.api.admin import approvals, audit, cases, guides, proposals, staff
from bot.api.admin.access import Admin
from bot.api.admin.problems import Problems
from bot.api.errors import ProblemTexts
from bot.approving import Approving
from bot.core.audit.bundle import read_me
from bot.wiring import Runtime


def add_admin_api(app: FastAPI, runtime: Runtime, approving: Approving, texts: ProblemTexts) -> None:
    """Add every endpoint for staff to `app`."""
    problems = Problems(texts, approving.office.aud)
    readme = read_me(runtime.settings.templates_dir)
    app.state.admin = Admin(
        approving,
        problems,
        runtime.database,
        runtime.clock,
        readme,
        vault=runtime.vault,
        composer=runtime.composer,
        tell=runtime.tell,
    )
    # The last one's paths begin with any kind of subject.
    for router in (staff.router, proposals.router, audit.router, guides.router, cases.router, approvals.router):
        app.include_router(router)
