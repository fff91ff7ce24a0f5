"""The conversations beside this file, held with the running product: real NLU server, real model, real database."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fixtures.server import Talk

FORM = "eligibility_form"


def _conversations() -> list[Any]:
    return [
        pytest.param(conversation, id=f"{path.stem}: {conversation['name']}", marks=_marks(conversation))
        for path in sorted(Path(__file__).parent.glob("*.yml"))
        for conversation in yaml.safe_load(path.read_text("utf-8"))
    ]


def _marks(conversation: dict[str, Any]) -> list[pytest.MarkDecorator]:
    """Expect a conversation to fail that waits for what is not built yet, and to be told when it no longer does."""
    waits_for = conversation.get("waits_for")
    return [pytest.mark.xfail(strict=True, reason=f"waits for {waits_for}")] if waits_for else []


@pytest.mark.parametrize("conversation", _conversations())
def test_conversation(conversation: dict[str, Any], server_of_day: Any) -> None:
    server = server_of_day(str(conversation["today"]))
    with server.client() as client:
        talk = Talk(client, f"test-{uuid.uuid4().hex}")
        for number, turn in enumerate(conversation["turns"], start=1):
            replies = talk.press(turn["press"]) if "press" in turn else talk.say(turn["say"])
            problems = _problems(turn, replies)
            said = "\n---\n".join(f"[{reply['topic']}] {reply['text']}" for reply in replies)
            assert not problems, f"turn {number} ({turn.get('say') or turn.get('press')!r}): {problems}\n{said}"


def _problems(turn: dict[str, Any], replies: list[dict[str, Any]]) -> list[str]:
    topics = [reply["topic"] for reply in replies]
    text = "\n".join(reply["text"] for reply in replies).lower()
    problems = []
    about = next((topic for topic in topics if topic != FORM), FORM)
    wanted = turn["topic"] if isinstance(turn["topic"], list) else [turn["topic"]]
    if not topics or about not in wanted:
        problems.append(f"topic {about!r} instead of {wanted}")
    if "then" in turn and topics[-1:] != [turn["then"]]:
        problems.append(f"ends with {topics[-1:]} instead of {turn['then']!r}")
    problems += [f"lacks {words!r}" for words in turn.get("holds", []) if words.lower() not in text]
    problems += [f"must not hold {words!r}" for words in turn.get("lacks", []) if words.lower() in text]
    if "holds_any" in turn and not any(words.lower() in text for words in turn["holds_any"]):
        problems.append(f"holds none of {turn['holds_any']}")
    documents = {source["document"] for reply in replies for source in reply["sources"]}
    problems += [f"does not cite {name!r}" for name in turn.get("sources", []) if name not in documents]
    if sum(len(reply["buttons"]) for reply in replies) < turn.get("buttons_min", 0):
        problems.append("too few buttons")
    return problems
