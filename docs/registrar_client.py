"""A reference client of the registrar API: standard library only, to be read and copied.

Run it to see what waits for you:

    HIENDIEN_URL=https://… HIENDIEN_REGISTRAR_TOKEN=hdr_… python registrar_client.py
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

SECONDS = 30
MOST_TRIES = 5
OLDEST_SECONDS = 300
"""How far a delivery's clock may be from yours (Standard Webhooks)."""


class RefusedError(Exception):
    """The API refused: `status` is HTTP's, `problem` the answer (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('type')}: {problem.get('detail') or problem.get('title')}")
        self.status = status
        self.problem = problem


class DeliveryDoubtfulError(Exception):
    """A delivery to your endpoint is not from us, was changed on its way, or is old: answer 401 and do nothing."""


class Requests:
    """Your requests. Every call may be repeated: what is done already changes nothing."""

    def __init__(self, url: str, token: str) -> None:
        """Take the address of the assistant and your token, which opens your requests to whoever has it."""
        place = urllib.parse.urlsplit(url)
        if place.scheme != "https" and place.hostname not in ("localhost", "127.0.0.1"):
            raise ValueError("the token may only be sent over https")
        self._base = url.rstrip("/") + "/api/v1/registrar"
        self._token = token

    def waiting(self) -> Iterator[dict[str, Any]]:
        """Give every request that nobody has taken up yet, the oldest first, without anything of its citizen."""
        query = {"state": "waiting"}
        while True:
            page = self._ask("GET", f"/handoffs?{urllib.parse.urlencode(query)}")
            yield from page["handoffs"]
            if page["next"] is None:
                return
            query["after"] = page["next"]

    def fetch(self, reference: str) -> dict[str, Any]:
        """Give a request with the wished name and how its citizen is reached; each fetch is noted."""
        return self._ask("GET", f"/handoffs/{urllib.parse.quote(reference, safe='')}")

    def acknowledge(self, reference: str) -> dict[str, Any]:
        """Take a request up; within two working days, or its citizen is offered another registrar."""
        return self._ask("PUT", f"/handoffs/{urllib.parse.quote(reference, safe='')}/acknowledgement")

    def report(self, reference: str, status: str, reason: str | None = None) -> dict[str, Any]:
        """Tell what became of a request; its citizen hears of it at once."""
        body = {"status": status} if reason is None else {"status": status, "reason": reason}
        return self._ask("PUT", f"/handoffs/{urllib.parse.quote(reference, safe='')}/status", body)

    def _ask(self, method: str, path: str, body: Mapping[str, str] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            self._base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        for attempt in range(1, MOST_TRIES + 1):
            try:
                with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                problem = json.load(error)
                if error.code not in (429, 503) or attempt == MOST_TRIES:
                    raise RefusedError(error.code, problem) from None
                time.sleep(int(error.headers.get("Retry-After", "5")))
        raise AssertionError


class Deliveries:
    """What comes to your own endpoint, told genuine from forged and new from repeated."""

    def __init__(self, secret: str) -> None:
        """Take the secret that was given to you with your endpoint: ``whsec_…``."""
        self._key = base64.b64decode(secret.removeprefix("whsec_"))
        self._seen: dict[str, float] = {}

    def read(self, headers: Mapping[str, str], body: bytes, *, now: float | None = None) -> dict[str, Any] | None:
        """Give what a delivery holds; None for one that came before: answer both with 204.

        `headers` by their names in lower case; `body` the raw bytes, as they came.
        """
        now = time.time() if now is None else now
        name, told, signatures = (headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
        digest = hmac.digest(self._key, f"{name}.{told}.".encode() + body, hashlib.sha256)
        expected = "v1," + base64.b64encode(digest).decode()
        if not any(hmac.compare_digest(expected.encode(), given.encode()) for given in signatures.split()):
            raise DeliveryDoubtfulError("signature")
        if abs(now - int(told)) > OLDEST_SECONDS:
            raise DeliveryDoubtfulError("timestamp")
        # A delivery is repeated until you answer 2xx; keep the ids where they outlive your process.
        if name in self._seen:
            return None
        self._seen[name] = now
        return json.loads(body)


def main() -> None:
    """Show what waits."""
    requests = Requests(os.environ["HIENDIEN_URL"], os.environ["HIENDIEN_REGISTRAR_TOKEN"])
    for waiting in requests.waiting():
        print(waiting["reference"], waiting["product"], "acknowledge by", waiting["acknowledge_by"])


if __name__ == "__main__":
    main()
