"""Carries one message to one Telegram chat."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

import structlog
from telegram import LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.core.deliveries.errors import MessageRefusedError
from bot.core.deliveries.service import Delivered
from bot.core.guides.pictures import Pictures
from bot.core.rendering import Renderer, TemplateBrokenError
from bot.core.text import utf16_length
from bot.gateway.telegram import CHANNEL
from bot.gateway.telegram.client import TelegramClient
from bot.gateway.telegram.failures import is_broken_markup, is_recipient_gone, named_failures
from bot.gateway.telegram.rendering import LONGEST_CAPTION, Rendered, render

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TelegramCarrier:
    """Sends messages over the Bot API."""

    client: TelegramClient
    renderer: Renderer
    pictures: Pictures
    _known: dict[str, str] = field(default_factory=dict, init=False)
    """By a picture's tag, Telegram's own name for what was uploaded once."""

    @property
    def channel(self) -> str:
        """The channel whose deliveries it carries."""
        return CHANNEL

    async def send(self, recipient: str, delivered: Delivered) -> str:
        """Send one message to a chat; return Telegram's number for it.

        Raises:
            SendError: it was not sent, or may not have been.
        """
        try:
            chat_id, message = int(recipient), self._render(delivered)
        except Exception as error:
            # Nothing was sent, and the same would happen every time.
            topic = delivered.message.topic
            log.error("telegram.message_broken", topic=topic, error=type(error).__name__, exc_info=error)
            raise MessageRefusedError from error
        with named_failures():
            refers = _reference(delivered)
            shown = await self._send_with_picture(chat_id, delivered, message, refers)
            if shown is not None:
                return shown
            try:
                return await self._send(chat_id, message.html, message, refers, mode=ParseMode.HTML)
            except BadRequest as error:
                if not is_broken_markup(error):
                    raise
                log.error("telegram.markup_refused", topic=delivered.message.topic)
                return await self._send(chat_id, message.plain, message, refers, mode=None)

    def _render(self, delivered: Delivered) -> Rendered:
        """Write a message, without its sources where their template is broken: the answer matters more."""
        try:
            return render(self.renderer, delivered)
        except TemplateBrokenError as error:
            log.error("telegram.sources_broken", topic=delivered.message.topic, exc_info=error)
            return render(self.renderer, replace(delivered, message=replace(delivered.message, sources=())))

    async def _send_with_picture(
        self, chat_id: int, delivered: Delivered, message: Rendered, refers: ReplyParameters | None
    ) -> str | None:
        """Send a message under its picture; None where it has none, or Telegram takes it not: nothing was sent then."""
        picture = delivered.message.picture
        if picture is None or utf16_length(message.plain) > LONGEST_CAPTION:
            return None
        drawn = await asyncio.to_thread(self.pictures.find, picture.name)
        if drawn is None:
            log.error("telegram.picture_missing", picture=picture.name)
            return None
        uploaded = self._known.pop(drawn.tag, None)
        photos: list[str | bytes] = [drawn.png] if uploaded is None else [uploaded, drawn.png]
        for photo in photos:
            try:
                sent = await self.client.send_photo(
                    chat_id,
                    photo,
                    caption=message.html,
                    parse_mode=ParseMode.HTML,
                    reply_markup=message.keyboard,
                    filename="hinh.png",
                    reply_parameters=refers,
                )
            except BadRequest as error:
                if is_recipient_gone(error):
                    raise
                log.error("telegram.picture_refused", picture=picture.name)
                continue
            if sent.photo:
                self._known[drawn.tag] = sent.photo[-1].file_id
            return str(sent.message_id)
        return None

    async def _send(
        self, chat_id: int, text: str, message: Rendered, refers: ReplyParameters | None, *, mode: str | None
    ) -> str:
        sent = await self.client.send_message(
            chat_id,
            text,
            parse_mode=mode,
            reply_markup=message.keyboard,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_parameters=refers,
        )
        return str(sent.message_id)


def _reference(delivered: Delivered) -> ReplyParameters | None:
    """Return what makes a message an answer to the one that asked, also where that one is gone by now."""
    asked = delivered.message.answers
    return None if asked is None else ReplyParameters(int(asked), allow_sending_without_reply=True)
