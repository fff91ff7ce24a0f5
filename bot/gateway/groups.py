"""What the assistant says where others read along, on any channel.

General questions are answered. Whatever would ask for something of a person, tell it, or write it down is answered by
one sentence that leads to the private chat. Nothing of the dialogue is kept, so nothing said in a group comes up again.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.core.inbox.service import Message
from bot.core.ports import DialogueState, TurnResult
from bot.core.programme.answers import ANSWERED
from bot.core.replies import Json, Press, Reply
from bot.core.text import fold

TOPIC = "group"
_PERSONAL = frozenset(
    {"start_registration", "check_registration_status", "report_scam", "delete_my_data", "withdraw_consent"}
)
GENERAL = (ANSWERED | {"thank", "goodbye", "bot_challenge"}) - _PERSONAL
"""The intents that may be answered before others: they have the same answer for everybody."""
_WELCOMED = frozenset({"greet", "start_over", "ask_capabilities", "cancel"})
_UNCLEAR = frozenset({"out_of_scope", "nlu_fallback", "inform", "affirm", "deny", "dont_know", "none"})
_TEMPLATES = frozenset(
    {
        "bot_challenge",
        "bulletin_genuine",
        "bulletin_unconfirmed",
        "bulletin_unknown",
        "check_bulletin",
        "check_domain",
        "correction",
        "goodbye",
        "message_too_long",
        "only_secrets",
        "points",
        "thank",
        "too_many_messages",
    }
)
_ADDRESS = re.compile(
    r"(?<!\w)(?:(?:dia chi|ma so|ma|so|id)(?: cua| cai)? (?:nhom|group)"
    r"|(?:group|nhom) (?:nay )?(?:id|ma (?:gi|may|so)))(?!\w)"
    r"(?! (?:truong|kin|thue|otp|nganh|hang|tuoi|doi tuong|nguoi|no)(?!\w))"
)
_MOST_WORDS = 12
"""What an officer asks who writes a group down as a destination: nowhere do the apps of the platforms show it."""
_OF_QUESTIONS = "ask_"
"""The templates that may be told; of the others some lead to buttons or hold what somebody said of themselves."""


def is_call(press: Press) -> bool:
    """Tell of what was chosen in a group whether it only calls the assistant; a numbered option asks for a topic."""
    return press.intent in _WELCOMED


def welcome(message: Message) -> TurnResult:
    """Tell whoever calls the assistant in a group what it does there."""
    return TurnResult((_pointer(message, "welcome"),), DialogueState(), "ask_capabilities", 1.0)


def asks_address(text: str) -> bool:
    """Tell whether somebody wants to know the group's address, in their own few words."""
    words = re.findall(r"\w+", fold(text))
    return len(words) <= _MOST_WORDS and _ADDRESS.search(" ".join(words)) is not None


def address(group: str) -> TurnResult:
    """Tell a group's address on its platform, which is no secret: it alone opens nothing."""
    return TurnResult((Reply(TOPIC, "group_address", {"address": group}),), DialogueState(), "group_address", 1.0)


def held_back(decided: TurnResult, message: Message) -> TurnResult:
    """Return what of a decided turn may be said in a group, and nothing to be done or remembered."""
    is_harmless = decided.effect is None and decided.state.active_loop is None
    if decided.intent == "distress":
        replies: tuple[Reply, ...] = (Reply(TOPIC, "group_distress", _way(message)),)
    elif is_harmless and all(_is_general(reply) for reply in decided.replies):
        replies = tuple(
            replace(reply, buttons=tuple(button for button in reply.buttons if button.press.intent in GENERAL))
            for reply in decided.replies
        )
    else:
        replies = (_pointer(message, _kind(decided.intent)),)
    return replace(decided, replies=replies, state=DialogueState(), effect=None)


def _is_general(reply: Reply) -> bool:
    is_told = reply.template in _TEMPLATES or reply.template.startswith(_OF_QUESTIONS)
    return is_told and (reply.topic in GENERAL or reply.topic == "error") and reply.template not in _WELCOMED


def _kind(intent: str) -> str:
    if intent in _WELCOMED:
        return "welcome"
    if intent == "unavailable":
        return intent
    # A question that has no checked answer is not understood well enough either.
    return "unclear" if intent in _UNCLEAR or intent in GENERAL else "private"


def _pointer(message: Message, kind: str) -> Reply:
    return Reply(TOPIC, "group_pointer", {"kind": kind, **_way(message)})


def _way(message: Message) -> dict[str, Json]:
    return {"private_chat": message.private_chat, "call_word": message.call_word}
