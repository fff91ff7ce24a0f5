"""Ages and dates of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.grammar.bare import only
from components.grammar.dates import DATE, LATEST_BIRTH_YEAR, date_span, read_date
from components.grammar.entity import Found, Sentence, read_span
from components.grammar.numbers import NUMBER, SHORT_NUMBER, is_number, read_number

AGES_WITHOUT_A_WORD = range(5, 111)

# "Chủ đề năm 2026" folds like a birth.
_BORN = r"(?:sinh nam|sinh ngay|sinh vao|nam sinh|ngay sinh|sinh (?:doi|ba)|sinh|sn|(?<!chu )(?<!van )(?<!tieu )de nam)"
# One run of blanks is read by one quantifier: two side by side try every way to share it, and a long run stops a turn.
_COLON = r"\s*(?::\s*)?"
_BIRTH = re.compile(rf"(?<![a-z0-9]){_BORN}(?: cua (?:em|toi|minh|con))?(?: la)?{_COLON}(?P<fact>{DATE})(?![a-z0-9/])")
_BIRTH_YEAR_AS_AGE = re.compile(r"(?<![a-z0-9])tuoi (?P<fact>(?:19|20)\d\d)(?![a-z0-9/.\-])")
_BIRTH_TOLD_AFTER = re.compile(
    rf"(?<![a-z0-9/.\-])(?P<fact>{DATE}) (?:moi |chinh )?la (?:ngay (?:thang )?(?:nam )?sinh|nam sinh|sinh nhat)"
    r"(?![a-z0-9])"
)
_BIRTH_SHORT = re.compile(rf"(?<![a-z0-9]){_BORN}(?: la)?{_COLON}(?P<fact>\d\d)(?![a-z0-9/.\-])(?! (?:thang|tuoi))")
_BIRTH_TEENCODE = re.compile(r"(?<![a-z0-9])(?P<fact>2k(?P<year>\d\d?))(?![a-z0-9])")
_BIRTH_ALONE = only(DATE)

_BIRTHDAYS = (
    ("to_come", re.compile(r"(?<![a-z0-9])(?:chua|khong|ko|hong) (?:toi|den|qua) (?:ngay )?sinh nhat(?![a-z0-9])")),
    (
        "to_come",
        re.compile(r"(?<![a-z0-9])sinh nhat(?: (?:em|e|toi|minh|tui|con|chau|no|thi)){0,2} chua (?:toi|den|qua)"),
    ),
    ("past", re.compile(r"(?<![a-z0-9])(?<!chua )(?:qua|het|toi) (?:ngay )?sinh nhat (?:roi|luon)(?![a-z0-9])")),
    (
        "past",
        re.compile(r"(?<![a-z0-9])sinh nhat(?: (?:em|e|toi|minh|tui|con|chau|no|thi|da)){0,2} (?:qua|toi) (?:roi|lau)"),
    ),
)

# "dưới 18 tuổi", "đến 23 tuổi", "hơn 20 tuổi" set a limit and tell nobody's age; "tôi 20" folds like "tới 20".
_NO_LIMIT = r"(?<!duoi )(?<!tren )(?<!hon )(?<!gan )(?<!den )(?<!tu )(?<!chua du )"
_RANGE = re.compile(r"(?<!\d)\d{1,3}\s*(?:-|–|den|toi)\s*\d{1,3}\s*(?:tuoi|t(?![a-z]))")
_AGE = re.compile(rf"(?<![a-z0-9.,/\-]){_NO_LIMIT}(?P<fact>(?P<number>{SHORT_NUMBER}|{NUMBER})\s?tuoi)(?![a-z0-9])")
_AGE_SHORT = re.compile(rf"(?<![a-z0-9.,/\-]){_NO_LIMIT}(?P<fact>(?P<number>\d\d)\s?t)(?![a-z0-9])")
_AGE_AFTER_WORD = re.compile(
    r"(?<![a-z0-9])tuoi(?: (?:cua )?(?:em|toi|minh|tui|con|chau))?\s*(?:(?:la|:|=)\s*)?"
    r"(?P<fact>(?P<number>\d{1,3}))(?![a-z0-9/.\-])"
)
_MEASURE = r"(?:thang|nam|ngay|tuan|gio|phut|nghin|ngan|trieu|dong|nguoi|cai|ten|lan|k|d|tr|m|t|phan tram)"
_AGE_OF_SPEAKER = re.compile(
    r"(?<![a-z0-9])(?:em|e|toi|minh|tui|con|chau|be|con trai|con gai|no)"
    r"(?: (?:nay|moi|la|duoc|dc|tron|da|nam nay)){0,3} "
    rf"(?P<fact>(?P<number>\d\d))(?![a-z0-9]|[/.,:%\-]+[a-z0-9])(?!\s*{_MEASURE}(?![a-z0-9]))"
)
# "3 tháng nữa em đủ 18 tuổi", "khi tròn 18 tuổi": an age to come.
_AHEAD = re.compile(
    r"(?<![a-z0-9])(?:(?:thang|nam|ngay|tuan) nua|sang nam|nam sau|nam toi|sap|chung nao|bao gio|khi(?: nao)?)"
    r"(?:,? (?:em|e|toi|minh|tui|con|chau|be|no|thi|la|moi|se|duoc|dc|du|tron|vua)){0,4} $"
)
# "chưa tới 18 tuổi", "không đủ 18", "hụt 18": an age not reached. "được chưa, 20 tuổi" only asks before it tells.
_REACHES = "toi|den|du|duoc|dc|dk|tron|day|len|qua|vuot|bang"
_NOT_REACHED = re.compile(
    rf"(?<![a-z0-9])(?:(?<!duoc )(?<!dc )(?<!dk )(?<!kip )(?:chua|chwa)(?: (?:{_REACHES}))?"
    rf"|(?:khong|khg|kg|ko|k|hong|hok|hem) (?:toi|den|du|tron|day|len|qua|vuot)|hut|thieu|duoi)(?: tuoi)? $"
)
_LONGEST_BEFORE = 40
_AGE_ALONE = only(rf"(?P<number>{NUMBER})")


def find_birth_dates(sentence: Sentence) -> Iterator[Found]:
    """Find a date or year of birth: "sn 2006", "sinh ngày 15/3/2006", "2k6", or alone a year too old for a new firm."""
    for pattern in (_BIRTH_TOLD_AFTER, _BIRTH, _BIRTH_YEAR_AS_AGE):
        for match in sentence.matches(pattern):
            if (value := read_date(match["fact"])) is not None:
                yield Found("birth_date", value, *date_span(match))
    for match in sentence.matches(_BIRTH_SHORT):
        year = int(match["fact"])
        century = 1900 if year > LATEST_BIRTH_YEAR % 100 else 2000
        yield Found("birth_date", str(century + year), *read_span(match))
    for match in sentence.matches(_BIRTH_TEENCODE):
        yield Found("birth_date", str(2000 + int(match["year"])), *read_span(match))
    for match in sentence.matches(_BIRTH_ALONE, whole=True):
        if (value := read_date(match["fact"])) is not None and int(value[:4]) <= LATEST_BIRTH_YEAR:
            yield Found("birth_date", value, *date_span(match))


def find_birthdays(sentence: Sentence) -> Iterator[Found]:
    """Find whether this year's birthday is past: "qua sinh nhật rồi", "sinh nhật em chưa tới"."""
    for value, pattern in _BIRTHDAYS:
        for match in sentence.matches(pattern):
            yield Found("birthday", value, *read_span(match))


