"""Talks to the NLU server's turn channel; the one product module that knows how a turn is asked over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from bot.core.ports import AssistantUnavailableError, DialogueState, TurnRequest, TurnResult
from bot.core.replies import Reply

TURN_SECONDS = 3.0
"""How long a turn may take before the menus answer instead (design 3.7)."""
PROBE_SECONDS = 1.0


class RasaAssistant:
    """The assistant behind an NLU server's HTTP address."""

    def __init__(self, url: str, *, secret: str | None = None) -> None:
        """Prepare a client for the NLU server at `url` (no slash at the end); nothing is connected yet."""
        self._http = httpx.AsyncClient(
            base_url=url,
            params={"token": secret} if secret else None,
            timeout=TURN_SECONDS,
            trust_env=False,  # a proxy meant for the outside must not see citizens' messages
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=32),
        )

    async def take_turn(self, request: TurnRequest) -> TurnResult:
        """Answer one message.

        Raises:
            AssistantUnavailableError: the server is down, takes longer than three seconds, fails, or gives no reply.
        """
        body = {
            "turn_id": request.turn_id,
            "message": request.text,
            "press": {"intent": request.press.intent, "entities": dict(request.press.entities)}
            if request.press
            else None,
            "channel": request.channel,
            "metadata": {},
            "state": {"active_loop": request.state.active_loop, "slots": dict(request.state.slots)},
        }
        try:
            async with asyncio.timeout(TURN_SECONDS):
                response = await self._http.post("/webhooks/turn/webhook", json=body)
                response.raise_for_status()
                return _read(response.json())
        except (httpx.HTTPError, TimeoutError) as error:
            raise AssistantUnavailableError(reason=type(error).__name__) from error
        except (ValueError, KeyError, TypeError) as error:
            raise AssistantUnavailableError(reason="the answer is not a turn") from error

    async def is_ready(self) -> bool:
        """Tell whether the server answers and has a model loaded."""
        try:
            response = await self._http.get("/status", timeout=PROBE_SECONDS)
            return response.status_code == httpx.codes.OK and bool(response.json().get("model_file"))
        except (httpx.HTTPError, ValueError):
            return False

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _read(answer: Any) -> TurnResult:
    replies = tuple(Reply.from_json(message["custom"]) for message in answer["messages"])
    if not replies:
        raise ValueError("a turn without a reply")
    return TurnResult(
        replies=replies,
        state=DialogueState(answer["state"]["active_loop"], answer["state"]["slots"]),
        intent=answer["understood"]["intent"],
        confidence=answer["understood"]["confidence"],
    )
