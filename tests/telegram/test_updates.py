"""What an update is read as, when it is not as Telegram would send it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.gateway.telegram.addressing import BotIdentity
from bot.gateway.telegram.updates import Ignored, Said, read_update

BOT = BotIdentity(9_000_000_000, "hien_dien_thu_bot")
EPOCH = datetime.fromtimestamp(0, UTC)


def a_message(*, update_id: Any = 1, chat_id: Any = 2) -> dict[str, Any]:
    chat = {"id": chat_id, "type": "private"}
    return {"update_id": update_id, "message": {"message_id": 1, "date": 0, "chat": chat, "text": "chào"}}


@pytest.mark.parametrize("chat_id", [2**63 - 1, -(2**63), 7])
def test_numbers_of_64_bits_are_read(chat_id):
    said = Said(2**63 - 1, chat_id, "chào", sent_at=EPOCH)
    assert read_update(a_message(update_id=2**63 - 1, chat_id=chat_id), BOT) == said


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**400, True, 1.5, "1", None, [], {}])
def test_any_other_number_makes_an_update_malformed(number):
    assert read_update(a_message(update_id=number), BOT) == Ignored("malformed")
    assert read_update(a_message(chat_id=number), BOT) == Ignored("malformed")


@pytest.mark.parametrize("date", [10**30, -(10**30), "today", float("nan"), {}])
def test_whatever_the_library_raises_makes_an_update_malformed(date):
    update = a_message()
    update["message"]["date"] = date
    assert read_update(update, BOT) == Ignored("malformed")
