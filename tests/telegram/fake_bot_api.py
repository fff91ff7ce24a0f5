"""The Telegram Bot API with the people behind it: an ASGI application, in the process or on a loopback port.

In the process it needs no socket: ``HTTPXRequest(httpx_kwargs={"transport": httpx.ASGITransport(app=fake)})`` and
``base_url=fake.base_url``. By hand, or for a process of its own: ``with fake.serve():`` and the same `base_url`.

Its time is the clock passed in. Only a poll that nothing ends and a call that is held take real time.
A private chat only exists once its person has written. What the platform leaves open is answered the strict way:
4,096 counts UTF-16 units, a row holds eight buttons, a group takes 20 messages in any minute.
"""

from __future__ import annotations

import asyncio
import copy
import math
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bot.core.clock import Clock
from tests.telegram.fake_entities import utf16_length
from tests.telegram.fake_faults import Fault, Hold, Scripted, befall, on_a_wire
from tests.telegram.fake_keyboards import read_keyboard
from tests.telegram.fake_pace import Pace
from tests.telegram.fake_people import Chat, People, Person, Shown
from tests.telegram.fake_reading import check_may_write, command_place, formatted_text, referred
from tests.telegram.fake_updates import PRESS_KEPT, Bell, Updates, Webhook
from tests.telegram.fake_wire import Json, Parameters, RefusedError, flood, migrated, read_parameters

TOKEN = "9000000000:made-up-token"
BOT: Json = {"id": 9_000_000_000, "is_bot": True, "first_name": "Hiện Diện thử", "username": "hien_dien_thu_bot"}
LONGEST_TEXT, LONGEST_CAPTION, LONGEST_NOTICE = 4096, 1024, 200
GROUP_TAKES, GROUP_SECONDS = 20, 60
EDITABLE = ("text", "entities", "reply_markup")
DELETABLE = timedelta(hours=48)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
WEBHOOK_PORTS = {None, 443, 80, 88, 8443}
ACTIONS = {"typing", "upload_photo", "upload_document", "find_location", "choose_sticker"}
PATH = re.compile(r"/bot(?P<token>[^/]+)/(?P<method>\w+)")


@dataclass
class Call:
    """One call with a right token, whatever became of it; objects and lists in the parameters are decoded."""

    method: str
    parameters: Json
    at: datetime
    status: int | None = None
    """None while it is under way, and where the connection was cut."""
    answer: Any = None


