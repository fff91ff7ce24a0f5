"""Who the bot is, and whether a message in a group is meant for it: pure functions over one message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from telegram import Message
from telegram.constants import MessageEntityType

_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<to>[A-Za-z0-9_]{1,32}))?(?=\s|$)")
_USERNAME = re.compile(r"[A-Za-z0-9_]{4,32}")


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """A bot: its id, which its token begins with, and its name, which only Telegram tells."""

    id: int
    username: str | None = None

    def is_called(self, name: str) -> bool:
        """Tell whether a name without the @ is the bot's."""
        return self.username is not None and name.lower() == self.username.lower()


@dataclass(frozen=True, slots=True)
class Command:
    """A command at the beginning of a text: its name in lower case, the bot it names, and what follows it."""

    name: str
    to: str | None
    rest: str


def is_username(text: str) -> bool:
    """Tell whether a text can be a bot's name."""
    return _USERNAME.fullmatch(text) is not None


def read_command(text: str) -> Command | None:
    """Return the command that a text begins with."""
    match = _COMMAND.match(text)
    return Command(match["name"].lower(), match["to"], text[match.end() :].strip()) if match else None


def text_for(message: Message, bot: BotIdentity) -> str | None:
    """Return what a message in a group says to the bot, without the bot's name; None where it is not meant.

    It is meant where its text or caption mentions the bot, or where it is a reply to the bot. Commands are not looked
    at here.
    """
    text = message.text or message.caption or ""
    mentions = _mentions(message, bot)
    if not mentions:
        return text.strip() if _is_reply_to(message, bot) else None
    units = text.encode("utf-16-le")
    for start, length in sorted(mentions.items(), reverse=True):
        units = units[: 2 * start] + units[2 * (start + length) :]
    return units.decode("utf-16-le").strip()


def _mentions(message: Message, bot: BotIdentity) -> Mapping[int, int]:
    """Return where the text mentions the bot: by offset, in UTF-16 units, how long."""
    written = message.parse_entities() if message.text else message.parse_caption_entities()
    return {
        entity.offset: entity.length
        for entity, said in written.items()
        if (entity.type == MessageEntityType.MENTION and bot.is_called(said.removeprefix("@")))
        or (entity.type == MessageEntityType.TEXT_MENTION and entity.user is not None and entity.user.id == bot.id)
    }


def _is_reply_to(message: Message, bot: BotIdentity) -> bool:
    """Tell whether a message replies to the bot; what opened a topic is no message, though all in it refer to it."""
    before = message.reply_to_message
    if before is None or before.forum_topic_created is not None or before.from_user is None:
        return False
    return before.from_user.id == bot.id
