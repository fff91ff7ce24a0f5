"""Turns decided replies into messages ready for a channel: rendered, split at its limit, buttons marked as ours."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.conversations.service import Conversation
from bot.core.deliveries.service import OutboundMessage, ShownButton, ShownPicture
from bot.core.rendering import Renderer
from bot.core.replies import Reply
from bot.core.text import utf16_length
from bot.core.text_splitting import split_text
from bot.core.vault import Vault

LONGEST_TEXT = {"web": 2_000, "telegram": 3_000, "zalo": 1_400}
"""UTF-16 units of one message on a channel: the web's by contract; Telegram takes 4,096 with the sources below, Zalo
2,000 with the options and sources below."""

LONGEST_BY_PICTURE = {"web": 2_000, "telegram": 900, "zalo": 1_400}
"""UTF-16 units of a message that has a picture; with a longer one the picture goes before. Telegram takes 1,024;
on Zalo the picture always goes before."""


class Composer:
    """Composes messages; keeps nothing."""

    def __init__(self, renderer: Renderer, vault: Vault) -> None:
        self._renderer = renderer
        self._vault = vault

    def compose(
        self, conversation: Conversation, replies: Sequence[Reply], *, prefaces: Sequence[str] = ()
    ) -> list[OutboundMessage]:
        """Compose what is said in a conversation; `prefaces` are rendered texts that stand before the first reply.

        Raises:
            TemplateBrokenError: a text of ours is broken.
        """
        channel = conversation.channel
        messages: list[OutboundMessage] = []
        for reply in replies:
            text = self._renderer.render(reply.template, channel=channel, facts=reply.facts)
            if not messages:
                text = "\n\n".join([*prefaces, text])
            *before, last = split_text(text, LONGEST_TEXT[channel])
            messages += [OutboundMessage(reply.topic, part) for part in before]
            buttons, picture = self._show(conversation, reply), self._picture(reply, channel)
            if picture is not None and utf16_length(last) > LONGEST_BY_PICTURE[channel]:
                messages.append(OutboundMessage(reply.topic, picture.alt, picture=picture))
                picture = None
            messages.append(OutboundMessage(reply.topic, last, buttons, reply.sources, picture))
        return messages

    def _picture(self, reply: Reply, channel: str) -> ShownPicture | None:
        picture = reply.picture
        if picture is None:
            return None
        return ShownPicture(picture.name, self._renderer.render(picture.template, channel=channel, facts=picture.facts))

    def _show(self, conversation: Conversation, reply: Reply) -> tuple[ShownButton, ...]:
        name = f"{conversation.channel}:{conversation.name}"
        return tuple(
            ShownButton(self._renderer.title(button.title), self._vault.mark_press(name, str(button.press)))
            for button in reply.buttons
        )
