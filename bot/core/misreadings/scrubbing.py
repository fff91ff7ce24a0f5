"""Takes out of a message that is to be learnt from what tells of a person, or finds that it surely cannot; no I/O.

Rules find what has a form: numbers, addresses, names after a word that announces them. A name typed small among other
words has none. Hence the order: what announces itself but cannot be cut out surely makes the whole message unusable,
the person sees the very words before they stay, and the officer who labels them can dismiss them.
"""

from __future__ import annotations

import re

from bot.core.redaction import redact
from bot.core.text import fold, nfc

LONGEST_WORDS = 300
"""Characters: a question is shorter; what is longer is a story, and stories are about people."""

_LONGEST_NAME = 5
"""Words."""

MARK = "…"
"""Stands for whatever was taken out: it reads well to people, and teaches the model no word."""

_LETTERS = re.compile(r"[^\W\d_]{2}")

_ADDRESS_ONLINE = re.compile(
    r"https?://\S+|www\.\S+"
    r"|[^\s@<>()\"“”]+@(?:[\w\-]+\.)+[a-z]{2,}"
    # All that ends as a domain name does; "id.vn" and the like are what people ask about and stay.
    r"|(?!(?:(?:id|biz|com|net|org|edu|gov|name|info|pro|health|ai|io)\.)?vn(?![\w.\-]))"
    r"(?<![\w.\-])(?:[\w\-]+\.)+(?:vn|com|net|org|info|io|me|shop|store|online|site|asia)(?:/\S*)?(?![\w\-])",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\d\w])(?:(?:\+|00)?84[ .\-]?(?:\(0\))?|0)[ .\-]?\d(?:[ .\-]?\d){7,9}(?!\d)"
    r"|(?<![\d\w])1[89]00(?:[ .\-]?\d){4,6}(?!\d)"
)
_DATE = re.compile(r"(?<![\d/])\d{1,2} ?[/.\-] ?\d{1,2} ?[/.\-] ?(?:19|20)\d\d(?![\d/])")
_AMOUNT = re.compile(r"(?<!\d)\d{1,3}(?:[.,]000){1,3}(?!\d)")
_MANY_DIGITS = re.compile(r"\d(?:[ .,/\-]{0,2}\d){4}")

# On the folded words: what says that a name, an address or a spoken domain name follows, in whatever case.
_ANNOUNCED = re.compile(
    r"(?<!\w)(?:"
    r"(?:toi|em|minh|chau|con|anh|chi|co|chu|bac|tui|ba|ong|ho va) ten(?! mien)"
    r"|ten (?:toi|em|minh|chau|con|anh|chi|tui|that|day du|cua (?:toi|em|minh|chau|con|tui))"
    r"|(?:toi|em|minh|chau|con|tui) (?:tu )?goi la|ky ten|ho ten"
    r"|dia chi (?:nha|cua|la|o|toi|em|minh|so|thuong tru|:)|nha (?:toi|em|minh|tui) o (?:so|duong|ngo|hem|ap|thon)"
    r"|\w+ cham (?:vn|com|net|org)|\w+ (?:cong|a cong|at) gmail"
    r"|(?:zalo|face|facebook|fb|nick|tai khoan|stk) (?:cua )?(?:toi|em|minh|chau|con|tui|la)"
    r")(?!\w)"
)
_SPOKEN_PRODUCT = re.compile(r"(?<!\w)(?<!cham )(?:id|ai di|biz|bit|com) cham (?:vn|vi en)(?!\w)")

_HOUSE = re.compile(
    r"(?<!\w)(?:(?:so nha|nha so) \d[\w/\-]*|\d[\w/\-]*(?= (?:duong|ngo|hem|kiet|ngach)(?!\w)))"
    r"|(?<!\w)(?:hem|ngo|ngach|kiet|ap|thon|khom|to|to dan pho|khu pho|duong so|duong) \d[\w/\-]*"
)

