"""A small Zalo: its OAuth and open API as an ASGI application, people who write to the account, and its webhook calls.

It behaves as the channels' reference says: codes come with HTTP 200, a refresh token gives one pair and is then worth
nothing, texts over 2,000 characters and more than five buttons are refused, and nobody is reached who was silent for
seven days. What is unverified about the platform is unverified here too.

In the process it needs no socket: `transport`. By hand, or for a process of its own: ``with zalo.serve():``, and `url`
and `oauth_url` tell where. Its time is the clock passed in; only a webhook's two seconds and a slow call are real time.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl

import httpx
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from bot.core.clock import Clock
from tests.telegram.fake_faults import TRANSPORT_FAULTS, Hold, Slow, Transport, on_a_wire
from tests.telegram.fake_updates import Bell
from tests.zalo.fake_calls import Call, what_is_answered, what_is_asked
from tests.zalo.fake_messages import Asked, Sent, read_for_group, read_private
from tests.zalo.fake_people import FakeGroup, FakePerson
from tests.zalo.fake_tokens import Tokens
from tests.zalo.fake_uploads import Uploads
from tests.zalo.fake_webhook import Webhook
from tests.zalo.fake_wire import (
    APP_ID,
    APP_SECRET,
    OA_ID,
    OA_SECRET,
    CodeError,
    Json,
    Signature,
    encode,
    read_file,
    read_object,
    sign,
    success,
)

__all__ = [
    "APP_ID",
    "APP_SECRET",
    "OA_ID",
    "OA_SECRET",
    "FakeGroup",
    "FakePerson",
    "FakeZalo",
    "Fault",
    "Sent",
    "Signature",
    "Tokens",
    "encode",
    "sign",
]

WINDOW, FREE = timedelta(days=7), timedelta(hours=48)

Fault: TypeAlias = int | Transport | Slow | Literal["works", "http_500", "http_401", "not_json"]


class FakeZalo:
    """One app with one account, and what a test may do to them."""

    url = "https://openapi.zalo.test"
    oauth_url = "https://oauth.zalo.test"

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.bell = Bell()
        self.tokens = Tokens()
        self.messages: list[Sent] = []
        self.calls: list[Call] = []
        self.uploads = Uploads(clock)
        self.images = self.uploads.images
        self.followers: set[str] = set()
        self.last_interaction: dict[str, datetime] = {}
        self.webhook = Webhook(clock, self.bell)
        self.echoes = True
        """Whether the webhook is told of what the account itself sends."""
        self.faults: list[tuple[str | tuple[str, ...], Fault | Hold]] = []
        self.calls_a_minute = 4000
        self.before_answer: Callable[[str], None] = lambda path: None
        self._people: dict[str, FakePerson] = {}
        self._groups: dict[str, FakeGroup] = {}
        self._numbers = itertools.count(1)
        self._this_minute = ("", 0)
        self._endpoints: dict[tuple[str, str], Callable[[Request], Awaitable[Response]]] = {
            ("GET", "/v4/oa/permission"): self._permission,
            ("POST", "/v4/oa/access_token"): self._token,
            ("POST", "/v3.0/oa/message/cs"): self._message,
            ("POST", "/v3.0/oa/group/message"): self._group_message,
            ("POST", "/v2.0/oa/upload/image"): self._upload,
            ("POST", "/v2.0/oa/upload/gif"): self._upload,
            ("POST", "/v2.0/oa/upload/file"): self._upload,
            ("GET", "/v3.0/oa/user/detail"): self._user_detail,
            ("POST", "/v3.0/oa/quota/message"): self._quota,
            ("GET", "/v2.0/oa/getoa"): self._account,
        }

    # What a test does.

    def transport(self) -> httpx.AsyncBaseTransport:
        """Return the way to it inside this process."""
        return httpx.ASGITransport(app=self)

    def let(self, path: str | tuple[str, ...], *faults: Fault) -> None:
        """Let something happen to the next calls of a path's end, or of any of several, one each.

        ``"works"`` lets one pass.
        A number is an error code with HTTP 200. ``"answer_lost"`` and ``"timed_out"`` carry the call out,
        ``"dropped"``, ``"unreachable"`` and ``"no_connection_free"`` do not; on a port all of them cut the connection.
        """
        self.faults += [(path, fault) for fault in faults]

    def holds(self, path: str, *, carried_out: bool = True) -> Hold:
        """Keep the next call of a path's end waiting, after it was carried out or before."""
        hold = Hold(self.bell, carried_out=carried_out)
        self.faults.append((path, hold))
        return hold

    def person(self, number: int = 2, name: str = "Lan") -> FakePerson:
        """Return somebody, the same for the same number."""
        user_id = f"20000000000000000{number:02d}"
        return self._people.setdefault(user_id, FakePerson(self, user_id, name))

    def group(self, number: int = 1, name: str = "Tổ dân phố thử") -> FakeGroup:
        """Return a group that the account is in, the same for the same number."""
        group_id = f"50000000000000000{number:02d}"
        return self._groups.setdefault(group_id, FakeGroup(self, group_id, name))

    def human_answers(self, person: FakePerson, text: str, *, admin_id: str = "6000000000000000006") -> Json:
        """Answer somebody from the account's own inbox, as a member of its staff does."""
        sent = Sent(person.user_id, text, message_id=self._name("m"), at=self.clock.now(), by_a_human=True)
        self.messages.append(sent)
        return self._tell_own(sent, admin={"admin_id": admin_id})

    def group_changes(self, name: str, group: FakeGroup, *people: FakePerson) -> Json:
        """Tell of a change in a group."""
        users: Json = {"users": [{"id": person.user_id} for person in people]} if people else {}
        event = self.event(name, oa_id=OA_ID, group_id=group.group_id, **users)
        self.webhook.add(event)
        return event

    async def until(self, is_so: Callable[[], bool], *, seconds: float = 10) -> None:
        """Wait until something is so; it is asked after every call and every deed of a person.

        Raises:
            TimeoutError: it did not become so in time.
        """
        async with asyncio.timeout(seconds):
            await self.bell.wait_for(is_so)

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[FakeZalo]:
        """Run on a loopback port in a thread of its own; `url` and `oauth_url` tell where."""
        listener = socket.create_server(("127.0.0.1", port))
        self.url = self.oauth_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(on_a_wire(self), log_level="critical", timeout_graceful_shutdown=1, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), name="fake-zalo")
        thread.start()
        try:
            yield self
        finally:
            server.should_exit = True
            thread.join()

    def event(self, name: str, *, lag: timedelta = timedelta(), **members: Any) -> Json:
        """Return an event as Zalo writes it."""
        stamp = str(int((self.clock.now() - lag).timestamp() * 1000))
        return {"app_id": APP_ID, "event_name": name, "timestamp": stamp, **members}

    def next_message_id(self) -> str:
        return self._name("in")

    # The wire.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        asked = await what_is_asked(request)
        try:
            response = await self._answer(request)
        except httpx.TransportError:
            self.calls.append(Call(request.url.path, asked, None, None))
            raise
        else:
            answer = what_is_answered(response)
            self.calls.append(Call(request.url.path, asked, response.status_code, answer))
        finally:
            self.bell.ring()
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        endpoint = self._endpoints.get((request.method, request.url.path))
        if endpoint is None:
            return _error(404, -404)
        number, fault = next(
            ((n, fault) for n, (end, fault) in enumerate(self.faults) if request.url.path.endswith(end)), (-1, "works")
        )
        if number >= 0:
            del self.faults[number]
        return await self._befall(fault, request, lambda: self._carry_out(request, endpoint))

    async def _befall(
        self, fault: Fault | Hold, request: Request, carry_out: Callable[[], Awaitable[Response]]
    ) -> Response:
        match fault:
            case int():
                response = CodeError(fault).response()
                if fault == -32:
                    response.headers.update(self._rate_headers(remain=0))
                return response
            case Slow(seconds):
                await asyncio.sleep(seconds)
                return await carry_out()
            case Hold():
                done = await carry_out() if fault.carried_out else None
                await fault.wait()
                return done if done is not None else await carry_out()
            case "http_500" | "http_401":
                return _error(int(fault.removeprefix("http_")), -1)
            case "not_json":
                return PlainTextResponse("<html>")
            case "works":
                return await carry_out()
        error, carried_out = TRANSPORT_FAULTS[fault]
        if carried_out:
            await carry_out()
        raise error(f"scripted: {fault}", request=httpx.Request(request.method, str(request.url)))

    async def _carry_out(self, request: Request, endpoint: Callable[[Request], Awaitable[Response]]) -> Response:
        headers: Mapping[str, str] = {}
        try:
            if not request.url.path.startswith("/v4/"):
                headers = self._count()
                self._let_in(request)
            response = await endpoint(request)
        except CodeError as refusal:
            response = refusal.response()
        response.headers.update(headers)
        self.bell.ring()
        self.before_answer(request.url.path)
        return response

    def _count(self) -> Mapping[str, str]:
        """Count a call of this minute; return how many are left.

        Raises:
            CodeError: there are none left.
        """
        minute = self.clock.now().strftime("%Y%m%d%H%M")
        done = self._this_minute[1] if self._this_minute[0] == minute else 0
        if done >= self.calls_a_minute:
            raise CodeError(-32)
        self._this_minute = (minute, done + 1)
        return self._rate_headers(remain=self.calls_a_minute - done - 1)

    def _rate_headers(self, *, remain: int) -> dict[str, str]:
        return {"X-RateLimit-Limit": str(self.calls_a_minute), "X-RateLimit-Remain": str(remain)}

    def _let_in(self, request: Request) -> None:
        proof = request.headers.get("appsecret_proof")
        self.tokens.check(request.headers.get("access_token", ""), proof, self.clock)

    # OAuth.

    async def _permission(self, request: Request) -> Response:
        return RedirectResponse(self.tokens.give_permission(str(request.url), self.clock), 302)

    async def _token(self, request: Request) -> Response:
        fields = dict(parse_qsl((await request.body()).decode()))
        return JSONResponse(self.tokens.exchange(request.headers.get("secret_key", ""), fields, self.clock))

    # The open API.

    async def _message(self, request: Request) -> Response:
        asked = read_private(read_object(await request.body()))
        user_id = asked.user_id or self._author_of(asked.answers)
        silent = self._silent_for(user_id)
        if silent is None or silent > WINDOW:
            raise CodeError(-230)
        sent = self._show(asked, user_id=user_id, billed=silent > FREE)
        quota = {"quota_type": "purchase_quota" if sent.billed else "reply"}
        told = {"message_id": sent.message_id, "user_id": user_id, "sent_time": self._stamp(), "quota": quota}
        return success(told)

    async def _group_message(self, request: Request) -> Response:
        asked = read_for_group(read_object(await request.body()))
        group = self._groups.get(asked.group_id)
        if group is None or group.group_is == "left":
            raise CodeError(-403)
        if group.group_is == "disabled":
            raise CodeError(-237)
        sent = self._show(asked, group_id=group.group_id)
        return success({"message_id": sent.message_id, "group_id": group.group_id, "sent_time": self._stamp()})

    def _show(self, asked: Asked, *, user_id: str = "", group_id: str | None = None, billed: bool = False) -> Sent:
        """Put a message before whom it is for."""
        image, file = asked.media.get("attachment_id"), asked.file
        if image is not None and asked.media["media_type"] != "sticker":
            self.uploads.check(image)
        if file is not None:
            self.uploads.check(file)
        image = image or asked.media.get("url")
        at = self.clock.now()
        sent = Sent(user_id, asked.text, asked.buttons, image, group_id, file, self._name("m"), at, billed)
        self.messages.append(sent)
        if self.echoes:
            self._tell_own(sent)
        return sent

    def _tell_own(self, sent: Sent, admin: Mapping[str, str] | None = None) -> Json:
        """Tell the webhook what the account sent."""
        kind = "image" if sent.image else "file" if sent.file else "template" if sent.buttons else "text"
        where = "group_" if sent.group_id else ""
        recipient = {"id": sent.group_id or sent.user_id}
        message = {"msg_id": sent.message_id} | ({"text": sent.text} if sent.text else {})
        sender = {"id": OA_ID, **(admin or {})}
        event = self.event(f"oa_send_{where}{kind}", sender=sender, recipient=recipient, message=message)
        self.webhook.add(event)
        return event

    async def _upload(self, request: Request) -> Response:
        kind = request.url.path.rpartition("/")[2]
        name = self.uploads.take(kind, read_file(request.headers.get("content-type", ""), await request.body()))
        return success({"token" if kind == "file" else "attachment_id": name})

    async def _user_detail(self, request: Request) -> Response:
        user_id = read_object(request.query_params.get("data", "")).get("user_id")
        person = self._people.get(str(user_id))
        if person is None:
            raise CodeError(-201, "user_id is invalid")
        if person.user_id not in self.followers:
            raise CodeError(-213)
        last = self.last_interaction.get(person.user_id)
        return success(
            {
                "user_id": person.user_id,
                "user_id_by_app": person.by_app,
                "user_external_id": "",
                "display_name": person.name,
                "user_alias": "",
                "is_sensitive": False,
                "user_last_interaction_date": "" if last is None else last.strftime("%d/%m/%Y"),
                "user_is_follower": True,
                "avatar": "",
                "avatars": {"120": "", "240": ""},
                "tags_and_notes_info": {"notes": [], "tag_names": []},
                "shared_info": {},
            }
        )

    async def _quota(self, request: Request) -> Response:
        user_id = str(read_object(await request.body()).get("user_id", ""))
        last, silent = self.last_interaction.get(user_id), self._silent_for(user_id)
        if last is None or silent is None:
            raise CodeError(-201, "user_id is invalid")
        told = {"last_interaction": last.strftime("%d/%m/%Y"), "cs_reply": {"quota_type": "reply"}, "promotion": {}}
        return success(told)

    async def _account(self, _: Request) -> Response:
        told = {"oa_id": OA_ID, "name": "Hiện Diện thử", "is_verified": True, "package_name": "Gói thử nghiệm"}
        return success(told)

    def _author_of(self, message_id: str) -> str:
        """Return who sent a message that is replied to: in the fake only replies to the account's own are known."""
        sent = next((sent for sent in self.messages if sent.message_id == message_id and sent.user_id), None)
        if sent is None:
            raise CodeError(-201, "message_id is invalid")
        return sent.user_id

    def _silent_for(self, user_id: str) -> timedelta | None:
        last = self.last_interaction.get(user_id)
        return None if last is None else self.clock.now() - last

    def _stamp(self) -> str:
        return str(int(self.clock.now().timestamp() * 1000))

    def _name(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}"


def _error(status: int, code: int) -> Response:
    return JSONResponse({"error": code, "message": "scripted"}, status)
