"""What several methods of the Bot API read from a call, or check, in the same way."""

from __future__ import annotations

from tests.telegram.fake_entities import EntitiesError, FormattedText, parse_html, trimmed
from tests.telegram.fake_people import Chat
from tests.telegram.fake_wire import Json, Parameters, RefusedError


def referred(parameters: Parameters, chat: Chat) -> Json:
    """Return the message that one refers to, if it still stands.

    Raises:
        RefusedError: it does not, and the caller did not allow for that.
    """
    wanted = parameters.nested("reply_parameters")
    if wanted is None:
        return {}
    message_id = wanted["message_id"]
    if message_id in chat.said or chat.find(message_id) is not None:
        return {"reply_to_message": {"message_id": message_id, "chat": chat.wire(), "date": 0}}
    if not wanted.get("allow_sending_without_reply"):
        raise RefusedError(400, "message to be replied not found")
    return {}


def check_may_write(chat: Chat) -> None:
    """Let a call about a chat go on.

    Raises:
        RefusedError: the bot may not write there.
    """
    match chat.bot_is:
        case "blocked":
            raise RefusedError(403, "bot was blocked by the user")
        case "unknown":
            raise RefusedError(403, "bot can't initiate conversation with a user")
        case "outside":
            raise RefusedError(403, f"bot is not a member of the {chat.kind} chat")
        case "kicked":
            raise RefusedError(403, f"bot was kicked from the {chat.kind} chat")
        case "silenced" if chat.kind == "channel":
            raise RefusedError(400, "need administrator rights in the channel chat")
        case "silenced":
            raise RefusedError(400, "not enough rights to send text messages to the chat")


def formatted_text(parameters: Parameters, name: str, entities: str) -> FormattedText:
    """Read a text with its HTML or its entities."""
    mode, text = parameters.text("parse_mode"), parameters.text(name)
    if not mode:
        return trimmed(FormattedText(text, tuple(parameters.nested(entities) or ())))
    if mode.lower() != "html":
        raise RefusedError(400, "unsupported parse_mode")
    try:
        return trimmed(parse_html(text))
    except EntitiesError as error:
        raise RefusedError(400, f"can't parse entities: {error}") from error


def command_place(parameters: Parameters) -> tuple[str, str]:
    """Return for whom commands are: the kind of scope, and the language."""
    scope = parameters.nested("scope") or {"type": "default"}
    return scope["type"], parameters.text("language_code")
