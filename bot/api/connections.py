"""A web server that does not wait for ever: whoever opens a connection has to finish a request in time."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_SECONDS = 15.0
"""How long the head and body of one request may take to arrive; a phone on a bad line needs two or three."""


class PromptProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a clock over each request's arrival; between requests uvicorn's keep-alive clock runs."""

    request_seconds = REQUEST_SECONDS

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock of the first request."""
        super().connection_made(transport)
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Start the clock of a further request on the same connection."""
        self._start_clock()
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Stop the clock: the whole request is here."""
        self._stop_clock()
        super().on_message_complete()

    def _start_clock(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.request_seconds, self.transport.close)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
