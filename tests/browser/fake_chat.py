"""The web chat API as the contract describes it, scripted, with the page and its assets, on a loopback port.

It answers a message twice only if the page sends it under two ids, so a doubled message shows in `messages`.
Faults are queued per request to ``POST /api/v1/chat/messages`` and used up one at a time.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import uvicorn
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

WEB_TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "web"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}
LONG_POLL_SECONDS = 25.0

Json: TypeAlias = dict[str, Any]
Fault: TypeAlias = int | Literal["dropped", "answer_lost", "sign_in_page", "answered_later", "guest"]


def reply(text: str, *buttons: tuple[str, str], sources: tuple[tuple[str, str], ...] = (), topic: str = "menu") -> Json:
    """Build one reply of the contract; buttons are (title, payload), sources (document, section)."""
    return {
        "text": text,
        "topic": topic,
        "buttons": [{"title": title, "payload": payload} for title, payload in buttons],
        "sources": [{"document": document, "section": section} for document, section in sources],
    }


INTRODUCTION = reply("Mình là trợ lý tự động (AI) của đơn vị thử nghiệm.\nMình không bao giờ hỏi mã OTP.")
COST = reply(
    "Phí nhà nước của tên id.vn là 50.000 đồng mỗi năm.\n\nNhà đăng ký cộng thêm phí dịch vụ của họ.",
    ("Tôi có được ưu đãi?", "check_eligibility"),
    ("Dùng được bao lâu?", "ask_duration"),
    sources=(("TT 20/2023/TT-BTC", "Điều 4"), ("45/KH-UBND", "III.2")),
    topic="ask_cost",
)
AGE_QUESTION = reply("Bạn bao nhiêu tuổi?", ("Không biết", "dont_know"), ("Dừng", "cancel"), topic="eligibility_form")
SCRIPT: dict[str, list[Json]] = {"check_eligibility": [AGE_QUESTION], "dont_know": [reply("Bạn xem năm sinh nhé.")]}


@dataclass
class Conversation:
    """What the server keeps: replies by message id, in order; the cursor counts them."""

    replies: list[Json] = field(default_factory=list)
    answered: dict[str, Json] = field(default_factory=dict)
    grown: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, replies: list[Json]) -> list[Json]:
        """Append replies, numbered from one, and wake the polls; return them as numbered."""
        numbered = [{**reply, "id": number} for number, reply in enumerate(replies, start=len(self.replies) + 1)]
        self.replies.extend(numbered)
        self.grown.set()
        self.grown = asyncio.Event()
        return numbered


class FakeChat:
    """The fake and what a test may do to it while it runs."""

    def __init__(self) -> None:
        self.url = ""
        self.messages: list[Json] = []
        self.attempts: list[Json] = []
        self.script: dict[str, list[Json]] = dict(SCRIPT)
        self.faults: list[Fault] = []
        self.seconds_to_answer = 0.0
        self.most_polls_at_once = 0
        self._polls = 0
        self._conversations: dict[str, Conversation] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        environment = Environment(loader=FileSystemLoader(WEB_TEMPLATES), undefined=StrictUndefined, autoescape=True)
        self._page = environment.get_template("chat.html")

    @property
    def texts(self) -> list[str]:
        """What was accepted, in order: the text typed, or the payload pressed."""
        return [message.get("text") or message["payload"] for message in self.messages]

    def tell(self, text: str) -> None:
        """Say something unasked in every conversation, as a registrar's status or a person would."""
        self._on_loop(lambda conversation: conversation.add([reply(text)]))

    def _on_loop(self, change: Callable[[Conversation], object]) -> None:
        """Change every conversation in the server's own thread."""
        assert self._loop is not None
        for conversation in self._conversations.values():
            self._loop.call_soon_threadsafe(change, conversation)

    @contextmanager
    def serve(self) -> Iterator[FakeChat]:
        """Run on a free loopback port in a thread of its own."""
        application = Starlette(
            routes=[
                Route("/chat", self._chat_page),
                Route("/chat/assets/{name}", self._asset),
                Route("/api/v1/chat/messages", self._post, methods=["POST"]),
                Route("/api/v1/chat/conversations/{conversation_id}/messages", self._long_poll),
            ]
        )
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(application, log_level="critical", timeout_graceful_shutdown=1, lifespan="off")
        server = uvicorn.Server(config)

        async def run() -> None:
            self._loop = asyncio.get_running_loop()
            await server.serve(sockets=[listener])

        thread = threading.Thread(target=lambda: asyncio.run(run()), name="fake-chat")
        thread.start()
        try:
            yield self
        finally:
            # Polls still open would hold the server until they time out.
            self._on_loop(lambda conversation: conversation.add([]))
            server.should_exit = True
            thread.join()

    async def _chat_page(self, _: Request) -> Response:
        html = self._page.render(operator_name="Đơn vị vận hành thử nghiệm", assets="/chat/assets")
        return HTMLResponse(html, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})

    async def _asset(self, request: Request) -> Response:
        path = WEB_TEMPLATES / request.path_params["name"]
        if path.parent != WEB_TEMPLATES or path.suffix not in MEDIA_TYPES or not path.exists():
            return Response(status_code=404)
        return Response(path.read_bytes(), media_type=MEDIA_TYPES[path.suffix])

    async def _post(self, request: Request) -> Response:
        message: Json = await request.json()
        self.attempts.append(message)
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, int):
            headers = {"Retry-After": "1"} if fault == 429 else {}
            problem = {"type": "about:blank", "status": fault, "title": "Scripted fault"}
            return JSONResponse(problem, fault, headers, media_type="application/problem+json")
        if fault == "dropped":
            return _Dropped()
        if fault == "sign_in_page":
            return HTMLResponse("<h1>Wi-Fi</h1>")
        await asyncio.sleep(self.seconds_to_answer)
        if fault == "guest":
            self.messages.append(message)
            return JSONResponse({"guest": True, "cursor": "1", "replies": [{**COST, "id": 1}]})
        conversation = self._conversations.setdefault(message["conversation_id"], Conversation())
        if message["message_id"] not in conversation.answered:
            self._answer(conversation, message)
        if fault == "answer_lost":
            return _Dropped()
        body = conversation.answered[message["message_id"]]
        if fault == "answered_later":
            body = body | {"replies": []}
        response = JSONResponse(body)
        response.set_cookie("conversation_token", body["conversation_token"], httponly=True, samesite="strict")
        return response

    def _answer(self, conversation: Conversation, message: Json) -> None:
        self.messages.append(message)
        said = message.get("text") or message["payload"]
        replies = list(self.script.get(said, [COST]))
        if not conversation.replies:
            replies.insert(0, INTRODUCTION)
        conversation.answered[message["message_id"]] = {
            "conversation_token": secrets.token_urlsafe(),
            "replies": conversation.add(replies),
            "cursor": str(len(conversation.replies)),
        }

    async def _long_poll(self, request: Request) -> Response:
        conversation = self._conversations.get(request.path_params["conversation_id"])
        if conversation is None:
            return JSONResponse({"type": "about:blank", "status": 404}, 404, media_type="application/problem+json")
        after = int(request.query_params["after"])
        self._polls += 1
        self.most_polls_at_once = max(self.most_polls_at_once, self._polls)
        if len(conversation.replies) <= after:
            with suppress(TimeoutError):
                await asyncio.wait_for(conversation.grown.wait(), LONG_POLL_SECONDS)
        self._polls -= 1
        return JSONResponse({"replies": conversation.replies[after:], "cursor": str(len(conversation.replies))})


class _Dropped(Response):
    """A connection that ends in the middle of its answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})
