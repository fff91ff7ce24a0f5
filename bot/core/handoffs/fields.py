"""What a registrar is told about a citizen, and why: these fields and no other; no I/O.

No identity number, birth date or photo: the registrar collects those on its own pages, as the law has it do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.errors import InvalidInputError
from bot.core.programme.records import PRODUCTS

NAME = "name"
PHONE = "phone"
EMAIL = "email"
DOMAIN = "domain"

LONGEST_NAME = 80
LONGEST_EMAIL = 254
_NAME_SIGNS = frozenset(" .'’-")
_PHONE = re.compile(r"\+[1-9]\d{7,14}")
_EMAIL = re.compile(r"[a-z0-9._%+\-]{1,64}@(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"


class ContactInvalidError(InvalidInputError):
    """What a citizen is to be reached by cannot be used; `field` is its name."""

    def __init__(self, *, field: str) -> None:
        self.field = field
        super().__init__(field=field)


@dataclass(frozen=True, slots=True)
class Field:
    """One thing the registrar is told; templates have its label under `name` and its reason under `purpose_key`."""

    name: str
    purpose_key: str


FIELDS: Mapping[str, tuple[Field, ...]] = {
    product: (
        Field(NAME, "address_you"),
        Field(PHONE, "call_back"),
        Field(EMAIL, "call_back"),
        Field(DOMAIN, "look_up_the_name"),
    )
    for product in PRODUCTS
}
"""By product, in the order in which they are shown. Of phone and email one is enough; only what is given is told."""


def check_contact(contact: Mapping[str, str]) -> dict[str, str]:
    """Return the contact data as it is passed on: the name, and a phone number (E.164), a mail address, or both.

    Raises:
        ContactInvalidError: a field is missing, of another form, or not one that registrars are told.
    """
    given = {name: unicodedata.normalize("NFC", value).strip() for name, value in contact.items()}
    for name in given:
        if name not in (NAME, PHONE, EMAIL):
            raise ContactInvalidError(field=name[:LONGEST_NAME])
    if not _is_name(given.get(NAME, "")):
        raise ContactInvalidError(field=NAME)
    ways = {name: given[name] for name in (PHONE, EMAIL) if given.get(name)}
    if EMAIL in ways:
        ways[EMAIL] = ways[EMAIL].lower()
    if not ways or (PHONE in ways and not _PHONE.fullmatch(ways[PHONE])):
        raise ContactInvalidError(field=PHONE)
    if EMAIL in ways and not (len(ways[EMAIL]) <= LONGEST_EMAIL and _EMAIL.fullmatch(ways[EMAIL])):
        raise ContactInvalidError(field=EMAIL)
    return {NAME: " ".join(given[NAME].split()), **ways}


def check_domain(product: str, domain: str) -> str:
    """Return a wished name in lower case; whether it keeps the naming rules was asked before.

    Raises:
        ContactInvalidError: it does not stand directly under the product, or the product is none of ours.
    """
    wished = domain.strip().lower()
    if product not in PRODUCTS or not re.fullmatch(rf"{_LABEL}\.{re.escape(product)}", wished):
        raise ContactInvalidError(field=DOMAIN)
    return wished


def _is_name(text: str) -> bool:
    """Tell whether a text can be somebody's name: letters of any script, in one line; no address, number or markup."""
    if not 0 < len(text) <= LONGEST_NAME or not any(map(str.isalpha, text)):
        return False
    return all(letter.isalpha() or letter in _NAME_SIGNS for letter in text)
