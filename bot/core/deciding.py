"""What words decide where nothing can be taken back: a yes, a no, or neither, so that it must be asked again.

By fixed words, because no model may decide it. A yes is a message of nothing but words for yes and for what is done; a
no begins with one, or says "not" of what would be done. Everything else is unclear, a question foremost. Folded, since
most people type without diacritics; where they type them, a word that only looks like another one is told from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.core.text import fold, nfc


class Meant(StrEnum):
    """What a message decides."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Deed:
    """What is decided about, as folded words between which stands a ``|``.

    Attributes:
        verbs: name the deed: alone they agree to it, behind a "not" they refuse it.
        objects: may stand beside them in a yes, such as what is erased.
        agreeing: say yes to the very question that is asked about it.
        keeping: refuse the deed by naming its contrary.
    """

    verbs: str
    objects: str = ""
    agreeing: str = ""
    keeping: str = ""


ERASING = Deed(
    "xoa",
    objects="het|sach|toan bo|tat ca|moi|du lieu|thong tin|tin nhan|cua",
    agreeing="chac|co chac",
    keeping="giu lai|giu nguyen|de lai",
)
PASSING_ON = Deed("gui|chuyen", objects="du 18 tuoi|tren 18 tuoi|du tuoi|roi|va|yeu cau|thong tin|cho ho")
REPORTING = Deed("gui|bao|bao cao", objects="cho|nguoi phu trach|can bo|kem")
TELLING_STAFF = Deed("gui|bao|goi|chuyen|gap", objects="cho|nguoi phu trach|can bo|nguoi that|kem|ca|va|voi")
TAKING_BACK = Deed("rut|thu hoi|huy")

_MOST_WORDS = 12
"""Nobody decides in more; what is longer says something else as well."""

_PLAIN = re.compile(r"[a-z0-9]+")
# Looks like a yes or a "not" only without its accents: the word before is typed, the word behind is read.
_READ_AS: Mapping[str, str] = {
    "\u0111\u00fang": "phai",  # "right"; without accents it may be "don't"
    "\u0111\u1eebng": "khong",  # "don't"
    "d\u1eebng": "thoi",  # "stop"
    "c\u00f4": "chi",  # an aunt, and no "yes"
    "\u0111\u00e3": "past",  # "already", and no polite "yes"
    "b\u1ea3o": "order",  # "to order", and not "to tell"
    "v\u1eafng": "absent",  # "absent"
    "\u01b0": "asking",
    "d\u00f9ng": "use",  # "I do not use it" refuses nothing
}
_CLAUSES = re.compile(r"[,.;:!\n]")
_WORD = re.compile(r"[^\W\d_]+")
_ASKED = re.compile(r"\?|(?<!\w)(?:sao|nao|bao gio|bao lau|bao nhieu|(?:duoc|dc|dung|phai) (?:khong|ko|k|hong))(?!\w)")

