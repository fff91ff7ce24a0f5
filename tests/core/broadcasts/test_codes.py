"""Check codes: what they look like, where they come from, and how they are read."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.broadcasts import codes
from tests.fakes import MORNING


@given(st.binary(max_size=60), st.integers(0, 10**6))
def test_a_code_can_be_typed_and_is_no_word(subject, minutes):
    for code in islice(codes.candidates(subject, MORNING + timedelta(minutes=minutes)), 5):
        assert len(code) == 6
        assert set(code) <= set("CDFHJKMNPQRTVWX2346789")
        assert sum(map(str.isdigit, code)) in {2, 3}
        assert not any(half.isalpha() or half.isdigit() for half in (code[:3], code[3:]))
        assert codes.read(code) == code
        assert codes.read(codes.show(code).lower()) == code


def test_codes_follow_from_the_signed_bytes_and_the_moment():
    def first(subject, moment):
        return list(islice(codes.candidates(subject, moment), 3))

    assert first(b"{}", MORNING) == first(b"{}", MORNING)
    assert not set(first(b"{}", MORNING)) & set(first(b"{} ", MORNING))
    assert not set(first(b"{}", MORNING)) & set(first(b"{}", MORNING + timedelta(seconds=1)))


def test_an_outsider_can_compute_the_code():
    expected = []
    for number in range(40):
        raw = hashlib.sha256(b"{}2026-11-20T01:00:00Z" + number.to_bytes(4, "big")).digest()
        value, code = int.from_bytes(raw, "big"), ""
        for _ in range(6):
            code, value = code + "CDFHJKMNPQRTVWX2346789"[value % 22], value // 22
        halves = [sum(sign in "2346789" for sign in half) for half in (code[:3], code[3:])]
        if set(halves) <= {1, 2} and sum(halves) < 4:
            expected.append(code)
    assert list(islice(codes.candidates(b"{}", MORNING), len(expected))) == expected


def test_a_code_that_somebody_chose_is_known_as_such():
    code = next(codes.candidates(b"{}", MORNING))
    assert codes.is_derived(code, b"{}", MORNING)
    assert not codes.is_derived(code, b"[]", MORNING)
    assert not codes.is_derived(code, b"{}", MORNING + timedelta(minutes=1))
    assert not codes.is_derived("CDF234", b"{}", MORNING)


@pytest.mark.parametrize("typed", ["cdf-234", " CDF 234 ", "CdF–234", "C D F 2 3 4", "cdf.234"])
def test_a_code_is_read_however_it_is_typed(typed):
    assert codes.read(typed) == "CDF234"


@pytest.mark.parametrize("typed", ["", "CDF23", "CDF2345", "CDFHJK", "234678", "CDFH2O", "CDE234", "CDFHJ2", "ĐDF234"])
def test_what_can_be_no_code_is_none(typed):
    assert codes.read(typed) is None


def test_a_code_is_shown_in_halves():
    assert codes.show("CDF234") == "CDF-234"
