"""A small Zalo: its OAuth and open API as an ASGI application, people who write to the account, and its webhook calls.

It behaves as the channels' reference says: codes come with HTTP 200, a refresh token gives one pair and is then worth
nothing, texts over 2,000 characters and more than five buttons are refused, and nobody is reached who was silent for
seven days. What is unverified about the platform is unverified here too.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.core.text import utf16_length
from tests.fakes import FixedClock

APP_ID = "1000000000000000001"
OA_ID = "4000000000000000004"
APP_SECRET = "an-app-secret-that-only-tests-know"
OA_SECRET = "an-account-secret-that-only-tests-know"
WINDOW = timedelta(days=7)
LARGEST_IMAGE = 1024 * 1024

Fault: TypeAlias = int | Literal["answer_lost", "unreachable", "http_500", "http_401", "not_json"]
Signature: TypeAlias = Literal["right", "bare", "upper", "missing", "wrong", "app_secret"]


@dataclass
class Sent:
    """A message of the account's, as a person sees it."""

    user_id: str
    text: str
    buttons: tuple[Mapping[str, Any], ...] = ()
    image: str | None = None


@dataclass
class Tokens:
    """What OAuth has given out."""

    access: str = ""
    refresh: str = "first-refresh-token"
    used: list[str] = field(default_factory=list)
    exchanges: int = 0


