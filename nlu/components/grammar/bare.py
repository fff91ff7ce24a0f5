"""The small words around a bare answer: who speaks, politeness, hesitation, and the words of a correction."""

from __future__ import annotations

import re

# Single words only, so that a text can be cut into them in one way and matching stays linear.
_SMALL_WORDS = (
    "a|ah|ahh|anh|ba|bac|ben|bn|cai|chac|chau|chi|cho|chu|cua|co|con|cung|da|dinh|do|duoc|dc|e|em|gia|ha|hen|hinh|hoi|"
    "khoang|chung|la|lai|le|loai|lon|loi|luc|ma|minh|mk|moi|ms|ne|nghe|nghen|nha|nham|nhe|nhu|noi|oi|ok|oke|okie|ong|ra|"
    "roi|sai|sorry|sua|t|m|tao|that|thi|thoi|thuc|toi|tui|tuoi|u|uh|uhm|uk|um|va|vang|xin|y|nay|hien|tai|dung"
)
# Around a fact that has been read these add nothing; beside a number alone they would change what it is.
_WORDS_OF_FACTS = (
    "sinh|sn|nam|ngay|thang|thanh|lap|mo|ban|kinh|doanh|tu|vao|hon|gan|tron|du|chua|day|den|tam|duoi|tren|be|"
    "ten|mien|goi|chon|lay"
)
_DENIALS = "khong|khg|ko|k|hong|hok|phai"
_NAMED_GROUP = re.compile(r"\(\?P<\w+>")
_SEPARATOR = r"[\s,.;:!~\-()…]*"


def _any_of(words: str) -> str:
    return rf"{_SEPARATOR}(?:(?:{words})(?![a-z0-9]){_SEPARATOR})*"


# After a fact words of denial and of measure make a question: "20 tuổi được không", "20 tuổi đủ chưa".
GAP_BEFORE = re.compile(_any_of(f"{_SMALL_WORDS}|{_DENIALS}|{_WORDS_OF_FACTS}"))
GAP_AFTER = re.compile(_any_of(f"{_SMALL_WORDS}|nam|thanh|lap|mo|ban|kinh|doanh"))
# "… được không", "còn kịp không", "coi giúp": by the taxonomy facts beside these want to be judged.
REQUEST_FOR_JUDGEMENT = re.compile(
    r"(?<![a-z0-9])(?:(?:duoc|dc|dk|kip|du dieu kien)"
    r"(?: (?:mien phi|free|huong|uu dai|ten mien|(?:biz|id) ?(?:\.|cham) ?vn)){0,3} (?:hay )?"
    r"(?:khong|khg|kg|ko|k|hk|h|hong|hok|hem|hon|chua)|(?:coi|xem|kiem tra|check|xet) (?:giup|gium|ho|dum))(?![a-z0-9])"
)
# By the taxonomy this asks for the groups, whatever is told before it.
QUESTION_WHO_MAY = re.compile(
    r"(?:^|[,.;:!?] ?|(?<![a-z0-9])(?:hoi|vay|thoi|the|z) )(?:(?:nhung )?ai|doi tuong nao|nguoi nao)"
    r"(?: (?:thi|moi|la|dang))? (?:duoc|dc) (?:huong|mien phi|uu dai)(?![a-z0-9])"
)
# A lone question mark asks; a dot, a dash or blanks do nothing.
NOTHING_SAID = re.compile(r"[\s.,;:!~\-_()…'\"*]+")
# Templates, commands with arguments, scripts: written for a machine, whatever words stand in them.
FOR_A_MACHINE = re.compile(r"\{\{|\{%|\$\{|<script|<img|^/\w+\s*\{|\{\s*\"", re.IGNORECASE)


def only(fact: str, *, also_before: str = "", also_after: str = "") -> re.Pattern[str]:
    """Compile a pattern for a message that is nothing but this fact and small words.

    Another fact of its kind may stand before it where that one is denied: "không phải 20 mà 21".
    """
    also = rf"(?:(?:{also_before}) )?" if also_before else ""
    small = _any_of(f"{_SMALL_WORDS}|{_DENIALS}")
    denied = rf"(?:(?<=phai ){_NAMED_GROUP.sub('(?:', fact)}(?![a-z0-9]){small})?"
    after = _any_of(f"{_SMALL_WORDS}|{also_after}" if also_after else _SMALL_WORDS)
    return re.compile(rf"{small}{denied}{also}(?P<fact>{fact})(?![a-z0-9]){after}")
