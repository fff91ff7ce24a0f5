"""Preconditions (RFC 9110, section 13): whoever changes something names the state of it that they have read."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

from bot.core.errors import InvalidInputError

_ONE_STRONG_TAG = re.compile(r'"([1-9][0-9]{0,8})"')


class PreconditionRequiredError(InvalidInputError):
    """The request does not name, in ``If-Match``, the one ETag that its sender has read."""


def etag(revision: int) -> str:
    """Return the tag of a revision."""
    return f'"{revision}"'


async def seen_revision(
    if_match: Annotated[str | None, Header(description='The ETag that you have read, such as `"3"`.')] = None,
) -> int:
    """Return the revision that the caller has read.

    Raises:
        PreconditionRequiredError: they name none, or several, or any at all (``*``): that would overwrite unseen what
            somebody else did.
    """
    tag = _ONE_STRONG_TAG.fullmatch(if_match.strip()) if if_match is not None else None
    if tag is None:
        raise PreconditionRequiredError
    return int(tag[1])


SeenRevision = Annotated[int, Depends(seen_revision)]