class FakeZalo:
    """One app with one account."""

    url = "https://openapi.zalo.test"
    oauth_url = "https://oauth.zalo.test"

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.tokens = Tokens()
        self.messages: list[Sent] = []
        self.images: dict[str, bytes] = {}
        self.last_interaction: dict[str, datetime] = {}
        self.faults: list[tuple[str, Fault]] = []
        self.before_answer: Callable[[str], None] = lambda path: None
        self._numbers = itertools.count(1)
        self._changed = asyncio.Condition()
        routes = [
            Route("/v4/oa/access_token", self._token, methods=["POST"]),
            Route("/v3.0/oa/message/cs", self._message, methods=["POST"]),
            Route("/v2.0/oa/upload/image", self._upload, methods=["POST"]),
        ]
        self._app = Starlette(routes=routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def transport(self) -> httpx.AsyncBaseTransport:
        """Return the way to it, on which the faults happen that were let happen."""
        return _Wire(self)

    def let(self, path: str, *faults: Fault) -> None:
        """Let something happen to the next calls of a path's end."""
        self.faults += [(path, fault) for fault in faults]

    def person(self, number: int = 2) -> FakePerson:
        """Return somebody."""
        return FakePerson(self, f"20000000000000000{number:02d}")

    async def until(self, is_so: Callable[[], bool], *, seconds: float = 10) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(is_so)

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if request.headers.get("secret_key") != APP_SECRET or form.get("app_id") != APP_ID:
            return _error(-14001, "Invalid secret key")
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") != self.tokens.refresh:
                return _error(-14014, "Invalid refresh token")
        elif hashlib.sha256(str(form.get("code_verifier")).encode()).hexdigest() != form.get("code"):
            return _error(-14015, "Invalid code")
        number = self.tokens.exchanges = self.tokens.exchanges + 1
        self.tokens.used.append(self.tokens.refresh)
        self.tokens.access, self.tokens.refresh = f"access-{number}", f"refresh-{number}"
        return JSONResponse(
            {"access_token": self.tokens.access, "refresh_token": self.tokens.refresh, "expires_in": "90000"}
        )

    async def _message(self, request: Request) -> Response:
        if request.headers.get("access_token") != self.tokens.access:
            return _error(-216, "Access token is invalid")
        body = await request.json()
        user_id, message = body["recipient"]["user_id"], body["message"]
        last = self.last_interaction.get(user_id)
        if last is None or self.clock.now() - last > WINDOW:
            return _error(-230, "User has not interacted with the OA in the past 7 days")
        text, payload = message.get("text", ""), message.get("attachment", {}).get("payload", {})
        buttons = payload.get("buttons", [])
        if utf16_length(text) > 2000 or len(buttons) > 5 or any(len(button["title"]) > 100 for button in buttons):
            return _error(-210, "Parameter exceeds the limit")
        elements = payload.get("elements", [])
        if not text and not elements:
            return _error(-201, "Parameter is invalid")
        image = elements[0]["attachment_id"] if elements else None
        if image is not None and image not in self.images:
            return _error(-100, "Attachment is expired")
        self.messages.append(Sent(user_id, text, tuple(buttons), image))
        return JSONResponse(
            {"error": 0, "message": "Success", "data": {"message_id": f"m-{next(self._numbers)}", "user_id": user_id}}
        )

    async def _upload(self, request: Request) -> Response:
        if request.headers.get("access_token") != self.tokens.access:
            return _error(-216, "Access token is invalid")
        content = _file(request.headers["content-type"], await request.body())
        if not content.startswith(b"\x89PNG") or len(content) > LARGEST_IMAGE:
            return _error(-201, "Parameter is invalid")
        name = f"image-{next(self._numbers)}"
        self.images[name] = content
        return JSONResponse({"error": 0, "message": "Success", "data": {"attachment_id": name}})

    async def rang(self) -> None:
        """Wake whoever waits until something is so."""
        async with self._changed:
            self._changed.notify_all()

    def event(self, name: str, **members: Any) -> dict[str, Any]:
        """Return an event as Zalo writes it."""
        stamp = str(int(self.clock.now().timestamp() * 1000))
        return {"app_id": APP_ID, "event_name": name, "timestamp": stamp, **members}

    def next_message_id(self) -> str:
        return f"in-{next(self._numbers)}"


@dataclass
class FakePerson:
    """Somebody with a telephone."""

    zalo: FakeZalo
    user_id: str

    @property
    def seen(self) -> list[Sent]:
        """Return what the account sent them."""
        return [sent for sent in self.zalo.messages if sent.user_id == self.user_id]

    @property
    def texts(self) -> list[str]:
        return [sent.text for sent in self.seen]

    def says(self, text: str) -> dict[str, Any]:
        """Write a text; return the event."""
        return self._sends("user_send_text", {"text": text})

    def sends(self, kind: str, text: str | None = None) -> dict[str, Any]:
        """Send something that is no text."""
        attachment = {"type": kind, "payload": {"url": "https://media.zdn.test/x"}}
        return self._sends(f"user_send_{kind}", {"attachments": [attachment], **({"text": text} if text else {})})

    def presses(self, number: int) -> dict[str, Any]:
        """Press a button of the last message that has any: its payload comes as a text."""
        shown = next(sent for sent in reversed(self.seen) if sent.buttons)
        return self.says(shown.buttons[number - 1]["payload"])

    def follows(self) -> dict[str, Any]:
        self._interacts()
        return self.zalo.event("follow", oa_id=OA_ID, follower={"id": self.user_id}, source="oa_profile")

    def leaves(self) -> dict[str, Any]:
        return self.zalo.event("unfollow", oa_id=OA_ID, follower={"id": self.user_id}, source="oa_profile")

    def _sends(self, name: str, message: dict[str, Any]) -> dict[str, Any]:
        self._interacts()
        message = {"msg_id": self.zalo.next_message_id(), **message}
        return self.zalo.event(name, sender={"id": self.user_id}, recipient={"id": OA_ID}, message=message)

    def _interacts(self) -> None:
        self.zalo.last_interaction[self.user_id] = self.zalo.clock.now()


def encode(event: Mapping[str, Any]) -> bytes:
    """Write an event as it goes over the wire."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def sign(raw: bytes, *, how: Signature = "right") -> dict[str, str]:
    """Return the headers that prove where a body comes from, or fail to."""
    if how == "missing":
        return {}
    stamp = json.loads(raw).get("timestamp", "") if raw.strip() else ""
    secret = APP_SECRET if how == "app_secret" else OA_SECRET
    digest = hashlib.sha256(APP_ID.encode() + raw + str(stamp).encode() + secret.encode()).hexdigest()
    shown = {"bare": digest, "upper": f"mac={digest.upper()}", "wrong": "mac=" + "0" * 64}.get(how, f"mac={digest}")
    return {"X-ZEvent-Signature": shown, "Content-Type": "application/json"}


class _Wire(httpx.AsyncBaseTransport):
    """The network between the product and Zalo."""

    def __init__(self, zalo: FakeZalo) -> None:
        self._zalo = zalo
        self._inner = httpx.ASGITransport(app=zalo)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        fault = self._next_fault(request.url.path)
        if fault == "unreachable":
            raise httpx.ConnectError("refused", request=request)
        if isinstance(fault, int):
            return httpx.Response(200, json={"error": fault, "message": "scripted"}, request=request)
        if fault in {"http_500", "http_401"}:
            return httpx.Response(int(str(fault).removeprefix("http_")), json={"error": -1}, request=request)
        if fault == "not_json":
            return httpx.Response(200, text="<html>", request=request)
        response = await self._inner.handle_async_request(request)
        content = await response.aread()
        await self._zalo.rang()
        self._zalo.before_answer(request.url.path)
        if fault == "answer_lost":
            raise httpx.ReadTimeout("no answer", request=request)
        return httpx.Response(response.status_code, headers=response.headers, content=content, request=request)

    def _next_fault(self, path: str) -> Fault | None:
        for number, (end, fault) in enumerate(self._zalo.faults):
            if path.endswith(end):
                del self._zalo.faults[number]
                return fault
        return None


def _file(content_type: str, body: bytes) -> bytes:
    """Return the file of a form."""
    message = message_from_bytes(f"Content-Type: {content_type}\n\n".encode() + body)
    (part,) = message.get_payload()
    assert part.get_param("name", header="content-disposition") == "file"
    return part.get_payload(decode=True)


def _error(code: int, message: str) -> Response:
    return JSONResponse({"error": code, "message": message})
