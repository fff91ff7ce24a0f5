"""Buttons of platforms: Telegram gives 64 bytes back when one is pressed, too few for what pressing it means.

So a button carries the position of its message in the conversation and the mark of its press, which only this
conversation's presses of this meaning have. What it means stands, sealed, in the delivery at that position, for as long
as the conversation is remembered. Somebody else's data, or data of a forgotten conversation, leads nowhere.
"""

from __future__ import annotations

import hmac
import re

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations.service import Conversation
from bot.core.deliveries import service as deliveries
from bot.core.deliveries.service import ShownButton
from bot.core.inbox.service import Message
from bot.core.vault import Vault

_DATA = re.compile(r"([1-9]\d{0,8})\.([A-Za-z0-9_-]{1,32})")


def data_of(position: int, button: ShownButton) -> str:
    """Return what comes back when the button of the message at `position` is pressed; at most 42 bytes."""
    return f"{position}.{_mark(button)}"


async def read_press(connection: AsyncConnection, vault: Vault, conversation: Conversation, data: str) -> Message:
    """Read what was pressed; it is an old button where this conversation shows none such, or not any more."""
    press = await _find_press(connection, vault, conversation, data)
    return Message(text=None, press=press, stale_button=press is None)


async def _find_press(connection: AsyncConnection, vault: Vault, conversation: Conversation, data: str) -> str | None:
    match = _DATA.fullmatch(data)
    if match is None:
        return None
    message = await deliveries.find_shown(connection, conversation, position=int(match[1]))
    for button in message.buttons if message is not None else ():
        if hmac.compare_digest(_mark(button), match[2]):
            return vault.read_press(f"{conversation.channel}:{conversation.name}", button.payload)
    return None


def _mark(button: ShownButton) -> str:
    return button.payload.rpartition("~")[2]
