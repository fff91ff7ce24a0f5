"""The page and its control API: plain HTTP with JSON, for a browser on this machine and for scripts.

Another page in the same browser must not be able to use it: every deed is a POST of ``application/json``, which a
browser does not send elsewhere without being allowed to, and only this machine's own names are answered.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.api.middleware import SecurityHeaders
from tests.channels import faults
from tests.channels.room import Room, digest_of
from tests.channels.talks import DeedError, Json

PAGE = Path(__file__).parent / "page"
FILES = {
    "": ("index.html", "text/html"),
    "page.js": ("page.js", "text/javascript"),
    "page.css": ("page.css", "text/css"),
}
LARGEST_BODY = 64 * 1024
HOSTS = ["127.0.0.1", "localhost"]

FIELDS: dict[str, type | tuple[type, ...]] = {
    "chat": str,
    "text": str,
    "who": str,
    "kind": str,
    "name": str,
    "reply_to": (int, type(None)),
    "message": int,
    "button": int,
    "times": int,
    "code": int,
    "on": (bool, type(None)),
}
"""What a deed may say, and of which type."""


def create_control(room: Room, webhook: str) -> Starlette:
    """Build the application; while it runs, what happens on Zalo is sent to the product's `webhook`."""
    deeds: dict[str, Callable[..., None]] = {
        "says": room.says,
        "sends": room.sends,
        "presses": room.presses,
        "faults": partial(faults.let_happen, room),
        "calm": partial(faults.stop_all, room),
    }

    @asynccontextmanager
    async def delivering(_: Starlette) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        task = asyncio.create_task(room.deliver(webhook, stopping))
        try:
            yield
        finally:
            stopping.set()
            await task

    async def look(request: Request) -> Response:
        state = room.look() | {"faults": faults.look(room)}
        digest = digest_of(state)
        if request.query_params.get("seen") == digest:
            return Response(status_code=204)
        return JSONResponse({"digest": digest, **state})

    async def do(request: Request) -> Response:
        deed = deeds.get(request.path_params["deed"])
        if deed is None:
            return _refusal(404, f"Không có việc đó; có: {', '.join(deeds)}.")
        try:
            deed(**_fitting(deed, await _read(request)))
        except DeedError as error:
            return _refusal(400, str(error))
        return JSONResponse({"ok": True})

    async def file(request: Request) -> Response:
        name, media_type = FILES.get(request.path_params.get("name", ""), ("", ""))
        return Response((PAGE / name).read_bytes(), media_type=media_type) if name else Response(status_code=404)

    return Starlette(
        routes=[
            Route("/", file),
            Route("/{name}", file),
            Route("/control/state", look),
            Route("/control/{deed}", do, methods=["POST"]),
        ],
        middleware=[Middleware(SecurityHeaders), Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)],
        lifespan=delivering,
    )


async def _read(request: Request) -> Json:
    """Return the fields of a deed.

    Raises:
        DeedError: it is not sent as it must be.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise DeedError("Phải gửi JSON với Content-Type: application/json.")
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST_BODY:
            raise DeedError("Nội dung gửi lên quá dài.")
    try:
        fields: Any = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        raise DeedError("Nội dung gửi lên không phải JSON.") from None
    if not isinstance(fields, dict):
        raise DeedError("Nội dung gửi lên phải là một đối tượng JSON.")
    for name, value in fields.items():
        wanted = FIELDS.get(name, ())
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is int):
            raise DeedError(f"Trường {name[:40]} không có, hoặc không đúng kiểu.")
    return fields


def _fitting(deed: Callable[..., None], fields: Json) -> Json:
    """Return the fields.

    Raises:
        DeedError: the deed wants others.
    """
    try:
        signature(deed).bind(**fields)
    except TypeError:
        raise DeedError("Thiếu một trường, hoặc thừa một trường mà việc này không có.") from None
    return fields


def _refusal(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status)


@contextmanager
def serve_control(room: Room, webhook: str, *, port: int = 0) -> Iterator[str]:
    """Run the page on a loopback port in a thread of its own; give its address."""
    listener = socket.create_server(("127.0.0.1", port))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(create_control(room, webhook), log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), name="fake-channels")
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join()
