"""The activities of Digital Transformation Day (plan 136/KH-UBND), by the names of the taxonomy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.grammar.content import Names
from components.grammar.entity import Found, Sentence, read_span

# Every other name has its own sections of the plan; the wording is the plan's and what people make of it.
_CALLED = {
    "media": ["tọa đàm", "đối thoại về chuyển đổi số", "phim tư liệu"],
    "banners": [
        "băng rôn", "băng rôn khẩu hiệu", "băng rôn, khẩu hiệu", "băng-rôn", "bandroll", "khẩu hiệu", "treo băng rôn",
        "treo băng-rôn", "treo khẩu hiệu", "treo băng rôn khẩu hiệu",
    ],
    "workshop": ["hội thảo"],
    "exhibition": ["triển lãm", "trưng bày"],
    "infrastructure": [
        "phổ cập hạ tầng số", "hạ tầng số", "phủ sóng 4G", "phủ sóng 5G", "phủ sóng", "smartphone giá rẻ",
        "điện thoại giá rẻ",
    ],
    "online_shopping": [
        "mua sắm trực tuyến", "mua sắm online", "mua sắm qua mạng", "mua sắm trên mạng", "mua hàng trực tuyến",
        "mua hàng online", "mua hàng qua mạng", "mua hàng trên mạng", "mua bán trực tuyến", "shopping online",
    ],
    "cashless": [
        "thanh toán không dùng tiền mặt", "thanh toán không xài tiền mặt", "thanh toán không tiền mặt",
        "thanh toán ko dùng tiền mặt", "thanh toán ko tiền mặt", "thanh toán k dùng tiền mặt", "thanh toán k tiền mặt",
        "thanh toán số", "không dùng tiền mặt", "không tiền mặt", "ko tiền mặt", "ngân hàng số",
    ],
    "community_team": [
        "tổ công nghệ số cộng đồng", "tổ công nghệ cộng đồng", "tổ công nghệ số", "tổ công nghệ", "tổ CNSCĐ",
        "tổ CNS cộng đồng", "tổ CNS", "tổ cnsố", "tổ cn số", "tổ số", "tổ số cộng đồng", "đội công nghệ số",
        "đội công nghệ cộng đồng", "tổ cncđ",
    ],
    "business_forum": [
        "diễn đàn", "diễn đàn doanh nghiệp", "diễn đàn doanh nghiệp số", "diễn đàn kết nối",
        "diễn đàn kết nối doanh nghiệp", "diễn đàn kết nối doanh nghiệp công nghệ số",
        "diễn đàn kết nối doanh nghiệp công nghệ số với doanh nghiệp truyền thống",
    ],
    "honours": ["tôn vinh", "vinh danh", "khen thưởng"],
}  # fmt: skip
_NAMES = Names((called, activity) for activity, all_called in _CALLED.items() for called in all_called)
# "Tờ số 3" folds like "tổ số 3".
_ACTIVITY = re.compile(rf"(?<![a-z0-9])(?P<fact>{_NAMES.pattern})(?! \d)")
# Plan 45 has material and targets of this name too, so it is the Day's only where the message says so.
_CAMPAIGN = Names([("tuyên truyền", "media"), ("truyền thông", "media")])
_CAMPAIGN_OF_DAY = re.compile(rf"(?<![a-z0-9])(?:buoi|dot|hoat dong|phan|muc|cong tac) (?P<fact>{_CAMPAIGN.pattern})")
_DAY = re.compile(r"(?<![a-z0-9])(?:chuyen doi so|cds|10/10|10 thang 10|ngay hoi)(?![a-z0-9])")


def find_activities(sentence: Sentence) -> Iterator[Found]:
    """Find activities of the Day; the community teams are one of them, whichever plan is meant."""
    for match in sentence.matches(_ACTIVITY):
        if (activity := _NAMES.meaning(sentence, match, "fact")) is not None:
            yield Found("activity", activity, *read_span(match))
    for match in sentence.matches(_CAMPAIGN_OF_DAY):
        activity = _CAMPAIGN.meaning(sentence, match, "fact")
        if activity is not None and _DAY.search(sentence.text.folded):
            yield Found("activity", activity, *read_span(match))
