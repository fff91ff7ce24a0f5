"""What somebody wants to do with a digital certificate, in Vietnamese, English and Malay."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from components.grammar.certificates import ABOUT_CERTIFICATES, MEDIUM
from components.grammar.entity import Found, Sentence, read_span

_HELP = (
    r"(?: (?:giup|gium|ho|cai|lai|thu|xem|vao|duoc|phan mem|ung dung|app|the|my|a|that|if|whether|sama ada|aplikasi))"
    r"{0,4}"
)
_INSTALL = (
    r"(?:(?P<cai>cai)(?: dat)?|caidat|set ?up|install(?:ing|ation of)?|pasang|memasang|pemasangan|tai(?: va cai)?)"
    rf"{_HELP}"
)
_IMPORT = rf"(?:import(?:ing)?|nhap|nap|chen|mengimport|dua|add){_HELP}"
_SOFT = (
    r"(?:soft[ \-]?certs?|soft[ \-]certificates?|chung thu(?: so)? mem|(?:file |tep |fail )?(?:p12|pfx)|"
    r"(?:file|tep) chung thu(?: so)?|sijil p12|sop xot)"
)
_E_SIGN = r"(?:e[ \-]?sign|i sai(?:n)?|phan mem (?:ky|ki)(?: so| dien tu)?)"
_MIDDLEWARE = (
    r"(?:(?:phan mem )?trung gian(?: st3)?|middleware(?: st3)?|driver(?: (?:cho )?(?:usb )?(?:token|st3))?|"
    r"trinh dieu khien(?: (?:cua |cho )?(?:usb )?token)?|st3(?: usb)?(?: token)?(?: driver)?|(?:usb )?token|to ken|"
    r"usb (?:ky|ki) so)"
)
_CERTIFICATE = rf"(?:chung thu(?: so)?(?: mem)?|cts|certificates?|cert|sijil(?: digital)?|chu (?:ky|ki) so|{MEDIUM})"
_CHECK = r"(?:kiem tra|xac minh|check(?:ing)?|verify(?:ing)?|semak|menyemak|mengesahkan)"
_STATE = r"(?: (?:con han(?: (?:khong|ko|k|hong))?|is (?:installed|valid)))?"
_BY_MEDIUM = (
    rf"(?: (?:bang|qua|voi|dung|tren|with|using|by|guna|menggunakan|dengan)(?: (?:cai|a|an|my|the))? {MEDIUM})?"
)

_PROCEDURES = tuple(
    (value, re.compile(rf"(?<![a-z0-9\-])(?P<fact>{words})(?![a-z0-9])"))
    for value, words in (
        ("import_softcert", rf"{_IMPORT} {_SOFT}"),
        ("import_softcert", rf"{_INSTALL} {_SOFT}"),
        ("install_esign", rf"{_INSTALL} {_E_SIGN}"),
        ("install_middleware", rf"{_INSTALL} {_MIDDLEWARE}"),
        (
            "verify",
            rf"{_CHECK}{_HELP} {_CERTIFICATE}{_STATE}",
        ),
        (
            "verify",
            rf"(?:coi|xem){_HELP} {_CERTIFICATE} (?:con han|da cai|con hieu luc|hop le)(?: (?:khong|ko|k|chua))?",
        ),
        ("sign", rf"(?<!dang )(?<!chu )(?<!usb )(?<!mem )(?:ky|ki) (?:so|dien tu)(?! nay){_BY_MEDIUM}"),
        ("sign", rf"(?:menandatangani|ditandatangani|tandatangan(?:i)?){_BY_MEDIUM}"),
    )
)
# Alone, "ký" is signing by hand as well, and folded it is also "kỳ"; only with a certificate in the message is it this.
_SIGN = re.compile(rf"(?<![a-z0-9\-])(?P<fact>(?P<verb>ky|ki|sign(?:ing)?){_BY_MEDIUM})(?![a-z0-9\-])")
_NO_SIGNING_BEFORE = re.compile(
    r"(?<![a-z0-9])(?:dang|chu|bat|hoc|nhat|thu|thoi|dinh|luu|ai|tung|cuoi|dau|giua|chung|usb|mem|e|"
    r"da|1|mot|moi|ngay|luot|nguoi) $"
)
_NO_SIGNING_AFTER = re.compile(
    r" (?:tu(?: dac biet)?|tuc|thuat|niem|hieu|in|up|on|hop dong|tay|gui|hom|ngay)(?![a-z0-9])"
)
# After these "cai" without its accent is "cái": "cắm cái token".
_ONE_OF_THEM_BEFORE = re.compile(
    r"(?<![a-z0-9])(?:cam|rut|mua|mat|quen|co|doi|cua|voi|bang|mot|hai|may|xai|dung|la|nhan|gui|vao|pin|nay|ca) $"
)
_LONGEST_BEFORE = len(" chung ")
_TYPED = {"ky": {"ký", "ky"}, "ki": {"kí", "ki"}}


def find_procedures(sentence: Sentence) -> Iterator[Found]:
    """Find what is to be done; the span takes the medium inside it: "ký bằng token"."""
    for value, pattern in _PROCEDURES:
        for match in sentence.matches(pattern):
            if _is_verb(sentence, match):
                yield Found("procedure", value, *read_span(match))
    if ABOUT_CERTIFICATES.search(sentence.text.folded):
        for match in sentence.matches(_SIGN):
            if _is_signing(sentence, match):
                yield Found("procedure", "sign", *read_span(match))


def _is_verb(sentence: Sentence, match: re.Match[str]) -> bool:
    """Tell whether "cai" is "cài" (install) and not "cái", going by how it was typed, else by what stands before it."""
    if not match.groupdict().get("cai"):
        return True
    typed = unicodedata.normalize("NFC", sentence.typed(match, "cai")).lower()
    start = match.start("fact")
    one_of = _ONE_OF_THEM_BEFORE.search(sentence.text.folded, max(0, start - _LONGEST_BEFORE), start)
    return typed == "cài" or (typed == "cai" and one_of is None)


def _is_signing(sentence: Sentence, match: re.Match[str]) -> bool:
    start, end = match.span("verb")
    folded = sentence.text.folded
    if _NO_SIGNING_BEFORE.search(folded, max(0, start - _LONGEST_BEFORE), start):
        return False
    if _NO_SIGNING_AFTER.match(folded, end):
        return False
    verb = match["verb"]
    typed = unicodedata.normalize("NFC", sentence.typed(match, "verb")).lower()
    return typed in _TYPED.get(verb, {verb})
