"""Canonical bytes (RFC 8785) and the strict reading of JSON."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias

import rfc8785

from bot.core.statements.errors import JsonInvalidError, PayloadTooLargeError
from bot.core.statements.text import check_text

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json]"

MAX_BYTES = 100_000
"""Bytes of anything read here, unless its reader says otherwise."""
LARGEST_INTEGER = 2**53 - 1
"""Beyond it, JavaScript and jq round."""
DEEPEST = 32
"""Objects and arrays inside each other."""

_MEMBER_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def canonical(value: Json) -> bytes:
    """Return the one way to write `value`: UTF-8, no byte order mark, no newline at its end.

    Raises:
        JsonInvalidError: it holds something other than objects with plain names, arrays, strings, booleans and whole
            numbers of at most 2^53 - 1 either way.
        TextNotNormalisedError: a string is not NFC or holds hidden characters.
    """
    _check(value)
    return rfc8785.dumps(value)


def digest(raw: bytes) -> str:
    """Return the SHA-256 of `raw` in lower-case hexadecimal digits, as ``sha256sum`` prints it."""
    return hashlib.sha256(raw).hexdigest()


def read_json(raw: bytes, *, max_bytes: int = MAX_BYTES) -> Json:
    """Read JSON in any order and with any blanks, and nothing that `canonical` could not write.

    Raises:
        PayloadTooLargeError: there are more than `max_bytes`.
        JsonInvalidError: it is not JSON in UTF-8, or a member stands twice, or a value is a fraction, null or too big.
        TextNotNormalisedError: a string is not NFC or holds hidden characters.
    """
    if len(raw) > max_bytes:
        raise PayloadTooLargeError(bytes=len(raw))
    try:
        value: Json = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_refuse_number,
            parse_int=_integer,
            parse_constant=_refuse_number,
        )
    except (ValueError, RecursionError) as error:
        raise JsonInvalidError(problem="not-json") from error
    _check(value)
    return value


def _object(members: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(members)
    if len(found) != len(members):
        raise JsonInvalidError(problem="member-twice")
    return found


def _integer(digits: str) -> int:
    # Before converting, which takes time that grows with the square of the digits.
    if len(digits) > len(str(LARGEST_INTEGER)) + 1:
        raise JsonInvalidError(problem="number")
    return int(digits)


def _refuse_number(_digits: str) -> NoReturn:
    raise JsonInvalidError(problem="number")


def _check(value: object, depth: int = 0) -> None:
    """Raise unless `value` is within the model."""
    if depth > DEEPEST:
        raise JsonInvalidError(problem="too-deep")
    match value:
        case bool():
            pass
        case int():
            if abs(value) > LARGEST_INTEGER:
                raise JsonInvalidError(problem="number")
        case str():
            check_text(value)
        case list() | tuple():
            for item in value:
                _check(item, depth + 1)
        case dict():
            for name, item in value.items():
                if not isinstance(name, str) or not _MEMBER_NAME.fullmatch(name):
                    raise JsonInvalidError(problem="member-name")
                _check(item, depth + 1)
        case _:
            raise JsonInvalidError(problem="type")
