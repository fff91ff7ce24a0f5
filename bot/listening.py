"""The web servers of one process: where they listen, and that they can."""

from __future__ import annotations

import asyncio
import errno
import resource
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI

from bot.api.connections import PromptProtocol
from bot.core.errors import ConflictError, InvalidInputError, NotAllowedError
from bot.roles import Role
from bot.settings import Settings

MOST_CONNECTIONS = 2_000
"""Connections and requests of one listener at a time, waiting pages included; beyond, 503 is the answer."""
FILES_PER_CONNECTION = 2
GRACE_SECONDS = 5
"""How long open requests may take to end when the process stops."""


class PortInUseError(ConflictError):
    """Another program listens on this port."""


class PortForbiddenError(NotAllowedError):
    """The system keeps this port for programs with more rights."""


class AddressUnusableError(InvalidInputError):
    """This machine has no such address to listen on."""


def check_ports(settings: Settings, roles: frozenset[Role]) -> None:
    """Find an address that cannot be listened on before anything is started.

    Raises:
        PortInUseError, PortForbiddenError: with the port and the name of its setting.
        AddressUnusableError: with the host and the name of its setting.
    """
    wanted = []
    if Role.WEB in roles:
        wanted += [(settings.host, settings.port, "HIENDIEN_HOST", "HIENDIEN_PORT")]
        wanted += [(settings.actions_host, settings.actions_port, "HIENDIEN_ACTIONS_HOST", "HIENDIEN_ACTIONS_PORT")]
    if Role.NLU in roles:
        wanted += [("127.0.0.1", settings.nlu_port, "HIENDIEN_NLU_URL", "HIENDIEN_NLU_PORT")]
    for host, port, host_setting, port_setting in wanted:
        try:
            _try_to_bind(host, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUseError(port=port, setting=port_setting) from error
            if error.errno in (errno.EACCES, errno.EPERM):
                raise PortForbiddenError(port=port, setting=port_setting) from error
            raise AddressUnusableError(host=host, setting=host_setting) from error


def _try_to_bind(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def make_room_for_connections() -> None:
    """Raise the limit of open files, which many systems set to 1,024, as far as it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS * FILES_PER_CONNECTION
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


class Server(uvicorn.Server):
    """A uvicorn server that leaves the signals to us, since several share this process, and says when it listens."""

    when_listening: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        if self.when_listening is not None:
            self.when_listening()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def create_server(app: FastAPI, host: str, port: int, settings: Settings) -> Server:
    """Build a server of `app` that logs no request line and holds so many connections and no more."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=PromptProtocol,
        limit_concurrency=MOST_CONNECTIONS,
        log_config=None,
        access_log=False,  # a request line can hold a token
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="off",
    )
    return Server(config)


async def serve(server: Server, stopping: asyncio.Event) -> None:
    """Serve until `stopping` is set.

    Raises:
        RuntimeError: it ended before.
    """
    async with _ending(server, stopping):
        await server.serve()
    if not stopping.is_set():
        raise RuntimeError("a web server ended by itself")


@asynccontextmanager
async def _ending(server: Server, stopping: asyncio.Event) -> AsyncIterator[None]:
    async def end() -> None:
        await stopping.wait()
        server.should_exit = True

    task = asyncio.create_task(end())
    try:
        yield
    finally:
        task.cancel()
