"""One conversation held on two channels of the running product, as its citizens see it there."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx

from tests.fixtures.server import Talk
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import NotPossibleError, Person, Shown

ANSWER_SECONDS = 60
"""A chat gets one message a second, and other conversations are held at the same time."""

Turn = Mapping[str, Any]
Reply = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """What one reply tells, whichever channel it came by: its words, its buttons, its sources in one line."""

    text: str
    buttons: Sequence[str]
    sources: str


@dataclass(frozen=True)
class Held:
    """What came back, turn by turn; shorter than the conversation where a button to press was not shown."""

    web: Sequence[Sequence[Reply]]
    telegram: Sequence[Sequence[Shown]]


def hold(turns: Sequence[Turn], client: httpx.Client, telegram: FakeBotApi) -> Held:
    """Hold a conversation in the web chat and in a private chat on Telegram, each with somebody of its own."""
    web = hold_on_the_web(turns, client)
    return Held(web, _hold_on_telegram(turns, telegram.person(), telegram, [len(replies) for replies in web]))


def hold_on_the_web(turns: Sequence[Turn], client: httpx.Client) -> list[Sequence[Reply]]:
    """Hold a conversation in the web chat."""
    talk = Talk(client, f"test-{uuid.uuid4().hex}")
    answers: list[Sequence[Reply]] = []
    for turn in turns:
        if "press" not in turn:
            answers.append(talk.say(turn["say"]))
        elif talk.find(turn["press"]) is not None:
            answers.append(talk.press(turn["press"]))
        else:
            break
    return answers


def _hold_on_telegram(
    turns: Sequence[Turn], person: Person, fake: FakeBotApi, counts: Sequence[int]
) -> list[Sequence[Shown]]:
    """Hold it where nothing tells that an answer is complete: as many messages are awaited as the web had replies.

    One too many stands before the answer to the next turn; starting over in the end comes after the last.
    """
    answers: list[Sequence[Shown]] = []
    seen = 0
    for turn, count in zip([*turns[: len(counts)], {"say": "/start"}], [*counts, 1], strict=True):
        try:
            _write(person, turn)
        except NotPossibleError:
            break
        wanted = seen + count
        asyncio.run(_until_shown(fake, person, wanted))
        answers.append(person.chat.shown[seen:wanted])
        seen = wanted
    return answers


def _write(person: Person, turn: Turn) -> None:
    if "press" in turn:
        person.presses(_title(turn["press"].lower(), person.chat.shown))
    else:
        person.says(turn["say"])


def _title(wanted: str, shown: Sequence[Shown]) -> str:
    """Give the title of the newest button that is called so, or else of one whose title holds it."""
    titles = [title for message in reversed(shown) for title in message.buttons]
    exact = (title for title in titles if title.lower() == wanted)
    near = (title for title in titles if wanted in title.lower())
    return next(exact, None) or next(near, wanted)


async def _until_shown(fake: FakeBotApi, person: Person, count: int) -> None:
    await fake.until(lambda: len(person.chat.shown) >= count, seconds=ANSWER_SECONDS)


def alike(told: Told) -> Told:
    """Give what is told without the references that belong to one conversation."""
    return replace(told, text=re.sub(r"\bBC-[0-9A-Z]{5}\b", "BC-…", told.text))


def told_on_the_web(reply: Reply) -> Told:
    """Read what a reply of the web chat tells; its sources are written as Telegram has them, each document once."""
    sections: dict[str, dict[str, None]] = {}
    for source in reply["sources"]:
        sections.setdefault(source["document"], {})[source["section"]] = None
    line = "; ".join(f"{document} ({', '.join(cited)})" for document, cited in sections.items())
    return Told(reply["text"], [button["title"] for button in reply["buttons"]], line and f"Nguồn: {line}")


def told_on_telegram(shown: Shown) -> Told:
    """Read what a message on Telegram tells, without its markup: the sources stand in a folded quotation."""
    quotes = [entity for entity in shown.entities if entity["type"] == "expandable_blockquote"]
    if not quotes:
        return Told(shown.text, shown.buttons, "")
    units, start = shown.text.encode("utf-16-le"), quotes[0]["offset"] * 2  # Telegram counts in UTF-16 units
    return Told(units[:start].decode("utf-16-le").rstrip("\n"), shown.buttons, units[start:].decode("utf-16-le"))