_WHO = "toi|tui|em|minh|con|chau|anh|chi|co|chu|bac|ong|ba|ban"
_POLITE = f"{_WHO}|a|ah|da|oi|nhe|nhen|nha|nghe|nghen|hen|ne|di|luon|giup|gium|dum|ho|voi|cho"
_AGREE = (
    "co|dong y|nhat tri|xac nhan|ok|oke|okie|okay|yes|vang|u|uh|uk|duoc|dc|phai|chac chan"
    "|(?:dong y|chac chan|phai) (?:roi|vay)|chac roi"
)
# "Probably yes": only "chac chan", "chac roi", or alone where it is asked "are you sure".
_GUESS = re.compile(rf"(?<!\w)chac(?= co(?!\w)|(?! (?:chan|roi|{_POLITE})(?!\w))(?!$))")
_NOT = "khong|ko|k|kh|kg|khg|hong|hok|hk|hem|khum|chang|chua|khoi|dont|dung"
_STOP = "khong|ko|k|kh|kg|khg|hong|hok|hk|hem|khum|chang|chua|khoi|no|thoi|khoan|bo qua|doi y|huy bo|de sau"
_REST = (
    f"{_POLITE}|{_STOP}|dong y|can|muon|nua|dau|lam|lai|gi|da|past|roi|cam on|het|gui|bao|kem|xoa|rut|dang ky|chuyen"
)
# Between a "not" and the deed: "khong (muon ban) xoa". What is not known or not sure is not refused.
_BETWEEN = f"{_WHO}|muon|can|nen|co|duoc|phai|he|ma|them|ai|dong y|cho|de|y dinh|dinh|bi|vang"
_NO = re.compile(rf"(?:(?:{_POLITE}|ma|vang|u|uh|ok) )*(?:{_STOP})(?: (?:{_REST}))*")
_WITHOUT = re.compile(rf"(?<!\w)(?:chi (?:can )?bao|(?:{_NOT}) (?:can )?(?:gui )?kem)(?!\w)")
_TOLD = f"{_POLITE}|{_AGREE}|{_NOT}|thoi|chi|bao|goi|gui|kem|can|gi|ca|het|tin|cu|nhung|va|nguoi phu trach"
_ONLY_TOLD = re.compile(rf"(?:{_TOLD})(?: (?:{_TOLD}))*")


def meant_by(text: str, deed: Deed) -> Meant:
    """Tell what a message decides about a deed that it was asked about."""
    if _is_question(text):
        return Meant.UNCLEAR
    words = _words(text)
    is_short = words.count(" ") < _MOST_WORDS
    if (is_short and _NO.fullmatch(words)) or is_refused(text, deed):
        return Meant.NO
    agree = _any_of(_AGREE, deed.agreeing, f"(?:muon )?(?:{deed.verbs})")
    around = _any_of(_POLITE, deed.objects)
    if (
        is_short
        and deed.keeping
        and re.fullmatch(rf"(?:(?:cu|{around}) )*?(?:{deed.keeping})(?: (?:{around}))*", words)
    ):
        return Meant.NO
    is_sure = is_short and _GUESS.search(words) is None
    is_yes = is_sure and re.fullmatch(rf"(?:(?:cu|{around}) )*?(?:{agree})(?: (?:{agree}|{around}))*", words)
    return Meant.YES if is_yes else Meant.UNCLEAR


def shares_nothing(text: str) -> bool:
    """Tell whether a message wants staff to be told, and nothing to be passed on to them: "only tell them"."""
    words = _words(text)
    if _is_question(text) or words.count(" ") >= _MOST_WORDS or is_refused(text, Deed("bao|goi")):
        return False
    return _WITHOUT.search(words) is not None and _ONLY_TOLD.fullmatch(words) is not None


def names_sharing(text: str) -> bool:
    """Tell whether a yes to telling staff agrees in words to pass something on as well; a bare yes does not."""
    words = _words(text)
    if re.search(r"(?<!\w)(?:gui|kem)(?!\w)", words):
        return True
    return "dong y" in words and not re.search(r"(?<!\w)(?:bao|goi|gap)(?!\w)", words)


def is_refused(text: str, deed: Deed) -> bool:
    """Tell whether words, wherever they stand in a message, say of a deed that it is not to be done.

    "Not sure whether" is no refusal, and no yes either.
    """
    refusal = re.compile(rf"(?<!\w)(?:{_NOT})(?: (?:{_BETWEEN}))* (?:{deed.verbs})(?!\w)")
    return any(refusal.search(_words(clause)) for clause in _CLAUSES.split(text))


def _any_of(*alternatives: str) -> str:
    return "|".join(filter(None, alternatives))


def _is_question(text: str) -> bool:
    return _ASKED.search(" ".join(fold(text).split())) is not None


def _words(text: str) -> str:
    typed = _WORD.sub(lambda word: _READ_AS.get(word[0], word[0]), nfc(text).lower())
    return " ".join(_PLAIN.findall(fold(typed)))
