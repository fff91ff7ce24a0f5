"""Talks to the NLU server's turn channel; the one product module that knows how a turn is asked over HTTP."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx

from bot.core.ports import AssistantUnavailableError, DialogueState, TurnRequest, TurnResult
from bot.core.replies import Effect, Reply

TURN_SECONDS = 3.0
"""How long a turn may take before the menus answer instead (design 3.7)."""
PROBE_SECONDS = 1.0


class RasaAssistant:
    """The assistant behind an NLU server's HTTP address."""

    def __init__(self, url: str, *, secret: str | None = None) -> None:
        """Prepare a client for the NLU server at `url` (no slash at the end); nothing is connected yet."""
        self._http = httpx.AsyncClient(
            base_url=url,
            # Never in the address: servers log those.
            headers={"Authorization": f"Bearer {secret}"} if secret else None,
            timeout=TURN_SECONDS,
            trust_env=False,  # a proxy meant for the outside must not see citizens' messages
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=32),
        )
        self._is_silent = False
        self._next_probe = 0.0

    async def take_turn(self, request: TurnRequest) -> TurnResult:
        """Answer one message.

        Once a turn was not answered in time, further ones are not tried until the server says that it is ready: else
        everybody who writes would wait the full time, one group of workers after another.

        Raises:
            AssistantUnavailableError: the server is down, takes longer than three seconds, fails, or gives no reply.
        """
        if self._is_silent:
            await self._find_voice_again()
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
            self._is_silent = isinstance(error, httpx.TimeoutException | TimeoutError)
            raise AssistantUnavailableError(reason=type(error).__name__) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise AssistantUnavailableError(reason="the answer is not a turn") from error

    async def _find_voice_again(self) -> None:
        now = time.monotonic()
        if now < self._next_probe:
            raise AssistantUnavailableError(reason="silent")
        self._next_probe = now + PROBE_SECONDS
        if not await self.is_ready():
            raise AssistantUnavailableError(reason="silent")
        self._is_silent = False

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
    custom = [message["custom"] for message in answer["messages"]]
    replies = tuple(Reply.from_json(message) for message in custom if "effect" not in message)
    effects = [Effect.from_json(message) for message in custom if "effect" in message]
    if not replies:
        raise ValueError("a turn without a reply")
    if len(effects) > 1:
        raise ValueError("a turn with more than one effect")
    return TurnResult(
        replies=replies,
        state=DialogueState(answer["state"]["active_loop"], answer["state"]["slots"]),
        intent=answer["understood"]["intent"],
        confidence=answer["understood"]["confidence"],
        effect=effects[0] if effects else None,
    )
