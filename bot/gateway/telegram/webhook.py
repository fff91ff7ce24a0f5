"""Telegram's webhook: proof of origin, storing, 200. What is answered follows later, from a worker."""

from __future__ import annotations

import hmac
import json
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from bot.core.audit.log import AuditLog
from bot.gateway.telegram.client import account_of
from bot.gateway.telegram.intake import TelegramIntake
from bot.wiring import Runtime

PATH = "/webhooks/telegram"
CALLED = "bot"
"""The part of the address that holds the bot's name."""
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header


def address_for(outside_url: str, username: str) -> str:
    """Return the address that Telegram is told to call: it holds the bot's name, which a web process cannot ask for."""
    return f"{outside_url}{PATH}?{urlencode({CALLED: username})}"


def webhook_router(runtime: Runtime, audit: AuditLog) -> APIRouter:
    """Build the endpoint that Telegram calls; none where Telegram is off or polled."""
    router = APIRouter(tags=["webhooks"])
    secret = runtime.settings.telegram_webhook_secret
    if runtime.settings.telegram_token is None or secret is None:
        return router
    expected = secret.get_secret_value().encode()
    intake = TelegramIntake(runtime, account_of(runtime.settings), audit)

    @router.post(PATH, responses={401: {"description": "Missing or wrong secret"}, 413: {"description": "Over 1 MiB"}})
    async def receive_telegram_update(request: Request) -> Response:
        """Store one update of Telegram's. A press of a button is answered to Telegram in the response itself."""
        # Headers are Latin-1 on the wire; as bytes any of them can be compared.
        shown = request.headers.get(SECRET_HEADER, "").encode("latin-1")
        if not hmac.compare_digest(shown, expected):
            raise HTTPException(401)
        intake.learn(request.query_params.get(CALLED, ""))
        try:
            payload = json.loads(await request.body())
        except (ValueError, RecursionError):
            payload = None  # counted as malformed; any other answer would have it sent again for a day
        query_id = await intake.take(payload)
        if query_id is None:
            return Response()
        return JSONResponse({"method": "answerCallbackQuery", "callback_query_id": query_id})

    return router
