"""Places, by the names of ``bot/content/localities.yaml``, old and new."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.folding import fold
from components.grammar.content import Names, read_content
from components.grammar.entity import Found, Sentence, read_span

_LOCALITIES = read_content("localities")
_BRACKETS = re.compile(r" \(.+\)$")
_KINDS = sorted(
    {fold(short).folded for each in _LOCALITIES["kinds"] for short in (each["kind"], *each.get("short", ()))},
    key=len,
    reverse=True,
)
_KIND = re.compile(rf"(?:{'|'.join(map(re.escape, _KINDS))}) ?")


def _names_of_units() -> Iterator[str]:
    """Give the names of districts, communes and wards without their kind; "phường 1" is in too many towns."""
    for district in _LOCALITIES["districts"]:
        yield district["old"]
    for unit in _LOCALITIES["units"]:
        yield unit["now"]
        yield from unit["from"]


def _without_kind(name: str) -> str:
    kind = _KIND.match(fold(name).folded)
    return _BRACKETS.sub("", name)[kind.end() if kind else 0 :]


_PROVINCES = {name for each in _LOCALITIES["provinces"] for name in (each["old"], each["now"])}
_ONLY_WITH_KIND = {each["old"] for each in _LOCALITIES["provinces"] if each.get("only_with_kind")}
_BARE = Names((name, name) for name in sorted(_PROVINCES - _ONLY_WITH_KIND))
_UNITS = {name for name in map(_without_kind, _names_of_units()) if not name.isdigit()}
_AFTER_KIND = Names((name, name) for name in sorted(_PROVINCES | _UNITS))
# "Đại học Trà Vinh" and "Báo Trà Vinh" are bodies.
_BODY = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(fold(body).folded for body in _LOCALITIES['bodies'])}) $")
_LONGEST_BODY = max(map(len, _LOCALITIES["bodies"])) + len("  ")

_PLACE_AFTER_KIND = re.compile(
    rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, _KINDS))}) ?(?<![a-z])(?P<fact>{_AFTER_KIND.pattern})"
)
_PROVINCE = re.compile(rf"(?<![a-z0-9])(?P<fact>{_BARE.pattern})")


def find_localities(sentence: Sentence) -> Iterator[Found]:
    """Find places, without their kind and in full accents: communes and districts behind it, provinces also bare."""
    for match in sentence.matches(_PLACE_AFTER_KIND):
        if (name := _AFTER_KIND.meaning(sentence, match, "fact")) is not None:
            yield Found("locality", name, *read_span(match))
    for match in sentence.matches(_PROVINCE):
        start = match.start("fact")
        of_body = _BODY.search(sentence.text.folded, max(0, start - _LONGEST_BODY), start)
        if not of_body and (name := _BARE.meaning(sentence, match, "fact")) is not None:
            yield Found("locality", name, *read_span(match))
