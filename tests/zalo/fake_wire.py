"""What goes between Zalo and an app: who is who, the envelope of answers, and the proof on the webhook's calls."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from email import message_from_bytes
from typing import Any, Literal, TypeAlias

from starlette.responses import JSONResponse, Response

APP_ID = "1000000000000000001"
OA_ID = "4000000000000000004"
APP_SECRET = "an-app-secret-that-only-tests-know"
OA_SECRET = "an-account-secret-that-only-tests-know"

Json: TypeAlias = dict[str, Any]
Signature: TypeAlias = Literal["right", "bare", "upper", "missing", "wrong", "app_secret"]

CODES: Mapping[int, str] = {
    -32: "Rate limit of the app or the OA is exceeded",
    -100: "Attachment is expired",
    -200: "Sending failed",
    -201: "Parameter is invalid",
    -204: "Official Account is disabled",
    -205: "Official Account does not exist",
    -209: "Application is not active",
    -210: "Parameter exceeds the limit",
    -211: "Quota of the feature is used up",
    -212: "API is not registered for the application",
    -213: "User does not follow the Official Account",
    -214: "Article is being processed",
    -216: "Access token is invalid",
    -217: "User has blocked invitations",
    -218: "User has reached the receive quota",
    -219: "Application was removed",
    -220: "Access token is expired or removed",
    -221: "Official Account is not verified",
    -223: "Official Account has not authorised the application",
    -224: "Official Account has no package for this feature",
    -227: "User is banned or idle for more than 45 days",
    -230: "User has not interacted with the OA in the past 7 days",
    -232: "Interaction is missing or expired",
    -233: "Message kind is not allowed",
    -234: "Message is not allowed at night",
    -235: "Type of the Official Account is not supported",
    -237: "Group is disabled or expired",
    -238: "Group asset is invalid",
    -240: "This message call is retired",
    -241: "Group asset is used up",
    -242: "appsecret_proof is invalid",
    -244: "User has restricted this type of message",
    -248: "Message violates the policy",
    -249: "Template cannot be sent to a user id",
    -320: "ZCA is not connected",
    -321: "ZCA has not enough balance",
    -403: "Official Account is not in the group",
    -14002: "OAuth application is not active",
    -14003: "Redirect URI is invalid",
}
"""Every code of the documented table, and its meaning in the fake's words."""


class CodeError(Exception):
    """An answer that is no success; it comes with HTTP 200 nevertheless."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message or CODES.get(code, "scripted")

    def response(self) -> Response:
        """Build the answer."""
        return JSONResponse({"error": self.code, "message": self.message})


def success(data: Mapping[str, Any]) -> Response:
    """Build the answer of a call that was carried out."""
    return JSONResponse({"error": 0, "message": "Success", "data": data})


def encode(event: Mapping[str, Any]) -> bytes:
    """Write an event as it goes over the wire."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def sign(raw: bytes, *, how: Signature = "right") -> dict[str, str]:
    """Return the headers that prove where a body comes from, or fail to."""
    if how == "missing":
        return {}
    stamp = json.loads(raw).get("timestamp", "") if raw.strip() else ""
    secret = APP_SECRET if how == "app_secret" else OA_SECRET
    digest = hashlib.sha256(APP_ID.encode() + raw + str(stamp).encode() + secret.encode()).hexdigest()
    shown = {"bare": digest, "upper": f"mac={digest.upper()}", "wrong": "mac=" + "0" * 64}.get(how, f"mac={digest}")
    return {"X-ZEvent-Signature": shown, "Content-Type": "application/json"}


def read_object(raw: bytes | str) -> Json:
    """Read the JSON of a call.

    Raises:
        CodeError: it is no object.
    """
    try:
        value = json.loads(raw)
    except ValueError:
        raise CodeError(-201, "Body is not JSON") from None
    if not isinstance(value, dict):
        raise CodeError(-201, "Body is not an object")
    return value


def read_file(content_type: str, body: bytes) -> bytes:
    """Return the file of a form.

    Raises:
        CodeError: there is none under the name ``file``.
    """
    message = message_from_bytes(f"Content-Type: {content_type}\n\n".encode() + body)
    for part in message.walk():
        if part.get_param("name", header="content-disposition") == "file":
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            return content
    raise CodeError(-201, "There is no file in the request")
