"""What several methods of the Bot API read from a call in the same way."""

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
