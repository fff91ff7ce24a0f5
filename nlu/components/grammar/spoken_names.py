"""Names of the Internet as they are said, or written with blanks: "quán ba ba chấm biz chấm vn", "ai đi chấm vi en"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from components.folding import fold
from components.grammar.content import may_be
from components.grammar.entity import Found, Sentence, read_span
from components.grammar.wishes import is_made_up

# What telephones write for the letters of an ending.
_HEARD_AS = {"id": "id|ai di|ai dy|i de", "biz": "biz|bit|bis", "com": "com|kom", "net": "net", "org": "org"}
_SECOND_OF = {heard: name for name, all_heard in _HEARD_AS.items() for heard in all_heard.split("|")}
_SECOND = rf"(?P<second>{'|'.join(_SECOND_OF)})(?![a-z0-9])"
_LETTERS_VN = r"(?:vi en|vi n|ve en|v n)(?![a-z0-9])"
_VN = rf"(?:vn(?![a-z0-9])|{_LETTERS_VN})"
_DOT = r"(?:cham|dot)"
_PRODUCTS = {"id": "id.vn", "biz": "biz.vn", "com": "com.vn"}

_SAID_FULL_ENDING = re.compile(rf" {_DOT} {_SECOND}(?: {_DOT} | ?\. ?| ){_VN}")
# "Hơn chấm com" is no name, so before a short ending one has to be announced, or be no word.
_SAID_SHORT_ENDING = re.compile(rf" {_DOT} (?:{_VN}|(?P<top>com|net|org)(?![a-z0-9]))")
_ANNOUNCED = re.compile(r"(?<![a-z0-9])(?:ten|mien|domain|web|website|trang) $")
_SPACED_NAME = re.compile(
    r"(?<![a-z0-9.@\-])(?P<label>[a-z0-9][a-z0-9\-]*) ?\. (?:(?P<second>id|biz|com|net|org) ?\. ?)?vn"
    r"(?![a-z0-9\-@])"
)
# "ai đi vn" alone may ask who goes where, so of the two halves one has to be plain.
_SAID_PRODUCTS = (
    re.compile(rf"(?<![a-z0-9])(?<!cham )(?<!dot )(?P<fact>{_SECOND} {_DOT} {_VN})"),
    re.compile(rf"(?<![a-z0-9])(?P<fact>{_SECOND} {_LETTERS_VN})"),
)
_SAID_VN = re.compile(rf"(?<![a-z0-9])(?P<fact>{_DOT} {_LETTERS_VN})")

# What stands behind the last of these is a name; without its accent the one half of them is a word of names as well:
# "cô", "vợ", "Thu", "tư".
_ANNOUNCING = (
    "tên", "miền", "domain", "web", "website", "trang", "là", "cái", "cho", "của", "lấy", "đặt", "dùng", "xài", "chọn",
    "mua", "check", "xem", "coi", "ký", "kí", "dk", "đuôi", "muốn", "phải", "và", "hay", "hoặc", "gói", "loại", "email",
    "mail", "meo", "gửi", "qua", "được", "dc", "thì", "sang", "tôi", "em", "giùm", "giúp", "vậy", "này", "chấm",
)  # fmt: skip
_ANNOUNCING_WITH_ACCENT = (
    "có", "với", "vào", "vô", "về", "thư", "chỉ", "từ", "ở", "ờ", "à", "dạ", "không", "như", "còn", "việt", "làm",
    "phí", "trên", "mình",
)  # fmt: skip
_ANNOUNCING_PAIR = re.compile(
    r"(?<![a-z0-9])(?:kiem tra|dieu tra|tra cuu|tieng viet|quoc gia|viet nam|mien phi|(?:xem|coi|check|tra) ho) ?$"
)
_SAID_SIGN = re.compile(r"(?<![a-z0-9])gach (?:duoi|ngang) ?$")
_SPELLINGS: defaultdict[str, list[str]] = defaultdict(list)
for _word in (*_ANNOUNCING, *_ANNOUNCING_WITH_ACCENT):
    _SPELLINGS[fold(_word).folded].append(_word)
_PLAIN_ENOUGH = frozenset(fold(word).folded for word in _ANNOUNCING)
_WORD = re.compile(r"(?<![a-z0-9._\-])[a-z0-9\-]+(?:[._][a-z0-9\-]+)* ?$")
_LONGEST_WORD = 64
_MOST_WORDS = 6
_FEWEST_LETTERS = 3


def find_spoken_names(sentence: Sentence) -> Iterator[Found]:
    """Find full names of which the dots are said or stand apart, as quanbaba.biz.vn, and the kinds of name so said."""
    for match in sentence.matches(_SAID_FULL_ENDING):
        if (label := _label_before(sentence, match.start())) is not None:
            name = f"{label.value}.{_SECOND_OF[match['second']]}.vn"
            yield Found("domain_name", name, label.start, match.end())
    for match in sentence.matches(_SPACED_NAME):
        if is_made_up(match["label"]):
            second = f"{match['second']}." if match["second"] else ""
            yield Found("domain_name", f"{match['label']}.{second}vn", *match.span())
    for pattern in _SAID_PRODUCTS:
        for match in sentence.matches(pattern):
            yield Found("product", _PRODUCTS.get(_SECOND_OF[match["second"]], "other"), *read_span(match))
    for match in sentence.matches(_SAID_SHORT_ENDING):
        label = _label_before(sentence, match.start())
        if label is not None and _is_announced(sentence, label):
            yield Found("domain_name", f"{label.value}.{match['top'] or 'vn'}", label.start, match.end())
    for match in sentence.matches(_SAID_VN):
        yield Found("product", ".vn", *read_span(match))


def words_before(sentence: Sentence, end: int, *, most: int) -> int | None:
    """Tell where the words begin that make the name up to `end`; None where there are none.

    It begins behind a word that announces a name ("tên", "là", "của"), behind any sign, and after `most` words at the
    latest.
    """
    folded = sentence.text.folded
    begin = end
    for _ in range(most):
        word = _WORD.search(folded, max(0, begin - _LONGEST_WORD), begin)
        if word is None or _announces(sentence, word.start(), begin):
            break
        begin = word.start()
    return begin if begin < end else None


def _announces(sentence: Sentence, start: int, end: int) -> bool:
    folded = sentence.text.folded
    if _ANNOUNCING_PAIR.search(folded, max(0, start - _LONGEST_WORD), end):
        return True
    if _SAID_SIGN.search(folded, max(0, start - _LONGEST_WORD), end):
        return False
    word = folded[start:end].rstrip()
    raw_start, raw_end = sentence.text.raw_span(start, start + len(word))
    typed = sentence.text.raw[raw_start:raw_end].lower()
    if typed == word and word not in _PLAIN_ENOUGH:
        return False
    return any(may_be(typed, spelling) for spelling in _SPELLINGS.get(word, ()))


def _is_announced(sentence: Sentence, label: Found) -> bool:
    folded = sentence.text.folded
    if _ANNOUNCED.search(folded, max(0, label.start - _LONGEST_WORD), label.start):
        return True
    return " " not in folded[label.start : label.end] and is_made_up(str(label.value))


def _label_before(sentence: Sentence, end: int) -> Found | None:
    """Give the words up to `end` as the one word of a name, without accents; None where they are too little of one."""
    start = words_before(sentence, end, most=_MOST_WORDS)
    label = sentence.text.folded[start:end].replace(" ", "") if start is not None else ""
    if start is None or len(label) < _FEWEST_LETTERS or label in _SECOND_OF:
        return None
    return Found("domain_name", label, start, end)
