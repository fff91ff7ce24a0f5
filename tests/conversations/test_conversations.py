"""The conversations beside this file, held with the running product: real NLU server, real model, real database.

All are held in the web chat. Those that an independent hand examined are held on Telegram as well, in a private chat
each: what is expected of the words holds there too, and both channels tell the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.core.programme.topics import MENU
from tests.conversations.channels import Held, Reply, Turn, alike, hold_on_the_web, told_on_telegram, told_on_the_web

FORM = "eligibility_form"
ON_BOTH_CHANNELS = ("eligibility_examined", "safety_examined", "reports")
ABOUT_BULLETINS = "bulletins"
"""Held with a product that has sent some; their codes stand as ``{genuine}`` in what is said and expected."""


def _conversations(wanted: Callable[[str], bool]) -> list[Any]:
    return [
        pytest.param(conversation, id=f"{path.stem}: {conversation['name']}")
        for path in sorted(Path(__file__).parent.glob("*.yml"))
        if wanted(path.stem)
        for conversation in yaml.safe_load(path.read_text("utf-8"))
    ]


@pytest.mark.parametrize("conversation", _conversations(lambda file: file not in {*ON_BOTH_CHANNELS, ABOUT_BULLETINS}))
def test_conversation(conversation: dict[str, Any], server_of_day: Any) -> None:
    with server_of_day(str(conversation["today"]), **conversation.get("settings", {})).client() as client:
        _check_on_the_web(conversation["turns"], hold_on_the_web(conversation["turns"], client))


@pytest.mark.parametrize("conversation", _conversations(ABOUT_BULLETINS.__eq__))
def test_conversation_about_bulletins(conversation: dict[str, Any], server_with_bulletins: Any) -> None:
    server, codes = server_with_bulletins
    turns = [_with_codes(turn, codes) for turn in conversation["turns"]]
    with server.client() as client:
        _check_on_the_web(turns, hold_on_the_web(turns, client))


@pytest.mark.parametrize("both", _conversations(lambda file: file in ON_BOTH_CHANNELS))
def test_conversation_on_the_web(both: dict[str, Any], held: Mapping[str, Future[Held]]) -> None:
    _check_on_the_web(both["turns"], held[both["name"]].result().web)


@pytest.mark.parametrize("both", _conversations(lambda file: file in ON_BOTH_CHANNELS))
def test_conversation_is_the_same_on_telegram(both: dict[str, Any], held: Mapping[str, Future[Held]]) -> None:
    conversation = held[both["name"]].result()
    *answers, (started_over,) = conversation.telegram
    for number, (replies, shown) in enumerate(zip_longest(conversation.web, answers, fillvalue=()), start=1):
        on_the_web = [alike(told_on_the_web(reply)) for reply in replies]
        on_telegram = [alike(told_on_telegram(message)) for message in shown]
        assert on_telegram == on_the_web, f"turn {number}: {both['turns'][number - 1]}"
    assert len(started_over.buttons) == len(MENU), f"more was said than on the web: {started_over.text!r}"


def _with_codes(part: Any, codes: Mapping[str, str]) -> Any:
    if isinstance(part, str):
        return part.format_map(codes)
    if isinstance(part, dict):
        return {name: _with_codes(value, codes) for name, value in part.items()}
    return [_with_codes(value, codes) for value in part] if isinstance(part, list) else part


def _check_on_the_web(turns: Sequence[Turn], answers: Sequence[Sequence[Reply]]) -> None:
    for number, (turn, replies) in enumerate(zip_longest(turns, answers, fillvalue=()), start=1):
        problems = list(_problems(turn, replies))
        said = "\n---\n".join(f"[{reply['topic']}] {reply['text']}" for reply in replies)
        assert not problems, f"turn {number} ({turn.get('say') or turn.get('press')!r}): {problems}\n{said}"


def _problems(turn: Turn, replies: Sequence[Reply]) -> Iterator[str]:
    if not replies:
        yield f"no button {turn['press']!r}" if "press" in turn else "no reply"
        return
    topics = [reply["topic"] for reply in replies]
    text = "\n".join(reply["text"] for reply in replies).lower()
    about = next((topic for topic in topics if topic != FORM), FORM)
    wanted = turn["topic"] if isinstance(turn["topic"], list) else [turn["topic"]]
    if about not in wanted:
        yield f"topic {about!r} instead of {wanted}"
    if "then" in turn and topics[-1:] != [turn["then"]]:
        yield f"ends with {topics[-1:]} instead of {turn['then']!r}"
    yield from (f"lacks {words!r}" for words in turn.get("holds", []) if words.lower() not in text)
    yield from (f"must not hold {words!r}" for words in turn.get("lacks", []) if words.lower() in text)
    if "holds_any" in turn and not any(words.lower() in text for words in turn["holds_any"]):
        yield f"holds none of {turn['holds_any']}"
    documents = {source["document"] for reply in replies for source in reply["sources"]}
    yield from (f"does not cite {name!r}" for name in turn.get("sources", []) if name not in documents)
    if sum(len(reply["buttons"]) for reply in replies) < turn.get("buttons_min", 0):
        yield "too few buttons"
