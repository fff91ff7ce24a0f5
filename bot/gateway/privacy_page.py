"""The page on privacy: who runs this, what is kept and how long, and how to use one's rights."""

from __future__ import annotations

from pathlib import Path

import jinja2
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from bot.core.cases.rules import KEEP_CASE
from bot.core.consents.service import KEEP_WITHDRAWN
from bot.core.conversations.retention import KEEP_IDLE, KEEP_RECENT
from bot.core.handoffs.retention import KEEP_ENDED
from bot.core.inbox.parked import KEEP_PARKED
from bot.core.programme.content import Operator
from bot.core.rights.erasure import DUE, DUE_ELSEWHERE

ADDRESS = "/quyen-rieng-tu"


def privacy_page_router(directory: Path, operator: Operator, *, assets: str) -> APIRouter:
    """Build the page from its template in `directory`, read once; its figures are those of the code.

    Raises:
        OSError, jinja2.TemplateError: the template is missing or broken.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(directory), autoescape=True, undefined=jinja2.StrictUndefined
    )
    days = {
        "conversation": KEEP_IDLE.days,
        "parked": KEEP_PARKED.days,
        "request": KEEP_ENDED.days,
        "case": KEEP_CASE.days,
        "consent": KEEP_WITHDRAWN.days,
        "due": DUE.days,
        "due_elsewhere": DUE_ELSEWHERE.days,
    }
    hours = {"recent": int(KEEP_RECENT.total_seconds() // 3600)}
    page = environment.get_template("privacy.html").render(operator=operator, days=days, hours=hours, assets=assets)
    router = APIRouter(include_in_schema=False)

    @router.get(ADDRESS)
    async def show_privacy() -> HTMLResponse:
        return HTMLResponse(page)

    return router
