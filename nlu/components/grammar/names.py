"""Products (which kind of name) and subjects (who it is for)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from components.grammar.content import may_be
from components.grammar.entity import Found, Sentence, read_span

# A full name such as quanbaba.biz.vn is somebody's name and no product, so nothing may be glued to either side.
_ALONE_BEFORE = r"(?<![a-z0-9@_\-])(?<![a-z0-9]\.)"
_ALONE_AFTER = r"(?![a-z0-9_\-@])(?!\.[a-z0-9])"
_DOT = r"(?:\s?\.\s?|\s(?:cham|dot)\s|\s|)"
_OTHER_ENDINGS = "io|name|pro|info|ai|edu|gov|net|org|health|int|ac|ap|ad|on"

_PRODUCTS = (
    ("id.vn", re.compile(rf"{_ALONE_BEFORE}\.?id{_DOT}vn{_ALONE_AFTER}")),
    ("biz.vn", re.compile(rf"{_ALONE_BEFORE}\.?biz{_DOT}vn{_ALONE_AFTER}")),
    ("com.vn", re.compile(rf"{_ALONE_BEFORE}\.?com{_DOT}vn{_ALONE_AFTER}")),
    ("other", re.compile(rf"{_ALONE_BEFORE}\.?(?:{_OTHER_ENDINGS})\.vn{_ALONE_AFTER}")),
    ("other", re.compile(rf"{_ALONE_BEFORE}(?:\.(?:com|net|org|info|shop|xyz|store|online)|cham com){_ALONE_AFTER}")),
    (".vn", re.compile(rf"{_ALONE_BEFORE}(?:\.vn|(?:cham|dot) vn){_ALONE_AFTER}")),
    ("biz.vn", re.compile(rf"{_ALONE_BEFORE}\.?biz{_ALONE_AFTER}")),
    ("id.vn", re.compile(rf"(?:cai|con|duoi|goi|loai|ten mien|dang ky|muon|lay|chon) (?P<fact>\.?id){_ALONE_AFTER}")),
)

_SPEAKER = "em|toi|minh|tui|con|chau|anh|chi|nha|ba|me|ong|gia dinh"
GOODS = (
    "an|hu tieu|mi|com|pho|bun|chao|nuoc|ca phe|cafe|cf|nhau|tra sua|chay|nho|net|oc|lau|tap hoa|vang|banh|toc|"
    "thuoc|may|giay|hoa|sua|dien|quan ao|cam do|nail|giat|photo|sach"
)
"""What small businesses sell or do, as it stands behind "quán", "tiệm" and "bán"."""
_COUNTRIES = "han quoc|nhat ban|trung quoc|dai loan|hoa ky|an do|thai lan|campuchia|malaysia|singapore|indonesia"
# "Tên miền nước ngoài", "ra nước ngoài" speak of a place; "dữ liệu cá nhân", "trang cá nhân" of things of one's own.
_NO_PLACE = "".join(f"(?<!{word} )" for word in ("mien", "hay", "hon", "ra", "o", "di", "tu", "hang"))
_NO_THING = "".join(
    f"(?<!{word} )" for word in ("lieu", "data", "tin", "trang", "web", "blog", "email", "khoan", "so", "vinh")
)
_SUBJECTS = (
    ("foreigner", rf"nguoi nuoc ngoai|ng nuoc ngoai|foreigner|{_NO_PLACE}nuoc ngoai"),
    # "nguoi lao (dong)" and "nguoi my" are mostly no nationality, so only names of two syllables stand behind "nguoi".
    ("foreigner", rf"quoc tich (?!(?:viet|vn|gi|nao|khac|thi|co|khong|la)\b)[a-z]+|(?:nguoi|ng) (?:{_COUNTRIES})"),
    (
        "household_business",
        r"ho kinh doanh(?: ca the)?|ho kd|hkd|ho ca the|ho buon ban|kinh doanh ca the|kinh doanh ho",
    ),
    ("household_business", r"cua hang|cua tiem|(?:tiem |quan |cua hang )?tap hoa|sap(?: cho| hang)|quay hang"),
    ("enterprise", r"cong ty|cty|c\.ty|cti|doanh nghiep|dn|dnghiep|startup|(?<!ty )tnhh|xi nghiep"),
    ("student", r"(?:tan )?sinh vien|sv|svien|(?:du )?hoc sinh"),
    ("organisation", r"hop tac xa|htx|co quan nha nuoc|co quan|hiep hoi"),
    # "Lên ủy ban hỏi", "ủy ban bảo vậy" name it as an authority and not as who asks.
    ("organisation", r"(?:la|cho|ben) (?P<fact>uy ban|ubnd)"),
    ("organisation", r"(?:la|cho|cac|mot|nhung) (?P<fact>to chuc)"),
    ("citizen", rf"(?<!chi )(?<!hay )cong dan(?: (?:viet nam|vn))?|nguoi dan|{_NO_THING}ca nhan"),
)
_VIETNAMESE = re.compile(
    r"(?<![a-z0-9])(?<!can )(?<!can co )(?<!phai co )(?P<fact>(?:nguoi|ng|quoc tich) (?:viet nam|viet|vn))(?![a-z0-9])"
)
_COMPILED_SUBJECTS = tuple((value, re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])")) for value, words in _SUBJECTS)

# "Của hãng nào" (of which firm) folds like it.
_STORE, _STORE_SPELLED = "cua hang", "cửa hàng"
# Folded, "quan" is also quận, quân, quan trọng, and "tiem" is also tiêm, tiềm. With its accent the word is believed; in
# a message without any accent only beside a word that says what is sold or whose it is.
_SHOP_WORDS = {"quan": {"quán"}, "tiem": {"tiệm"}, "shop": {"shop"}}
_SHOP = re.compile(r"(?<![a-z0-9])(?:quan|tiem|shop)(?![a-z0-9])")
_SHOP_BEFORE = re.compile(r"(?:mo|co|chu|ba chu|cua) $")
# "Hi shop ơi", "giá bao nhiêu vậy shop" speak to somebody, and Zalo and TikTok have shops of their own.
_SHOP_SPOKEN_TO = re.compile(r" oi(?![a-z0-9])|[\s.,!?]*$")
_SHOP_OF_PLATFORM = re.compile(r"(?<![a-z0-9])(?:zalo|tiktok|hi|hello|chao|alo) $")
# "Tên quán đặt sao", "ghé quán ăn trưa", "mấy quán gần đây": the shop is the place or the topic, not who asks.
_SHOP_SPOKEN_OF = re.compile(
    r"(?<![a-z0-9])(?:ten|toi|den|ghe|qua|vo|vao|ngoi|moi|may|nhieu|cac|nhung|(?:\d+|hai|ba|bon|nam) cai) $"
)
_OWN_SHOP = re.compile(rf"[^.,;?!]{{0,16}}? (?:(?:cua|nha) )*(?:{_SPEAKER})(?![a-z0-9])")
_LONGEST_BEFORE = len(" tiktok ")
_SHOP_AFTER = re.compile(rf" (?:(?:{GOODS})|(?:cua )?(?:{_SPEAKER}))(?![a-z0-9])")


def find_products(sentence: Sentence) -> Iterator[Found]:
    """Find which kinds of name are spoken of: ``id.vn``, "id chấm vn", "idvn", "cái biz"."""
    for value, pattern in _PRODUCTS:
        for match in sentence.matches(pattern):
            yield Found("product", value, *read_span(match))


def find_nationalities(sentence: Sentence) -> Iterator[Found]:
    """Find that somebody is Vietnamese; who is not, is the subject ``foreigner``."""
    for match in sentence.matches(_VIETNAMESE):
        yield Found("nationality", "vn", *read_span(match))


def find_subjects(sentence: Sentence) -> Iterator[Found]:
    """Find who the name is for."""
    for value, pattern in _COMPILED_SUBJECTS:
        for match in sentence.matches(pattern):
            if match[0] != _STORE or may_be(sentence.typed(match), _STORE_SPELLED):
                yield Found("subject", value, *read_span(match))
    for match in sentence.matches(_SHOP):
        if _is_shop(sentence, match):
            yield Found("subject", "household_business", *match.span())


def _is_shop(sentence: Sentence, match: re.Match[str]) -> bool:
    typed = unicodedata.normalize("NFC", sentence.typed(match)).lower()
    folded = sentence.text.folded
    before = max(0, match.start() - _LONGEST_BEFORE), match.start()
    if _SHOP_SPOKEN_OF.search(folded, *before) and not _OWN_SHOP.match(folded, match.end()):
        return False
    if match[0] == "shop" and not _SHOP_BEFORE.search(folded, *before):
        is_spoken_to = _SHOP_SPOKEN_TO.match(folded, match.end())
        return not (is_spoken_to or _SHOP_OF_PLATFORM.search(folded, *before))
    if typed in _SHOP_WORDS[match[0]]:
        return True
    if not sentence.text.is_without_accents:
        return False
    return bool(_SHOP_BEFORE.search(folded, *before) or _SHOP_AFTER.match(folded, match.end()))
