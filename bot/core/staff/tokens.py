"""Tokens: what they look like and what they open; no I/O."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

LONGEST = timedelta(days=366)
_MARK = "hdt_"
_BYTES = 32
_SHOWN = len(_MARK) + 8


class Scope(StrEnum):
    """What a token is for, within what its owner's roles allow."""

    STAFF = "staff"
    """Accounts, grants, others' tokens."""
    APPROVE = "approve"
    """Challenges, approvals, one's own certificates."""
    DRAFT = "draft"
    """Drafts of what is to be approved."""
    AUDIT = "audit"
    """The audit log and evidence."""
    CASES = "cases"
    """Conversations of citizens who asked for a person."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made: the only time that its text is at hand."""

    text: str

    @property
    def prefix(self) -> str:
        """Return the beginning, by which people tell tokens apart; it opens nothing."""
        return self.text[:_SHOWN]

    @property
    def digest(self) -> bytes:
        """Return what is stored instead of it."""
        return token_digest(self.text)


def new_token() -> NewToken:
    """Make a token of 256 random bits, with a beginning that searches for leaked secrets find."""
    return NewToken(_MARK + secrets.token_urlsafe(_BYTES))


def token_digest(text: str) -> bytes:
    """Return the SHA-256 of a token. Nobody can guess 256 bits, so that no slow hash is needed."""
    return hashlib.sha256(text.encode()).digest()