_UPPER = f"[{''.join(letter for letter in map(chr, (*range(0x250), *range(0x1E00, 0x1F00))) if letter.isupper())}]"
_NAMED = re.compile(rf"(?<!\w){_UPPER}[\w'’\-]*(?: {_UPPER}[\w'’\-]*)*")
# Folded: words after which a capital begins the name of somebody, a street or a business.
_BEFORE_NAME = re.compile(
    r"(?<!\w)(?:anh|chi|co|chu|bac|ong|ba|di|cau|mo|thim|em|chau|con|thay|ban|me|bo|cha|ma|vo|chong|sep"
    r"|duong|hem|ngo|thon|ap|khom|pho|tiem|quan|shop|cua hang|cong ty|cty|doanh nghiep|ho kinh doanh|hkd|nha hang"
    r"|co so|tnhh|hop tac xa|htx)(?: tnhh| co phan| cp| mtv)* $"
)
_SURNAMES = (
    "bui|cao|chau|dang|danh|dao|diep|dinh|do|doan|duong|giang|ha|ho|hoang|hua|huynh|khuu|kien|kieu|kim|la|lam|le|lieu|lu"
    "|luong|luu|ly|mai|ngo|nguyen|pham|phan|quach|son|ta|tang|thach|thai|to|ton|tran|trieu|trinh|truong|vo|vu|vuong"
)
_FULL_NAME = re.compile(rf"(?<!\w)(?:{_SURNAMES}) (?:van|thi) [a-z]+(?: [a-z]+)?(?!\w)")
_SURNAME = re.compile(rf"(?:{_SURNAMES})(?!\w)")
_NO_FULL_NAMES = ("ho kinh doanh", "ho chi minh", "ha noi", "to cong nghe", "dao tao")
"""What begins as a surname does and is written with capitals too."""
_TITLE_CASE = re.compile(rf"(?<!\w){_UPPER}[\w'’\-]*(?: {_UPPER}[\w'’\-]*)+")


def scrubbed(text: str) -> str | None:
    """Return the words as they may be kept, NFC and on one line; None where they may not.

    What it returned, it returns again.
    """
    words = " ".join(nfc(text).split())
    if not words or len(words) > LONGEST_WORDS:
        return None
    folded = _aligned(words)
    if folded is None or redact(words).removed or _is_announced(folded) or _is_bare_name(words):
        return None
    for pattern in (_ADDRESS_ONLINE, _PHONE, _DATE):
        words = pattern.sub(MARK, words)
    words = _without(_FULL_NAME, _without_names(_without(_HOUSE, words)))
    rest = _AMOUNT.sub("", words)
    if "@" in words or _MANY_DIGITS.search(rest) or not _LETTERS.search(words) or len(words) > LONGEST_WORDS:
        return None
    return words


def _aligned(words: str) -> str | None:
    """Return the folded words, letter for letter where they stood; None where a letter folds to several or none."""
    folded = "".join(MARK if letter == MARK else fold(letter) for letter in words)
    return folded if len(folded) == len(words) else None


def _is_announced(folded: str) -> bool:
    return _ANNOUNCED.search(_SPOKEN_PRODUCT.sub(MARK, folded)) is not None


def _is_bare_name(words: str) -> bool:
    """Tell whether a message is nothing but a name for all we know: each of its few words begins with a capital."""
    parts = words.split()
    return 1 < len(parts) <= _LONGEST_NAME and all(part.isalpha() and part.istitle() for part in parts)


def _without(pattern: re.Pattern[str], words: str) -> str:
    """Take out what stands in the words where `pattern` matches them folded."""
    folded = _aligned(words)
    pieces, reached = [], 0
    for match in pattern.finditer(folded or ""):
        pieces += [words[reached : match.start()], MARK]
        reached = match.end()
    return "".join(pieces) + words[reached:]


def _without_names(words: str) -> str:
    """Take out capitalised names: after a word that announces one, and those that begin with a surname.

    Where all is in capitals, they tell nothing.
    """
    if not any(character.islower() for character in words):
        return words
    words = _TITLE_CASE.sub(lambda found: MARK if _is_full_name(found) else found[0], words)
    return _NAMED.sub(
        lambda found: MARK if _BEFORE_NAME.search(fold(found.string[: found.start()])) else found[0], words
    )


def _is_full_name(found: re.Match[str]) -> bool:
    folded = fold(found.string[found.start() :])
    return bool(_SURNAME.match(folded)) and not folded.startswith(_NO_FULL_NAMES)
