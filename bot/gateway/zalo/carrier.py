"""Carries one message to one person, or one group, on Zalo."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import structlog

from bot.core.deliveries.errors import ChatClosedError, MessageRefusedError, OutcomeUnknownError, SendError
from bot.core.deliveries.service import Delivered
from bot.core.guides.pictures import Drawn, Pictures
from bot.core.rendering import Renderer, TemplateBrokenError
from bot.gateway.zalo import CHANNEL
from bot.gateway.zalo.client import ZaloClient
from bot.gateway.zalo.failures import AccountLimitedError, TokenRefusedError, UploadGoneError
from bot.gateway.zalo.rendering import Rendered, render
from bot.gateway.zalo.tokens import ZaloTokens

log = structlog.get_logger()

T = TypeVar("T")

PICTURE_SECONDS = 6.0
"""A picture that takes longer must not use up the time in which its text is to be sent."""
_UNNAMED = ""
"""Stands for the name of a picture that may have been sent."""


@dataclass(frozen=True, slots=True)
class ZaloCarrier:
    """Sends messages over Zalo's open API; `group_word` is what calls the assistant in groups."""

    client: ZaloClient
    tokens: ZaloTokens
    renderer: Renderer
    pictures: Pictures
    group_word: str = ""
    _uploads: dict[str, str] = field(default_factory=dict, init=False)
    """By a picture's tag, Zalo's own name for what was uploaded; it forgets one after some days."""

    @property
    def channel(self) -> str:
        """The channel whose deliveries it carries."""
        return CHANNEL

    async def send(self, recipient: str, delivered: Delivered) -> str:
        """Send one message to a person or a group; return Zalo's name for it. A picture goes before its text.

        Raises:
            SendError: it was not sent, or may not have been; but its picture, where the failure names that.
        """
        try:
            message = self._render(delivered)
        except Exception as error:
            # Nothing was sent, and the same would happen every time.
            topic = delivered.message.topic
            log.error("zalo.message_broken", topic=topic, error=type(error).__name__, exc_info=error)
            raise MessageRefusedError from error
        picture_id = await self._send_picture(recipient, delivered)
        try:
            return await self._send(recipient, _body(message), in_group=delivered.in_group)
        except SendError as failure:
            failure.picture_id = picture_id
            raise

    def _render(self, delivered: Delivered) -> Rendered:
        """Write a message, without its sources where their template is broken: the answer matters more."""
        try:
            return render(self.renderer, delivered, word=self.group_word)
        except TemplateBrokenError as error:
            log.error("zalo.sources_broken", topic=delivered.message.topic, exc_info=error)
            without_sources = replace(delivered, message=replace(delivered.message, sources=()))
            return render(self.renderer, without_sources, word=self.group_word)

    async def _send_picture(self, recipient: str, delivered: Delivered) -> str | None:
        """Send a message's picture, if it has one; return its name, or None where it surely was not sent.

        The text alone says all there is, so a failure is only logged.
        """
        picture = delivered.message.picture
        drawn = await asyncio.to_thread(self.pictures.find, picture.name) if picture is not None else None
        if drawn is None:
            return None
        try:
            async with asyncio.timeout(PICTURE_SECONDS):
                return await self._upload_and_send(recipient, drawn, in_group=delivered.in_group)
        except UploadGoneError:
            log.error("zalo.picture_refused", picture=drawn.tag)
        except (OutcomeUnknownError, TimeoutError):
            log.warning("zalo.picture_unknown", picture=drawn.tag)
            return _UNNAMED
        except SendError as error:
            log.warning("zalo.picture_not_sent", picture=drawn.tag, reason=error.code)
        return None

    async def _upload_and_send(self, recipient: str, drawn: Drawn, *, in_group: bool) -> str:
        """Send a picture under the name of its upload, uploaded anew where Zalo forgot it."""
        known = self._uploads.get(drawn.tag)
        if known is not None:
            try:
                return await self._send(recipient, _picture_body(known), in_group=in_group)
            except UploadGoneError:
                self._uploads.pop(drawn.tag, None)
        name = await self._upload(drawn.png)
        self._uploads[drawn.tag] = name
        return await self._send(recipient, _picture_body(name), in_group=in_group)

    async def _upload(self, png: bytes) -> str:
        return await self._with_token(lambda access: self.client.upload_image(access, png))

    async def _send(self, recipient: str, body: Mapping[str, Any], *, in_group: bool) -> str:
        send = self.client.send_to_group if in_group else self.client.send_message
        try:
            return await self._with_token(lambda access: send(access, recipient, body))
        except AccountLimitedError as error:
            if in_group:
                raise ChatClosedError from error
            raise

    async def _with_token(self, call: Callable[[str], Awaitable[T]]) -> T:
        """Call with the access token, and once more with another where Zalo refuses it."""
        access = await self.tokens.access()
        try:
            return await call(access)
        except TokenRefusedError:
            return await call(await self.tokens.another(access))


def _body(message: Rendered) -> Mapping[str, Any]:
    if not message.buttons:
        return {"text": message.text}
    # One of two shapes that products use with buttons; which is canonical is not known.
    return {
        "text": message.text,
        "attachment": {"type": "template", "payload": {"buttons": list(message.buttons)}},
    }


def _picture_body(attachment: str) -> Mapping[str, Any]:
    element = {"media_type": "image", "attachment_id": attachment}
    return {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": [element]}}}
