"""What staff read of failures: a sentence for every code there can be, with what to do about it."""

from __future__ import annotations

import builtins
import importlib
import pkgutil
import unicodedata
from functools import cache

import pytest
import sqlalchemy.exc

import bot.core
import bot.gateway
from bot.api.admin.failure_texts import OTHER, FailureTexts
from bot.core.conversations.service import ConversationGoneError
from bot.core.deliveries import outbox
from bot.core.deliveries.errors import SendError
from bot.core.errors import ProductError
from bot.core.vault import SealBrokenError
from bot.settings import ROOT

TEXTS = FailureTexts(ROOT / "templates")
ABANDONED_UPDATE = "LeaseLost"
"""What an update is parked with whose workers died; it is no error that was raised."""


@cache
def every(family):
    """Give all errors below a family, wherever they stand in the product."""
    for package in (bot.core, bot.gateway):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    found, waiting = set(), [family]
    while waiting:
        below = [each for each in waiting.pop().__subclasses__() if each.__module__.startswith("bot.")]
        found.update(below)
        waiting += below
    return found


def ends_of_messages():
    raised = every(SendError) | {ConversationGoneError, SealBrokenError}
    return {error.code for error in raised} | {outbox.ABANDONED, outbox.COSTS, outbox.UNREADABLE}


def is_plain(sentence):
    return (
        sentence.endswith(".")
        and ("Bạn" in sentence or "bạn" in sentence)
        and unicodedata.is_normalized("NFC", sentence)
        and "  " not in sentence
        and "Error" not in sentence
    )


@pytest.mark.parametrize("code", sorted(ends_of_messages()))
def test_every_reason_why_a_message_does_not_arrive_has_a_sentence_of_its_own(code):
    assert code in TEXTS.undelivered
    assert TEXTS.of_undelivered(code) != TEXTS.of_undelivered("no-such-code")
    assert is_plain(TEXTS.of_undelivered(code))


def test_no_sentence_is_about_a_code_that_there_is_not():
    assert set(TEXTS.undelivered) == ends_of_messages() | {OTHER}
    known = {error.__name__ for error in every(ProductError)} | {*dir(builtins), *dir(sqlalchemy.exc)}
    assert set(TEXTS.parked) <= known | {ABANDONED_UPDATE, OTHER}


@pytest.mark.parametrize("can_retry", [True, False])
@pytest.mark.parametrize("error", [*sorted(TEXTS.parked), "RuntimeError", "NoSuchError", "", None])
def test_whatever_a_message_failed_with_staff_read_what_to_do(error, can_retry):
    sentence = TEXTS.of_parked(error, can_retry=can_retry)
    assert is_plain(sentence)
    assert ("cho thử lại" in sentence) is can_retry
    assert "bỏ qua" in sentence


@pytest.mark.parametrize(
    "error", [ABANDONED_UPDATE, "TimeoutError", "TemplateBrokenError", "SealBrokenError", "OperationalError"]
)
def test_what_staff_can_have_put_right_is_told_apart_from_what_nobody_foresaw(error):
    assert TEXTS.of_parked(error, can_retry=True) != TEXTS.of_parked("RuntimeError", can_retry=True)


@pytest.mark.parametrize("code", [None, "", "no-such-code"])
def test_a_code_of_another_release_has_a_general_sentence(code):
    assert is_plain(TEXTS.of_undelivered(code))
