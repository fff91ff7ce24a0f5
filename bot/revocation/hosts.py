"""Which hosts and addresses may be asked about revocation."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from bot.settings import Settings

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

USUAL_PORTS = {"http": 80, "https": 443}
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
"""The only IPv6 addresses that anybody on the Internet has (RFC 4291); among others, translators lead inside."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL leads: the host as it is written there in lower case, and the port."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Place | None:
        """Return where a URL leads; None where it is not plain http or https, or names a user."""
        try:
            parts = urlsplit(url)
            usual = USUAL_PORTS[parts.scheme]
            port = parts.port or usual
        except (KeyError, ValueError):
            return None
        return cls(parts.scheme, parts.hostname, port) if parts.hostname and "@" not in parts.netloc else None


class Hosts:
    """The hosts that the operator listed.

    An entry is a name or an address, which allows the usual ports; the same with a port, which allows that one; or a
    network. An address that is not public, whether a URL or a name leads to it, must be listed itself or lie in a
    listed network.
    """

    def __init__(self, entries: Iterable[str] = (), *, urls: Iterable[str] = ()) -> None:
        """Take entries, and URLs that the operator wrote, whose hosts count as listed with just their port."""
        self._hosts: set[tuple[str, int | None]] = set()
        self._networks: list[Network] = []
        self._addresses: set[Address] = set()
        for entry in entries:
            self._add(entry)
        for url in urls:
            place = Place.of(url)
            if place is not None:
                self._list(place.host, place.port)

    def lists(self, place: Place) -> bool:
        """Tell whether a host is listed, by name or as an address."""
        port = None if USUAL_PORTS[place.scheme] == place.port else place.port
        if (place.host, place.port) in self._hosts or (place.host, port) in self._hosts:
            return True
        address = _address(place.host)
        return address is not None and port is None and any(address in network for network in self._networks)

    def admits(self, address: str) -> bool:
        """Tell whether a connection to an address may be opened: it is public, or listed itself."""
        read = _address(address.partition("%")[0])
        if read is None:
            return False
        return _is_public(read) or read in self._addresses or any(read in network for network in self._networks)

    def _add(self, entry: str) -> None:
        if "/" in entry:
            self._networks.append(ipaddress.ip_network(entry, strict=False))
        elif _address(entry) is not None:
            self._list(entry, None)
        else:
            parts = urlsplit(f"//{entry}")
            self._list(parts.hostname or "", parts.port)

    def _list(self, host: str, port: int | None) -> None:
        self._hosts.add((host, port))
        address = _address(host)
        if address is not None:
            self._addresses.add(address)


def open_hosts(settings: Settings) -> Hosts:
    """Return the hosts that this installation may ask."""
    return Hosts(settings.revocation_hosts, urls=settings.crl_urls)


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public(address.ipv4_mapped)
        if address not in _GIVEN_OUT or address.sixtofour is not None or address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast
