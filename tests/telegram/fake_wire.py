"""The Bot API's wire format: form fields in, an envelope of JSON out."""

from __future__ import annotations

import email
import email.policy
import json
from email.message import MIMEPart
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

Json: TypeAlias = dict[str, Any]
PHRASES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


class RefusedError(Exception):
    """An answer that is not ok; `description` goes out after the status' own words."""

    def __init__(self, status: int, description: str = "", parameters: Json | None = None) -> None:
        super().__init__(status, description)
        self.status = status
        self.description = ": ".join(filter(None, (PHRASES.get(status, "Error"), description)))
        self.parameters = parameters

    def response(self) -> Response:
        """Build the answer; a 502 to 504 comes from the door before the API and is not JSON."""
        if self.status > 500:
            return HTMLResponse(f"<html><body><h1>{self.status}</h1></body></html>", self.status)
        body: Json = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return JSONResponse(body, self.status)


class OddlyAnsweredError(RefusedError):
    """What is no answer of the Bot API's: nothing of it is put into words by us."""

    def __init__(self, body: str, status: int = 200) -> None:
        super().__init__(status)
        self.body = body

    def response(self) -> Response:
        return Response(self.body, self.status, media_type="text/html" if self.body[:1] == "<" else "application/json")


def flood(seconds: int) -> RefusedError:
    """Build the refusal of one who sends too fast."""
    return RefusedError(429, f"retry after {seconds}", {"retry_after": seconds})


def migrated(chat_id: int) -> RefusedError:
    """Build the refusal of a group that has become the supergroup `chat_id`."""
    return RefusedError(400, "group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": chat_id})


class Parameters:
    """The fields of one call. Everything is a string on the wire; numbers and objects are read from it."""

    def __init__(self, fields: dict[str, str]) -> None:
        self._fields = fields

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def text(self, name: str, default: str = "") -> str:
        """Return a field as it came."""
        return self._fields.get(name, default)

    def integer(self, name: str, default: int = 0) -> int:
        """Return a number; what is none counts as not given, as on the real server."""
        try:
            return int(self._fields[name])
        except (KeyError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        """Tell whether a field is set to true."""
        return self.text(name).lower() in {"true", "yes", "1"}

    def nested(self, name: str) -> Any:
        """Return an object or a list, or None if it is not given.

        Raises:
            RefusedError: it is no JSON.
        """
        if name not in self._fields:
            return None
        try:
            return json.loads(self._fields[name])
        except ValueError:
            raise RefusedError(400, f"can't parse {name.replace('_', ' ')} JSON object") from None

    def decoded(self) -> Json:
        """Return all fields for a test to look at: objects and lists read, all else as it came."""
        return {name: _decoded(value) for name, value in self._fields.items()}


async def read_parameters(request: Request) -> Parameters:
    """Read the fields of the address and of the form; an uploaded file counts as the name it was given."""
    fields = dict(request.query_params)
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("application/x-www-form-urlencoded"):
        fields |= parse_qsl(body.decode(), keep_blank_values=True)
    elif content_type.startswith("multipart/form-data"):
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        form = email.message_from_bytes(head + body, policy=email.policy.HTTP)
        for part in form.iter_parts():
            fields |= _form_part(part)
    elif body:
        raise RefusedError(400, "the fake reads forms only")
    return Parameters(fields)


def _form_part(part: MIMEPart[Any, Any]) -> dict[str, str]:
    name = part.get_param("name", header="content-disposition")
    content = part.get_payload(decode=True)
    assert isinstance(name, str)
    assert isinstance(content, bytes)
    return {name: part.get_filename() or content.decode()}


def _decoded(value: str) -> Any:
    try:
        return json.loads(value) if value[:1] in {"{", "["} else value
    except ValueError:
        return value
