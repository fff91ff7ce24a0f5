"""What is sent: read as strictly as statements are, so that nothing is guessed, dropped or converted."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Request
from pydantic import Field, ValidationError

from bot.core.staff.tokens import LONGEST
from bot.core.statements import JsonInvalidError, read_json
from bot.core.statements.models import Policy
from bot.core.statements.values import Id, Line, Moment, Nonce, Part, Several

B = TypeVar("B", bound=Part)

Base64 = Annotated[str, Field(max_length=90_000)]


class NothingIn(Part):
    """No members."""


class ChallengeIn(Part):
    """`offline`: the statement is signed on another machine and may take until tomorrow."""

    offline: bool = False


class SignatureIn(Part):
    """A detached CMS signature (DER, base64) over the statement of a challenge."""

    challenge: Nonce
    format: Literal["cms-detached"]
    signature: Base64


class RejectionIn(Part):
    """Why: for the log by digest only."""

    reason: Line


class ReasonIn(Part):
    """Why, where somebody wants to say so: for the history, and for the log by digest."""

    reason: Line | None = None


class DestinationIn(Part):
    """Where bulletins of an area go: the platform's name for the chat, and how staff call it."""

    area: Id
    channel: Id
    address: Annotated[str, Field(min_length=1, max_length=128)]
    title: Line
    is_training: bool = False


class SettlementIn(Part):
    """What became of a message whose answer was lost, or that it is to be sent again."""

    outcome: Literal["arrived", "send-again"]


class AccountIn(Part):
    """A colleague's name, as the others know them."""

    name: Annotated[str, Field(min_length=1, max_length=120)]


class TokenIn(Part):
    """What a token is for, and for how many days."""

    scopes: Annotated[Several[Literal["staff", "approve", "draft", "audit", "cases"]], Field(min_length=1)]
    days: Annotated[int, Field(ge=1, le=LONGEST.days)]


class EnrolmentIn(Part):
    """One's own certificate: PEM, or DER in base64."""

    certificate: Base64


class GrantIn(Part):
    """Roles to give or to take; a deputy's names whom they stand in for."""

    person: Id
    action: Literal["give", "take"]
    roles: Annotated[Several[Literal["officer", "editor", "admin", "auditor"]], Field(min_length=1)]
    areas: Several[Id] = ()
    not_before: Moment
    not_after: Moment
    substitute_for: Annotated[str, Field(max_length=64)] = ""


class PolicyChangeIn(Part):
    """The whole next table of policies; and all roots (PEM), where they change."""

    policies: Annotated[Several[Policy], Field(min_length=1)]
    roots: Annotated[str, Field(max_length=90_000)] = ""
    summary: Line


def body_of(model: type[B]) -> Callable[[Request], Coroutine[Any, Any, B]]:
    """Return the dependency that reads a request's body; no body at all is an object without members.

    Raises:
        PayloadTooLargeError, JsonInvalidError, TextNotNormalisedError: as `read_json`; JsonInvalidError also where a
            member is missing, unknown or of another type.
    """

    async def read(request: Request) -> B:
        try:
            return model.model_validate(read_json(await request.body() or b"{}"))
        except ValidationError as error:
            # A member that is unknown here has its name from whoever sent it.
            places = [
                ".".join(map(str, item["loc"]))
                for item in error.errors(include_input=False, include_url=False)
                if item["type"] != "extra_forbidden"
            ]
            raise JsonInvalidError(problem="members", members=places) from None

    return read


def documented(model: type[Part], example: Mapping[str, object]) -> dict[str, Any]:
    """Return what OpenAPI says of a body, with an example."""
    content = {"schema": model.model_json_schema(), "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def decode(text: str) -> bytes | None:
    """Return the bytes written in base64, without a single character out of place; None for any other text."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def encode(data: bytes) -> str:
    """Write bytes in base64."""
    return base64.b64encode(data).decode()
