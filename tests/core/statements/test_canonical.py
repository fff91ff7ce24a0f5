"""Canonical bytes and the strict reading of JSON; what somebody may try stands in the names."""

import hashlib
import json
import shutil
import subprocess
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import InvalidInputError
from bot.core.statements import (
    JsonInvalidError,
    PayloadTooLargeError,
    TextNotNormalisedError,
    canonical,
    digest,
    read_json,
)
from bot.core.statements.text import check_text

VISIBLE = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn", "Me"])


def is_accepted(text: str) -> bool:
    try:
        check_text(text)
    except TextNotNormalisedError:
        return False
    return True


TEXTS = (
    st.text(st.one_of(VISIBLE, st.sampled_from("\n\tăâđêôơưáàảãạ“”…☀")))
    .map(lambda text: unicodedata.normalize("NFC", text))
    .filter(is_accepted)
)
NAMES = st.from_regex(r"[A-Za-z0-9_.:-]{1,20}", fullmatch=True)
VALUES = st.recursive(
    st.one_of(TEXTS, st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)


@given(VALUES)
def test_canonical_bytes_are_those_of_sorted_json(value):
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert canonical(value) == plain
    assert read_json(plain) == value


@settings(max_examples=10)
@given(value=st.lists(VALUES, min_size=10, max_size=40))
def test_canonical_bytes_are_those_of_jq(missing_tool, value):
    if shutil.which("jq") is None:
        missing_tool("jq")
    raw = json.dumps(value).encode()
    said = subprocess.run(["jq", "-cSj", "."], input=raw, capture_output=True, check=True).stdout
    assert canonical(value) == said


def test_the_digest_is_sha256sum_s():
    assert digest(b"abc") == hashlib.sha256(b"abc").hexdigest()


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw):
    try:
        value = read_json(raw)
    except InvalidInputError:
        return
    assert read_json(canonical(value)) == value


@pytest.mark.parametrize(
    "raw",
    [
        b'{"repeat": 1, "repeat": 99}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": 1, "\\u0061": 2}',
    ],
)
def test_giving_a_member_twice(raw):
    with pytest.raises(JsonInvalidError):
        read_json(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{} {}",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"1.0",
        b"1e3",
        b"NaN",
        b"-Infinity",
        b"null",
        b'{"a": null}',
        b"9007199254740992",
        b"-9007199254740992",
        b"1" * 5000,
        b'{"\xc3\xa1": 1}',
        b'{"": 1}',
        b'{"a b": 1}',
        b'"\xff"',
        b'\xef\xbb\xbf{"a": 1}',
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-32"),
        b'"tab\there"',
        b"[" * 5000 + b"]" * 5000,
        b"[" * 40 + b"]" * 40,
    ],
)
def test_sending_json_out_of_the_model(raw):
    with pytest.raises(JsonInvalidError):
        read_json(raw)


@pytest.mark.parametrize("value", [1.0, None, float("nan"), 2**53, -(2**53), {1: 2}, {"á": 1}, b"x", {"a": {1}}])
def test_writing_a_value_out_of_the_model(value):
    with pytest.raises(JsonInvalidError):
        canonical(value)


def test_sending_too_much():
    with pytest.raises(PayloadTooLargeError):
        read_json(b'"' + b"a" * 100_000 + b'"')
    with pytest.raises(PayloadTooLargeError):
        read_json(b'"abc"', max_bytes=4)


@pytest.mark.parametrize(
    "text",
    [
        unicodedata.normalize("NFD", "Nguyễn Văn An"),
        "ê\u0301",  # as old Windows keyboards write it
        "A\u030a",
    ],
)
def test_sending_text_that_is_not_composed(text):
    assert text != unicodedata.normalize("NFC", text)
    for attempt in (lambda: read_json(json.dumps({"text": text}).encode()), lambda: canonical({"text": text})):
        with pytest.raises(TextNotNormalisedError):
            attempt()


@pytest.mark.parametrize(
    "hidden",
    [
        *"\0\x07\x0b\r\x1b\x7f\x80\x85\x9f",  # controls
        *"\xad\u200b\u200c\u200d\u2060\ufeff\u180e",  # nothing wide
        *"\u200e\u200f\u202a\u202e\u2066\u2069\u061c",  # direction
        *"\u2028\u2029",  # separators
        *"\ufdd0\ufffe\uffff\U0001fffe\U0010ffff",  # noncharacters
        *"\ue000\U000f0000",  # private letters
        *"\U000e0041\U000e007f\U000e0100",  # tags, selectors
        *"\u034f\u115f\u1160\u3164\uffa0\u2800\u17b4",  # letters and marks that show nothing
        "\ud800",  # half of a pair
    ],
)
def test_hiding_characters_in_text(hidden):
    text = f"Họp lúc 7 giờ{hidden} tối"
    for attempt in (lambda: read_json(json.dumps({"text": text}).encode()), lambda: canonical([text])):
        with pytest.raises(TextNotNormalisedError):
            attempt()


def test_hiding_a_selector_where_it_changes_nothing():
    assert canonical("Trời nắng ☀\ufe0f, 1\ufe0f\u20e3 mang ô ‼\ufe0f")
    for text in ("\ufe0f", "a\ufe0f", "1\ufe0f", "+\ufe0f", "…\ufe0f", "☀\ufe0f\ufe0f", "☀\ufe00", "☀\ufe01"):
        with pytest.raises(TextNotNormalisedError):
            canonical(text)


def test_text_as_officers_write_it_is_accepted():
    assert canonical("Kính gửi bà con:\n\t– “Hòa/hoà” 50 % ≥ 3 m² · 100.000₫ 👋\u00a0…")
