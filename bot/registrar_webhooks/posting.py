"""Posting to an address that somebody else chose."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from bot.core.errors import InvalidInputError, UnavailableError
from bot.revocation.fetching import Resolver, resolve
from bot.revocation.hosts import USUAL_PORTS, Hosts, Place

LOOPBACK = ("127.0.0.0/8", "::1/128")
MOST_ADDRESSES = 3
SECONDS = 15.0
"""For one delivery, looking the name up included."""
LONGEST_URL = 500
LONGEST_WAIT = 86_400.0
"""Seconds that a receiver may ask us to wait."""


class EndpointRefusedError(InvalidInputError):
    """An endpoint's address may not be used; `problem` is one of a few words."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem=problem)


class DeliveryFailedError(UnavailableError):
    """A delivery was not taken; `reason` is one of a few words, `retry_after` the seconds the receiver asks for."""

    def __init__(self, reason: str, *, retry_after: float = 0.0) -> None:
        super().__init__(reason=reason)
        self.reason = reason
        self.retry_after = retry_after


class Poster:
    """Posts to public addresses over https, and with `loopback`, for tests, to this machine over http as well."""

    def __init__(self, client: httpx.AsyncClient, *, loopback: bool = False, resolver: Resolver = resolve) -> None:
        self._client = client
        self._loopback = loopback
        self._hosts = Hosts(LOOPBACK if loopback else ())
        self._resolve = resolver

    def place_of(self, url: str) -> Place:
        """Return where an endpoint's address leads, as far as that can be told without asking.

        Raises:
            EndpointRefusedError: it is not https, names a user, holds a fragment, or is no address of a web server.
        """
        place = Place.of(url)
        if place is None or len(url) > LONGEST_URL or not url.isascii() or any(sign <= " " for sign in url):
            raise EndpointRefusedError("not-an-address")
        if "#" in url:
            raise EndpointRefusedError("fragment")
        if place.scheme != "https" and not self._loopback:
            raise EndpointRefusedError("not-https")
        return place

    async def check(self, url: str) -> None:
        """Find out whether deliveries to an address could go out now.

        Raises:
            EndpointRefusedError: it may not be used, its name has no address, or only addresses that are not public.
        """
        place = self.place_of(url)
        try:
            async with asyncio.timeout(SECONDS):
                await self._addresses(place)
        except (OSError, UnicodeError) as error:
            raise EndpointRefusedError("no-address") from error
        except DeliveryFailedError as error:
            raise EndpointRefusedError(error.reason) from error

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Deliver; any answer of 2xx means taken. Redirections are not followed, and no answer is read.

        Raises:
            DeliveryFailedError: it was not taken, or may not be sent there.
        """
        try:
            place = self.place_of(url)
            async with asyncio.timeout(SECONDS):
                await self._post(url, place, body, headers)
        except EndpointRefusedError as error:
            raise DeliveryFailedError(error.problem) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise DeliveryFailedError("slow") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise DeliveryFailedError("unreachable") from error

    async def _post(self, url: str, place: Place, body: bytes, headers: Mapping[str, str]) -> None:
        for address in await self._addresses(place):
            request = self._client.build_request(
                "POST",
                httpx.URL(url).copy_with(host=address, port=place.port),
                content=body,
                headers={**headers, "Host": _written(place), "User-Agent": "hiendien", "Accept-Encoding": "identity"},
                extensions={"sni_hostname": place.host},
            )
            try:
                response = await self._client.send(request, stream=True)
            except httpx.ConnectError:
                continue
            await response.aclose()
            if not response.is_success:
                reason = "redirected" if response.has_redirect_location else f"status-{response.status_code}"
                raise DeliveryFailedError(reason, retry_after=_wait(response))
            return
        raise DeliveryFailedError("unreachable")

    async def _addresses(self, place: Place) -> list[str]:
        found = await self._resolve(place.host, place.port)
        admitted = [address for address in found if self._hosts.admits(address)]
        if not admitted:
            raise DeliveryFailedError("private-address")
        if place.scheme != "https":
            # Without TLS only to this machine, whatever the name says.
            admitted = [address for address in admitted if not Hosts().admits(address)]
        return admitted[:MOST_ADDRESSES]


@asynccontextmanager
async def open_poster(
    *, loopback: bool = False, resolver: Resolver = resolve, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Poster]:
    """Give a poster during the block; it heeds no proxy of the environment and keeps no connection.

    `tls` is what servers are known by; the system's own authorities, where it is None.
    """
    limits = httpx.Limits(max_connections=8, max_keepalive_connections=0)
    async with httpx.AsyncClient(
        trust_env=False,
        follow_redirects=False,
        timeout=SECONDS,
        limits=limits,
        verify=tls or ssl.create_default_context(),
    ) as client:
        yield Poster(client, loopback=loopback, resolver=resolver)


def _written(place: Place) -> str:
    host = f"[{place.host}]" if ":" in place.host else place.host
    return host if USUAL_PORTS[place.scheme] == place.port else f"{host}:{place.port}"


def _wait(response: httpx.Response) -> float:
    told = response.headers.get("Retry-After", "")
    return min(float(told), LONGEST_WAIT) if told.isascii() and told.isdigit() else 0.0
