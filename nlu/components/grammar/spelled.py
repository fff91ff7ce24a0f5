"""Letters and digits as they are said one by one, folded: ``ca bay em bon quy ich`` is K7M4QX.

The names of the letters are those of Vietnamese schools, and those of the alphabet songs ("bê", "bờ"); where two
letters share a name without accents (D and Đ) the plain one is meant.
"""

from __future__ import annotations

import re

DIGITS = {
    "khong": "0", "linh": "0", "le": "0", "mot": "1", "hai": "2", "ba": "3", "bon": "4", "tu": "4", "nam": "5",
    "lam": "5", "sau": "6", "bay": "7", "tam": "8", "chin": "9",
}  # fmt: skip
_LETTERS = {
    "a": "A", "be": "B", "bo": "B", "bi": "B", "xe": "C", "ce": "C", "co": "C", "xi": "C", "de": "D", "do": "D",
    "di": "D", "e": "E", "ep": "F", "ep pho": "F", "gie": "G", "ghe": "G", "go": "G", "hat": "H", "ho": "H", "i": "I",
    "gi": "J", "ca": "K", "ka": "K", "el": "L", "e lo": "L", "lo": "L", "em": "M", "em mo": "M", "mo": "M", "en": "N",
    "en no": "N", "no": "N", "o": "O", "pe": "P", "po": "P", "quy": "Q", "qui": "Q", "cu": "Q", "kiu": "Q",
    "e ro": "R", "ro": "R", "et": "S", "et si": "S", "so": "S", "te": "T", "to": "T", "ti": "T", "u": "U", "ve": "V",
    "vo": "V", "vi": "V", "ve kep": "W", "ve dup": "W", "dap liu": "W", "ich": "X", "ich xi": "X", "y": "Y",
    "i dai": "Y", "y dai": "Y", "det": "Z", "giet": "Z", "zet": "Z",
}  # fmt: skip
_SIGNS = {**_LETTERS, **DIGITS}
_SINGLE_SIGN = "[a-z0-9]"

SIGN = rf"(?:{'|'.join(sorted(_SIGNS, key=len, reverse=True))}|{_SINGLE_SIGN})(?![a-z0-9])"
"""One letter or digit, said or written alone."""
_EACH = re.compile(SIGN)


def spell(folded: str) -> str:
    """Give the capitals and digits that a run of `SIGN` stands for."""
    return "".join(_SIGNS.get(sign, sign.upper()) for sign in _EACH.findall(folded))
