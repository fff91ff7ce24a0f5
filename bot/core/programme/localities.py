"""Places by the names of before: which of them a text names, and what they are on a day."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeAlias

from bot.core.programme.localities_content import Localities, NewUnit
from bot.core.programme.records import Citation
from bot.core.text import fold

_ACCENT = re.compile(r"[\u0111\u0300-\u036f]")
# "hoà" and "hòa" are one word: within a syllable the tone is moved behind all letters.
_TONE_INSIDE = re.compile(r"([\u0300\u0301\u0303\u0309\u0323])([a-z\u0111\u0302\u0306\u031b]+)")
# A sign between two words parts them, as in "xã An, Phú Tân"; blanks and hyphens do not.
_WORD_OR_SIGN = re.compile(r"[\w\u0300-\u036f]+|[^\w\s–—-]")
_IN_BRACKETS = re.compile(r"(?P<name>.+) \((?P<apart_by>.+)\)")

Words: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Renamed:
    """A place that is called by a name of before, and what it is on the day that was asked about.

    `old` and `now` begin with the kind of place, except that provinces go bare and so does the `now` of a unit whose
    present kind is disputed. A district has no successor: its `now` is the province.
    """

    old: str
    now: str
    province: str
    since: date
    sources: tuple[Citation, ...]


class Gazetteer:
    """Finds places of the content by name.

    A text typed without any accent is read without them; in any other, accents count.
    """

    def __init__(self, localities: Localities) -> None:
        self._accented = _Index(localities, _accented)
        self._plain = _Index(localities, fold)

    def units_named(self, text: str, on: date) -> tuple[Renamed, ...]:
        """Give the places that a text names and that are called otherwise on the day, in the order of the text.

        Provinces are known by their bare names; districts, communes and wards only behind their kind. A name that
        several bear is told only where the text settles which is meant.
        """
        return self._index_for(text).named_in(text, on)

    def find(self, name: str, on: date) -> tuple[Renamed, ...]:
        """Give every place of that name, with or without its kind, that is called otherwise on the day."""
        return self._index_for(name).called(name, on)

    def _index_for(self, text: str) -> _Index:
        return self._accented if _ACCENT.search(unicodedata.normalize("NFD", text.lower())) else self._plain


@dataclass(frozen=True)
class _Step:
    """What a place was made into: by its kind and name, and by the name alone, about which nobody disputes."""

    since: date
    now: str
    undisputed: str
    disputed_from: date | None
    sources: tuple[Citation, ...]


@dataclass(frozen=True, eq=False)
class _Place:
    """A place of before, or one of today, which has no steps. `apart_by` tells it from others of its name."""

    level: str
    name: str
    apart_by: str | None
    formerly: str
    province: str
    steps: tuple[_Step, ...]

    def on(self, day: date) -> Renamed | None:
        steps = [step for step in self.steps if step.since <= day]
        if not steps or steps[-1].now == self.name:
            return None
        last = steps[-1]
        is_disputed = last.disputed_from is not None and last.disputed_from <= day
        return Renamed(
            old=f"{self.name} ({self.apart_by})" if self.apart_by else self.name,
            now=last.undisputed if is_disputed else last.now,
            province=self.province,
            since=last.since,
            sources=tuple(source for step in steps for source in step.sources),
        )


@dataclass
class _Node:
    """What can follow a word of a name. `is_bare`: the name that ends here has no kind before it."""

    following: dict[str, _Node] = field(default_factory=dict)
    places: list[_Place] = field(default_factory=list)
    is_bare: bool = False


class _Index:
    """All names in one way of spelling, as a tree of words."""

    def __init__(self, localities: Localities, spelled: Callable[[str], str]) -> None:
        self._spelled = spelled
        self._root = _Node()
        self._by_name: dict[Words, list[_Place]] = {}
        written = {each.kind: (each.kind, *each.short) for each in localities.kinds}
        of_provinces = [kind for each in localities.kinds if each.level == "province" for kind in written[each.kind]]
        silent = {each.old for each in localities.provinces if each.only_with_kind}
        for place in _places(localities):
            kind = next((kind for kind in written if place.name.startswith(f"{kind} ")), None)
            bare = place.name.removeprefix(f"{kind} ")
            self._by_name.setdefault(self._words(bare), []).append(place)
            for before in written[kind] if kind else of_provinces:
                words = self._words(f"{before} {bare}")
                self._by_name.setdefault(words, []).append(place)
                self._plant(words, place)
            if not kind and place.name not in silent:
                self._plant(self._words(bare), place, is_bare=True)
        of_others = [kind for each in localities.kinds if each.level != "province" for kind in written[each.kind]]
        self._owners = {self._words(each) for each in (*localities.bodies, *of_others)}
        self._longest_owner = max(map(len, self._owners))

    def named_in(self, text: str, on: date) -> tuple[Renamed, ...]:
        mentions = list(self._mentions(self._words(text)))
        surroundings = _Surroundings(mentions)
        meant = (surroundings.allowed(mention) for mention in dict.fromkeys(mentions))
        return _renamed((place for places in meant for place in _if_one_answer(places, on)), on)

    def called(self, name: str, on: date) -> tuple[Renamed, ...]:
        return _renamed(self._by_name.get(self._words(name), ()), on)

    def _words(self, text: str) -> Words:
        return tuple(_WORD_OR_SIGN.findall(self._spelled(text)))

    def _plant(self, words: Words, place: _Place, *, is_bare: bool = False) -> None:
        node = self._root
        for word in words:
            node = node.following.setdefault(word, _Node())
        node.places.append(place)
        node.is_bare = is_bare

    def _mentions(self, words: Words) -> Iterator[tuple[_Place, ...]]:
        """Yield all places that each name may mean; the longest name at a place of the text counts."""
        at = 0
        while at < len(words):
            found, end = self._longest(words, at)
            if found.places and not (found.is_bare and self._is_owned(words, at)):
                yield tuple(found.places)
                at = end
            else:
                at += 1

    def _longest(self, words: Words, at: int) -> tuple[_Node, int]:
        node = found = self._root
        end = at
        while at < len(words) and (following := node.following.get(words[at])) is not None:
            node, at = following, at + 1
            if node.places:
                found, end = node, at
        return found, end

    def _is_owned(self, words: Words, at: int) -> bool:
        """Tell whether a bare name belongs to what stands before it: a body, or a town of the province's name."""
        lengths = range(1, min(at, self._longest_owner) + 1)
        return any(words[at - length : at] in self._owners for length in lengths)


