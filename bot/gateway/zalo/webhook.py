"""Zalo's webhook: proof of origin, storing, 200 within its two seconds. What is answered follows from a worker.

Before the OA's secret is known (`ZALO_OA_SECRET`; Zalo shows it only once the address is saved) every call gets 200 and
nothing is kept. Afterwards so does the unsigned probe with which Zalo tries an address: an empty body, or ``{}``.
An event of another app or account gets 200 as well, and is only counted: 401 would have Zalo switch the webhook off.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine

import structlog
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from bot.gateway.zalo.intake import ZaloIntake
from bot.gateway.zalo.origin import Origin
from bot.gateway.zalo.signature import HEADER
from bot.wiring import Runtime

log = structlog.get_logger()

PATH = "/webhooks/zalo"
_PROBES = {b"", b"{}"}
_VERIFIER = (
    "<!DOCTYPE html><html><head><title>Zalo</title>"
    '<meta name="zalo-platform-site-verification" content="{code}" />'
    '<meta property="zalo-platform-site-verification" content="{code}" /></head><body>{code}</body></html>'
)
"""The tag in both of its spellings: sources do not agree."""


def zalo_router(runtime: Runtime) -> APIRouter:
    """Build the endpoints that Zalo calls; none where Zalo is off."""
    router = APIRouter(tags=["webhooks"])
    settings = runtime.settings
    if settings.zalo_verifier is not None:
        router.add_api_route(
            f"/zalo_verifier{settings.zalo_verifier}.html",
            _verifier_page(settings.zalo_verifier),
            include_in_schema=False,
        )
    if settings.zalo_app_id is None:
        return router
    secret, intake = settings.zalo_oa_secret, ZaloIntake(runtime)
    origin = Origin(runtime, app_id=settings.zalo_app_id, oa_secret=secret) if secret is not None else None

    @router.post(PATH, responses={401: {"description": "Missing or wrong proof"}, 413: {"description": "Over 1 MiB"}})
    async def receive_zalo_event(request: Request) -> Response:
        """Store one event of Zalo's."""
        raw = await request.body()
        if origin is None:
            log.warning("zalo.bootstrap", reason="ZALO_OA_SECRET is not set")
            return Response()
        if raw.strip() in _PROBES:
            return Response()
        if not origin.is_proven(raw, request.headers.get(HEADER, "")):
            raise HTTPException(401)
        event = json.loads(raw)
        if await origin.is_ours(event):
            await intake.take(event, raw)
        return Response()

    return router


def _verifier_page(code: str) -> Callable[[], Coroutine[None, None, HTMLResponse]]:
    async def show_verifier() -> HTMLResponse:
        return HTMLResponse(_VERIFIER.format(code=code))

    return show_verifier
