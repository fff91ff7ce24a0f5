"""The web chat of the contract: take a message in, wait for its answer, hand out later ones.

The only module that knows the web chat's JSON. Processing happens in a worker; these endpoints only store and fetch.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics
from bot.core.conversations import service as conversations
from bot.core.conversations.service import Admission, Conversation
from bot.core.deliveries import service as deliveries
from bot.core.deliveries.service import Delivered, ShownPicture
from bot.core.errors import InvalidInputError, NotAllowedError, ThrottledError
from bot.core.inbox import service as inbox
from bot.core.inbox.service import Message
from bot.deps import get_runtime
from bot.doorbell import conversation_bell, either
from bot.gateway.pictures import address_of
from bot.gateway.reading import read_text, without_pasted_secret
from bot.gateway.urgency import bears_no_dropping
from bot.wiring import Runtime

CHANNEL = "web"
COOKIE = "hiendien_chat"
COOKIE_DAYS = 30
MOST_COOKIE_TOKENS = 8
"""Conversations of one browser whose keys the cookie holds; the longest unused goes first."""
ANSWER_SECONDS = 12.0
"""How long a message waits for its answer before the page is told to fetch it later."""
LONG_POLL_SECONDS = 25.0
POLL_SECONDS = 0.25
"""How soon another process's answer is seen; this process's own rings a bell. The inbox in between is polled too."""

router = APIRouter(prefix="/api/v1/chat", tags=["web chat"])

ConversationName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Token = Annotated[str, StringConstraints(max_length=128)]


class PayloadUnknownError(InvalidInputError):
    """This payload was not shown in this conversation."""


class ConversationNotYoursError(NotAllowedError):
    """The conversation's token is missing or wrong."""


class MessageIn(BaseModel):
    """A citizen's message: a text, or the payload of a button shown before; exactly one of the two."""

    model_config = ConfigDict(hide_input_in_errors=True)

    conversation_id: ConversationName
    text: str | None = None
    payload: Annotated[str, StringConstraints(max_length=256)] | None = None
    conversation_token: Token | None = None
    message_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")] | None = Field(
        None, description="Chosen by the client; sending it again gives the same answer again."
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> MessageIn:
        if (self.text is None) == (self.payload is None):
            raise ValueError("give either text or payload")
        return self


class ButtonOut(BaseModel):
    """A button: send its payload back to press it."""

    title: str
    payload: str


class SourceOut(BaseModel):
    """Where a fact of the reply stands."""

    document: str
    section: str


class PictureOut(BaseModel):
    """A picture that belongs to a reply: its address on this server, and its words for those who cannot see it."""

    url: str
    alt: str


class ReplyOut(BaseModel):
    """One reply, in plain text of at most 2,000 characters. `id` counts the replies of a conversation."""

    id: int
    text: str
    topic: str
    buttons: list[ButtonOut]
    sources: list[SourceOut]
    picture: PictureOut | None = None


class RepliesOut(BaseModel):
    """Replies in order, and the cursor behind which nothing was handed out yet."""

    replies: list[ReplyOut]
    cursor: str
    handled_by: Literal["person"] | None = Field(
        None,
        description="`person`: staff speak in this conversation; what is sent reaches them, and they answer later.",
    )


class AnswerOut(RepliesOut):
    """The answer to a message; the token comes with the first one. A guest's answer belongs to no conversation."""

    conversation_token: str | None = None
    guest: bool = False


