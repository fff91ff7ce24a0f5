"""Requests that may come twice: a repeat under the same key gets the first answer again, and does nothing.

As in the IETF's draft on the ``Idempotency-Key`` header. A key belongs to one member of staff and one request, and is
kept for a day. The answer is kept in the transaction of what the request did; a refusal is not kept, as it did nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api.admin.access import Admin, AdminDep
from bot.core.errors import InvalidInputError, ProductError
from bot.core.requests import service as requests
from bot.core.requests.repository import Answer
from bot.core.staff.accounts import Caller

REPLAYED = "Idempotent-Replayed"
_KEPT_HEADERS = ("etag", "location")
_JSON = "application/json"

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Chosen by you, such as a UUID: a repeat under it does nothing and is answered alike.",
    ),
]
Work = Callable[[AsyncConnection], Awaitable[Response]]


class IdempotencyKeyMissingError(InvalidInputError):
    """The request makes something new, and names no key by which a repeat would be known."""


def told(status: int, body: BaseModel, *, headers: dict[str, str] | None = None) -> Response:
    """Return an answer of JSON."""
    return Response(body.model_dump_json(), status, headers, _JSON)


@dataclass(frozen=True, slots=True)
class Once:
    """Does what a request asks for in one transaction, once under its key."""

    admin: Admin
    key: str | None
    request_sha256: str

    async def __call__(self, caller: Caller, work: Work) -> Response:
        """Return what `work` answers, or what was answered before.

        Raises:
            IdempotencyKeyReusedError: under this key the caller asked for something else.
            ProductError: as `work`.
        """
        answered = await self._find(caller)
        if answered is not None:
            return answered
        try:
            async with self.admin.database.unit_of_work() as connection:
                answer = await work(connection)
                if self.key is not None:
                    await requests.keep(
                        connection,
                        staff_id=caller.staff_id,
                        key=self.key,
                        request_sha256=self.request_sha256,
                        answer=_kept(answer),
                        now=self.admin.clock.now(),
                    )
        except ProductError:
            # The same request may have been answered while this one waited for the row that both change.
            answered = await self._find(caller)
            if answered is not None:
                return answered
            raise
        return answer

    async def _find(self, caller: Caller) -> Response | None:
        if self.key is None:
            return None
        async with self.admin.database.reading() as connection:
            answer = await requests.find(
                connection, staff_id=caller.staff_id, key=self.key, request_sha256=self.request_sha256
            )
        if answer is None:
            return None
        return Response(answer.body, answer.status, {**answer.headers, REPLAYED: "true"}, _JSON)


async def once(request: Request, admin: AdminDep, key: IdempotencyKey = None) -> Once:
    """Return what does a request at most once where it has a key.

    Raises:
        IdempotencyKeyInvalidError: the key cannot be one.
    """
    if key is not None:
        requests.check_key(key)
    sha256 = requests.fingerprint(
        method=request.method,
        path=request.url.path,
        body=await request.body(),
        precondition=request.headers.get("if-match", ""),
    )
    return Once(admin, key, sha256)


async def surely_once(found: Annotated[Once, Depends(once)]) -> Once:
    """Return what does a request at most once; for requests of which a repeat would make a second thing.

    Raises:
        IdempotencyKeyMissingError: it has no key.
    """
    if found.key is None:
        raise IdempotencyKeyMissingError
    return found


OnceDep = Annotated[Once, Depends(once)]
SurelyOnce = Annotated[Once, Depends(surely_once)]


def _kept(answer: Response) -> Answer:
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    return Answer(answer.status_code, headers, bytes(answer.body))
