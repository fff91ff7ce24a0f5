"""Proof that a call comes from Zalo."""

from __future__ import annotations

import hashlib
import hmac
import json

HEADER = "X-ZEvent-Signature"
_PREFIX = "mac="


def is_signed(raw: bytes, *, app_id: str, oa_secret: str, shown: str) -> bool:
    """Tell whether `shown`, the signature's header, fits the body as it was received.

    It is the SHA-256, in hexadecimal, of app id, raw body, the body's own timestamp and the OA's secret, without
    separators. A repeated call carries its first timestamp, up to two hours old, so its age says nothing: an update is
    stored once, and that is what makes a replay harmless.
    """
    stamped = _timestamp(raw)
    if stamped is None:
        return False
    expected = hashlib.sha256(app_id.encode() + raw + stamped.encode() + oa_secret.encode()).hexdigest()
    # Headers are Latin-1 on the wire; as bytes any of them can be compared.
    given = shown.removeprefix(_PREFIX).lower().encode("latin-1", "replace")
    return hmac.compare_digest(given, expected.encode())


def _timestamp(raw: bytes) -> str | None:
    """Return the body's timestamp as it stands in it: a string of digits by the documents; a number is read as one."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    value = body.get("timestamp") if isinstance(body, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value.isascii() and value.isdigit() else None
