"""What is taken for a secret after a step at which one is typed on the computer; pure functions over one message.

`bot.core.redaction` finds what looks like a secret anywhere. Right after such a step less is needed: a lone word that
is no word of this conversation, or a few digits, may well be the PIN that was meant for the computer.
"""

from __future__ import annotations

import re

from bot.core.text import fold


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TOLD = re.compile(
    r"(?:mat ?khau|mat ma|ma pin|pin|puk|pass(?:word|code)?|pwd|mk|kata ?laluan)(?: \w+){0,4} ?(?:la|is|ialah|[:=]) ?"
    r"(?!(?:apa|bao|cai|dau|gi|loai|ma|nao|nhu|sao|so nao|the nao|what)(?!\w))\S{3,}[^?]*"
)
_LONE = re.compile(r"\S+(?: (?:\S{1,2}|nha|nhe|day|ban)){0,2}")
_DIGITS = re.compile(r"[^a-z]*\d(?:\W?\d){2,}[^a-z]*")
_LETTERS = re.compile(r"[a-z]+")
_NUMBERED = re.compile(r"(?:win|windows|mac|macos|buoc|step|langkah)\d{1,2}")
_SHORTEST_WORD = 4
"""Shorter words without a digit or a sign are no passwords that a computer would take."""
_SAID = _words(
    # one word that people say at a step, folded
    "again back batal buoc cancel chua continue done dung duoc error failed finish finished giup guide hello help "
    "hong huong khong khum kembali lanjut linux loai macbook macos menu next nope okay okie oops phone please quay "
    "ready repeat restart roaming roger sekarang selesai semula seterusnya siap sign skip softcert stop stuck sudah "
    "teruskan thank thanks thieu thoat thoi tidak tiep token tolong trang truoc ubuntu ulang undo vang windows xong "
    "esign high medium iphone android linux retry start wait sorry chuyen khoan dang nhanh cham"
)


def may_be_secret(text: str) -> bool:
    """Tell whether a message may be a PIN or a password: a few digits, one word of its own, or a password told."""
    folded = " ".join(fold(text).split())
    if _DIGITS.fullmatch(folded) or _TOLD.search(folded):
        return True
    if not _LONE.fullmatch(folded) or folded.endswith("?"):
        return False
    first = folded.split(" ", 1)[0].strip(".,!…\"'“”")
    is_said = first in _SAID or _NUMBERED.fullmatch(first) is not None
    is_short_word = _LETTERS.fullmatch(first) is not None and len(first) < _SHORTEST_WORD
    return any(character.isalnum() for character in first) and not (is_said or is_short_word)
