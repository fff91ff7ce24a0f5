"""The bodies of the plan, by the names in ``bot/content/agencies.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.grammar.content import Names, aliases, read_content
from components.grammar.entity import Found, Sentence, read_span

# By the taxonomy these teams are an activity of Digital Transformation Day and no body, whichever plan is meant.
_ACTIVITIES = {"Tổ Công nghệ số cộng đồng": "community_team"}

_NAMES = Names(aliases(read_content("agencies")))
# Without accents "các sở" is "các số" as well, and "bộ thông tin" is "bỏ thông tin".
_AGENCY = re.compile(
    rf"(?<![a-z0-9])(?P<fact>{_NAMES.pattern})"
    r"(?! (?:dien thoai|dt|lieu|may|tai khoan|hieu|luong|cua (?:em|toi|minh|tui|con|chau)|ca nhan)(?![a-z0-9]))"
)


def find_agencies(sentence: Sentence) -> Iterator[Found]:
    """Find bodies, each by the name in the plan: "sở khoa học" is "Sở Khoa học và Công nghệ"."""
    for match in sentence.matches(_AGENCY):
        name = _NAMES.meaning(sentence, match, "fact")
        if name is None:
            continue
        if name in _ACTIVITIES:
            yield Found("activity", _ACTIVITIES[name], *read_span(match))
        else:
            yield Found("agency", name, *read_span(match))
