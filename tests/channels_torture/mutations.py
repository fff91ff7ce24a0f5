"""Bodies of webhook calls as nobody should send them: sound ones, each spoilt in one way.

Everything is drawn from the dice that are passed in, so that the same seed gives the same bodies.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Json = dict[str, Any]
Mutation = Callable[[random.Random, Json], bytes]

MEBIBYTE = 1024 * 1024
PLAIN: Sequence[Any] = (None, True, False, 0, -1, 1.5, "", "0", "x", "²", [], {}, [[]], [None], {"id": 1}, {"": ""})
"""One of each type, and what looks like another type."""
NUMBERS = (
    "9223372036854775808",
    "-9223372036854775809",
    "1" * 4_000,
    "1" * 5_000,
    "1e400",
    "-1e400",
    "NaN",
    "-0",
    "1e9",
)
"""Numbers at the borders of 64 bits and beyond, as they are written."""
TEXTS = (
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff x \ud83d",
    "\u202e\u2066txt",
    "\ufeff",
    "e\u0323\u0302" * 300,
    "Z" + "\u0301" * 2_000,
    "👩‍👩‍👧‍👦" * 400,
    "\u1111\u1171\u11b6" * 50,
    "\uffff\ufffe",
    "<b>&amp;</b>{{ 7*7 }}{% raw %}",
    "/restart /session_start{}",
    "'; DROP TABLE inbox; --",
    "#hd:1.AAAA",
    "số 99999999999999999999",
    "\r\n\t " * 100,
)
"""Texts that programs stumble over."""


def written(value: object) -> bytes:
    """Write JSON as a platform does; half of a surrogate pair only goes escaped."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def sound(dice: random.Random, body: Json) -> bytes:
    return written(body)


def cut_short(dice: random.Random, body: Json) -> bytes:
    raw = written(body)
    return raw[: dice.randrange(len(raw))]


def other_type(dice: random.Random, body: Json) -> bytes:
    changed = copy.deepcopy(body)
    for _ in range(dice.choice((1, 1, 1, 2, 5))):
        _replace(dice, changed, lambda _: copy.deepcopy(dice.choice(PLAIN)))
    return written(changed)


def left_out(dice: random.Random, body: Json) -> bytes:
    changed = copy.deepcopy(body)
    parents = [place for place in _places(changed) if isinstance(place[0], dict)]
    parent, key = dice.choice(parents)
    del parent[key]
    return written(changed)


def added(dice: random.Random, body: Json) -> bytes:
    changed = copy.deepcopy(body)
    parents: list[Json] = [changed, *(parent[key] for parent, key in _places(changed) if isinstance(parent[key], dict))]
    dice.choice(parents)[dice.choice(("", "new", "id", "message", "__class__", "\x00", "x" * 5_000))] = dice.choice(
        PLAIN
    )
    return written(changed)


def strange_text(dice: random.Random, body: Json) -> bytes:
    changed = copy.deepcopy(body)
    _replace(dice, changed, lambda _: dice.choice(TEXTS), only=str)
    return written(changed)


def huge(dice: random.Random, body: Json) -> bytes:
    changed = copy.deepcopy(body)
    length = dice.choice((5_000, 20_000, 200_000, MEBIBYTE - 5_000, MEBIBYTE + 1))
    filling = dice.choice(("a", "ă ", "\x00", "👍"))
    size = len(filling.encode())
    _replace(dice, changed, lambda _: filling * (length // size), only=str)
    return written(changed)


def nested(dice: random.Random, body: Json) -> bytes:
    # None near Python's limit of about 1,000: what is read there depends on how deep the reader itself stands.
    depth = dice.choice((50, 300, 5_000, 200_000))
    left, right = dice.choice((("[", "]"), ('{"a":', "}"), ('{"message":', "}")))
    inner = left * depth + ("1" if dice.random() < 0.8 else "") + right * (depth if dice.random() < 0.8 else 0)
    return _spliced(dice, body, inner)


def beyond_numbers(dice: random.Random, body: Json) -> bytes:
    return _spliced(dice, body, dice.choice(NUMBERS), instead_of=(int, str))


def twice_named(dice: random.Random, body: Json) -> bytes:
    """Give a key two values; which counts, readers do not agree on."""
    other = written(dice.choice((*PLAIN, *body.values()))).decode()
    key = json.dumps(dice.choice(list(body)))
    raw = written(body).decode("utf-8", "surrogatepass")
    doubled = f"{{{key}:{other},{raw[1:]}" if dice.random() < 0.5 else f"{raw[:-1]},{key}:{other}}}"
    return doubled.encode()


def other_bytes(dice: random.Random, body: Json) -> bytes:
    raw = bytearray(written(body))
    for _ in range(dice.choice((1, 1, 2, 20))):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    return bytes(raw)


def other_encoding(dice: random.Random, body: Json) -> bytes:
    text = written(body).decode()
    encoding = dice.choice(("utf-16", "utf-16-be", "utf-32-le", "utf-8-sig", "utf-7", "cp1258"))
    return text.encode(encoding, "replace")


def no_object(dice: random.Random, body: Json) -> bytes:
    return dice.choice((b"null", b"[]", b'""', b"1", b"true", b" ", b"\x00", b"[" + written(body) + b"]", b"{}{}"))


MUTATIONS: Mapping[str, Mutation] = {
    mutation.__name__: mutation
    for mutation in (
        sound,
        cut_short,
        other_type,
        left_out,
        added,
        strange_text,
        huge,
        nested,
        beyond_numbers,
        twice_named,
        other_bytes,
        other_encoding,
        no_object,
    )
}
WEIGHTS: Mapping[str, int] = {"sound": 4, "other_type": 4, "left_out": 2, "strange_text": 3, "huge": 1, "nested": 1}
"""How often each is drawn, beside once for all others."""


def drawn(dice: random.Random) -> tuple[str, Mutation]:
    """Draw a mutation."""
    names = list(MUTATIONS)
    (name,) = dice.choices(names, [WEIGHTS.get(name, 2) for name in names])
    return name, MUTATIONS[name]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give each parent and key below a value."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _replace(dice: random.Random, body: Json, new: Callable[[Any], Any], *, only: Any = object) -> None:
    places = [(parent, key) for parent, key in _places(body) if isinstance(parent[key], only)]
    if places:
        parent, key = dice.choice(places)
        parent[key] = new(parent[key])


def _spliced(dice: random.Random, body: Json, inner: str, *, instead_of: Any = object) -> bytes:
    """Write a body with a piece of JSON, sound or not, in one place."""
    changed, mark = copy.deepcopy(body), "here-it-goes"
    _replace(dice, changed, lambda _: mark, only=instead_of)
    return written(changed).replace(f'"{mark}"'.encode(), inner.encode())
