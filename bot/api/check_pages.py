"""The pages that tell anybody whether a bulletin is genuine. They need no script and nothing from elsewhere."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import jinja2
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.api.checks import Checks, get_checks
from bot.core.broadcasts import codes
from bot.core.broadcasts.checking import Unconfirmed
from bot.core.broadcasts.wording import PAGE
from bot.core.clock import on_local_clocks
from bot.core.db import DATABASE_AWAY
from bot.core.errors import ThrottledError
from bot.core.programme.content import Operator

ADDRESS = PAGE.rstrip("/")
EXAMPLE = "CDF234"
RETRY_SECONDS = 60

ChecksDep = Annotated[Checks, Depends(get_checks)]


def check_pages_router(directory: Path, *, operator: Operator, outside_url: str, assets: str) -> APIRouter:
    """Build the form and the page of each check code.

    Args:
        directory: of the templates.
        operator: who runs this deployment.
        outside_url: how the outside reaches us; people are told to look for its host.
        assets: where the pages' style is.

    Raises:
        OSError, jinja2.TemplateError: a template is missing or broken.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([directory / "check", directory / "web"]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"local_time": _time, "local_date": _date, "local_weekday": _weekday}
    environment.globals |= {
        "operator_name": operator.name,
        "operator_contact": operator.contact,
        "host": urlsplit(outside_url).netloc,
        "assets": assets,
        "address": ADDRESS,
        "example": codes.show(EXAMPLE),
    }
    pages = {name: environment.get_template(f"{name}.html") for name in _PAGES}

    def page(name: str, status: int = 200, *, headers: dict[str, str] | None = None, **facts: object) -> HTMLResponse:
        return HTMLResponse(pages[name].render(facts), status, headers)

    router = APIRouter(include_in_schema=False)

    @router.get(ADDRESS)
    async def ask_for_a_code(ma: str | None = None) -> Response:
        if ma is None or not ma.strip():
            return page("form", is_unreadable=False)
        code = codes.read(ma)
        if code is None:
            return page("form", 422, is_unreadable=True)
        return RedirectResponse(f"{ADDRESS}/{code}", status_code=303)

    @router.get(f"{ADDRESS}/{{typed}}")
    async def show_bulletin(typed: str, request: Request, checks: ChecksDep) -> Response:
        code = codes.read(typed)
        if code is None:
            return page("form", 404, is_unreadable=True)
        try:
            found = await checks.find(request, code)
        except ThrottledError as error:
            seconds = math.ceil(error.retry_after)
            return page("later", 429, headers={"Retry-After": str(seconds)}, seconds=seconds)
        except DATABASE_AWAY:
            return page("later", 503, headers={"Retry-After": str(RETRY_SECONDS)}, seconds=0)
        shown = codes.show(code)
        if found is None:
            return page("unknown", 404, shown=shown)
        if isinstance(found, Unconfirmed):
            return page("unconfirmed", 409, shown=shown)
        return page("genuine", shown=shown, bulletin=found, places=checks.places(found))

    return router


_PAGES = ("form", "genuine", "unknown", "unconfirmed", "later")


def _time(moment: datetime) -> str:
    local = on_local_clocks(moment)
    return f"{local.hour}:{local.minute:02}"


def _date(moment: datetime) -> str:
    local = on_local_clocks(moment)
    return f"{local.day}/{local.month}/{local.year}"


def _weekday(moment: datetime) -> int:
    """Return 0 for Monday."""
    return on_local_clocks(moment).weekday()
