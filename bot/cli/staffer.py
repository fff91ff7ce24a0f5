"""Somebody of the staff who uses the admin API of a deployment, over HTTP as any other program does."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from bot.core.errors import ProductError

ANSWER_SECONDS = 20.0
AGAIN_SECONDS = 0.2


class RefusedError(ProductError):
    """The deployment refused a request; `type` names why, `detail` says it."""


class NoAnswerError(ProductError):
    """The deployment did not answer in time, however often it was asked."""


class Staffer:
    """The owner of one access token.

    A request that got no answer is sent again until `patience` seconds are over: each that writes has an idempotency
    key of its own, so that nothing happens twice.
    """

    def __init__(self, address: str, token: str, *, patience: float = 0.0) -> None:
        self._patience = patience
        self._client = httpx.Client(
            base_url=f"{address}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=ANSWER_SECONDS,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str) -> httpx.Response:
        """Read something.

        Raises:
            RefusedError, NoAnswerError: it is not given.
        """
        return self._send("GET", path, {}, None)

    def write(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, revision: int | None = None
    ) -> httpx.Response:
        """Change something; `revision` is what it was read at.

        Raises:
            RefusedError, NoAnswerError: it was not done, or nobody knows.
        """
        headers = {"Idempotency-Key": secrets.token_urlsafe(24)}
        if revision is not None:
            headers["If-Match"] = f'"{revision}"'
        return self._send(method, path, headers, body or {})

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> httpx.Response:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                answer = self._client.request(method, path, headers=dict(headers), json=body)
            except httpx.TransportError as error:
                if time.monotonic() >= deadline:
                    raise NoAnswerError(path=path) from error
                time.sleep(AGAIN_SECONDS)
                continue
            if answer.is_success:
                return answer
            problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
            raise RefusedError(
                status=answer.status_code, type=str(problem.get("type", "")), detail=str(problem.get("detail", ""))
            )
