"""Is the process up, and can it work?"""

from __future__ import annotations

from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.deps import get_runtime
from bot.wiring import Runtime

log = structlog.get_logger()

router = APIRouter(tags=["health"])
internal_router = APIRouter(tags=["metrics"])


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """What works: the database must; without the NLU server the menus answer."""

    status: Literal["ready", "not-ready"]
    database: Literal["ok", "unreachable"]
    nlu: Literal["ok", "unavailable"]


@router.get("/healthz")
async def process_is_up() -> Health:
    """Tell that the process is up."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness}})
async def process_can_work(response: Response, runtime: Annotated[Runtime, Depends(get_runtime)]) -> Readiness:
    """Tell whether the database is reachable, and report the NLU server."""
    database: Literal["ok", "unreachable"] = "ok"
    try:
        async with runtime.database.reading() as connection:
            await connection.execute(select(1))
    except (SQLAlchemyError, OSError) as error:
        log.warning("database.unreachable", error=type(error).__name__)
        database = "unreachable"
        response.status_code = 503
    nlu: Literal["ok", "unavailable"] = "ok" if await runtime.assistant_is_ready() else "unavailable"
    return Readiness(status="ready" if database == "ok" else "not-ready", database=database, nlu=nlu)


@internal_router.get("/metrics")
async def metrics() -> Response:
    """Give the counters as Prometheus text; on the internal listener only."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
