"""The bodies of the plans, by the names in ``bot/content/agencies.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.grammar.content import Names, aliases, read_content
from components.grammar.entity import Found, Sentence, read_span

# By the taxonomy these teams are an activity of Digital Transformation Day and no body, whichever plan is meant.
_ACTIVITIES = {"Tổ Công nghệ số cộng đồng": "community_team"}

# The content holds the bodies of plan 45/KH-UBND; these stand in plan 136/KH-UBND only, by its names.
_OF_THE_DAY = {
    "Sở Thông tin và Truyền thông": ["Sở TT&TT", "Sở TTTT", "Sở TT-TT", "Sở 4T", "sở thông tin"],
    "Sở Kế hoạch và Đầu tư": ["Sở KH&ĐT", "Sở KHĐT", "Sở KH-ĐT", "sở kế hoạch đầu tư", "sở kế hoạch"],
    "Sở Nội vụ": ["Sở NV"],
    "Ngân hàng Nhà nước chi nhánh tỉnh Bắc Giang": ["Ngân hàng Nhà nước", "NHNN"],
    "Kho bạc Nhà nước tỉnh": ["Kho bạc Nhà nước", "kho bạc tỉnh"],
    "Báo Bắc Giang": [],
    "Đài Phát thanh và Truyền hình tỉnh": ["Đài Phát thanh và Truyền hình Bắc Giang", "Đài Bắc Giang"],
    "Hội Tin học tỉnh": ["Hội Tin học"],
    "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh": ["Ủy ban Mặt trận Tổ quốc", "Mặt trận Tổ quốc", "MTTQ", "Ủy ban MTTQ"],
    "VNPT Bắc Giang": [],
    "Viettel Bắc Giang": [],
    "MobiFone Bắc Giang": [],
    "Bưu điện tỉnh": [],
}  # fmt: skip
_DEPARTMENT = re.compile(r"Sở (?P<initials>[A-ZĐ]{2,}(?:[&\-][A-ZĐ]+)*)")


def _called() -> Iterator[tuple[str, str]]:
    """Give every way to call a body and its name: as it is spelled, without "và" and commas, and "SKHCN" in one."""
    known = list(aliases(read_content("agencies")))
    known += [(called, name) for name, others in _OF_THE_DAY.items() for called in (name, *others)]
    yield from known
    for called, name in known:
        yield called.replace(" và ", " "), name
        yield called.replace(",", ""), name
        yield called.replace(" và ", " ").replace(",", ""), name
        if department := _DEPARTMENT.fullmatch(called):
            yield f"S{department['initials']}", name
        yield called.replace("&", " & "), name
        if name.endswith(" tỉnh"):
            yield f"{called} tỉnh", name


_NAMES = Names(_called())
# These are whoever one turns to, and bodies of the plan only where its duties are asked for: "nhà đăng ký nào rẻ".
_CALLED_BY_TRADE = frozenset(
    {
        "Các nhà đăng ký tên miền “.vn”",
        "Các doanh nghiệp viễn thông",
        "Quầy dịch vụ hành chính công - một cửa",
    }
)
_DUTY = re.compile(
    r"(?<![a-z0-9])(?:nhiem vu|trach nhiem|(?:duoc|dc) giao|giao cho|phan cong|vai tro|chu tri|phoi hop|phu trach|"
    r"dam nhan|phai lam|lam (?:gi|j|nhung gi)|lo (?:viec|khau|phan|gi)|ke hoach)(?![a-z0-9])"
)
# Without accents "các sở" is "các số" as well, and "bộ thông tin" is "bỏ thông tin".
_AGENCY = re.compile(
    # Who studies at a college tells of themselves: "con tôi học cao đẳng nghề".
    rf"(?<![a-z0-9])(?!(?<=hoc )(?:cao dang|cd) )(?P<fact>{_NAMES.pattern})"
    r"(?! (?:dien thoai|dt|lieu|may|tai khoan|hieu|luong|cua (?:em|toi|minh|tui|con|chau)|ca nhan)(?![a-z0-9]))"
)


def find_agencies(sentence: Sentence) -> Iterator[Found]:
    """Find bodies, each by the name in the plan: "sở khoa học" is "Sở Khoa học và Công nghệ"."""
    asks_duty = _DUTY.search(sentence.text.folded) is not None
    for match in sentence.matches(_AGENCY):
        name = _NAMES.meaning(sentence, match, "fact")
        if name is None or (name in _CALLED_BY_TRADE and not asks_duty):
            continue
        if name in _ACTIVITIES:
            yield Found("activity", _ACTIVITIES[name], *read_span(match))
        else:
            yield Found("agency", name, *read_span(match))
