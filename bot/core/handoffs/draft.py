"""What a citizen has told of a request so far, what is asked next, and how a wished name is read; no I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.core.handoffs.fields import EMAIL, NAME, PHONE, ContactInvalidError, check_contact
from bot.core.handoffs.rotation import taking_part
from bot.core.programme.naming import DomainName, NameVerdict, Problem, judge_name, parse_name
from bot.core.programme.naming_content import Naming
from bot.core.programme.points import Registrar
from bot.core.programme.records import PRODUCTS, Product
from bot.core.text import fold, nfc

Question: TypeAlias = Literal["name", "product", "adult", "registrar", "consent", "person", "contact", "sending"]
"""What is asked, one at a time, in this order.

Nothing of how the citizen is reached is asked or kept before the yes to ``consent``: who leaves in the middle has
left nothing behind.
"""

_LONGEST_WISH = 6
"""Words of a message that can be a wished name; a longer one tells something else."""
_LONGEST_PERSON = 6
_BEFORE_A_WISH = re.compile(
    r"(?:da |vang |u |thi )*"
    r"(?:(?:em|toi|minh|chau|con|tui|anh|chi|cho em|cho toi|cho minh) )?"
    r"(?:(?:muon|thich|can|xin|dinh|se) )?(?:(?:dang ky|lay|dat|chon|dung|doi|doi thanh|doi sang) )?"
    r"(?:(?:ten mien|ten|domain) )?(?:(?:la|thanh|moi|nay) )*"
)
_BEFORE_A_PERSON = re.compile(
    r"(?:da |vang |u |thi )*(?:(?:cu )?goi )?(?:(?:ho (?:va )?)?ten )?(?:cua )?"
    r"(?:(?:em|toi|minh|chau|con|tui) )?(?:(?:ten|la|ho ten) )*"
)
_ANNOUNCING = re.compile(r"(?:da )?(?:(?:ho (?:va )?)?ten|(?:em|toi|minh|chau|con|tui|anh|chi|co|chu|bac) (?:ten|la)) ")
_AFTERWARDS = frozenset({"a", "ah", "nhe", "nha", "nghen", "nhen", "di", "do", "day"})
_AROUND = " .,!:;\"'\u201c\u201d"
_ASKING = frozenset(
    ["gi", "nao", "sao", "dau", "duoc", "dc", "vay", "khong", "ko", "hong",
     "g\u00ec", "n\u00e0o", "\u0111\u00e2u", "\u0111\u01b0\u1ee3c", "v\u1eady", "kh\u00f4ng", "m\u1ea5y", "nhi\u00eau"]
)  # fmt: skip
"""Words of questions. With accents, where a name could be written the same without."""
_NUMBER_OR_ADDRESS = re.compile(r"\S+ ?@ ?\S+|\(?\+?\d[\d .()\-]{6,}\d")


@dataclass(frozen=True, slots=True)
class Draft:
    """A request before it is sent.

    Attributes:
        wish: the wished name, which keeps the rules; with its zone where that is known.
        product: what it is for, where the wish does not tell.
        adult: whether the citizen is of age; None where nothing tells.
        registrar: the key of who gets the request.
        agreed: the answer to the consent; None while it was not asked.
        person: by which name the citizen is called.
        contact: a phone number (E.164) or a mail address.
        sent: whether the citizen had it sent at the end; None while they were not asked.
    """

    wish: str | None = None
    product: Product | None = None
    adult: bool | None = None
    registrar: str | None = None
    agreed: bool | None = None
    person: str | None = None
    contact: str | None = None
    sent: bool | None = None

    @property
    def meant(self) -> Product | None:
        """The product that the wish names, or else the one told."""
        return (parse_name(self.wish).product if self.wish else None) or self.product

    @property
    def domain(self) -> str | None:
        """The full name; None while it is open."""
        if self.wish is None or self.meant is None:
            return None
        return DomainName(parse_name(self.wish).label, self.meant).registrable

    @property
    def deal(self) -> str:
        """What a yes is to: who gets the request, and for which name."""
        return f"{self.registrar or ''}:{self.domain or ''}"

    @property
    def reached_by(self) -> dict[str, str]:
        """The contact data by field, as far as it was told."""
        contact = {} if self.contact is None else {EMAIL if "@" in self.contact else PHONE: self.contact}
        return {**({} if self.person is None else {NAME: self.person}), **contact}

    @property
    def is_complete(self) -> bool:
        """True where everything was told and agreed to: only then it may be sent."""
        told = (self.domain, self.registrar, self.person, self.contact)
        return all(told) and self.agreed is True and self.sent is True and self.adult is not False


def missing(draft: Draft) -> Question | None:
    """Name what is asked next; None where nothing is, or where an answer ended the matter."""
    if draft.adult is False or draft.agreed is False or draft.sent is not None:
        return None
    is_told: Sequence[tuple[Question, bool]] = (
        ("name", draft.wish is not None),
        ("product", draft.meant is not None),
        # Who has a business of their own is of age; the consent says so once more.
        ("adult", draft.adult is not None or draft.meant == "biz.vn"),
        ("registrar", draft.registrar is not None),
        ("consent", draft.agreed is not None),
        ("person", draft.person is not None),
        ("contact", draft.contact is not None),
        ("sending", False),
    )
    return next(question for question, told in is_told if not told)


def judge_wish(naming: Naming, text: str, product: Product | None) -> NameVerdict:
    """Judge a wished name as the rules do; the verdict's suggestions keep them."""
    return judge_name(naming, parse_name(text), product)


