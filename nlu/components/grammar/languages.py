"""Languages that somebody speaks or asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.grammar.content import Names
from components.grammar.entity import Found, Sentence, read_span

_VIETNAMESE_NAMES = {
    "vi": ["Việt", "Việt Nam", "Kinh"],
    "en": ["Anh", "Anh Mỹ", "Mỹ"],
    "km": ["Khmer", "Khơ me", "Khơ-me", "Khơme", "Khờ me", "Kh'mer", "Miên", "Campuchia", "Cam pu chia"],
    "ms": ["Mã Lai", "Mã-lai", "Malay", "Malaysia", "Ma lai", "Melayu"],
    "other": [
        "Hoa", "Trung", "Trung Quốc", "Tàu", "Quảng Đông", "Pháp", "Nhật", "Nhật Bản", "Hàn", "Hàn Quốc", "Nga", "Đức",
        "Lào", "Thái", "Thái Lan", "Tày", "Nùng", "Dao", "Chăm", "H'Mông", "Mông", "Ê Đê", "Mường", "Sán Dìu",
        "Cao Lan", "Ấn Độ", "Tây Ban Nha", "dân tộc", "Tamil",
    ],
}  # fmt: skip
_NAMES = Names((called, language) for language, all_called in _VIETNAMESE_NAMES.items() for called in all_called)
# A name of the Internet or a letter in Vietnamese, and a language school, ask for no other language.
_NOT_ASKED = re.compile(
    r"(?<![a-z0-9])(?:ten mien|ten|chu|dau|ky tu|trung tam|lop|hoc|khoa|thi|giao vien|gia su|dien dan)(?: bang)? $"
)
_LONGEST_BEFORE = len(" giao vien bang ")
_LANGUAGE = re.compile(
    rf"(?<![a-z0-9])(?P<fact>(?:tieng|ngon ngu) (?P<name>{_NAMES.pattern}))(?! (?:co|khong|ko|k) dau(?![a-z0-9]))"
)
_ENGLISH_NAMES = {
    "vietnamese": "vi", "bahasa vietnam": "vi",
    "english": "en", "bahasa inggeris": "en", "inggeris": "en", "eng": "en",
    "bahasa melayu": "ms", "bahasa malaysia": "ms", "malay": "ms", "melayu": "ms",
    "khmer": "km", "khome": "km", "cambodian": "km",
    "chinese": "other", "mandarin": "other", "bahasa cina": "other", "french": "other", "japanese": "other",
    "korean": "other", "tamil": "other", "thai language": "other",
}  # fmt: skip
_FOREIGN_NAME = re.compile(
    rf"(?<![a-z0-9])(?P<fact>{'|'.join(sorted(_ENGLISH_NAMES, key=len, reverse=True))})(?![a-z0-9@.]\S)(?![a-z0-9])"
)
# "Đồng bào Khmer", "người Malay" are people.
_PEOPLE = re.compile(r"(?<![a-z0-9])(?:nguoi|dong bao|dan toc|ba con|ho|chua|le|mon) $")


def find_languages(sentence: Sentence) -> Iterator[Found]:
    """Find languages: vi, en, km, ms, and other for all that nobody here answers in."""
    for match in sentence.matches(_LANGUAGE):
        start = match.start("fact")
        if _NOT_ASKED.search(sentence.text.folded, max(0, start - _LONGEST_BEFORE), start):
            continue
        if (language := _NAMES.meaning(sentence, match, "name")) is not None:
            yield Found("language", language, *read_span(match))
    for match in sentence.matches(_FOREIGN_NAME):
        start = match.start("fact")
        if not _PEOPLE.search(sentence.text.folded, max(0, start - _LONGEST_BEFORE), start):
            yield Found("language", _ENGLISH_NAMES[match["fact"]], *read_span(match))
