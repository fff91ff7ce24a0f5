"""What the account sends, checked as the open API checks it: limits, kinds, and no field that it does not know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.core.text import utf16_length
from tests.zalo.fake_wire import CodeError, Json

LONGEST_TEXT = 2000
MOST_BUTTONS = 5
LONGEST_TITLE = 100
LONGEST_PAYLOAD = 1000
LONGEST_SMS = 160
MEDIA = {"image", "gif", "sticker"}


@dataclass
class Sent:
    """A message of the account's, as a person or the members of a group see it."""

    user_id: str
    text: str
    buttons: tuple[Mapping[str, Any], ...] = ()
    image: str | None = None
    group_id: str | None = None
    """Where it stands, if it went to a group; `user_id` is empty then."""
    file: str | None = None
    message_id: str = ""
    at: datetime | None = None
    billed: bool = False
    by_a_human: bool = False


@dataclass(frozen=True)
class Asked:
    """A call to send, as it was read."""

    user_id: str = ""
    answers: str = ""
    """The message that is replied to, named in place of its author."""
    group_id: str = ""
    text: str = ""
    buttons: tuple[Mapping[str, Any], ...] = ()
    media: Mapping[str, Any] = field(default_factory=dict)
    file: str | None = None


def read_private(body: Json) -> Asked:
    """Read a consultation message to one person.

    Raises:
        CodeError: -201 a field is unknown, missing or of another type; -210 something is too long or too many.
    """
    recipient, message = _parts(body)
    _know(recipient, "user_id", "message_id")
    _know(message, "text", "attachment", "quote_message_id")
    user_id, answers = _text(recipient, "user_id"), _text(recipient, "message_id")
    if not user_id and not answers:
        raise CodeError(-201, "recipient is missing")
    buttons, media, file = _attachment(message)
    return _asked(Asked(user_id, answers, "", _text(message, "text"), buttons, media, file))


def read_for_group(body: Json) -> Asked:
    """Read a message to a group: text, image, file or sticker, never buttons.

    Raises:
        CodeError: as `read_private`; -233 a kind that groups do not have.
    """
    recipient, message = _parts(body)
    _know(recipient, "group_id")
    _know(message, "text", "attachment", "quote_message_id")
    if not _text(recipient, "group_id"):
        raise CodeError(-201, "recipient is missing")
    buttons, media, file = _attachment(message)
    if buttons or media.get("media_type") not in {None, "image", "sticker"}:
        raise CodeError(-233)
    return _asked(Asked("", "", _text(recipient, "group_id"), _text(message, "text"), (), media, file))


def _asked(asked: Asked) -> Asked:
    if not asked.text and not asked.media and asked.file is None:
        raise CodeError(-201, "message is empty")
    if utf16_length(asked.text) > LONGEST_TEXT:
        raise CodeError(-210, "text is too long")
    return asked


def _parts(body: Json) -> tuple[Json, Json]:
    _know(body, "recipient", "message")
    return _object(body, "recipient"), _object(body, "message")


def _attachment(message: Json) -> tuple[tuple[Mapping[str, Any], ...], Mapping[str, Any], str | None]:
    """Return the buttons, the media element and the token of a file, whichever there are."""
    if "attachment" not in message:
        return (), {}, None
    attachment = _object(message, "attachment")
    _know(attachment, "type", "payload")
    payload = _object(attachment, "payload")
    if attachment.get("type") == "file":
        _know(payload, "token")
        return (), {}, _text(payload, "token")
    if attachment.get("type") != "template":
        raise CodeError(-201, "attachment type is unknown")
    if payload.get("template_type") == "media":
        _know(payload, "template_type", "elements")
        return (), _media(payload), None
    # Two shapes are in use with buttons, and which is canonical is not known: both are taken.
    if payload.get("template_type") not in {None, "button"}:
        raise CodeError(-201, "template_type is unknown")
    _know(payload, "template_type", "buttons")
    return _buttons(payload), {}, None


def _media(payload: Json) -> Mapping[str, Any]:
    elements = payload.get("elements")
    if not isinstance(elements, list) or len(elements) != 1 or not isinstance(elements[0], dict):
        raise CodeError(-201, "elements must be one")
    element: Json = elements[0]
    _know(element, "media_type", "url", "attachment_id", "width", "height")
    if element.get("media_type") not in MEDIA or not (_text(element, "url") or _text(element, "attachment_id")):
        raise CodeError(-201, "element is invalid")
    if element["media_type"] == "gif" and not (element.get("width") and element.get("height")):
        raise CodeError(-201, "a gif needs its width and height")
    return element


def _buttons(payload: Json) -> tuple[Mapping[str, Any], ...]:
    buttons = payload.get("buttons")
    if not isinstance(buttons, list) or not buttons or not all(isinstance(button, dict) for button in buttons):
        raise CodeError(-201, "buttons are invalid")
    if len(buttons) > MOST_BUTTONS:
        raise CodeError(-210, "too many buttons")
    for button in buttons:
        _check_button(button)
    return tuple(buttons)


def _check_button(button: Json) -> None:
    _know(button, "title", "type", "payload")
    title, payload = _text(button, "title"), button.get("payload")
    if not title:
        raise CodeError(-201, "title is missing")
    if len(title) > LONGEST_TITLE:
        raise CodeError(-210, "title is too long")
    match button.get("type"):
        case "oa.query.show" | "oa.query.hide" if isinstance(payload, str) and payload:
            if len(payload) > LONGEST_PAYLOAD:
                raise CodeError(-210, "payload is too long")
        case "oa.open.url" if isinstance(payload, dict):
            _know(payload, "url")
        case "oa.open.phone" if isinstance(payload, dict):
            _know(payload, "phone_code")
        case "oa.open.sms" if isinstance(payload, dict):
            _know(payload, "content", "phone_code")
            if len(_text(payload, "content")) > LONGEST_SMS:
                raise CodeError(-210, "content is too long")
        case _:
            raise CodeError(-201, "button is invalid")


def _know(value: Mapping[str, Any], *names: str) -> None:
    unknown = value.keys() - set(names)
    if unknown:
        raise CodeError(-201, f"unknown field {min(unknown)}")


def _object(value: Mapping[str, Any], name: str) -> Json:
    inner = value.get(name)
    if not isinstance(inner, dict):
        raise CodeError(-201, f"{name} is missing")
    return inner


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name, "")
    if not isinstance(text, str):
        raise CodeError(-201, f"{name} is no text")
    return text
