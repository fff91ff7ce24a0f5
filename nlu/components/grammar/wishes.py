"""Wished names of the Internet as they are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from components.grammar.entity import Found, Sentence, read_span

_LABEL = r"[a-z0-9_\-]+"
_ENDINGS = "vn|com|net|org|info|shop|xyz|store|online|site|asia|io|me|co"
_UNDER_VN = "id|biz|com|net|org|edu|gov|name|info|pro|io|ai|health|int|ac|ap|ad|on"
# An address within a letter's address ("info@quanbaba.biz.vn") is no name that is asked about.
_FULL_NAME = re.compile(
    rf"(?<![a-z0-9@_.\-])(?:www\.)?(?P<fact>(?P<wish>(?:{_LABEL}\.)+?)"
    rf"(?:(?:{_UNDER_VN})\.)?(?:{_ENDINGS}))"
    r"(?![a-z0-9_\-@])(?!\.[a-z0-9])"
)
_KINDS_OF_NAMES = re.compile(rf"(?:{_UNDER_VN})\.")
# "tên miền.vn" lacks a blank and names nothing.
_WORD_BEFORE_ENDING = re.compile(r"(?:mien|duoi|dung|xai|ky|gia|ten|va|hay|voi|co|la|cai)\.")

# One syllable of Vietnamese without accents. What is none, and no word from elsewhere, was made up: "quanbaba".
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdghklmnpqrstvxz])?[aeiouy]{1,3}(?:ch|nh|ng|[cmnpt])?", re.ASCII
)
_WORDS_FROM_ELSEWHERE = frozenset(
    ["address", "android", "blog", "check", "chrome", "client", "cloud", "cloudflare", "company", "dnssec", "domain",
     "domains", "email", "e-mail", "facebook", "fanpage", "github", "google", "gmail", "homepage", "hosting", "https",
     "hotline", "instagram", "internet", "iphone", "lazada", "login", "marketing", "messenger", "mobifone", "offline",
     "online", "outlook", "pavietnam", "private", "profile", "public", "registrar", "samsung", "server", "shopee",
     "shopify", "startup", "subdomain", "support", "tenten", "tiktok", "vietnam", "viettel", "vinahost", "vinaphone",
     "vnnic", "vneid", "website", "web-site", "whois", "wordpress", "youtube"]
)  # fmt: skip
_SHORTEST_BARE_NAME = 5
_BARE_NAME = re.compile(
    r"(?<![a-z0-9])(?:ten mien|ten|domain|dat la|lay la)(?: (?:la|ten|nay|moi|rieng|cua (?:toi|em|minh|tui|quan)))?"
    rf"(?: ?: ?| )[\"'“‘]?(?P<fact>{_LABEL})(?![a-z0-9_\-@]|\.[a-z0-9])"
)


def find_domain_names(sentence: Sentence) -> Iterator[Found]:
    """Find wished names, in lower case and with the accents typed: in full anywhere, bare behind "tên" or "tên miền".

    The kinds of name themselves (id.vn, com.vn) are products.
    """
    for match in sentence.matches(_FULL_NAME):
        if not _KINDS_OF_NAMES.fullmatch(match["wish"]) and not _WORD_BEFORE_ENDING.fullmatch(match["wish"]):
            yield Found("domain_name", _as_typed(sentence, match), *read_span(match))
    for match in sentence.matches(_BARE_NAME):
        if is_made_up(match["fact"]):
            yield Found("domain_name", _as_typed(sentence, match), *read_span(match))


def is_made_up(word: str) -> bool:
    """Tell whether a folded word is neither one of Vietnamese nor one that everybody writes: "quanbaba"."""
    parts = [part for part in word.split("-") if part]
    return (
        len(word) >= _SHORTEST_BARE_NAME
        and not word.replace("-", "").isdigit()
        and word not in _WORDS_FROM_ELSEWHERE
        and (len(parts) > 1 or not _SYLLABLE.fullmatch(word))
    )


def _as_typed(sentence: Sentence, match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", sentence.typed(match, "fact")).lower()
