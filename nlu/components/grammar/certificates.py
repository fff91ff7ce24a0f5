"""What a digital certificate is kept on, who issued it, and the machine it is used with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from components.grammar.entity import Found, Sentence, read_span

ABOUT_CERTIFICATES = re.compile(
    r"(?<![a-z0-9])(?:token|to ken|usb|soft ?cert|roaming|cert|certs|certificate|certificates|chung thu|chu ky so|"
    r"chu ki so|cks|cts|p12|pfx|my ?cukai|mai cu kai|e-?sign|st3|pin|sijil|digicert|trustgate|windows|"
    r"macbook|linux|ubuntu|"
    r"(?:vnpt|viettel|fpt|bkav|new|misa|efy|vg)[ \-]?ca)(?![a-z0-9])"
)
"""A word that shows that a message is about digital certificates; "ký" and "không biết của ai" alone are about much."""

MEDIUM = (
    r"(?:usb[ \-]?token|tokens?|to ken|toc ken|usb (?:ky|ki)(?: so| thue)?|usb (?:chu ky|chu ki)(?: so)?|"
    r"soft[ \-]?certs?|soft[ \-]certificates?|sop xot|chung thu(?: so)? mem|chu (?:ky|ki)(?: so)? mem|"
    r"roaming(?: cert(?:ificate)?s?)?|chung thu(?: so)? roaming)(?![a-z0-9])"
)
_MEDIUM = re.compile(rf"(?<![a-z0-9])(?P<fact>{MEDIUM})(?! (?:data|quoc te|mang|di dong|bot|api))")
_OF_TELEPHONES = re.compile(r"(?<![a-z0-9])(?:data|cuoc|phi|goi|dich vu|bot|access|admin|api|auth) $")
_LONGEST_BEFORE = len(" thoi trang may ")

_ISSUERS = "vnpt|viettel|fpt|bkav|new|misa|efy|easy|fast|safe|trust|win|cmc|hilo|lcs|mobifone|nc|vin|vina|intrust|ca2"
# Bare, these names are telephone companies and software houses before they are issuers.
_KNOWN_OTHERWISE = "vnpt|viettel|fpt|bkav|misa|efy|mobifone|nacencomm|thai son|softdreams"
_CERTIFICATE = r"(?:token|to ken|usb|chung thu(?: so)?|chu (?:ky|ki) so|cks|cts|chu (?:ky|ki))"
_PROVIDERS = (
    (
        "mycukai",
        re.compile(
            r"(?<![a-z0-9])(?P<fact>my ?cukai|mai cu kai|mai cu cai|may cu kai|mai cukai|(?:pos )?digicert|"
            r"(?:msc )?trustgate|tm (?:cert|certificate|token)|cua malaysia|cua ma lai)(?![a-z0-9])"
        ),
    ),
    (
        "vn_provider",
        re.compile(
            rf"(?<![a-z0-9])(?P<fact>(?:{_ISSUERS})(?:-ca|ca| ca(?! nhan| si| phe| cuoc| hai))|vg[ \-]?ca|"
            r"(?:vnpt )?smart ?ca|smartsign|nacencomm|ban co yeu(?: chinh phu)?)(?![a-z0-9])"
        ),
    ),
    (
        "vn_provider",
        re.compile(
            rf"(?<![a-z0-9]){_CERTIFICATE} (?:cua |ben |hang |nha mang )*(?P<fact>{_KNOWN_OTHERWISE})(?![a-z0-9])"
        ),
    ),
)
_NOT_KNOWN = re.compile(
    r"(?<![a-z0-9])(?P<fact>"
    r"(?:(?:khong|khong con|ko|k|khg|hong|hok|hem|hk|chang|cha|chua) (?:biet|ro|nho)|quen(?: mat)?)"
    r"(?: (?:no|la|do|roi))* (?:cua|do|ben|hang|nha cung cap|nha|mua)(?: (?:cua|hang|ben|nha|cong ty|don vi|ai|o))* ?"
    r"(?:ai|nao|dau)(?: cap| ban| phat hanh)?|(?:do not|don't|dont|not) (?:know|sure) (?:who|which|whose)"
    r"(?: (?:provider|issuer|supplier|company|issued|sold))?"
    r"|tak (?:tahu|pasti) (?:pembekal|dari|siapa)(?: mana| siapa)?)(?![a-z0-9])"
)

_PLATFORMS = (
    (
        "windows",
        re.compile(
            r"(?<![a-z0-9])(?P<fact>(?:windows?|win) ?(?:xp|vista|7|8(?:\.1)?|10|11|bay|tam|muoi(?: mot)?)|windows|win)"
            r"(?![a-z0-9\-]|\.[a-z0-9])"
        ),
    ),
    (
        "mac",
        re.compile(
            r"(?<![a-z0-9])(?P<fact>mac ?books?(?: (?:air|pro))?|mbook|i ?mac|mac mini|"
            r"(?:mac ?(?:os)? ?x? )?(?:yosemite|(?:high )?sierra|el capitan)|mac ?os(?: x)?(?: \d+)?|mac)(?![a-z0-9])"
        ),
    ),
    ("linux", re.compile(r"(?<![a-z0-9])(?P<fact>linux(?: (?:ubuntu|mint))?|ubuntu|fedora|debian)(?![a-z0-9])")),
    (
        "phone",
        re.compile(
            r"(?<![a-z0-9])(?P<fact>"
            r"(?:dien thoai|dt|smart ?phone)(?: (?:android|iphone|thong minh|samsung|oppo|di dong))?|"
            r"android|i ?phone|handphone)(?![a-z0-9])"
        ),
    ),
)
# These are other words as well: "mắc" (dear), "may mặc" (garments), "win" (to win), a phone that one is called on.
_AMBIGUOUS = frozenset({"mac", "win"})
_ALONE = re.compile(r"[ .,!]{0,3}(?:mac|win)[ .,!]{0,3}")
_TELEPHONES = re.compile(r"(?:dien thoai|dt)$|smart ?phone$")
_MACHINE_BEFORE = re.compile(
    r"(?<![a-z0-9])(?:may|tren|cho|dung|xai|bang|vao|vo|voi|phai|on|for|my|a|pada|guna|dalam|hay|laptop) $"
)
_GARMENTS_BEFORE = re.compile(
    r"(?<![a-z0-9])(?:tiem|quan|shop|xuong|cong ty|cty|cua hang|hang|nganh|nghe|do|thoi trang|det|to hop) may $"
)
_WORKED_WITH = re.compile(r"(?<![a-z0-9])(?:tren|bang|dung|xai|len|vo|vao|moi|chi co|using|on|pada) (?:cai |chiec )?$")


def find_providers(sentence: Sentence) -> Iterator[Found]:
    """Find who issued a certificate: mycukai, a Vietnamese provider, or that nobody knows."""
    for value, pattern in _PROVIDERS:
        for match in sentence.matches(pattern):
            # "Win cả đôi bên": names of firms have no accents.
            if value != "vn_provider" or sentence.typed(match, "fact").isascii():
                yield Found("token_provider", value, *read_span(match))
    if ABOUT_CERTIFICATES.search(sentence.text.folded):
        for match in sentence.matches(_NOT_KNOWN):
            yield Found("token_provider", "unknown", *read_span(match))


def find_media(sentence: Sentence) -> Iterator[Found]:
    """Find what a certificate is kept on; roaming of telephones is none."""
    for match in sentence.matches(_MEDIUM):
        if _OF_TELEPHONES.search(*_just_before(sentence, match)) is None:
            yield Found("medium", _medium(match["fact"]), *read_span(match))


def _medium(folded: str) -> str:
    if "roaming" in folded:
        return "roaming"
    return "softcert" if folded.startswith(("soft", "sop", "chung thu")) or folded.endswith("mem") else "token"


def find_platforms(sentence: Sentence) -> Iterator[Found]:
    """Find the machine that is worked with: windows, mac, linux or phone; nothing is guessed from a maker's name."""
    is_about_certificates = ABOUT_CERTIFICATES.search(sentence.text.folded) is not None
    for value, pattern in _PLATFORMS:
        for match in sentence.matches(pattern):
            if _TELEPHONES.fullmatch(match["fact"]):
                is_platform = _WORKED_WITH.search(*_just_before(sentence, match)) is not None
            elif match["fact"] in _AMBIGUOUS and sentence.typed(match, "fact").lower() != match["fact"]:
                is_platform = False
            else:
                is_platform = (
                    match["fact"] not in _AMBIGUOUS or is_about_certificates or _is_named_as_machine(sentence, match)
                )
            if is_platform:
                yield Found("platform", value, *read_span(match))


def _is_named_as_machine(sentence: Sentence, match: re.Match[str]) -> bool:
    if _ALONE.fullmatch(sentence.text.folded):
        return True
    before = _just_before(sentence, match)
    return _MACHINE_BEFORE.search(*before) is not None and _GARMENTS_BEFORE.search(*before) is None


def _just_before(sentence: Sentence, match: re.Match[str]) -> tuple[str, int, int]:
    start = match.start("fact")
    return sentence.text.folded, max(0, start - _LONGEST_BEFORE), start
