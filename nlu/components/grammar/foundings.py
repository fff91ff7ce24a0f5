"""When a business was founded: a date, or how long ago."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.grammar.bare import only
from components.grammar.dates import DATE, LATEST_BIRTH_YEAR, date_span, read_date
from components.grammar.entity import Found, Sentence, read_span
from components.grammar.names import GOODS
from components.grammar.numbers import NUMBER, is_number, read_number

_FOUNDED = (
    r"(?:thanh lap|tlap|lap(?! (?:trinh|web|trang|fanpage|nick|tai khoan|ke hoach))|khai truong|ra doi|hoat dong|"
    rf"kinh doanh|buon ban|ban (?:hang|{GOODS})|mo|dang ky kinh doanh|dang ki kinh doanh|dkkd|gpkd|giay phep|"
    r"giay chung nhan|cap giay|cap phep)"
)
# "Tiêm vắc xin" folds like a shop.
_BUSINESS = (
    r"(?:cong ty|cty|doanh nghiep|dn|ho kinh doanh|hkd|cua hang|quan|shop|tap hoa|"
    r"tiem(?! (?:vac|vacxin|ngua|chung|phong|mui|thuoc)(?![a-z0-9])))"
)
_PAPER_OR_START = r"(?:giay|phep|cap|thanh lap|lap|mo|khai truong|dang ky|dang ki|hoat dong)"
# Between the founding word and the time nothing may begin a new thought or speak of the offer.
_BETWEEN = r"(?:(?!mien phi|tang|su dung|dung thu|gia han|trong vong|het han|sinh|tuoi)[^0-9?!;]){0,40}?"

_MONTHS = "(?:thang|thag|thg|th)"
_DURATION = (
    rf"(?:nua nam|{NUMBER} ?nam(?: {NUMBER} ?{_MONTHS}| ruoi)?|{NUMBER} ?{_MONTHS}(?: ruoi)?|{NUMBER} ?(?:tuan|ngay))"
)
_DURATION_PARTS = re.compile(
    rf"(?:(?P<years>{NUMBER}) ?nam(?P<half> ruoi)? ?)?(?:(?P<months>{NUMBER}) ?{_MONTHS}(?P<fortnight> ruoi)?)?"
    rf"(?:(?P<weeks>{NUMBER}) ?tuan)?(?:(?P<days>{NUMBER}) ?ngay)?"
)
_LEADING_NUMBER = re.compile(NUMBER)
# "2 năm nữa" lies ahead, "2 năm miễn phí" is the offer, "từ tháng 3 năm 2026" is a date.
_NOT_AGO = r"(?![a-z0-9])(?! (?:nua|toi|sau|dau|mien phi|su dung|\d))"
_ABOUT = (
    "hon|gan|co chung|co khoang|co|tren|duoi|khoang|chung|tam|da|chua (?:toi|den|day|duoc|du)|"
    "duoc (?:hon|gan|khoang|tam|chung)"
)
_LESS_THAN = re.compile(r"(?:duoi|chua (?:toi|den|day|duoc|du)) $")
# "sau 2 năm", "trong 2 năm", "còn 3 tháng" measure what comes.
_AHEAD = re.compile(r"(?<![a-z0-9])(?:sau|trong|them|con) $")
_LONGEST_BEFORE = len(" chua duoc ")
_MONTHS_OF_THE_LIMIT = 12

_FOUNDED_ON = re.compile(rf"(?<![a-z0-9]){_FOUNDED}(?![a-z0-9]){_BETWEEN}(?P<fact>{DATE})(?![a-z0-9/])")
_FOUNDED_AGO = re.compile(
    rf"(?<![a-z0-9])(?:{_FOUNDED}|{_BUSINESS})(?![a-z0-9]){_BETWEEN}(?<![a-z0-9])(?P<fact>{_DURATION}){_NOT_AGO}"
)
# "9 tháng rồi, hồi đó mở ở chợ"
_AGO_BEFORE_WORD = re.compile(
    rf"^(?:(?:da|thi|moi|duoc|dc|hon|gan|khoang|chung) ){{0,3}}(?P<fact>{_DURATION})"
    rf"(?: (?:a|roi|r|lan|do|gi)){{0,3}} ?, ?[^0-9?!;,]{{0,20}}(?<![a-z0-9]){_PAPER_OR_START}(?![a-z0-9])"
)
# "6/4/2026 là ngày cấp phép"
_FOUNDING_TOLD_AFTER = re.compile(
    rf"(?<![a-z0-9/.\-])(?P<fact>{DATE}) (?:moi |chinh )?la ngay (?:(?:duoc|ghi|in|tren|o|ky|trong|to) ){{0,3}}"
    rf"{_PAPER_OR_START}(?![a-z0-9])"
)
# "Hộ kinh doanh, 50 tuổi" and "chủ tiệm 47 tuổi" tell the owner's age.
_FIRM_OF_AGE = re.compile(
    rf"(?<![a-z0-9])(?<!chu ){_BUSINESS}(?![a-z0-9])[^0-9?!;,]{{0,40}}?"
    rf"(?<![a-z0-9])(?P<fact>(?P<number>{NUMBER}) tuoi)(?![a-z0-9])"
)
# "tháng 3 năm ngoái", "năm kia". "Mười năm rồi" and "hai năm trước" are durations, so these need a month.
_YEARS_BACK = {"nay": 0, "ngoai": 1, "truoc": 1, "roi": 1, "kia": 2}
_IN_MONTH = rf"(?:thang|t) ?(?P<month>{NUMBER}),? nam (?P<year_of_month>nay|ngoai|truoc|roi|kia)"
_RELATIVE = re.compile(
    rf"(?<![a-z0-9]){_FOUNDED}(?![a-z0-9])(?:(?!sinh|tuoi)[^0-9?!;,]){{0,40}}?(?<![a-z0-9])"
    rf"(?P<fact>{_IN_MONTH}|nam (?P<year>nay|ngoai|kia))(?![a-z0-9])(?!,?(?: (?:em|toi|minh|con|chau))? ?\d)"
)
_RELATIVE_ALONE = only(rf"(?:{_IN_MONTH}|nam (?P<year>ngoai|kia))", also_before="dau|giua|cuoi|hoi|tu")
_MONTHS_OF_YEAR = range(1, 13)
_DATE_ALONE = only(DATE, also_before="tu hoi|hoi|tu", also_after="lan")
_DURATION_ALONE = only(rf"{_DURATION}(?: tuoi)?", also_before=_ABOUT, also_after="gi(?= (?:do|day))|hon")


def find_foundings(sentence: Sentence) -> Iterator[Found]:
    """Find founding dates ("thành lập tháng 3 năm 2026") and founding ages ("mới mở 4 tháng", "được 2 năm").

    A date or a duration that stands alone is a founding too: the form knows whether it asked for one.
    """
    for pattern in (_FOUNDING_TOLD_AFTER, _FOUNDED_ON):
        for match in sentence.matches(pattern):
            if (date := read_date(match["fact"])) is not None:
                yield Found("founding_date", date, *date_span(match))
    for match in sentence.matches(_DATE_ALONE, whole=True):
        if (date := read_date(match["fact"])) is not None and int(date[:4]) > LATEST_BIRTH_YEAR:
            yield Found("founding_date", date, *date_span(match))
    for pattern, whole in ((_RELATIVE, False), (_RELATIVE_ALONE, True)):
        for match in sentence.matches(pattern, whole=whole):
            if (relative := _read_relative(match)) is not None:
                yield Found("founding_relative", relative, *read_span(match))
    for match in sentence.matches(_FIRM_OF_AGE):
        if is_number(match["number"], sentence.typed(match, "number")):
            yield Found("founding_age", f"P{read_number(match['number'])}Y", *read_span(match))
    for pattern, whole in ((_FOUNDED_AGO, False), (_AGO_BEFORE_WORD, False), (_DURATION_ALONE, True)):
        for match in sentence.matches(pattern, whole=whole):
            if (duration := _read_duration(sentence, match)) is not None:
                yield Found("founding_age", duration, *read_span(match))


def _read_relative(match: re.Match[str]) -> str | None:
    """Read how many years back, and the month where one was told: "1-03"; None for a month that does not exist."""
    if match["month"] is None:
        return str(_YEARS_BACK[match["year"]])
    month = read_number(match["month"])
    return f"{_YEARS_BACK[match['year_of_month']]}-{month:02}" if month in _MONTHS_OF_YEAR else None


def _read_duration(sentence: Sentence, match: re.Match[str]) -> str | None:
    """Read a duration in the form of the taxonomy; None where it only sets a limit, or is no number as typed."""
    text = match["fact"].removesuffix(" tuoi")
    before = max(0, match.start("fact") - _LONGEST_BEFORE), match.start("fact")
    if _AHEAD.search(sentence.text.folded, *before):
        return None
    if text == "nua nam":
        return "P6M"
    parts = _DURATION_PARTS.fullmatch(text)
    if parts is None:
        return None
    first_number = _LEADING_NUMBER.match(text)
    if first_number and not is_number(first_number[0], sentence.typed(match, "fact").split()[0]):
        return None
    amount = {name: read_number(parts[name]) if parts[name] else 0 for name in ("years", "months", "weeks", "days")}
    years, months = amount["years"], amount["months"] + (6 if parts["half"] else 0)
    if 12 * years + months > _MONTHS_OF_THE_LIMIT and _LESS_THAN.search(sentence.text.folded, *before):
        return None
    if amount["weeks"] or amount["days"]:
        return f"P{amount['weeks'] * 7 + amount['days']}D"
    counts = (years, "Y"), (months, "M"), (15 if parts["fortnight"] else 0, "D")
    told = "".join(f"{count}{unit}" for count, unit in counts if count)
    return f"P{told}" if years or months else None