@router.post(
    "/messages",
    response_model_exclude_none=True,
    responses={422: {"description": "Bad input"}, 429: {"description": "Too many"}},
)
async def send_message(
    body: MessageIn, request: Request, response: Response, runtime: Annotated[Runtime, Depends(get_runtime)]
) -> AnswerOut:
    """Send a message and get its answer; an empty list means that the answer is fetched later."""
    _count_address(runtime, request)
    message = _read_message(runtime, body)
    now = runtime.clock.now()
    async with runtime.database.unit_of_work() as connection:
        admission = await _admit(connection, runtime, request, body, now=now)
        conversation = admission.conversation
        if not bears_no_dropping(conversation, message):
            _count_message(runtime, request, conversation)
        update_id = inbox.update_name(conversation, body.message_id or uuid.uuid4().hex)
        message = await without_pasted_secret(connection, message, conversation, runtime.walk)
        receipt = await inbox.receive(
            connection, conversation, account="", update_id=update_id, message=message, now=now
        )
    with runtime.doorbell.expecting(conversation_bell(conversation.id)) as bell:
        if not receipt.repeated:
            runtime.doorbell.announce_update()
        handed_out, cursor, handled_by = await _answer_of(runtime, admission, receipt, bell)
    if admission.token is not None:
        _remember(request, response, runtime, admission.token)
    return AnswerOut(
        conversation_token=admission.token if admission.is_new_token else None,
        guest=conversation.is_guest,
        replies=_as_replies(handed_out),
        cursor=str(cursor),
        handled_by=handled_by,
    )


@router.get(
    "/conversations/{conversation_id}/messages",
    response_model_exclude_none=True,
    responses={403: {"description": "Not your conversation"}},
)
async def fetch_messages(  # noqa: PLR0917 - FastAPI calls it by name
    conversation_id: Annotated[ConversationName, Path()],
    request: Request,
    runtime: Annotated[Runtime, Depends(get_runtime)],
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="the cursor of the last answer")] = 0,
    wait: Annotated[float, Query(ge=0, le=LONG_POLL_SECONDS, description="seconds to wait for a reply")] = 25.0,
    conversation_token: Annotated[Token | None, Query()] = None,
) -> RepliesOut:
    """Fetch the replies behind a cursor, waiting up to 25 seconds for one."""
    tokens = _tokens(request, conversation_token)
    async with runtime.database.reading() as connection:
        conversation = await conversations.find_owned(
            connection, runtime.vault, channel=CHANNEL, external_id=conversation_id, tokens=tokens
        )
    if conversation is None:
        _count_address(runtime, request)
        raise ConversationNotYoursError
    with runtime.chat_limits.polling(conversation.id) if runtime.chat_limits else nullcontext():
        await _until_later(runtime, request, conversation, after=after, seconds=wait)
    async with runtime.database.unit_of_work() as connection:
        conversation = await conversations.find_again(connection, runtime.vault, conversation, tokens=tokens)
        if conversation is None:
            raise ConversationNotYoursError
        handed_out = await deliveries.hand_out_later(connection, conversation, after=after, now=runtime.clock.now())
        handled_by = _handled_by(conversation)
    cursor = handed_out[-1].position if handed_out else after
    return RepliesOut(replies=_as_replies(handed_out), cursor=str(cursor), handled_by=handled_by)


async def _admit(
    connection: AsyncConnection, runtime: Runtime, request: Request, body: MessageIn, *, now: datetime
) -> Admission:
    tokens = _tokens(request, body.conversation_token)
    names = {"channel": CHANNEL, "external_id": body.conversation_id}
    admission = await conversations.admit(connection, runtime.vault, **names, tokens=tokens, now=now)
    if admission.conversation.is_guest and body.message_id is not None:
        again = await inbox.readmit(connection, runtime.vault, **names, message_id=body.message_id)
        return again or admission
    return admission


def _count_address(runtime: Runtime, request: Request) -> None:
    if runtime.chat_limits is not None:
        with _counting_refusals():
            runtime.chat_limits.count_address(_address(request), now=time.monotonic())


def _count_message(runtime: Runtime, request: Request, conversation: Conversation) -> None:
    """Count a message, once it is known whose it is: a guest must not use up the owner's share."""
    if runtime.chat_limits is not None:
        writer = f"guest:{_address(request)}" if conversation.is_guest else f"conversation:{conversation.id}"
        with _counting_refusals():
            runtime.chat_limits.count_message(writer, now=time.monotonic())


@contextmanager
def _counting_refusals() -> Iterator[None]:
    try:
        yield
    except ThrottledError:
        metrics.REQUESTS_THROTTLED.inc()
        raise


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _read_message(runtime: Runtime, body: MessageIn) -> Message:
    if body.payload is not None:
        press = runtime.vault.read_press(f"{CHANNEL}:{body.conversation_id}", body.payload)
        if press is None:
            raise PayloadUnknownError
        return Message(text=None, press=press)
    return read_text(body.text or "")


