"""Days of a year that is not told: "10/10", "ngày 10 tháng 10", "mười tháng mười"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from components.grammar.entity import Found, Sentence, read_span
from components.grammar.numbers import is_number
from components.grammar.said_dates import SAID_DAY, SAID_DIGIT, SAID_MONTH, read_said

_A_LEAP_YEAR = 2024
# "3 tháng 6 ngày" and "1 năm 2 tháng 3" measure; a year behind it makes it a date that others read.
_NO_MEASURE = r"(?![a-z0-9])(?!,? (?:nam \d|tuan|ngay|thang|ruoi|tram|nghin|ngan|trieu|dong))(?! ?/)"
_IN_WORDS = re.compile(
    rf"(?<![a-z0-9/.,\-])(?:ngay |hom )?(?:mung |mong )?(?P<fact>(?P<day>\d{{1,2}}|{SAID_DAY}|{SAID_DIGIT}) thang "
    rf"(?P<month>\d{{1,2}}|{SAID_MONTH})){_NO_MEASURE}"
)
_MEASURE = (
    r"(?:trieu|tr|k|nghin|ngan|dong|tuoi|nam|thang|ngay|tuan|gio|phut|nguoi|lan|buoc|cai|ten|phan|diem|sao|suat|dua|"
    r"cau|doi|loai|quan|cho|nha|so|may|m|km|kg|cay)"
)
_IN_SIGNS = re.compile(
    rf"(?<![a-z0-9/.,\-])(?P<fact>(?P<day>\d{{1,2}}) ?(?P<sign>[/\-.]) ?(?P<month>\d{{1,2}}))"
    rf"(?![a-z0-9]|[/.,\-]\d|/)(?! {_MEASURE}(?![a-z0-9]))"
)
_DAY_BEFORE = re.compile(
    r"(?<![a-z0-9])(?:ngay|hom|bua|mung|mong|truoc|sau|tu|den|toi|tu ngay|qua|vao|luc|han|han chot|dip|le|tet|dem|"
    r"sang|chieu|thu \w{1,4}|cn|chu nhat|date|by|on) ?,? ?$"
)
_NO_DAY_BEFORE = re.compile(
    r"(?<![a-z0-9])(?:so|so nha|nha|hem|ngo|hxh|duong|quyet dinh|qd|nghi dinh|khoan|dieu|muc|diem|ty le|khoang|chung|"
    r"tam|ap|to|khom|quan|phuong|p|q|lop|ma|phien ban|ban|version|cong van|luat|ke hoach|con so|mat) ?$"
)
_LONGEST_BEFORE = 16
# "24/7" is always, and small fractions are parts: these are days only behind a word that says so.
_NOT_ALONE = re.compile(r"24/7|[1-4]/[2-4]")


def find_days_of_year(sentence: Sentence) -> Iterator[Found]:
    """Find days without their year, as --MM-DD; 29 February counts as one."""
    for match in sentence.matches(_IN_WORDS):
        day, month = match["day"], match["month"]
        if is_number(month, sentence.typed(match, "month")) and is_number(day, sentence.typed(match, "day")):
            yield from _as_date(read_said(day), read_said(month), match)
    for match in sentence.matches(_IN_SIGNS):
        start = match.start("fact")
        before = max(0, start - _LONGEST_BEFORE), start
        is_after_word = _DAY_BEFORE.search(sentence.text.folded, *before) is not None
        may_stand_alone = (
            match["sign"] == "/"
            and not _NOT_ALONE.fullmatch(match["fact"].replace(" ", ""))
            and not _NO_DAY_BEFORE.search(sentence.text.folded, *before)
        )
        if is_after_word or may_stand_alone:
            yield from _as_date(int(match["day"]), int(match["month"]), match)


def _as_date(day: int, month: int, match: re.Match[str]) -> Iterator[Found]:
    try:
        exact = date(_A_LEAP_YEAR, month, day)
    except ValueError:
        return
    yield Found("date", f"-{exact:-%m-%d}", *read_span(match))
