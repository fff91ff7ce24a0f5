"""The titles of problems: each says what happened, and none says otherwise than its own detail."""

from __future__ import annotations

import json

import pytest

from bot.api.errors import STATUS, ProblemTexts
from bot.core.broadcasts.channels import CHANNELS
from bot.core.cases.rules import (
    AnswerCostsError,
    AnswerNameTakenError,
    CaseClosedError,
    CitizenSilentError,
    CitizenUnreachableError,
)
from bot.core.errors import ConflictError
from bot.core.handoffs.desk import HandoffChangesError
from bot.core.handoffs.rules import HandoffStateError
from bot.core.inbox.parked import ParkedForgottenError
from bot.settings import ROOT

TEXTS = ProblemTexts.load(ROOT / "templates")
HAS_CHANGED = "vừa thay đổi"


def problem(status, code):
    return json.loads(TEXTS.problem(status, code).body)


@pytest.mark.parametrize(
    "error",
    [
        AnswerCostsError,
        AnswerNameTakenError,
        CaseClosedError,
        CitizenSilentError,
        CitizenUnreachableError,
        HandoffChangesError,
        HandoffStateError,
        ParkedForgottenError,
    ],
    ids=lambda error: error.code,
)
def test_what_cannot_be_done_has_a_title_of_its_own(error):
    assert dict(STATUS)[ConflictError] == 409
    told = problem(409, error.code)
    assert told["detail"].startswith(told["title"].rstrip("."))
    assert HAS_CHANGED not in told["title"]


@pytest.mark.parametrize("code", sorted(TEXTS.details))
def test_no_title_is_cut_in_the_middle_of_a_word_or_says_what_to_do(code):
    title = problem(409, code)["title"]
    assert title.endswith(".")
    assert title.count(". ") == 0
    assert TEXTS.details[code].startswith(title[:-1])


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_who_named_a_channel_wrongly_reads_each_name_and_what_its_groups_are_called(channel):
    assert f"“{channel}”" in problem(422, "channel-unknown")["detail"]
    assert channel.removesuffix("-group").title() in problem(422, "address-invalid")["detail"]


def test_what_has_no_sentence_is_named_by_its_status_and_not_taken_for_a_change():
    told = problem(409, "no-such-code")
    assert "detail" not in told
    assert told["title"]
    assert HAS_CHANGED not in told["title"]
