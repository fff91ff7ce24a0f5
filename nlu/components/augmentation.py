"""Other ways to type the training messages: what a cheap phone, a hurry or a region make of them.

Used in training only. The randomness is passed in with a fixed seed, so that the same messages give the same variants.
Variants keep what a message means; words whose loss would turn it around ("không") are shortened, never left out.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

_SHARE = 0.6
"""How often each kind of change is made to a variant."""
_SHORTEST_TYPO = 3
_SHORTEST_WITH_PARTICLE = 7
_LONG = 8

_SHORT_FORMS = {
    "không": ("ko", "k", "hong", "hok", "khum"),
    "được": ("dc", "đc"),
    "đăng ký": ("đk", "đki", "đăng kí"),
    "gì": ("j", "ji"),
    "vậy": ("z", "v", "dz"),
    "bao nhiêu": ("bn", "bnhiu"),
    "với": ("vs",),
    "rồi": ("r", "ròi"),
    "như thế nào": ("ntn",),
    "tên miền": ("tmien", "tên miên"),
    "miễn phí": ("mp", "free"),
    "em": ("e",),
    "người": ("ng",),
    "muốn": ("mún",),
    "hộ kinh doanh": ("hkd",),
    "doanh nghiệp": ("dn",),
    "công ty": ("cty", "ct"),
    "chương trình": ("ct", "ctrình"),
    "sinh viên": ("sv",),
}
_PARTICLES = (
    *("ạ", "nha", "nhé", "với", "ha", "á", "luôn", "vậy", "nghen", "nhỉ"),
    *("dạ", "cho hỏi", "em ơi", "ad ơi", "bạn ơi", "alo", "à"),
)
_TELEX_MARKS = {"\u0300": "f", "\u0301": "s", "\u0303": "x", "\u0309": "r", "\u0323": "j"}
_TELEX_SHAPES = {"\u0302": "same", "\u0306": "w", "\u031b": "w"}
_VNI_MARKS = {"\u0300": "2", "\u0301": "1", "\u0303": "4", "\u0309": "3", "\u0323": "5"}
_VNI_SHAPES = {"\u0302": "6", "\u0306": "8", "\u031b": "7"}


def variant(text: str, chance: random.Random) -> str:
    """Give the message as somebody else would have typed it; itself where no change came up."""
    for change in (_shortened, _with_particle, _with_residue, _mistyped, _without_accents):
        if chance.random() < _SHARE:
            text = change(text, chance)
    return text


def without_accents(text: str) -> str:
    """Give the text as typed on a keyboard without Vietnamese letters."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return unicodedata.normalize("NFC", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def _without_accents(text: str, _chance: random.Random) -> str:
    return without_accents(text)


def _shortened(text: str, chance: random.Random) -> str:
    words = f" {text} "
    for full, short in _SHORT_FORMS.items():
        if chance.random() < _SHARE:
            words = words.replace(f" {full} ", f" {chance.choice(short)} ")
    return words.strip()


def _with_particle(text: str, chance: random.Random) -> str:
    if len(text) < _SHORTEST_WITH_PARTICLE:
        return text
    particle = chance.choice(_PARTICLES)
    return f"{particle} {text}" if chance.random() < _SHARE else f"{text} {particle}"


def _with_residue(text: str, chance: random.Random) -> str:
    """Leave one word as the keys were struck when the input method was off."""
    words = text.split()
    struck = [number for number, word in enumerate(words) if not word.isascii()]
    if struck:
        number = chance.choice(struck)
        words[number] = chance.choice((telex, vni))(words[number])
    return " ".join(words)


def telex(word: str) -> str:
    """Give the keys of a word in the Telex way: "được" is "dduwowcj"."""
    return _keys(word, _TELEX_MARKS, _TELEX_SHAPES, "dd")


def vni(word: str) -> str:
    """Give the keys of a word in the VNI way: "được" is "d9u7o7c5"."""
    return _keys(word, _VNI_MARKS, _VNI_SHAPES, "d9")


def _keys(word: str, marks: dict[str, str], shapes: dict[str, str], barred: str) -> str:
    keys: list[str] = []
    tone = ""
    for letter in unicodedata.normalize("NFD", word.lower().replace("đ", barred)):
        if letter in marks:
            tone = marks[letter]
        elif letter in shapes:
            keys.append(keys[-1] if shapes[letter] == "same" else shapes[letter])
        else:
            keys.append(letter)
    return "".join(keys) + tone


def _mistyped(text: str, chance: random.Random) -> str:
    words = text.split()
    for _ in range(2 if len(words) > _LONG else 1):
        number = chance.randrange(len(words))
        word = words[number]
        if len(word) >= _SHORTEST_TYPO:
            slip: Callable[[str, int], str] = chance.choice((_swapped, _dropped, _doubled))
            words[number] = slip(word, chance.randrange(len(word) - 1))
    if len(words) > 1 and chance.random() < 1 - _SHARE:
        number = chance.randrange(len(words) - 1)
        words[number : number + 2] = [words[number] + words[number + 1]]
    return " ".join(words)


def _swapped(word: str, at: int) -> str:
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _dropped(word: str, at: int) -> str:
    return word[:at] + word[at + 1 :]


def _doubled(word: str, at: int) -> str:
    return word[: at + 1] + word[at:]
