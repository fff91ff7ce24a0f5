"""What a delivery holds and how it is signed; no I/O (https://www.standardwebhooks.com, version 1)."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.core.handoffs.desk import Case
from bot.core.handoffs.messages import MessageKind


def created_body(case: Case, *, now: datetime) -> bytes:
    """Write the body that hands on a request, with all that its citizen agreed to pass on."""
    summary = case.summary
    due = summary.acknowledge_by
    data = {
        "reference": summary.reference,
        "product": summary.product,
        "state": summary.state.value,
        "may_cost": summary.may_cost,
        "handed_at": summary.handed_at.isoformat(),
        "acknowledge_by": due and due.isoformat(),
        "domain": case.domain,
        "contact": case.contact,
    }
    return _body(MessageKind.CREATED, data, now=now)


def withdrawn_body(reference: str, *, now: datetime) -> bytes:
    """Write the body that tells that a request is no longer theirs."""
    return _body(MessageKind.WITHDRAWN, {"reference": reference}, now=now)


def headers(secret: bytes, *, name: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of a delivery: its id, its moment, and the HMAC-SHA256 over both and the body."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((name.encode(), timestamp.encode(), body))
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()}",
    }


def _body(kind: MessageKind, data: Mapping[str, Any], *, now: datetime) -> bytes:
    told = {"type": f"handoff.{kind.value}", "timestamp": now.isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
