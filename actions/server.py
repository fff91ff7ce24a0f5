"""The internal listener's route that Rasa calls, over the SDK's executor.

It answers ``POST /internal/actions`` and never stands on the public port. It wants the shared secret in
``X-Hiendien-Actions``; without it nothing is read and nothing runs.
"""

from __future__ import annotations

import hmac
import json
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException

from actions.handlers import all_actions
from actions.runtime import ActionRuntime

log = structlog.get_logger()

SECRET_HEADER = "X-Hiendien-Actions"  # noqa: S105 - the header's name
LARGEST_CALL = 1024 * 1024


def actions_app(runtime: ActionRuntime, secret: str) -> FastAPI:
    """Build the application that runs our actions for whoever shows the secret.

    A call that is not a call gets 400, an unknown action 404, one that raises 500: never with anything of the
    tracker or of the exception in the answer.
    """
    if not secret:
        raise ValueError("The actions need a secret.")
    executor = ActionExecutor()
    for action in all_actions(runtime):
        executor.register_action(action)
    app = FastAPI(title="Hiện Diện actions", docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/internal/actions")
    async def call(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), secret.encode()):
            return _problem(401, "unauthenticated")
        body = await _read_body(request)
        if body is None:
            return _problem(413, "too-large")
        action_call = _parse(body)
        if action_call is None:
            return _problem(400, "not-a-call")
        return await _run(executor, action_call)

    return app


async def _read_body(request: Request) -> bytes | None:
    """Read the body; None when it is larger than allowed, whatever its headers say."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_CALL:
            return None
    return bytes(body)


def _parse(body: bytes) -> dict[str, Any] | None:
    try:
        action_call = json.loads(body)
    except (ValueError, RecursionError):  # the second from brackets nested too deep
        return None
    if not isinstance(action_call, dict) or not isinstance(action_call.get("next_action"), str):
        return None
    # Rasa leaves the domain out (nlu/endpoints.yml) and the SDK insists on one; no action of ours reads it.
    return {**action_call, "domain": {}}


async def _run(executor: ActionExecutor, action_call: dict[str, Any]) -> Response:
    name = action_call["next_action"]
    try:
        result = await executor.run(action_call)
    except ActionNotFoundException:
        log.error("action.unknown", action=name)
        return _problem(404, "unknown-action")
    except Exception:
        log.exception("action.failed", action=name, turn=action_call.get("sender_id"))
        return _problem(500, "action-failed")
    return JSONResponse(result.model_dump() if result is not None else {})


def _problem(status: int, kind: str) -> Response:
    return JSONResponse(
        {"type": f"urn:hiendien:problem:{kind}", "status": status}, status, media_type="application/problem+json"
    )
