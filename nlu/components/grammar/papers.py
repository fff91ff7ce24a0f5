"""Whether a household business has its registration certificate, as the speaker tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.grammar.entity import Found, Sentence, read_span

_KINDS = r"(?: (?:chung nhan|phep|dang ky|dang ki|dk|dkkd|kinh doanh|kd))*"
_SHORT = "gpkd|dkkd"
# "Giấy tờ" may be any papers, and says something of this one only where none is missing or none is there.
_ALL_PAPERS = r"giay to(?= (?:day du|du|het|dang hoang|kinh doanh|dang ky))"
_PAPER_HELD = rf"(?:giay(?! to){_KINDS}|{_ALL_PAPERS}|{_SHORT})"
_PAPER_MISSING = rf"(?:giay(?: to)?{_KINDS}|{_SHORT})"
_REGISTERED = r"(?:dang ky|dang ki|dky)(?= (?:ho )?kinh doanh)"
_NOT = r"(?:chua|khong|ko|k|kg|hong|hok|hem|chang|chua he|khong he)"
_OTHER_PAPER = r"(?! (?:bao|moi|khai sinh|cmnd|can cuoc|ket hon|nao|khac|di duong|ve sinh|an toan|(?:phep )?lai xe))"
_NOT_ASKED = rf"(?!{_KINDS}(?: ho kinh doanh)? ?(?:khong|ko|k|hong|hok|hem|chua|gi)(?![a-z0-9])(?! (?:biet|ro)))"

# What is only supposed, needed or asked for tells nothing of the speaker's own paper.
_SUPPOSED = re.compile(r"(?<![a-z0-9])(?:neu|phai|can|lo|gia su|du|muon|de|khi)(?: (?:ma|la))? $")
_LONGEST_BEFORE = len(" gia su la ")
_MISSING = re.compile(
    rf"(?<![a-z0-9])(?P<fact>{_NOT} (?:duoc |dc )?(?:co|lam|xin|cap|ra|lay|nhan)(?: duoc| dc)? {_PAPER_MISSING}"
    rf"|{_NOT} (?:co )?{_REGISTERED}|{_NOT} giay (?:phep|to))(?![a-z0-9]){_OTHER_PAPER}"
)
_HELD = re.compile(
    r"(?<![a-z0-9])(?<!chua )(?<!khong )(?<!ko )(?<!k )(?<!kg )(?<!hong )(?<!hok )(?<!hem )(?<!duoc )(?<!dc )"
    rf"(?P<fact>(?:da |cung |van )?(?:co|du|lam|xin|duoc cap|dc cap|cap)(?: (?:du|day du|san|duoc|dc))? {_PAPER_HELD}"
    rf"|(?:da|co) {_REGISTERED}|la giay{_KINDS}(?<!giay)(?= (?:ho kinh doanh|do|a|roi)(?![a-z0-9])))"
    rf"(?![a-z0-9]){_OTHER_PAPER}{_NOT_ASKED}"
)
# "làm giấy", "xin giấy" is had only when it is done.
_UNFINISHED = re.compile(r"(?:lam|xin|cap) ")
_DONE = re.compile(r"[^.?!;]{0,40}(?<![a-z0-9])(?:roi|xong)(?![a-z0-9])")


def find_certificates(sentence: Sentence) -> Iterator[Found]:
    """Find that the certificate is there or is not: "có giấy phép", "chưa đăng ký kinh doanh"."""
    for value, pattern in (("no", _MISSING), ("yes", _HELD)):
        for match in sentence.matches(pattern):
            start, end = read_span(match)
            folded = sentence.text.folded
            if _SUPPOSED.search(folded, max(0, start - _LONGEST_BEFORE), start):
                continue
            if value == "yes" and _UNFINISHED.match(match["fact"]) and not _DONE.match(folded, end):
                continue
            yield Found("certificate", value, start, end)
