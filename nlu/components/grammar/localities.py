"""Places, by the names of ``bot/content/localities.yaml``, old and new."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.folding import fold
from components.grammar.bare import only
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
_DISTRICTS = Names(
    (name, name) for name in sorted({_without_kind(each["old"]) for each in _LOCALITIES["districts"]}) if " " in name
)
_KNOWN_UNITS = Names((name, name) for name in sorted(_UNITS))
# Typed small and without accents these are other words: "quang cao bang so", "xe may dien bien so".
_OTHER_WORDS = frozenset({"cao bang", "dien bien"})
# "Đại học Trà Vinh" and "Báo Trà Vinh" are bodies.
_BODY = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(fold(body).folded for body in _LOCALITIES['bodies'])}) $")
_LONGEST_BODY = max(map(len, _LOCALITIES["bodies"])) + len("  ")

_PLACE_AFTER_KIND = re.compile(
    rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, _KINDS))}) ?(?<![a-z])(?P<fact>{_AFTER_KIND.pattern})"
)
# Communes and districts share their names with shops and words, so without their kind they are believed behind a word
# of place only; typed small and without accents only districts are, behind words that hardly mean anything else there.
_PLACE_WORDS = (
    "o|tai|que|ve|tu|ben|duoi|gan|cho|di|den|toi|len|xuong|vung|khu|khu vuc|thon|ap|dia ban|tro|nguoi|dan|ba con|"
    "vai thieu|in|at|from"
)
_PLACE_AFTER_WORD = re.compile(rf"(?<![a-z0-9])(?:{_PLACE_WORDS}) (?P<fact>{_KNOWN_UNITS.pattern})")
_DISTRICT_AFTER_WORD = re.compile(rf"(?<![a-z0-9])(?:o|tai|que|ben|cho) (?P<fact>{_DISTRICTS.pattern})")
_PLACE_ALONE = only(_KNOWN_UNITS.pattern)
_PROVINCE = re.compile(rf"(?<![a-z0-9])(?P<fact>{_BARE.pattern})")


def find_localities(sentence: Sentence) -> Iterator[Found]:
    """Find places, without their kind and in full accents.

    Provinces stand anywhere, communes and districts behind their kind, behind a word of place ("ở Cầu Kè"), or alone.
    """
    for match in sentence.matches(_PLACE_AFTER_KIND):
        # "Tính tháng sau" folds like "tỉnh Thắng sau".
        is_word = " " not in match["fact"] and sentence.typed(match, "fact") == match["fact"]
        if not is_word and (name := _AFTER_KIND.meaning(sentence, match, "fact")) is not None:
            yield Found("locality", name, *read_span(match))
    for match in sentence.matches(_PROVINCE):
        start = match.start("fact")
        of_body = _BODY.search(sentence.text.folded, max(0, start - _LONGEST_BODY), start)
        is_word = match["fact"] in _OTHER_WORDS and sentence.typed(match, "fact") == match["fact"]
        if not (of_body or is_word) and (name := _BARE.meaning(sentence, match, "fact")) is not None:
            yield Found("locality", name, *read_span(match))
    for match in (*sentence.matches(_PLACE_AFTER_WORD), *sentence.matches(_PLACE_ALONE, whole=True)):
        if _is_spelled_as_name(sentence, match) and (name := _KNOWN_UNITS.meaning(sentence, match, "fact")) is not None:
            yield Found("locality", name, *read_span(match))
    for match in sentence.matches(_DISTRICT_AFTER_WORD):
        if (name := _DISTRICTS.meaning(sentence, match, "fact")) is not None:
            yield Found("locality", name, *read_span(match))


def _is_spelled_as_name(sentence: Sentence, match: re.Match[str]) -> bool:
    """Tell whether every word has its capital, or some have their accents; a name of one word needs both."""
    typed = sentence.typed(match, "fact")
    has_capitals = all(word[0].isupper() for word in typed.split())
    has_accents = typed.lower() != match["fact"]
    return has_capitals and has_accents if " " not in match["fact"] else has_capitals or has_accents
