"""Asking the web for lists and answers, where that is allowed, within bounds of size and time."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

import httpx

from bot.core.errors import UnavailableError
from bot.revocation.hosts import USUAL_PORTS, Hosts, Place

Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host.

Raises:
    OSError: it has none.
"""

MOST_HOPS = 3
MOST_ADDRESSES = 3
CONNECTIONS = 16
LONGEST_STEP = 60.0
"""Seconds for one read; each call has its own bound for the whole of it."""
_MOVED = frozenset({301, 302, 303, 307, 308})
_PLAIN = {"Accept-Encoding": "identity", "User-Agent": "hiendien"}
"""A compressed answer would be as large as it likes once unpacked."""


class FetchFailedError(UnavailableError):
    """A list or an answer could not be fetched; `reason` is one of a few words, for logs and counters."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Fetcher:
    """Fetches from the hosts that are listed, and from nowhere else.

    A name is resolved once, its addresses are looked at, and the connection goes to the address that was looked at:
    a name that leads elsewhere the second time gains nothing.
    """

    def __init__(self, client: httpx.AsyncClient, hosts: Hosts, *, resolver: Resolver = resolve) -> None:
        self.hosts = hosts
        self._client = client
        self._resolve = resolver

    def may_ask(self, url: str) -> bool:
        """Tell whether the host of a URL is listed."""
        place = Place.of(url)
        return place is not None and self.hosts.lists(place)

    async def get(self, url: str, *, most_bytes: int, seconds: float) -> bytes:
        """Return what is at a URL; redirections are followed among listed hosts.

        Raises:
            FetchFailedError: it is not allowed, not there, too large, or too slow.
        """
        return await self._in_time(self._follow(url, most_bytes), seconds)

    async def post(self, url: str, question: bytes, *, kind: str, most_bytes: int, seconds: float) -> bytes:
        """Return the answer to a question, whose media type is `kind`; redirections are not followed.

        Raises:
            FetchFailedError: as `get`.
        """

        async def ask() -> bytes:
            answer = await self._ask("POST", url, most_bytes, content=question, kind=kind)
            if isinstance(answer, str):
                raise FetchFailedError("redirected")
            return answer

        return await self._in_time(ask(), seconds)

    async def _in_time(self, work: Awaitable[bytes], seconds: float) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError as error:
            raise FetchFailedError("slow") from error
        except httpx.TimeoutException as error:
            raise FetchFailedError("slow") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise FetchFailedError("unreachable") from error

    async def _follow(self, url: str, most_bytes: int) -> bytes:
        for _ in range(MOST_HOPS):
            answer = await self._ask("GET", url, most_bytes)
            if isinstance(answer, bytes):
                return answer
            url = answer
        raise FetchFailedError("redirected")

    async def _ask(
        self, method: str, url: str, most_bytes: int, *, content: bytes | None = None, kind: str | None = None
    ) -> bytes | str:
        """Return what a URL answers, or where it sends us."""
        place = Place.of(url)
        if place is None or not self.hosts.lists(place):
            raise FetchFailedError("host-not-listed")
        for address in await self._addresses(place):
            request = self._client.build_request(
                method,
                httpx.URL(url).copy_with(scheme=place.scheme, host=address, port=place.port),
                content=content,
                headers={**_PLAIN, "Host": _written(place)} | ({"Content-Type": kind} if kind else {}),
                extensions={"sni_hostname": place.host},
            )
            try:
                response = await self._client.send(request, stream=True)
            except httpx.ConnectError:
                continue
            try:
                return await _read(response, url, most_bytes)
            finally:
                await response.aclose()
        raise FetchFailedError("unreachable")

    async def _addresses(self, place: Place) -> Sequence[str]:
        found = await self._resolve(place.host, place.port)
        admitted = [address for address in found if self.hosts.admits(address)]
        if not admitted:
            raise FetchFailedError("address-not-listed")
        return admitted[:MOST_ADDRESSES]


@asynccontextmanager
async def open_fetcher(
    hosts: Hosts, *, resolver: Resolver = resolve, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Fetcher]:
    """Give a fetcher during the block; it heeds no proxy of the environment.

    `tls` is what https servers are known by; the system's own authorities, where it is None.
    """
    tls = tls or ssl.create_default_context()
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=0)
    async with httpx.AsyncClient(
        trust_env=False, follow_redirects=False, timeout=LONGEST_STEP, limits=limits, verify=tls
    ) as client:
        yield Fetcher(client, hosts, resolver=resolver)


def _written(place: Place) -> str:
    host = f"[{place.host}]" if ":" in place.host else place.host
    return host if USUAL_PORTS[place.scheme] == place.port else f"{host}:{place.port}"


async def _read(response: httpx.Response, url: str, most_bytes: int) -> bytes | str:
    if response.status_code in _MOVED:
        return str(httpx.URL(url).join(response.headers.get("Location", "")))
    if response.status_code != 200:
        raise FetchFailedError("status")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise FetchFailedError("encoded")
    data = bytearray()
    async for chunk in response.aiter_raw():
        data += chunk
        if len(data) > most_bytes:
            raise FetchFailedError("too-large")
    return bytes(data)
