"""An administrator's permission for the app: where to ask for it, and how the answer is read (OAuth v4 with PKCE)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

from bot.core.errors import InvalidInputError

_VERIFIER_LENGTH = 43
_LETTERS = string.ascii_letters + string.digits


class ZaloOffError(InvalidInputError):
    """Zalo was asked for and there is no app."""


class ZaloAnswerUnreadableError(InvalidInputError):
    """The address holds no code that was asked for now."""


@dataclass(frozen=True, slots=True, repr=False)
class Permission:
    """One request for permission; its verifier and state are nobody else's."""

    verifier: str
    state: str

    @classmethod
    def ask(cls) -> Self:
        """Make a request."""
        return cls("".join(secrets.choice(_LETTERS) for _ in range(_VERIFIER_LENGTH)), secrets.token_urlsafe(16))

    def address(self, *, oauth_url: str, app_id: str, redirect_uri: str) -> str:
        """Return where an administrator of the account says yes. The challenge goes along, which was seen to work."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "app_id": app_id,
            "redirect_uri": redirect_uri,
            "code_challenge": urlsafe_b64encode(digest).decode().rstrip("="),
            "state": self.state,
        }
        return f"{oauth_url}/v4/oa/permission?{urlencode(query)}"

    def read_answer(self, address: str) -> str:
        """Return the code in the address to which Zalo led back. A state that is missing is tolerated; another is not.

        Raises:
            ZaloAnswerUnreadableError: there is no code, or it answers another request.
        """
        try:
            query = parse_qs(urlsplit(address.strip()).query)
        except ValueError as error:
            raise ZaloAnswerUnreadableError from error
        (code,), (state,) = query.get("code", [""])[-1:], query.get("state", [self.state])[-1:]
        if not code or not hmac.compare_digest(state.encode(), self.state.encode()):
            raise ZaloAnswerUnreadableError
        return code
