"""What a report may hold and how it is called; no I/O."""

from __future__ import annotations

import re
import secrets

from bot.core.redaction import redact

LONGEST_WORDS = 500
"""Characters of a report: enough to say what happened, and its writer can read all of it before agreeing."""
CONSENT = "report-1"
"""The wording of ``templates/messages/report_consent`` that citizens agree to; a new wording gets a new name."""

_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"  # none that looks like another, and no vowels: it spells no word
_REFERENCE = re.compile(rf"BC-[{_LETTERS}]{{5}}")


def new_reference() -> str:
    """Make a reference that nobody can guess from another: ``BC-7K2MX``, one of 14 million."""
    return "BC-" + "".join(secrets.choice(_LETTERS) for _ in range(5))


def read_reference(text: str) -> str | None:
    """Return the reference that somebody typed, in any case and with blanks around it; None where it is none."""
    reference = text.strip().upper()
    return reference if _REFERENCE.fullmatch(reference) else None


def story(text: str) -> str:
    """Return what of a message goes into a report: without secrets, in one line, cut after a whole word if too long.

    Messages come here without secrets; they are looked for once more, because this is read by other people.
    """
    words = " ".join(redact(text).text.split())
    if len(words) <= LONGEST_WORDS:
        return words
    kept = words[: LONGEST_WORDS - 2]
    return (kept.rpartition(" ")[0] or kept) + " …"
