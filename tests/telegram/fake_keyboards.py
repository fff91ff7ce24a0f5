"""The buttons under a message, checked as the Bot API checks them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tests.telegram.fake_wire import Json, Parameters, RefusedError

MOST_BUTTONS = 100
MOST_IN_A_ROW = 8
LONGEST_DATA = 64


def read_keyboard(parameters: Parameters) -> Json:
    """Return the field `reply_markup` as it stands in the message; keyboards other than inline are not shown there.

    Raises:
        RefusedError: a button is not as it must be, or there are too many.
    """
    markup = parameters.nested("reply_markup")
    if not isinstance(markup, dict) or "inline_keyboard" not in markup:
        return {}
    rows = markup["inline_keyboard"]
    for button in (button for row in rows for button in row):
        _check_button(button)
    if sum(map(len, rows)) > MOST_BUTTONS or any(len(row) > MOST_IN_A_ROW for row in rows):
        raise RefusedError(400, "reply markup is too long")
    rows = [row for row in rows if row]
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def _check_button(button: Any) -> None:
    if not button.get("text"):
        raise RefusedError(400, 'can\'t parse inline keyboard button: Field "text" must be non-empty')
    if "callback_data" in button:
        if not 1 <= len(button["callback_data"].encode()) <= LONGEST_DATA:
            raise RefusedError(400, "BUTTON_DATA_INVALID")
    elif "url" in button:
        address = urlsplit(button["url"])
        if address.scheme not in {"http", "https", "tg"} or not address.netloc:
            raise RefusedError(400, "BUTTON_URL_INVALID")
    else:
        raise RefusedError(400, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