class FakeBotApi:
    """One bot's API, and what a test may do to it."""

    def __init__(self, clock: Clock) -> None:
        self.token = TOKEN
        self.url = "https://telegram.test"
        self.calls: list[Call] = []
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self._clock = clock
        self._bell = Bell()
        self.updates = Updates(clock, self._bell)
        self._people = People(BOT, self.updates)
        self.pace: Pace | None = None
        """Limits per second, which are soon reached where the clock stands; a group's minute is always counted."""
        self._script: list[Scripted] = []
        self._webhook_set_at: datetime | None = None
        self._methods: dict[str, Callable[[Parameters], Awaitable[Any]]] = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "sendmessage": self._send_message,
            "sendphoto": self._send_photo,
            "sendchataction": self._send_chat_action,
            "editmessagetext": self._edit_message_text,
            "editmessagereplymarkup": self._edit_message_reply_markup,
            "deletemessage": self._delete_message,
            "answercallbackquery": self._answer_callback_query,
            "setmycommands": self._set_my_commands,
            "getmycommands": self._get_my_commands,
            "leavechat": self._leave_chat,
        }

    # What a test does.

    @property
    def base_url(self) -> str:
        """What a client puts before the token."""
        return f"{self.url}/bot"

    def person(self, name: str = "Lan") -> Person:
        """Add a person who has not yet written to the bot."""
        return self._people.add_person(name)

    @property
    def has_privacy(self) -> bool:
        """Whether the bot hears in groups only commands, mentions and replies to it; else it hears everything."""
        return self._people.has_privacy

    @has_privacy.setter
    def has_privacy(self, value: bool) -> None:
        self._people.has_privacy = value

    def group(self, title: str = "Tổ dân phố thử", *, kind: Literal["group", "supergroup"] = "supergroup") -> Chat:
        """Add a group that the bot is in."""
        return self._people.add_group(title, kind=kind)

    def forget(self) -> None:
        """Drop what waits and what was said, for those who come back thousands of times."""
        self.updates.drop_all()
        self._people.forget()

    def channel(self, title: str = "Kênh của xã") -> Chat:
        """Add a channel in which the bot may post."""
        return self._people.add_channel(title)

    def fails(self, method: str, *faults: Fault, chat: Chat | None = None) -> None:
        """Let the next calls of a method end so, one each; ``"works"`` lets one pass.

        ``"answer_lost"`` and ``"timed_out"`` carry it out; ``"dropped"``, ``"unreachable"`` and
        ``"no_connection_free"`` do not, and only the last two let the caller know that. A number is a status without
        anything done. On a port every transport fault looks like a cut connection.
        """
        chat_id = None if chat is None else str(chat.chat_id)
        self._script.extend(Scripted(method.lower(), chat_id, fault) for fault in faults)

    def holds(self, method: str, *, carried_out: bool = True, chat: Chat | None = None) -> Hold:
        """Keep the next call of a method waiting, after it was carried out or before."""
        hold = Hold(self._bell, carried_out=carried_out)
        self._script.append(Scripted(method.lower(), None if chat is None else str(chat.chat_id), hold))
        return hold

    @property
    def scripted(self) -> int:
        """How many calls something is still scripted for."""
        return len(self._script)

    def fails_no_more(self) -> None:
        """Let nothing of what was scripted happen any more."""
        self._script.clear()

    def calls_of(self, method: str) -> list[Call]:
        """Return the calls of one method, in order."""
        return [call for call in self.calls if call.method.lower() == method.lower()]

    async def until(self, condition: Callable[[], bool], *, seconds: float = 10) -> None:
        """Wait until something of the fake's is so; it is asked after every call and every deed of a person.

        Raises:
            TimeoutError: it did not become so in time.
        """
        async with asyncio.timeout(seconds):
            await self._bell.wait_for(condition)

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[FakeBotApi]:
        """Run on a loopback port in a thread of its own; `url` tells where."""
        listener = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(on_a_wire(self), log_level="critical", timeout_graceful_shutdown=1, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), name="fake-bot-api")
        thread.start()
        try:
            yield self
        finally:
            self.updates.end_polls()
            server.should_exit = True
            thread.join()

    # The wire.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response: Response
        try:
            response = JSONResponse({"ok": True, "result": await self._answer(request)})
        except RefusedError as refusal:
            response = refusal.response()
        finally:
            self._bell.ring()
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Any:
        path = PATH.fullmatch(request.url.path)
        if path is None:
            raise RefusedError(404)
        if path["token"] != self.token:
            raise RefusedError(401)
        method, parameters = path["method"], await read_parameters(request)
        call = Call(method, parameters.decoded(), self._clock.now())
        self.calls.append(call)
        try:
            result = await self._carry_out(method, parameters)
        except RefusedError as refusal:
            call.status, call.answer = refusal.status, {"description": refusal.description}
            raise
        call.status, call.answer = 200, copy.deepcopy(result)
        return result

    async def _carry_out(self, method: str, parameters: Parameters) -> Any:
        carry_out = self._methods.get(method.lower())
        if carry_out is None:
            raise RefusedError(404, "method not found")
        scripted = next((scripted for scripted in self._script if scripted.fits(method, parameters)), None)
        if scripted is None:
            return await carry_out(parameters)
        self._script.remove(scripted)
        return await befall(scripted.fault, lambda: carry_out(parameters))

    # The methods.

    async def _get_me(self, _: Parameters) -> Json:
        can = {"can_join_groups": True, "supports_inline_queries": False}
        return BOT | can | {"can_read_all_group_messages": not self.has_privacy}

    async def _get_updates(self, parameters: Parameters) -> list[Json]:
        self._allow(parameters)
        limit = parameters.integer("limit", 100)
        return await self.updates.poll(
            offset=parameters.integer("offset"),
            limit=limit if 0 < limit <= 100 else 100,
            seconds=parameters.integer("timeout"),
        )

    def _allow(self, parameters: Parameters) -> None:
        """Take over the kinds of update wanted; none named means as before, an empty list the usual ones."""
        allowed = parameters.nested("allowed_updates")
        if allowed is not None:
            self.updates.allowed = tuple(allowed)

    async def _set_webhook(self, parameters: Parameters) -> bool:
        url = parameters.text("url")
        if not url:
            return await self._delete_webhook(parameters)
        now = self._clock.now()
        if self._webhook_set_at is not None and (now - self._webhook_set_at).total_seconds() < 1:
            raise flood(1)
        self._webhook_set_at = now
        address, secret = urlsplit(url), parameters.text("secret_token")
        if address.scheme != "https" or not address.hostname:
            raise RefusedError(400, "bad webhook: An HTTPS URL must be provided for webhook")
        if address.port not in WEBHOOK_PORTS:
            raise RefusedError(400, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if len(secret) > 256:
            raise RefusedError(400, "secret token is too long")
        if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
            raise RefusedError(400, "secret token contains unallowed characters")
        self._allow(parameters)
        if parameters.flag("drop_pending_updates"):
            self.updates.drop_all()
        connections = parameters.integer("max_connections", 40)
        self.updates.webhook = Webhook(url, secret, min(max(connections, 1), 100))
        self.updates.end_polls("terminated by setWebhook request")
        return True

    async def _delete_webhook(self, parameters: Parameters) -> bool:
        self.updates.webhook = None
        if parameters.flag("drop_pending_updates"):
            self.updates.drop_all()
        return True

    async def _get_webhook_info(self, _: Parameters) -> Json:
        webhook = self.updates.webhook
        waiting = len(self.updates.waiting)
        info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": waiting}
        if self.updates.allowed:
            info["allowed_updates"] = list(self.updates.allowed)
        if webhook is not None:
            info |= {"url": webhook.url, "max_connections": webhook.max_connections}
            if webhook.last_error is not None:
                info["last_error_date"], info["last_error_message"] = webhook.last_error
        return info

    async def _send_message(self, parameters: Parameters) -> Json:
        formatted = formatted_text(parameters, "text", "entities")
        keyboard = read_keyboard(parameters)
        chat = self._open_chat(parameters)
        if not formatted.text:
            raise RefusedError(400, "message text is empty")
        if utf16_length(formatted.text) > LONGEST_TEXT:
            raise RefusedError(400, "message is too long")
        entities = {"entities": list(formatted.entities)} if formatted.entities else {}
        return self._show(chat, {"text": formatted.text, **entities, **keyboard, **referred(parameters, chat)})

    async def _send_photo(self, parameters: Parameters) -> Json:
        caption = formatted_text(parameters, "caption", "caption_entities")
        keyboard = read_keyboard(parameters)
        chat = self._open_chat(parameters)
        if not parameters.text("photo"):
            raise RefusedError(400, "there is no photo in the request")
        if utf16_length(caption.text) > LONGEST_CAPTION:
            raise RefusedError(400, "message caption is too long")
        size = {"file_id": "made-up-file", "file_unique_id": "made-up", "width": 1280, "height": 720}
        content: Json = {"photo": [size], **keyboard}
        if caption.text:
            content |= {"caption": caption.text, "caption_entities": list(caption.entities)}
        return self._show(chat, content)

    async def _send_chat_action(self, parameters: Parameters) -> bool:
        chat = self._open_chat(parameters)
        if parameters.text("action") not in ACTIONS:
            raise RefusedError(400, "wrong parameter action in request")
        chat.actions.append(parameters.text("action"))
        return True

    async def _edit_message_text(self, parameters: Parameters) -> Json:
        formatted = formatted_text(parameters, "text", "entities")
        keyboard = read_keyboard(parameters)
        shown = self._own(parameters, "edit")
        if not formatted.text:
            raise RefusedError(400, "message text is empty")
        if utf16_length(formatted.text) > LONGEST_TEXT:
            raise RefusedError(400, "MESSAGE_TOO_LONG")
        entities = {"entities": list(formatted.entities)} if formatted.entities else {}
        content: Json = {"text": formatted.text, **entities, **keyboard}
        if content == {name: shown.message[name] for name in EDITABLE if name in shown.message}:
            raise RefusedError(400, NOT_MODIFIED)
        for name in EDITABLE:
            shown.message.pop(name, None)
        shown.message |= {**content, "edit_date": int(self._clock.now().timestamp())}
        return shown.message

    async def _delete_message(self, parameters: Parameters) -> bool:
        shown = self._own(parameters, "delete")
        if self._clock.now().timestamp() - shown.message["date"] > DELETABLE.total_seconds():
            raise RefusedError(400, "message can't be deleted")
        shown.deleted = True
        return True

    def _own(self, parameters: Parameters, purpose: str) -> Shown:
        """Return the bot's message that a call names."""
        shown = self._open_chat(parameters).find(parameters.integer("message_id"))
        if shown is None:
            raise RefusedError(400, f"message to {purpose} not found")
        return shown

    async def _edit_message_reply_markup(self, parameters: Parameters) -> Json:
        keyboard = read_keyboard(parameters)
        shown = self._own(parameters, "edit")
        if shown.message.get("reply_markup") == keyboard.get("reply_markup"):
            raise RefusedError(400, NOT_MODIFIED)
        shown.message.pop("reply_markup", None)
        shown.message |= {**keyboard, "edit_date": int(self._clock.now().timestamp())}
        return shown.message

    async def _answer_callback_query(self, parameters: Parameters) -> bool:
        press = self._people.presses.get(parameters.text("callback_query_id"))
        age = None if press is None else self._clock.now().timestamp() - press.pressed_at
        if press is None or age is None or press.answered or age > PRESS_KEPT.total_seconds():
            raise RefusedError(400, "query is too old and response timeout expired or query ID is invalid")
        if utf16_length(parameters.text("text")) > LONGEST_NOTICE:
            raise RefusedError(400, "MESSAGE_TOO_LONG")
        press.answered, press.notice = True, parameters.text("text")
        return True

    async def _set_my_commands(self, parameters: Parameters) -> bool:
        commands = parameters.nested("commands")
        if not isinstance(commands, list) or len(commands) > 100:
            raise RefusedError(400, "BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise RefusedError(400, "BOT_COMMAND_INVALID")
            if not 1 <= utf16_length(command["description"]) <= 256:
                raise RefusedError(400, "BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[command_place(parameters)] = commands
        return True

    async def _get_my_commands(self, parameters: Parameters) -> list[Json]:
        return self.commands.get(command_place(parameters), [])

    async def _leave_chat(self, parameters: Parameters) -> bool:
        chat = self._open_chat(parameters)
        if chat.kind == "private":
            raise RefusedError(400, "chat member status can't be changed in private chats")
        chat.bot_is = "outside"
        return True

    def _open_chat(self, parameters: Parameters) -> Chat:
        """Return the chat that a call names.

        Raises:
            RefusedError: there is none, or the bot may not write there.
        """
        if not parameters.text("chat_id"):
            raise RefusedError(400, "chat_id is empty")
        chat = self._people.chats.get(parameters.integer("chat_id"))
        if chat is None:
            raise RefusedError(400, "chat not found")
        check_may_write(chat)
        if chat.upgraded_to is not None:
            raise migrated(chat.upgraded_to.chat_id)
        return chat

    def _show(self, chat: Chat, content: Json) -> Json:
        self._check_pace(chat)
        message_id, date = next(self._people.message_numbers), int(self._clock.now().timestamp())
        # What stands in a channel is the channel's own.
        author = {"sender_chat": chat.wire()} if chat.kind == "channel" else {"from": BOT}
        message = {"message_id": message_id, **author, "chat": chat.wire(), "date": date, **content}
        chat.shown.append(Shown(message))
        return message

    def _check_pace(self, chat: Chat) -> None:
        """Raise where a group has had all the messages that it takes in a minute, or by `pace` somebody too many."""
        now = self._clock.now().timestamp()
        if self.pace is not None:
            self.pace.count(chat.chat_id, now)
        if chat.kind == "private":
            return
        recent = [shown.message["date"] for shown in chat.shown if shown.message["date"] > now - GROUP_SECONDS]
        if len(recent) >= GROUP_TAKES:
            raise flood(max(1, math.ceil(recent[-GROUP_TAKES] + GROUP_SECONDS - now)))
