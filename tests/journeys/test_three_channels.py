"""The same three journeys on the web, on Telegram and on Zalo, with the running product: each tells the same facts.

How a channel lays out what it tells is its own affair: Zalo numbers its options in the text, Telegram folds its sources
away. Numbers, dates, documents and names must be the same, and so must what can be chosen.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.gateway.zalo.webhook import PATH
from tests.conversations.channels import (
    ANSWER_SECONDS,
    Held,
    Told,
    Turn,
    alike,
    hold,
    told_on_telegram,
    told_on_the_web,
)
from tests.waiting import until
from tests.zalo.fake_zalo import FakePerson, Sent, encode, sign

DAY = "2025-06-01"
"""The offer is open, so that there are figures to tell."""
JOURNEYS: Mapping[str, Sequence[Turn]] = {
    "question": (
        {"say": "Làm cái này có mất tiền không?", "tells": ("50.000", "250.000")},
        {"say": "Những đối tượng nào được hưởng ưu đãi?", "tells": ("18", "23", "45/KH-UBND")},
        {"say": "đăng ký ở nhà đăng ký nào vậy", "tells": ("VNNIC", "nhadangky.vn")},
        {"say": "chuong trinh keo dai den khi nao", "tells": ("2025",)},
    ),
    "eligibility": (
        {"say": "bạn xem giúp em có được hưởng ưu đãi không", "tells": ()},
        {"press": "id.vn", "tells": ()},
        {"say": "20 tuổi", "tells": ("18", "50.000", "45/KH-UBND")},
    ),
    "guide": (
        {"say": "hướng dẫn tôi ký bằng usb token trên máy windows", "tells": ("MyCukai",)},
        {"press": "Của MyCukai", "tells": ("1/4", "PIN")},
        {"press": "Xong", "tells": ("2/4", "Choose")},
        {"press": "Quay lại", "tells": ("1/4",)},
    ),
}
_WORD = re.compile(r"\w+(?:[./:-]+\w+)*")
_OPTIONS = re.compile(r"\n\n(?P<lines>1\. .+(?:\n\d+\. .+)*)\nGõ số để chọn, ví dụ: 1")
"""The options as they stand in a text on Zalo."""


@dataclass(frozen=True)
class Journey:
    """What was told in one, turn by turn, on each channel."""

    told: Mapping[str, Sequence[Sequence[Told]]]


@pytest.fixture(scope="module")
def journeys(server_of_day: Any) -> Iterator[Mapping[str, Journey]]:
    """Go on each journey once on each channel."""
    server = server_of_day(DAY)
    with server.client() as client:
        yield {
            name: go(turns, client, server, server.zalo.person(number))
            for number, (name, turns) in enumerate(JOURNEYS.items(), start=41)
        }


def go(turns: Sequence[Turn], client: httpx.Client, server: Any, person: FakePerson) -> Journey:
    held: Held = hold(turns, client, server.telegram)
    counts = [len(replies) for replies in held.web]
    on_zalo = hold_on_zalo(turns, client, person, counts, server.directory)
    *on_telegram, _ = held.telegram
    return Journey(
        {
            "web": [[alike(told_on_the_web(reply)) for reply in replies] for replies in held.web],
            "telegram": [[alike(told_on_telegram(shown)) for shown in messages] for messages in on_telegram],
            "zalo": [[alike(told_on_zalo(sent)) for sent in messages] for messages in on_zalo],
        }
    )


def hold_on_zalo(
    turns: Sequence[Turn], client: httpx.Client, person: FakePerson, counts: Sequence[int], directory: Path
) -> list[Sequence[Sent]]:
    """Hold a conversation on Zalo, where options are chosen by their numbers; pictures come apart and are left out.

    As many messages are awaited as the web had replies: one too many stands before the answer to the next turn, and to
    the sticker in the end, which has an answer of its own wherever one is. `directory` is the product's.
    """
    answers: list[Sequence[Sent]] = []
    for turn, count in zip([*turns, None], [*counts, 1], strict=True):
        event = person.sends("sticker") if turn is None else person.says(_words(turn, written(person)))
        raw = encode(event)
        assert client.post(PATH, content=raw, headers=sign(raw)).status_code == 200
        before = sum(map(len, answers))
        asyncio.run(until(lambda wanted=before + count: len(written(person)) >= wanted, seconds=ANSWER_SECONDS))
        # A number chooses among what surely arrived, and nobody types one within the moment that noting it takes.
        asyncio.run(until(lambda: _is_all_noted(directory)))
        answers.append(written(person)[before : before + count])
    (last,) = answers.pop()
    assert "nhãn dán" in last.text, f"more was said than on the web: {last.text!r}"
    return answers


def _is_all_noted(directory: Path) -> bool:
    """Tell whether the product has noted of each of its messages on Zalo what became of it."""
    with closing(sqlite3.connect(f"file:{directory / 'hiendien.sqlite3'}?mode=ro", uri=True)) as connection:
        (waiting,) = connection.execute(
            "SELECT count(*) FROM deliveries WHERE carrier = 'zalo' AND state < 2"
        ).fetchone()
    return bool(waiting == 0)


def written(person: FakePerson) -> list[Sent]:
    """Return what the account wrote to somebody."""
    return [sent for sent in person.seen if sent.text]


def _words(turn: Turn, seen: Sequence[Sent]) -> str:
    """Return what to type: a text, or the number of the option of the newest message whose title holds the wanted."""
    if "say" in turn:
        return str(turn["say"])
    wanted = turn["press"].lower()
    titles = [title.lower() for title in told_on_zalo(seen[-1]).buttons]
    exact = [number for number, title in enumerate(titles, start=1) if title == wanted]
    near = [number for number, title in enumerate(titles, start=1) if wanted in title]
    assert exact or near, f"no option {wanted!r} among {titles}"
    return f"số {(exact or near)[0]}"


def told_on_zalo(sent: Sent) -> Told:
    """Read what a message on Zalo tells: its words, the options numbered in it, and its sources below them."""
    text, _, sources = sent.text.partition("\n\nNguồn: ")
    options = _OPTIONS.search(text)
    titles = [line.partition(". ")[2] for line in options["lines"].splitlines()] if options else []
    return Told(_OPTIONS.sub("", text), titles, sources and f"Nguồn: {sources}")


def facts(told: Sequence[Told]) -> Counter[str]:
    """Return the numbers, dates, documents and names told: whatever has a digit, a capital letter or a dot inside."""
    words = (word for each in told for word in _WORD.findall(f"{each.text}\n{each.sources}"))
    return Counter(word for word in words if any(sign.isdigit() or sign.isupper() or sign == "." for sign in word))


@pytest.mark.parametrize("name", JOURNEYS)
def test_the_journey_tells_what_it_is_about(journeys: Mapping[str, Journey], name: str) -> None:
    on_the_web = journeys[name].told["web"]
    for turn, told in zip(JOURNEYS[name], on_the_web, strict=True):
        missing = set(turn["tells"]) - facts(told).keys()
        assert not missing, f"{turn}: {missing} not in {told}"


@pytest.mark.parametrize("channel", ["telegram", "zalo"])
@pytest.mark.parametrize("name", JOURNEYS)
def test_the_journey_tells_the_same_facts_as_on_the_web(
    journeys: Mapping[str, Journey], name: str, channel: str
) -> None:
    journey = journeys[name].told
    for turn, here, on_the_web in zip(JOURNEYS[name], journey[channel], journey["web"], strict=True):
        assert facts(here) == facts(on_the_web), turn
        assert [each.buttons for each in here] == [each.buttons for each in on_the_web], turn
        assert [each.sources for each in here] == [each.sources for each in on_the_web], turn