def _tokens(request: Request, given: str | None) -> Sequence[str]:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    cookie = request.cookies.get(COOKIE, "").split(".")[:MOST_COOKIE_TOKENS]
    shown = (given, bearer.strip() if scheme.lower() == "bearer" else None, *cookie)
    return [token for token in shown if token]


def _remember(request: Request, response: Response, runtime: Runtime, token: str) -> None:
    """Keep the conversation's key in the browser, renewed with each answer: it lives as long as the conversation."""
    others = [known for known in request.cookies.get(COOKIE, "").split(".") if known not in ("", token)]
    response.set_cookie(
        COOKIE,
        ".".join([token, *others][:MOST_COOKIE_TOKENS]),
        max_age=COOKIE_DAYS * 24 * 3600,
        path="/api/v1/chat",
        secure=runtime.settings.cookies_are_secure,
        httponly=True,
        samesite="strict",
    )


async def _answer_of(
    runtime: Runtime, admission: Admission, receipt: inbox.Receipt, bell: asyncio.Future[None]
) -> tuple[Sequence[Delivered], int, Literal["person"] | None]:
    """Wait for the replies to an update.

    There are none when a person will answer, it takes too long, the process stops or the conversation is forgotten.
    """
    deadline = time.monotonic() + ANSWER_SECONDS
    key = conversation_bell(admission.conversation.id)
    tokens = () if admission.token is None else (admission.token,)
    if not receipt.repeated:
        await either(bell, seconds=runtime.poll_seconds(POLL_SECONDS))
    while True:
        with runtime.doorbell.expecting(key) as later:
            async with runtime.database.unit_of_work() as connection:
                now = runtime.clock.now()
                # Read anew: the turn may have erased its citizen, or given a person the floor.
                conversation = await conversations.find_again(
                    connection, runtime.vault, admission.conversation, tokens=tokens
                )
                if conversation is None:
                    return (), 0, None
                answer = await deliveries.hand_out_answer(connection, conversation, receipt.inbox_id, now=now)
                cursor = await deliveries.cursor_of(connection, conversation)
                handled_by = _handled_by(conversation)
                is_done = bool(answer) or await inbox.is_finished(connection, receipt.inbox_id)
            left = deadline - time.monotonic()
            if is_done or left <= 0 or runtime.stopping.is_set():
                return answer, cursor, handled_by
            await either(later, seconds=min(left, runtime.poll_seconds(POLL_SECONDS)))


def _handled_by(conversation: Conversation) -> Literal["person"] | None:
    """Tell who answers in a conversation, for the field of the contract."""
    return None if conversation.case_id is None else "person"


async def _until_later(
    runtime: Runtime, request: Request, conversation: Conversation, *, after: int, seconds: float
) -> None:
    """Wait until there is a reply behind the cursor, the time is over, or nobody listens any more."""
    deadline = time.monotonic() + seconds
    while not runtime.stopping.is_set():
        with runtime.doorbell.expecting(conversation_bell(conversation.id)) as bell:
            async with runtime.database.reading() as connection:
                if await deliveries.has_later(connection, conversation, after):
                    return
            left = deadline - time.monotonic()
            if left <= 0 or await request.is_disconnected():
                return
            await either(bell, seconds=min(left, runtime.poll_seconds(POLL_SECONDS)))


def _as_replies(handed_out: Sequence[Delivered]) -> list[ReplyOut]:
    return [
        ReplyOut(
            id=delivered.position,
            text=delivered.message.text,
            topic=delivered.message.topic,
            buttons=[ButtonOut(title=button.title, payload=button.payload) for button in delivered.message.buttons],
            sources=[
                SourceOut(document=source.document, section=source.section) for source in delivered.message.sources
            ],
            picture=_as_picture(delivered.message.picture),
        )
        for delivered in handed_out
    ]


def _as_picture(picture: ShownPicture | None) -> PictureOut | None:
    return None if picture is None else PictureOut(url=address_of(picture.name), alt=picture.alt)