def find_ages(sentence: Sentence) -> Iterator[Found]:
    """Find ages in years, as integers: "20 tuổi", "19t", "tôi 20", or a number alone."""
    in_range = bytearray(len(sentence.text.folded))
    for match in _RANGE.finditer(sentence.text.folded):
        in_range[slice(*match.span())] = b"\1" * (match.end() - match.start())
    for pattern in (_AGE, _AGE_SHORT, _AGE_AFTER_WORD, _AGE_OF_SPEAKER):
        for match in sentence.matches(pattern):
            start, end = read_span(match)
            if any(in_range[start:end]) or _is_not_of_now(sentence, start, match.start("number")):
                continue
            if is_number(match["number"], sentence.typed(match, "number")):
                yield Found("age", read_number(match["number"]), start, end)
    for match in sentence.matches(_AGE_ALONE, whole=True):
        # One word such as "ba" or "chín" is too often no number; "hai mươi" is one.
        plain = match["number"].isdigit() or " " in match["number"]
        is_told = plain and not _is_not_of_now(sentence, match.start("number"))
        if is_told and read_number(match["number"]) in AGES_WITHOUT_A_WORD:
            yield Found("age", read_number(match["number"]), *read_span(match))


def _is_not_of_now(sentence: Sentence, *starts: int) -> bool:
    """Tell whether what stands before an age says that it is to come, or not reached."""
    folded = sentence.text.folded
    return any(
        said.search(folded, max(0, start - _LONGEST_BEFORE), start)
        for start in starts
        for said in (_AHEAD, _NOT_REACHED)
    )
