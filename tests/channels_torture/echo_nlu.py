"""An NLU server that understands nothing and says back what it was told, with the number of the dialogue's turn.

So whoever sees the answers sees to which message each belongs, and on which state of the dialogue it was decided.
"""

from __future__ import annotations

import asyncio
import random
import re

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.core.replies import Reply

LOOP = "echo"
SLOWEST = 0.05
"""Seconds that an answer takes at the most, where nothing else is asked for."""
_ECHO = re.compile(r"(\d+)@(\d+)\s*$")


def echo_nlu(dice: random.Random, *, slowest: float = SLOWEST) -> Starlette:
    """Build the application."""

    async def status(request: Request) -> JSONResponse:
        return JSONResponse({"model_file": "echo"})

    async def turn(request: Request) -> JSONResponse:
        asked = await request.json()
        await asyncio.sleep(dice.uniform(0, slowest))
        number = asked["state"]["slots"].get("turn", 0) + 1
        reply = Reply("error", "error_internal", {"reference": f"{asked['message'].split()[-1]}@{number}"})
        return JSONResponse(
            {
                "messages": [{"custom": reply.to_json()}],
                "state": {"active_loop": LOOP, "slots": {"turn": number}},
                "understood": {"intent": "echo", "confidence": 1.0},
            }
        )

    return Starlette(routes=[Route("/status", status), Route("/webhooks/turn/webhook", turn, methods=["POST"])])


def echoed(text: str) -> tuple[int, int] | None:
    """Return the last number of the message that a text answers and the turn; None where it is no echo."""
    found = _ECHO.search(text)
    return (int(found[1]), int(found[2])) if found else None
