"""Reading a statement from its bytes."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from bot.core.statements.canonical import read_json
from bot.core.statements.errors import JsonInvalidError
from bot.core.statements.models import (
    BroadcastApproval,
    Checkpoint,
    ContentChangeApproval,
    EnrolmentApproval,
    GrantApproval,
    PolicyChangeApproval,
    SeriesApproval,
    Statement,
)

_KINDS: Mapping[str, type[Statement]] = {
    str(kind.model_fields["typ"].default): kind
    for kind in (
        BroadcastApproval,
        Checkpoint,
        ContentChangeApproval,
        EnrolmentApproval,
        GrantApproval,
        PolicyChangeApproval,
        SeriesApproval,
    )
}


def read_statement(raw: bytes) -> Statement:
    """Read a statement from its canonical bytes; no other bytes are one.

    Raises:
        PayloadTooLargeError: there are too many of them.
        JsonInvalidError: they are no statement of a kind known here, or another way to write one.
        TextNotNormalisedError: a text is not NFC or holds hidden characters.
    """
    value = read_json(raw)
    kind = _KINDS.get(str(value.get("typ"))) if isinstance(value, Mapping) else None
    if kind is None:
        raise JsonInvalidError(problem="kind-unknown")
    try:
        statement = kind.model_validate(value)
    except ValidationError as error:
        places = [".".join(map(str, item["loc"])) for item in error.errors(include_input=False, include_url=False)]
        raise JsonInvalidError(problem="members", members=places) from None
    if statement.to_bytes() != raw:
        raise JsonInvalidError(problem="not-canonical")
    return statement