def is_acceptable(verdict: NameVerdict) -> bool:
    """Tell whether a request may carry the name. One that may be protected is left to the registrar, who knows."""
    return set(verdict.problems) <= {Problem.PROTECTED}


def wished_in(text: str) -> str | None:
    """Give the wished name in a message that answers the question for it; None where it cannot be one."""
    wish = _without(_BEFORE_A_WISH, text)
    return wish if 0 < len(wish.split()) <= _LONGEST_WISH and not _asks(text) else None


def person_in(text: str) -> str | None:
    """Give the name of the citizen in a message that answers the question for it; None where it cannot be one."""
    name = _without(_BEFORE_A_PERSON, _NUMBER_OR_ADDRESS.sub(" ", text))
    if not 0 < len(name.split()) <= _LONGEST_PERSON or _asks(text):
        return None
    try:
        return check_contact({NAME: name, PHONE: _ANY_NUMBER})[NAME]
    except ContactInvalidError:
        return None


def announces_person(text: str) -> bool:
    """Tell whether a message says that a name follows: "em tên ..."."""
    return _ANNOUNCING.match(" ".join(fold(text).split())) is not None


def contact_in(phone: str | None, email: str | None) -> str | None:
    """Give the one way to reach the citizen that a message tells, the phone first; None where it cannot be used."""
    for field, told in ((PHONE, phone), (EMAIL, email)):
        if told is None:
            continue
        try:
            return check_contact({NAME: "a", field: told})[field]
        except ContactInvalidError:
            continue
    return None


def registrars_for(registrars: Sequence[Registrar], product: Product) -> list[Registrar]:
    """Give those of whom something shows that they take part for a product."""
    return taking_part(registrars, product)


def registrar_in(text: str, registrars: Sequence[Registrar]) -> Registrar | None:
    """Give the registrar that a message names, by its brand, its name or its site."""
    said = f" {_plain(text)} "
    for registrar in registrars:
        site = _plain(registrar.key)
        called = {_plain(registrar.brand.partition("(")[0]), _plain(registrar.name), site, site.partition(" ")[0]}
        # Blanks are put anywhere in a name of several parts: "PA Viet Nam".
        is_run_together = any(" " in name and name.replace(" ", "") in said.replace(" ", "") for name in called)
        if is_run_together or any(f" {name} " in said for name in called):
            return registrar
    return None


def known_product(value: object) -> Product | None:
    """Read a product that was told."""
    return next((product for product in PRODUCTS if product == value), None)


_ANY_NUMBER = "+84900000000"
"""Stands in where only the name is checked."""


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))


def _asks(text: str) -> bool:
    words = re.findall(r"\w+", nfc(text).lower())
    return "?" in text or not _ASKING.isdisjoint(words)


def _without(before: re.Pattern[str], text: str) -> str:
    """Cut off the words around what was asked for: whole words, found without accents."""
    typed = text.strip(_AROUND).split()
    folded = [fold(word).strip(_AROUND) or "-" for word in typed]
    match = before.match(" ".join(folded) + " ")
    first = match[0].count(" ") if match else 0
    # What is written large ends a name: "Nguyen Van A".
    while len(typed) > first + 1 and folded[-1] in _AFTERWARDS and typed[-1].islower():
        typed, folded = typed[:-1], folded[:-1]
    return " ".join(typed[first:]).strip(_AROUND)
