"""Failures of the admin API as problem details, and the route that tells them."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from bot.api.errors import STATUS, ProblemTexts, split_sentence
from bot.api.problem_pages import ADDRESS
from bot.core.errors import ProductError, ThrottledError
from bot.core.statements import JsonInvalidError

log = structlog.get_logger()

STATUS_OF_CODE: Mapping[str, int] = {
    "json-invalid": 400,
    "idempotency-key-missing": 400,
    "token-refused": 401,
    "challenge-expired": 410,
    "revision-stale": 412,
    "payload-too-large": 413,
    "idempotency-key-reused": 422,
    "precondition-required": 428,
    "revocation-unavailable": 503,
    "audit-log-broken": 503,
    "audit-log-behind": 503,
    "audit-log-forked": 503,
    "witness-unreadable": 503,
}
"""Where a failure's status is not its family's."""
TOLD_FACTS: Mapping[str, Sequence[str]] = {
    "json-invalid": ("members",),
    "text-too-long": ("channel", "most", "length"),
    "transition-refused": ("state",),
}
"""Facts of our own that help to put it right, by code; they stand in the problem as further members."""
ASK_AGAIN_SECONDS = 60
"""Evidence about revocation is fetched about as often."""


class Problems:
    """Tells failures to staff: the type's name, a title, and what to do."""

    def __init__(self, texts: ProblemTexts, base: str) -> None:
        self._texts = texts
        self._base = f"{base}{ADDRESS}"

    def answer(self, error: ProductError) -> JSONResponse | None:
        """Return the answer for a failure; None for one that nobody should meet."""
        family = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
        status = STATUS_OF_CODE.get(error.code, family)
        sentence = self._texts.details.get(error.code)
        if status == 500 or sentence is None:
            return None
        log.info("request.refused", code=error.code, status=status)
        content = {
            "type": f"{self._base}/{error.code}",
            "status": status,
            "title": split_sentence(sentence)[0],
            "detail": sentence,
            **{name: error.facts[name] for name in TOLD_FACTS.get(error.code, ()) if name in error.facts},
        }
        headers = {"Cache-Control": "no-store", **_headers(error, status)}
        return JSONResponse(content, status, headers=headers, media_type="application/problem+json")


def _headers(error: ProductError, status: int) -> dict[str, str]:
    if isinstance(error, ThrottledError):
        return {"Retry-After": str(math.ceil(error.retry_after))}
    if error.code == "revocation-unavailable":
        return {"Retry-After": str(ASK_AGAIN_SECONDS)}
    return {"WWW-Authenticate": "Bearer"} if status == 401 else {}


class AdminRoute(APIRoute):
    """A route whose failures are told as problems of the admin API."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with its failures caught."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as error:  # a path or a query that cannot be
                members = [str(item["loc"][-1]) for item in error.errors()]
                return _told(request, JsonInvalidError(problem="parameters", members=members))
            except ProductError as error:
                return _told(request, error)

        return handle


def _told(request: Request, error: ProductError) -> Response:
    problems: Problems = request.app.state.admin.problems
    answer = problems.answer(error)
    if answer is None:
        raise error
    return answer
