"""The committed showcase is what the product answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.showcase.pages import DIRECTORY, INDEX, Conversation, hold, index, read_conversations

CONVERSATIONS = read_conversations()


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda conversation: conversation.page)
def test_a_conversation_of_the_showcase_reads_as_committed(conversation: Conversation, server_of_day: Any) -> None:
    written = (DIRECTORY / f"{conversation.page}.md").read_text("utf-8")
    assert hold(conversation, server_of_day(str(conversation.today))) == written, (
        "run make showcase and review the diff"
    )


def test_the_index_leads_to_every_page_and_no_page_is_left_over() -> None:
    assert (DIRECTORY / INDEX).read_text("utf-8") == index(CONVERSATIONS)
    pages = {f"{conversation.page}.md" for conversation in CONVERSATIONS}
    assert {path.name for path in DIRECTORY.iterdir()} == pages | {INDEX}
