"""Which messages count whatever else holds: however fast their writer writes, and however late they come."""

from __future__ import annotations

from bot.core.cases.distress import is_distress
from bot.core.conversations.service import Conversation
from bot.core.inbox.service import Message
from bot.core.programme import Programme
from bot.core.replies import Press
from bot.core.rights import at_once
from bot.core.rights.offer import WITHDRAWN_THERE


def bears_no_dropping(conversation: Conversation, message: Message) -> bool:
    """Tell of a message whether it is heard however many there are: staff read it, or a life may depend on it."""
    return conversation.case_id is not None or (message.text is not None and is_distress(message.text))


def bears_no_delay(conversation: Conversation, message: Message, programme: Programme) -> bool:
    """Tell of a message whether it is answered however late it comes: it bears no dropping, or uses a right.

    A button about one's own data is known by what it means, and words about it are fixed: neither needs a model.
    """
    if bears_no_dropping(conversation, message):
        return True
    if message.press is not None:
        press = Press.parse(message.press)
        return press == WITHDRAWN_THERE or at_once.pressed(press, programme) is not None
    return message.text is not None and at_once.said(message.text, programme) is not None
