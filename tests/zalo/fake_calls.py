"""What was called and answered, to be looked at."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from tests.zalo.fake_wire import CodeError, Json, read_object


@dataclass(frozen=True)
class Call:
    """One call, as it came, and what it was answered; no status where the connection was cut."""

    path: str
    asked: Json
    status: int | None
    answer: Any


async def what_is_asked(request: Request) -> Json:
    """Return what a call asks for: files left out."""
    told: Json = dict(request.query_params)
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("application/x-www-form-urlencoded"):
        return told | dict(parse_qsl(body.decode("utf-8", "replace")))
    if content_type.startswith("multipart/form-data"):
        return told | {"file": f"{len(body)} bytes"}
    with suppress(CodeError):
        return told | (read_object(body) if body else {})
    return told


def what_is_answered(response: Response) -> Any:
    """Return the answer's object, or its text where it is none."""
    with suppress(CodeError):
        return read_object(bytes(response.body))
    return bytes(response.body).decode("utf-8", "replace")
