"""Reading shortened and half-typed Vietnamese as the words that were meant, for the features of the classifier.

Works on single folded tokens and never touches the text as sent: a grammar still reads what was typed, and spans stay
right. Training and reading go through the same function, so that a wrong guess here is the same wrong guess there.
"""

from __future__ import annotations

import re

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdghklmnpqrstvx])?"
    r"(?:[aeiouy]|a[iouy]|e[ou]|i[aeu]|o[aei]|u[aeiouy]|ye|ie[u]|oa[iy]|oe[o]|uo[iu]|uy[aeu]|ye[u]|ua[y]|uye|ia[o])"
    r"(?:ch|nh|ng|[cmnpt])?",
    re.ASCII,
)

# What people write for a word, folded; the words stand as the features then see them. What is short for two of them
# stays as it is typed, for its neighbours to decide: "ct" is "công ty" as well as "chương trình".
_SHORT_FORMS = {
    "khong": "ko k kg khg kog hk hok hong hem hum khum hog khom kh0ng",
    "duoc": "dc dx duocc dduoc dcc",
    "dang ky": "dk dki dky dkiy dkii",
    "gi": "j ji gj gii",
    "vay": "z v zay dz dzay",
    "bao nhieu": "bn bnh bnhieu bnhiu bnhiu",
    "nhieu": "nhiu",
    "the nao": "tn tnao",
    "nhu the nao": "ntn nhtn nhutn",
    "moi nguoi": "mn mng",
    "moi": "ms",
    "voi": "vs",
    "roi": "r oy rui roy",
    "lam": "lm",
    "luon": "lun",
    "qua": "wa qa",
    "muon": "mun",
    "thich": "thik",
    "nguoi": "ng ngta",
    "truoc": "trc trk",
    "sinh nam": "sn",
    "thang": "thg thag",
    "cung": "cx cg cug cux",
    "nhan tin": "nt",
    "tai khoan": "tk",
    "mat khau": "mk mkhau",
    "em": "e",
    "anh": "a",
    "chi": "c",
    "cong ty": "cty cti",
    "doanh nghiep": "dn dnghiep",
    "ho kinh doanh": "hkd",
    "kinh doanh": "kd kdoanh",
    "giay phep kinh doanh": "gpkd",
    "sinh vien": "sv svien",
    "hoc sinh": "hs",
    "ten mien": "tm tmien tenmien",
    "mien phi": "mp free mienphi fre",
    "bao gio": "bh bgio",
    "gio": "h",
    "biet": "bt bit",
    "oke": "ok okay oki okie okela",
    "cam on": "tks thanks thank camon camonn",
    "so dien thoai": "sdt",
    "dien thoai": "dt dthoai",
    "tin nhan": "tnhan",
    "uy ban nhan dan": "ubnd",
    "chung thu so": "cts ctso",
    "chu ky so": "cks",
    "ke hoach": "khoach",
    "thong tin": "ttin",
    "huong dan": "hd hdan",
    "ho tro": "htro",
    "chuong trinh": "ctrinh ctr",
    "ho so": "hso",
    "giay to": "gto",
    "gia han": "ghan",
    "can cuoc": "cccd cmnd",
    "facebook": "fb face",
    "tra loi": "rep trloi",
    "ban": "b",
    "minh": "mik mh mjh",
    "yeu": "iu",
    "viet nam": "vietnam",
}
_FULL_FORMS = {short: full for full, shorts in _SHORT_FORMS.items() for short in shorts.split()}
_I_FOR_Y = re.compile(r"(h|k|l|m|s|t|qu)i")
# At the word's end or before its last consonants, where hands put it; "visa" and "us" are no Vietnamese.
_TONE = re.compile(r"(?<=[aeiouy])([a-z]*?)[sfrxj](?![aeiouy])")
_VNI = re.compile(r"(?<=[aeiouydcghmnpt])[1-9]{1,2}")
_SHORTEST_RESIDUE = 3
_STRETCHED = re.compile(r"([a-z])\1{2,}")


def spelled_out(token: str) -> str:
    """Give the words that a folded token stands for; itself where nothing is known of it.

    >>> spelled_out("dki"), spelled_out("dduwowcj"), spelled_out("mie6n"), spelled_out("khonggg")
    ('dang ky', 'duoc', 'mien', 'khong')
    """
    token = _STRETCHED.sub(r"\1", token)
    if token in _FULL_FORMS:
        return _FULL_FORMS[token]
    if _I_FOR_Y.fullmatch(token):
        return token[:-1] + "y"
    if len(token) < _SHORTEST_RESIDUE or not token.isascii() or not token.isalnum() or _SYLLABLE.fullmatch(token):
        return token
    return _without_vni(token) or _without_telex(token) or token


def _without_vni(token: str) -> str | None:
    letters = _VNI.sub("", token)
    return letters if letters != token and _SYLLABLE.fullmatch(letters) else None


def _without_telex(token: str) -> str | None:
    letters = token.replace("dd", "d").replace("aa", "a").replace("ee", "e").replace("oo", "o")
    letters = letters.replace("uw", "u").replace("ow", "o").replace("aw", "a").replace("w", "u")
    toned = _TONE.sub(r"\1", letters, count=1)
    for candidate in (letters, toned):
        if candidate != token and _SYLLABLE.fullmatch(candidate):
            return candidate
    return None
