"""Which of the guides' languages somebody writes in; a pure function over one message."""

from __future__ import annotations

import re

from bot.core.guides.records import Language
from bot.core.text import fold, nfc


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS = re.compile(r"[a-z]+")
_DIACRITICS = re.compile("[\u00c0-\u01b0\u1ea0-\u1ef9]")
# Words that neither of the other languages has, folded: Vietnamese without diacritics has "an", "do", "can", "the".
_MALAY = _words(
    "ajar anda apa bagaimana bantu batal belum berjaya boleh butang cara dengan dimana gagal guna kata komputer laluan "
    "langkah lagi memasang mahu masalah masukkan nak pasang panduan perlu saya sebelum sekarang selepas selesai "
    "semak seterusnya siap sijil sudah tandatangan teruskan tidak tolong tunjuk ulang untuk kembali muat turun"
)
_ENGLISH = _words(
    "and back does error failed guide help here how install instructions my need next not password please "
    "repeat setup show sign signing step stuck verify want what where which why with work works yes you your"
)
# Words of Vietnamese without its diacritics that the others do not have: "cai token sign sao".
_VIETNAMESE = _words(
    "bang buoc cai chu chua chung cho dan duoc em hoi huong khong ky lam may minh mot muon nao nhap sao theo toi tren "
    "tui voi xong"
)


def language_of(text: str) -> Language | None:
    """Tell the language of a message by its words; None where they do not tell, as with labels and single names."""
    words = _WORDS.findall(fold(text))
    if not words:
        return None
    if _DIACRITICS.search(nfc(text)) or not _VIETNAMESE.isdisjoint(words):
        return "vi"
    malay = sum(word in _MALAY for word in words)
    english = sum(word in _ENGLISH for word in words)
    if malay == english or max(malay, english) * 3 < len(words):
        return None
    return "ms" if malay > english else "en"
