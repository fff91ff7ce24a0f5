"""The client of Zalo's open API and of its OAuth."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from bot.core.deliveries.errors import ChannelClosedError, NotSentError, OutcomeUnknownError
from bot.gateway.zalo.failures import TokenRefusedError, named
from bot.settings import Settings

TIMEOUT = httpx.Timeout(10.0, pool=5.0)
MOST_CONNECTIONS = 16
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""What httpx raises before a byte of the request has left."""
_MESSAGES, _GROUP_MESSAGES = "/v3.0/oa/message/cs", "/v3.0/oa/group/message"
_UPLOADS, _TOKENS = "/v2.0/oa/upload/image", "/v4/oa/access_token"
_ACCOUNT = "/v2.0/oa/getoa"
_UNAUTHORISED = 401
_ACCOUNT_ID = re.compile(r"\d{1,64}")
_UNTOLD_SECONDS = 3600
_LONGEST_SECONDS = 30 * 24 * 3600
"""Longer than any access token of Zalo's lasts; a date so far ahead can still be written."""


class RefreshRefusedError(ChannelClosedError):
    """Zalo takes the refresh token no more: a person must authorise the app again."""

    def __init__(self, *, told: int) -> None:
        self.told = told
        super().__init__(told=told)


@dataclass(frozen=True, slots=True, repr=False)
class TokenPair:
    """An access token, the refresh token that gives the next pair, once, and how long the first lasts."""

    access: str
    refresh: str
    lasts: timedelta


@dataclass(frozen=True, slots=True, repr=False)
class ZaloClient:
    """Calls Zalo; keeps no token."""

    http: httpx.AsyncClient
    api_url: str
    oauth_url: str
    app_id: str
    app_secret: str

    async def send_message(self, access: str, user_id: str, message: Mapping[str, Any]) -> str:
        """Send a message to somebody who wrote within the last days; return Zalo's name for it.

        Raises:
            SendError: it was not sent, or may not have been.
        """
        return await self._send(_MESSAGES, access, {"user_id": user_id}, message)

    async def send_to_group(self, access: str, group_id: str, message: Mapping[str, Any]) -> str:
        """Send a message, without buttons, to a group of the account's; return Zalo's name for it.

        Raises:
            SendError: it was not sent, or may not have been.
        """
        return await self._send(_GROUP_MESSAGES, access, {"group_id": group_id}, message)

    async def _send(self, path: str, access: str, to: Mapping[str, str], message: Mapping[str, Any]) -> str:
        data = await self._call(path, access, json={"recipient": to, "message": message})
        return str(data.get("message_id", ""))

    async def upload_image(self, access: str, png: bytes) -> str:
        """Upload a picture; return the name by which messages show it, for some days.

        Raises:
            SendError: it was not taken.
        """
        try:
            data = await self._call(_UPLOADS, access, files={"file": ("hinh.png", png, "image/png")})
        except OutcomeUnknownError as error:
            raise NotSentError from error  # nobody was sent anything
        return str(data.get("attachment_id", ""))

    async def account(self, access: str) -> str:
        """Return the id of the account that a token speaks for.

        Raises:
            SendError: Zalo does not tell.
        """
        response = await self._ask("GET", self.api_url + _ACCOUNT, headers={"access_token": access})
        told = str(_data(response).get("oa_id", ""))
        if not _ACCOUNT_ID.fullmatch(told):
            raise OutcomeUnknownError
        return told

    async def refresh(self, refresh_token: str) -> TokenPair:
        """Use a refresh token up, for good, and return the new pair.

        Raises:
            RefreshRefusedError: Zalo takes it no more.
            SendError: nothing is known; the token may be used up.
        """
        fields = {"refresh_token": refresh_token, "app_id": self.app_id, "grant_type": "refresh_token"}
        return await self._exchange(fields)

    async def exchange_code(self, code: str, verifier: str) -> TokenPair:
        """Return the first pair, for the code of an administrator's permission and its PKCE verifier.

        Raises:
            RefreshRefusedError, SendError: as `refresh`.
        """
        fields = {"code": code, "app_id": self.app_id, "grant_type": "authorization_code", "code_verifier": verifier}
        return await self._exchange(fields)

    async def _exchange(self, fields: Mapping[str, str]) -> TokenPair:
        response = await self._ask(
            "POST", self.oauth_url + _TOKENS, headers={"secret_key": self.app_secret}, data=fields
        )
        told = _json(response)
        access, refresh = told.get("access_token"), told.get("refresh_token")
        if isinstance(access, str) and isinstance(refresh, str) and access and refresh:
            return TokenPair(access, refresh, timedelta(seconds=_seconds(told.get("expires_in"))))
        code = _code(told)
        failure = named(code)
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or code in {0, -32}:
            raise failure if code else OutcomeUnknownError()
        raise RefreshRefusedError(told=code)

    async def _call(self, path: str, access: str, **content: Any) -> Mapping[str, Any]:
        return _data(await self._ask("POST", self.api_url + path, headers={"access_token": access}, **content))

    async def _ask(self, method: str, url: str, **content: Any) -> httpx.Response:
        try:
            return await self.http.request(method, url, **content)
        except _BEFORE_SENDING as error:
            raise NotSentError from error
        except httpx.HTTPError as error:
            raise OutcomeUnknownError from error


@asynccontextmanager
async def open_zalo_client(
    settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[ZaloClient]:
    """Give a client during the block; nothing is asked of Zalo yet. Zalo must be switched on in the settings."""
    limits = httpx.Limits(max_connections=MOST_CONNECTIONS)
    async with httpx.AsyncClient(transport=transport, timeout=TIMEOUT, limits=limits, trust_env=False) as http:
        yield ZaloClient(
            http,
            str(settings.zalo_api_url).rstrip("/"),
            str(settings.zalo_oauth_url).rstrip("/"),
            settings.zalo_app_id or "",
            settings.zalo_app_secret.get_secret_value() if settings.zalo_app_secret else "",
        )


def _data(response: httpx.Response) -> Mapping[str, Any]:
    """Return what a call of the open API gave.

    Raises:
        SendError: it failed, or nobody knows.
    """
    if response.status_code == _UNAUTHORISED:
        raise TokenRefusedError
    told = _json(response)
    if response.is_error or "error" not in told:
        raise OutcomeUnknownError
    code = _code(told)
    if code:
        raise named(code)
    data = told.get("data")
    return data if isinstance(data, dict) else {}


def _json(response: httpx.Response) -> Mapping[str, Any]:
    try:
        told = response.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _code(told: Mapping[str, Any]) -> int:
    """Return the error code, 0 for none; failures mostly come with HTTP 200."""
    code = told.get("error")
    try:
        return int(code) if isinstance(code, int | str) else 0
    except ValueError:
        return 0


def _seconds(value: object) -> int:
    """Return how long a token lasts: a number, as a string by the documents; an hour where it cannot be read."""
    try:
        seconds = int(value) if isinstance(value, int | str) else 0
    except ValueError:
        seconds = 0
    return min(seconds, _LONGEST_SECONDS) if seconds > 0 else _UNTOLD_SECONDS
