"""Codes that a message points at: the reference of a request and the check code of a bulletin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.grammar.entity import Found, Sentence, read_span
from components.grammar.spelled import SIGN, spell

# "hd" is short for "hướng dẫn" as well ("hd minh dang ky"), so without its dashes a reference has to look like one:
# each half holds a digit, or no vowel.
_HALF = r"[a-z0-9]{4}"
_MADE_UP_HALF = r"(?=[a-z]{0,3}\d|[bcdfghjklmnpqrstvwxz]{4})[a-z0-9]{4}"
_GAP = r" ?[\-–_.]? ?"
_REFERENCE = re.compile(
    rf"(?<![a-z0-9])(?P<fact>hd(?: ?[\-–] ?(?P<first>{_HALF}) ?[\-–] ?(?P<second>{_HALF})"
    rf"|{_GAP}(?P<made_up_first>{_MADE_UP_HALF}){_GAP}(?P<made_up_second>{_MADE_UP_HALF})))(?![a-z0-9\-])"
)
_SAID_REFERENCE = re.compile(rf"(?<![a-z0-9])(?P<fact>(?:hat de|h d)(?P<signs>(?: {SIGN}){{8}}))")

_ABOUT_CODE = (
    r"(?:ma|code|check code)(?: (?:kiem tra|ban tin|thong bao|cuoi|cuoi cung|o cuoi|tin|xac minh|tra cuu|so|ghi))*"
    r"(?: (?:nay|do|la|thi))*"
)
# Letters and digits mixed, so that no word is taken for a code; read aloud or copied from paper it may be in halves.
_BREAK = re.compile(r"[ \-]")
# TT02 and TT03 are shelves of material.
_MIXED = r"(?!tt0\d(?![a-z0-9]))(?=[a-z]*\d)(?=\d*[a-z])"
_CODE = rf"(?:{_MIXED}[a-z0-9]{{4,8}}|{_MIXED}[a-z0-9]{{3}}[ \-]{_MIXED}[a-z0-9]{{3}}(?![a-z0-9]))"
_CHECK_CODE = re.compile(rf"(?<![a-z0-9]){_ABOUT_CODE} ?:? ?[\"'“‘(]?(?P<fact>{_CODE})(?![a-z0-9\-])")
# Without a word before it only what nothing else looks like: six signs, no vowel that VNI or teencode would put between
# digits, and more of both kinds than a price has.
_BARE = r"[bcdfghjklmnpqrstvwxyz0-9]"
_CHECK_CODE_ALONE = re.compile(
    rf"(?<![a-z0-9.\-/@])(?P<fact>{_BARE}{{6}}|{_BARE}{{3}}-{_BARE}{{3}})(?![a-z0-9\-@]|\.[a-z0-9])"
)
# With a blank between its halves it has to be the whole message: both halves mixed, or of the signs that our codes are
# made of. "hkd 23t" tells an age, as does "2k3 23t"; behind any other half that is mixed, "93t" is half a code.
_OURS = "[cdfhjkmnpqrtvwx2346789]{3}"
_OURS_MIXED = rf"(?!2k)(?=[a-z]*\d)(?=\d*[a-z]){_OURS}"
_MIXED_HALF = rf"(?=[a-z]*\d)(?=\d*[a-z]){_BARE}{{3}}"
_CHECK_CODE_IN_HALVES = re.compile(
    rf"\s*(?P<fact>(?:{_OURS} (?!\d\d[tn]){_OURS}|{_MIXED_HALF} (?!\d\d[tn]){_MIXED_HALF}|{_OURS_MIXED} {_OURS}))"
    r"[\s.?!]*"
)
_FEWEST_DIGITS = 2
_FEWEST_LETTERS = 3
_SAID_CHECK_CODE = re.compile(rf"(?<![a-z0-9])(?:{_ABOUT_CODE}|chu cuoi(?: la)?)(?P<fact>(?P<signs>(?: {SIGN}){{6}}))")


def find_codes(sentence: Sentence) -> Iterator[Found]:
    """Find the reference of a request, as HD-XXXX-XXXX, and the check code of a bulletin, both in capitals.

    They may be typed loosely ("hd 2b7k 9xtr", "5yn-tk2") or read out letter by letter ("ca bảy em bốn quy ích").
    """
    for match in sentence.matches(_REFERENCE):
        first, second = (match[name] or match[f"made_up_{name}"] for name in ("first", "second"))
        if not (first + second).isalpha() and not (first + second).isdigit():
            yield Found("reference", f"HD-{first}-{second}".upper(), *read_span(match))
    for match in sentence.matches(_SAID_REFERENCE):
        signs = spell(match["signs"])
        if _has_digits(signs):
            yield Found("reference", f"HD-{signs[:4]}-{signs[4:]}", *read_span(match))
    for match in sentence.matches(_CHECK_CODE):
        yield Found("check_code", _BREAK.sub("", match["fact"]).upper(), *read_span(match))
    for match in (*sentence.matches(_CHECK_CODE_ALONE), *sentence.matches(_CHECK_CODE_IN_HALVES, whole=True)):
        signs = _BREAK.sub("", match["fact"])
        if _has_digits(signs) and sum(map(str.isalpha, signs)) >= _FEWEST_LETTERS:
            yield Found("check_code", signs.upper(), *read_span(match))
    for match in sentence.matches(_SAID_CHECK_CODE):
        signs = spell(match["signs"])
        if _has_digits(signs):
            yield Found("check_code", signs, match.start("signs") + 1, match.end("signs"))


def _has_digits(signs: str) -> bool:
    return sum(map(str.isdigit, signs)) >= _FEWEST_DIGITS
