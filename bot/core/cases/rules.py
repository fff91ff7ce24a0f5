"""What holds of cases: their names, who may see them, when they end; no I/O."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.errors import ConflictError, InvalidInputError, NotFoundError
from bot.core.staff.roles import Holding, Role
from bot.core.text import fold, nfc

SILENCE = timedelta(hours=24)
"""After so long without a word of staff the assistant speaks again."""
KEEP_CASE = timedelta(days=30)
"""A case is forgotten so long after its last word (of staff, or that waits for theirs); conversations as well."""
LONGEST_ANSWER = 1_500
"""Characters of one message of staff; it fits every channel in one piece."""
LONGEST_HEARD = 2_000
SEEING = (Role.OFFICER, Role.ADMIN)

_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"  # as of reports: none looks like another, and they spell no word
_REFERENCE = re.compile(rf"YC-[{_LETTERS}]{{5}}")
_THANKS = re.compile(
    r"(?:(?:da|vang|ok|oke|a|roi|the) )*(?:cam on|cam ta|thanks?)"
    r"(?: (?:rat|nhieu|lam|nha|nhe|nghen|a|da|anh|chi|em|co|chu|bac|chau|ban|can bo|moi nguoi))*"
)
_UNPRINTABLE = re.compile(r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


class Why(StrEnum):
    """What led to a case."""

    ASKED = "asked"
    FAILURES = "failures"
    SCAM = "scam"
    DISTRESS = "distress"


class CaseUnknownError(NotFoundError):
    """There is no case of this reference, or it is another area's."""


class CaseClosedError(ConflictError):
    """The case is closed, so that nothing can be said in it any more."""


class CitizenSilentError(ConflictError):
    """The citizen was silent for longer than their platform lets anybody write to them; nothing was said."""


class CitizenUnreachableError(ConflictError):
    """The platform takes nothing for the citizen until they write again: they blocked us, or left; nothing was said."""


class AnswerCostsError(ConflictError):
    """The platform would bill this message, and this deployment does not send such; nothing was said."""


class AnswerNameTakenError(ConflictError):
    """Something else was said in this case under that name, so that this was not said."""


class AnswerInvalidError(InvalidInputError):
    """What staff want to say is empty, too long, or holds characters that nobody sees."""


def new_reference() -> str:
    """Make a reference that nobody can guess from another: ``YC-7K2MX``, one of 14 million."""
    return "YC-" + "".join(secrets.choice(_LETTERS) for _ in range(5))


def read_reference(text: str) -> str | None:
    """Return the reference that somebody typed, in any case and with blanks around it; None where it is none."""
    reference = text.strip().upper()
    return reference if _REFERENCE.fullmatch(reference) else None


def check_answer(text: str) -> str:
    """Return what staff say, NFC and without blank edges.

    Raises:
        AnswerInvalidError: it cannot be said.
    """
    words = nfc(text).strip()
    if not words or len(words) > LONGEST_ANSWER or _UNPRINTABLE.search(words):
        raise AnswerInvalidError(most=LONGEST_ANSWER)
    return words


def is_mere_thanks(text: str) -> bool:
    """Tell whether a citizen's message only thanks, so that nobody need answer it."""
    return _THANKS.fullmatch(" ".join(re.findall(r"\w+", fold(text)))) is not None


def may_see(holdings: Iterable[Holding], area: str, *, now: datetime) -> bool:
    """Tell whether somebody with these roles sees to a case of that area; of no area only who is there for all."""
    areas = (area,) if area else ()
    return any(holding.role in SEEING and holding.is_in_force(now) and holding.covers(areas) for holding in holdings)