def _accented(text: str) -> str:
    return _TONE_INSIDE.sub(r"\2\1", unicodedata.normalize("NFD", text.lower()))


def _places(localities: Localities) -> Iterator[_Place]:
    """Yield every place of before, and those of today whose names are new: they keep others from being meant."""
    now_of = {each.old: each.now for each in localities.provinces}
    for province in localities.provinces:
        step = _Step(province.since, province.now, province.now, None, tuple(province.sources))
        yield _Place("province", province.old, None, province.old, province.now, (step,))
    for district in localities.districts:
        name, apart_by = _parted(district.old)
        now = now_of.get(district.province, district.province)
        step = _Step(district.until + timedelta(days=1), now, now, None, tuple(district.sources))
        yield _Place("district", name, apart_by, district.province, now, (step,))
    kinds = [each.kind for each in localities.kinds]
    old = {(name, unit.formerly): unit for unit in localities.units for name in unit.formed_from}
    for (written, formerly), unit in old.items():
        name, apart_by = _parted(written)
        steps = tuple(_step(each, kinds) for each in _chain(unit, localities.units))
        yield _Place("unit", name, apart_by, formerly, unit.province, steps)
    for unit in localities.units:
        if (unit.now, unit.formerly) not in old:
            yield _Place("unit", unit.now, None, unit.formerly, unit.province, ())


def _parted(written: str) -> tuple[str, str | None]:
    match = _IN_BRACKETS.fullmatch(written)
    return (match["name"], match["apart_by"]) if match else (written, None)


def _chain(unit: NewUnit, units: Sequence[NewUnit]) -> Iterator[NewUnit]:
    """Yield the unit and what it was called later."""
    yield unit
    for later in units:
        if later.since > unit.since and later.formerly == unit.formerly and unit.now in later.formed_from:
            yield from _chain(later, units)


def _step(unit: NewUnit, kinds: Sequence[str]) -> _Step:
    bare = next((unit.now.removeprefix(f"{kind} ") for kind in kinds if unit.now.startswith(f"{kind} ")), unit.now)
    return _Step(unit.since, unit.now, bare, unit.kind_disputed_from, tuple(unit.sources))


class _Surroundings:
    """What a text names, to tell which place of several a name means.

    A province or district that is named rules out places elsewhere; a name that several bear needs what stands in
    its brackets, or its province.
    """

    def __init__(self, mentions: Sequence[Sequence[_Place]]) -> None:
        named = {place for mention in mentions for place in mention}
        self._names = {place.name for place in named}
        self._provinces = {place.name for place in named if place.level == "province"}
        self._around = self._provinces or {
            place.formerly for place in named if place.level == "district" and not place.apart_by
        }

    def allowed(self, mention: Sequence[_Place]) -> Sequence[_Place]:
        settled = [place for place in mention if place.apart_by in self._names]
        return settled or [place for place in mention if self._allow(place)]

    def _allow(self, place: _Place) -> bool:
        if place.apart_by:
            return place.formerly in self._provinces
        return not self._around or not self._around.isdisjoint({place.formerly, place.province})


def _if_one_answer(places: Sequence[_Place], on: date) -> Sequence[_Place]:
    return places if len({each.on(on) for each in places}) == 1 else ()


def _renamed(places: Iterable[_Place], on: date) -> tuple[Renamed, ...]:
    return tuple(dict.fromkeys(renamed for place in places if (renamed := place.on(on)) is not None))
