"""OAuth: pairs of tokens, each refresh token good for one more pair, and an administrator who gives permission."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from bot.core.clock import Clock
from tests.zalo.fake_wire import APP_ID, APP_SECRET, OA_ID, CodeError

ACCESS_SECONDS = 90_000
REFRESH_LASTS = timedelta(days=90)
CODE_LASTS = timedelta(minutes=10)
BAD_SECRET, BAD_REFRESH, BAD_CODE = -14001, -14014, -14015


@dataclass
class Tokens:
    """What OAuth has given out; a test may put anything in place of either token, as somebody else's call does."""

    access: str = ""
    refresh: str = "first-refresh-token"
    used: list[str] = field(default_factory=list)
    exchanges: int = 0
    given_at: datetime | None = None
    """When the pair was given; the first refresh token, from the console, is of no age."""
    used_up_code: int = BAD_REFRESH
    """What a used or expired refresh token is answered with: reports disagree (-14020, -14014, -118)."""
    _codes: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def exchange(self, secret_key: str, fields: Mapping[str, str], clock: Clock) -> Mapping[str, str]:
        """Give the next pair; from then on the one before is worth nothing.

        Raises:
            CodeError: the app, the refresh token or the code is not right.
        """
        if secret_key != APP_SECRET or fields.get("app_id") != APP_ID:
            raise CodeError(BAD_SECRET, "Invalid secret key")
        match fields.get("grant_type"):
            case "refresh_token":
                self._use_refresh(fields.get("refresh_token", ""), clock)
            case "authorization_code":
                self._use_code(fields.get("code", ""), fields.get("code_verifier", ""), clock)
            case _:
                raise CodeError(-201, "grant_type is invalid")
        self.exchanges += 1
        self.used.append(self.refresh)
        self.access, self.refresh = f"access-{self.exchanges}", f"refresh-{self.exchanges}"
        self.given_at = clock.now()
        return {"access_token": self.access, "refresh_token": self.refresh, "expires_in": str(ACCESS_SECONDS)}

    def _use_refresh(self, token: str, clock: Clock) -> None:
        is_old = self.given_at is not None and clock.now() - self.given_at > REFRESH_LASTS
        if not token or token != self.refresh or is_old:
            raise CodeError(self.used_up_code, "Invalid refresh token")

    def _use_code(self, code: str, verifier: str, clock: Clock) -> None:
        """Use a code up. The verifier's digest in hexadecimal is taken too, for tests that ask nobody for a code."""
        digest = hashlib.sha256(verifier.encode())
        if hmac.compare_digest(digest.hexdigest().encode(), code.encode()):
            return
        challenge, asked_at = self._codes.pop(code, ("", None))
        proven = urlsafe_b64encode(digest.digest()).decode().rstrip("=")
        if asked_at is None or challenge != proven or clock.now() - asked_at > CODE_LASTS:
            raise CodeError(BAD_CODE, "Invalid code")

    def give_permission(self, address: str, clock: Clock) -> str:
        """Say yes, as an administrator of the account does; return the address to which the browser is led.

        Raises:
            CodeError: the address asks for another app, has no challenge, or leads nowhere.
        """
        query = {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}
        if query.get("app_id") != APP_ID or not query.get("code_challenge"):
            raise CodeError(BAD_SECRET, "Invalid app_id or code_challenge")
        back = query.get("redirect_uri", "")
        if urlsplit(back).scheme not in {"http", "https"}:
            raise CodeError(-14003)
        code = secrets.token_urlsafe(24)
        self._codes[code] = (query["code_challenge"], clock.now())
        told = {"code": code, "oa_id": OA_ID} | ({"state": query["state"]} if "state" in query else {})
        return f"{back}?{urlencode(told)}"

    def check(self, access: str, proof: str | None, clock: Clock) -> None:
        """Let a call of the open API in.

        Raises:
            CodeError: -216 the access token is not the newest, -220 it has ended, -242 the proof is wrong.
        """
        if not self.access or access != self.access:
            raise CodeError(-216)
        if self.given_at is not None and clock.now() - self.given_at > timedelta(seconds=ACCESS_SECONDS):
            raise CodeError(-220)
        if proof is not None and proof != hmac.new(APP_SECRET.encode(), access.encode(), "sha256").hexdigest():
            raise CodeError(-242)
