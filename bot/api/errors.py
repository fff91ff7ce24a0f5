"""Failures as RFC 9457 problem details; the one place that maps the error families to HTTP."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import structlog
import yaml
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.core.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    ProductError,
    ThrottledError,
    UnavailableError,
)

log = structlog.get_logger()

STATUS: tuple[tuple[type[ProductError], int], ...] = (
    (NotFoundError, 404),
    (NotAllowedError, 403),
    (ConflictError, 409),
    (InvalidInputError, 422),
    (ThrottledError, 429),
    (UnavailableError, 503),
)


@dataclass(frozen=True, slots=True)
class ProblemTexts:
    """What a person is told about a failed request: a sentence and what to do about it, by the problem's code.

    `titles` name what has no sentence, by HTTP status.
    """

    titles: Mapping[int, str]
    details: Mapping[str, str]

    @classmethod
    @cache
    def load(cls, templates: Path) -> ProblemTexts:
        """Read ``problems/vi.yaml`` below the templates' directory; once in a process."""
        data = yaml.safe_load((templates / "problems" / "vi.yaml").read_text("utf-8"))
        return cls(data["titles"], data["details"])

    def problem(self, status: int, code: str, **fields: object) -> JSONResponse:
        """Build a problem+json answer of a stable type. One with a sentence has its title from that, not its status."""
        content: dict[str, object] = {"type": f"urn:hiendien:problem:{code}", "status": status}
        if code in self.details:
            content["title"], _ = split_sentence(self.details[code])
            content["detail"] = self.details[code]
        elif status in self.titles:
            content["title"] = self.titles[status]
        return JSONResponse({**content, **fields}, status_code=status, media_type="application/problem+json")


def split_sentence(sentence: str) -> tuple[str, str]:
    """Return what happened, as a title, and what to do about it."""
    what, _, then = sentence.partition(". ")
    return what.rstrip(".") + ".", then


def add_error_handlers(app: FastAPI, texts: ProblemTexts) -> None:
    """Answer every failure of `app` as a problem, and never with a traceback or what was sent."""

    @app.exception_handler(ProductError)
    async def refused(request: Request, error: ProductError) -> JSONResponse:
        status = next((status for family, status in STATUS if isinstance(error, family)), 500)
        if status == 500:
            return _unexpected(texts, error)
        log.info("request.refused", code=error.code, status=status)
        answer = texts.problem(status, error.code)
        if isinstance(error, ThrottledError):
            answer.headers["Retry-After"] = str(math.ceil(error.retry_after))
        return answer

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        # Pydantic repeats the input in its errors; what a citizen wrote must not come back or be logged.
        fields = [{"field": ".".join(map(str, item["loc"][1:])), "problem": item["msg"]} for item in error.errors()]
        return texts.problem(422, "invalid-input", errors=fields)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        codes = {401: "unauthenticated", 404: "not-found", 405: "method-not-allowed", 413: "too-large"}
        answer = texts.problem(error.status_code, codes.get(error.status_code, "http"))
        answer.headers.update(error.headers or {})
        return answer


class UnexpectedErrors:
    """Ends whatever nobody foresaw: logged once, with its traceback, and answered as a problem with a reference.

    As a middleware, because an exception handler for everything would run outside of all middlewares, without their
    headers, and raise the exception again.
    """

    def __init__(self, app: ASGIApp, *, texts: ProblemTexts) -> None:
        self._app = app
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception as error:  # noqa: BLE001 - this is where the unforeseen ends
            answer = _unexpected(self._texts, error)
            if scope["type"] == "http" and not started:
                await answer(scope, receive, send)


def _unexpected(texts: ProblemTexts, error: Exception) -> JSONResponse:
    reference = f"L-{secrets.token_hex(4)}"
    log.error("request.failed", reference=reference, error=type(error).__name__, exc_info=error)
    return texts.problem(500, "internal", reference=reference)
