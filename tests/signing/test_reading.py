"""What the signing tools refuse before anybody is asked anything."""

from __future__ import annotations

import json
import unicodedata
from datetime import timedelta

import pytest

from bot.core.statements import canonical
from bot.settings import ROOT
from bot.signing.errors import (
    StatementElsewhereError,
    StatementExpiredError,
    StatementForeignError,
    StatementUnexpectedError,
)
from bot.signing.reading import KINDS, Wanted, read_approval
from bot.signing.view import StatementView
from tests.core.statements.examples import EXAMPLES, ISSUED_AT

NOW = ISSUED_AT + timedelta(minutes=1)
BROADCAST = EXAMPLES["broadcast"].to_bytes()
PEOPLES = {name: statement for name, statement in EXAMPLES.items() if name != "checkpoint"}


@pytest.mark.parametrize("statement", PEOPLES.values(), ids=list(PEOPLES))
def test_each_kind_of_statement_that_people_sign_is_read(statement):
    assert read_approval(statement.to_bytes(), now=NOW, aud=statement.aud) == statement


def test_the_kinds_are_all_that_people_sign():
    assert set(KINDS.values()) == {type(statement) for statement in PEOPLES.values()}


NOT_OURS = {
    "nothing": b"",
    "a letter": "Kính gửi Ủy ban nhân dân".encode(),
    "a hash": b"\x9f" * 32,
    "other JSON": b'{"typ":"urn:hiendien:other:1"}',
    "a checkpoint": EXAMPLES["checkpoint"].to_bytes(),
    "a line feed behind it": BROADCAST + b"\n",
    "pretty": json.dumps(json.loads(BROADCAST), indent=1, ensure_ascii=False).encode(),
    "NFD": unicodedata.normalize("NFD", BROADCAST.decode()).encode(),
    "a hidden character": BROADCAST.replace("Mời".encode(), "Mời\u202e".encode()),
    "an escape sequence": BROADCAST.replace("Mời".encode(), b"\\u001b[2J"),
    "a member twice": BROADCAST.replace(b'"decision":', b'"decision":"approve","decision":'),
    "a member more": canonical({**json.loads(BROADCAST), "zz": "more"}),
    "another kind's name": BROADCAST.replace(b"broadcast-approval", b"series-approval"),
    "far too much": b" " * 200_000,
}


@pytest.mark.parametrize("raw", NOT_OURS.values(), ids=list(NOT_OURS))
def test_what_is_not_a_canonical_statement_of_ours_is_refused(raw):
    with pytest.raises(StatementForeignError):
        read_approval(raw, now=NOW)


def test_a_statement_for_another_deployment_is_refused():
    with pytest.raises(StatementElsewhereError):
        read_approval(BROADCAST, now=NOW, aud="https://khac.example.vn")


@pytest.mark.parametrize("late", [timedelta(minutes=10), timedelta(days=3), timedelta(minutes=-6)])
def test_a_statement_out_of_its_time_is_refused(late):
    with pytest.raises(StatementExpiredError):
        read_approval(BROADCAST, now=ISSUED_AT + late)


@pytest.mark.parametrize(
    "wanted",
    [Wanted("grants", "B-1"), Wanted("broadcasts", "B-2"), Wanted("enrolments", "B-1", proves=True)],
)
def test_a_server_that_gives_another_statement_than_was_asked_for_is_refused(wanted):
    with pytest.raises(StatementUnexpectedError):
        read_approval(BROADCAST, now=NOW, wanted=wanted)


def test_the_holder_s_proof_is_not_an_approval_s_statement():
    raw = EXAMPLES["enrolment"].to_bytes()
    assert read_approval(raw, now=NOW, wanted=Wanted("enrolments", "E-1"))
    with pytest.raises(StatementUnexpectedError):
        read_approval(raw, now=NOW, wanted=Wanted("enrolments", "E-1", proves=True))


def test_a_statement_that_ends_with_the_calendar_is_shown():
    raw = canonical({**json.loads(BROADCAST), "exp": "9999-12-31T23:59:59Z"})
    assert "31/12/9999" in StatementView(ROOT / "templates").show(read_approval(raw, now=NOW))
