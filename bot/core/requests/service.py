"""Use cases of requests that may come twice: find what was answered, or keep what is answered now.

The answer is kept in the transaction of what the request did, so that there is never one without the other. Only what
did something is kept: a refusal changed nothing, and may be asked again.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.requests import repository
from bot.core.requests.errors import (
    IdempotencyKeyInvalidError,
    IdempotencyKeyReusedError,
    RequestUnderwayError,
)
from bot.core.requests.repository import Answer

_KEY = re.compile(r"[\x21-\x7e]{1,128}")


def check_key(key: str) -> str:
    """Return a key that can be one.

    Raises:
        IdempotencyKeyInvalidError: it cannot.
    """
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyInvalidError
    return key


def fingerprint(*, method: str, path: str, body: bytes, precondition: str = "") -> str:
    """Return the digest that tells one request from another; `precondition` is what it had in ``If-Match``."""
    head = f"{method}\n{path}\n{precondition}\n".encode()
    return hashlib.sha256(head + body).hexdigest()


async def find(connection: AsyncConnection, *, staff_id: str, key: str, request_sha256: str) -> Answer | None:
    """Return what this person was answered to this request under this key; None where it is new.

    Raises:
        IdempotencyKeyReusedError: under this key they asked for something else.
    """
    found = await repository.find(connection, staff_id=staff_id, key=key)
    if found is None:
        return None
    asked, answer = found
    if asked != request_sha256:
        raise IdempotencyKeyReusedError
    return answer


async def keep(
    connection: AsyncConnection, *, staff_id: str, key: str, request_sha256: str, answer: Answer, now: datetime
) -> None:
    """Keep an answer, last in the transaction of what the request did.

    Raises:
        RequestUnderwayError: the same key was answered just now; the caller rolls back, and finds that answer then.
    """
    try:
        await repository.add(
            connection, staff_id=staff_id, key=key, request_sha256=request_sha256, answer=answer, now=now
        )
    except IntegrityError as error:
        raise RequestUnderwayError from error
