"""Finds a message whose writer may want to die; by fixed words, because missing one must not depend on a model.

Folded, since most people type without diacritics. Much of what is folded also means something harmless: "từ từ" reads
like "tự tử", and "rẻ muốn chết" is praise. So a word counts only with what makes it one's own wish.
"""

from __future__ import annotations

import re

from bot.core.text import fold, nfc

_ME = r"(?:toi|tui|em|minh|con|chau|co|chu|bac|anh|chi|ong|ba|tao|ta)"
_NOT = r"(?:khong|ko|k|kg|hong|hok|hk|hem|khum|chang|chan)"
_FOLDED = re.compile(
    rf"(?<!\w)(?:"
    rf"{_NOT} (?:con )?(?:muon|thiet) song|het muon song|chan song (?:roi|qua|lam)"
    rf"|song (?:{_NOT} noi|nua (?:lam|de lam) gi|de lam gi|lam gi nua)"
    rf"|(?:{_ME} (?:chi |that su |thuc su |rat |cung )?)muon chet"
    rf"|^muon chet"
    rf"|{_ME} (?:se |sap |muon |di )?chet (?:quach |di )?cho (?:xong|roi|nhe|khoe)"
    rf"|(?:cho|de) {_ME} chet (?:di|quach|luon|phut|cho (?:xong|roi|nhe|khoe))"
    rf"|(?:muon|dinh|se|tinh|nghi (?:den |toi )?chuyen|nghi den|nghi toi) (?:tu sat|quyen sinh)"
    rf"|(?:ket lieu|ket thuc) (?:cuoc doi|doi {_ME}|ban than)"
    rf"|uong thuoc (?:sau|tru sau|ngu|chuot)(?: (?:de|cho))? (?:chet|tu|xong)"
    rf"|(?:nhay (?:cau|lau|song)|treo co) (?:chet|tu|cho)"
    rf")(?!\w)"
)
_ACCENTED = re.compile(r"(?<!\w)t\u1ef1 (?:t\u1eed|s\u00e1t|v\u1eabn)(?!\w)", re.IGNORECASE)
"""The three words for it as spelt with diacritics, which nothing else is spelt like."""
_BARE = re.compile(
    r"(?<!\w)(?:muon|dinh|nghi (?:den |toi )?chuyen|nghi den|nghi toi) tu tu"
    r"(?=$| ?[.,!?]| (?:cho|di|luon|qua|roi|thoi|ngay|hoai|mai|suot|may (?:hom|ngay|lan|bua))(?!\w))"
)
"""The first of them without diacritics: counts where it was typed so, and nothing to be done slowly follows."""
_ABOUT_OTHERS = re.compile(r"(?<!\w)(?:thi truong|app|ung dung|website|trang|may|mang|lua dao) (?:\w+ )?tu sat(?!\w)")

_COMPLAINT = re.compile(
    r"(?<!\w)(?:(?:gia )?(?:mac|dat|re)|lag|giat"
    r"|(?:mang|app|web|may|trang|load|wifi|cho|doi|tai)(?: \w+)? (?:cham|lau|lag|treo|do))"
    rf" (?:qua|ghe|the|vay)(?: troi)?,? (?:{_ME} )?muon chet(?!\w)"
)
"""A price or a machine at which people say so without meaning it; whatever else the message says still counts."""


def is_distress(text: str) -> bool:
    """Tell whether a message may say that its writer wants to die; rather once too often."""
    folded = " ".join(fold(text).split())
    if _ABOUT_OTHERS.search(folded):
        return False
    folded = _COMPLAINT.sub("-", folded)
    is_bare = "tu tu" in text.lower() and _BARE.search(folded) is not None
    return is_bare or _FOLDED.search(folded) is not None or _ACCENTED.search(nfc(text)) is not None
