"""Questions of other hands than the content's, put to the running product on the days that matter to them."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fixtures.server import Talk

HERE = Path(__file__).parent
DAYS = ("2025-06-01", "2026-11-20")
PLAN = "45/KH-UBND"
DX_DAYS = ("2024-09-20", "2024-10-08", "2026-11-21")
"""Before most activities of the Digital Transformation Day, in the midst of them, and long after."""
DX_PLAN = "136/KH-UBND"
TOLD_AS_PAST = ("đã ", "rồi", "xong", "trước đây")
TOLD_AS_OVER = ("đã diễn ra", "đã kết thúc", "đã qua", "đã xong", "đã khép lại", "đã được tổ chức", "đã tổ chức")
"""Fewer than the above: before the end, what has begun may be spoken of with “đã” too."""


def _read(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = yaml.safe_load((HERE / f"{name}.yml").read_text("utf-8"))
    return entries


FACTS = {fact["fact"]: fact for fact in _read("facts")}
DX_FACTS = {fact["fact"]: fact for fact in _read("dx_day_facts")}


@pytest.fixture
def ask(day, server_of_day):
    """Put one question to the product of the day in a conversation of its own; give its replies."""
    with server_of_day(day).client() as client:
        yield lambda question: Talk(client, f"test-{uuid.uuid4().hex}").say(question)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("questions", ["questions", "development"])
def test_every_fact_of_the_plan_is_told_with_its_section(ask, questions):
    failed = []
    for question in _read(questions):
        fact = FACTS[question["fact"]]
        replies = ask(question["ask"])
        lacking = [*_lacking(replies, fact["values"]), *_uncited(replies, PLAN, fact["section"])]
        if lacking:
            failed.append(_shown(question, replies, lacking))
    assert not failed, "\n\n".join([f"{len(failed)} failed", *failed])


@pytest.mark.parametrize("day", DX_DAYS)
def test_every_fact_of_the_plan_of_the_digital_transformation_day_is_told_with_its_section(ask, day):
    failed = []
    for question in _read("dx_day_questions"):
        fact = DX_FACTS[question["fact"]]
        replies = ask(question["ask"])
        lacking = [*_lacking(replies, fact["values"]), *_uncited(replies, DX_PLAN, fact["section"])]
        if "ends" in fact:
            lacking += _wrong_tense(replies, over=date.fromisoformat(day) > fact["ends"])
        if lacking:
            failed.append(_shown(question, replies, lacking))
    assert not failed, "\n\n".join([f"{len(failed)} failed", *failed])


@pytest.mark.parametrize("day", DAYS)
def test_every_confirmed_fact_of_the_reference_is_told_with_its_document(ask):
    failed = []
    for fact in _read("reference"):
        replies = ask(fact["ask"])
        lacking = _lacking(replies, fact["values"])
        cited = {source.document for source in _sources(replies)}
        if fact["documents"] and not any(each.startswith(tuple(fact["documents"])) for each in cited):
            lacking.append(f"a document of {fact['documents']}")
        if not cited:
            lacking.append("any document")
        if lacking:
            failed.append(_shown(fact, replies, lacking))
    assert not failed, "\n\n".join([f"{len(failed)} failed", *failed])


@dataclass(frozen=True)
class Source:
    """A document and the section in it, as a reply lists them."""

    document: str
    section: str


def _sources(replies: list[dict[str, Any]]) -> set[Source]:
    return {Source(source["document"], source["section"]) for reply in replies for source in reply["sources"]}


def _lacking(replies: list[dict[str, Any]], values: list[str | list[str]]) -> list[str]:
    text = _text(replies)
    return [str(value) for value in values if not _stands(value, text)]


def _uncited(replies: list[dict[str, Any]], document: str, section: str) -> list[str]:
    return [] if Source(document, section) in _sources(replies) else [f"section {section}"]


def _wrong_tense(replies: list[dict[str, Any]], *, over: bool) -> list[str]:
    text = _text(replies).lower()
    if over:
        return [] if any(words in text for words in TOLD_AS_PAST) else ["the past tense"]
    return [f"the tense of what is not over, for {words!r}" for words in TOLD_AS_OVER if words in text]


def _text(replies: list[dict[str, Any]]) -> str:
    return "\n".join(reply["text"] for reply in replies)


def _stands(value: str | list[str], text: str) -> bool:
    """Tell whether a value, or any of several, stands in the text, as a number of its own where it is one."""
    alternatives = [value] if isinstance(value, str) else value
    return any(
        re.search(rf"(?<![\d.]){re.escape(each)}(?![\d])", text, re.IGNORECASE)
        if each[:1].isdigit()
        else each.lower() in text.lower()
        for each in alternatives
    )


def _shown(question: dict[str, Any], replies: list[dict[str, Any]], lacking: list[str]) -> str:
    said = "\n".join(f"  [{reply['topic']}] {reply['text']}" for reply in replies)
    return f"{question['fact']}: {question['ask']}\n  LACKS {lacking}\n{said}"
