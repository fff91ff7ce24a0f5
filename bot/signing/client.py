"""The signer's talk with the deployment: take a challenge, bring the signature."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from bot.core.errors import InvalidInputError
from bot.core.statements import digest, read_json
from bot.signing.errors import ServerAddressError, ServerAnswerError, ServerRefusedError, ServerUnreachableError
from bot.signing.reading import Wanted

PATIENCE = 20.0
"""Seconds; the server asks others about revocation in that time."""
LARGEST_ANSWER = 200_000
"""Bytes; a statement of the largest kind in base64, and some more."""

_ADDRESS = re.compile(r"https://[a-z0-9.-]+(:\d{1,5})?|http://(127\.0\.0\.1|localhost)(:\d{1,5})?", re.IGNORECASE)
Answer = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Challenge:
    """A statement to sign, and the name that its signature goes under."""

    jti: str
    statement: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many have signed, and how many must."""

    approvals: int
    required: int


def read_address(text: str) -> str:
    """Return a deployment's address as statements write it: scheme, host and port.

    Raises:
        ServerAddressError: it is another kind of address; a token would be sent there in the clear, or to nobody.
    """
    address = text.rstrip("/").lower()
    if not _ADDRESS.fullmatch(address):
        raise ServerAddressError(server=text)
    return address


class Deployment:
    """The admin API of one deployment, for the owner of one access token."""

    def __init__(self, address: str, token: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            base_url=f"{address}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE,
            trust_env=False,
            follow_redirects=False,
            transport=transport,
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def challenge(self, wanted: Wanted) -> Challenge:
        """Ask for a statement.

        Raises:
            ServerRefusedError, ServerUnreachableError, ServerAnswerError: there is none.
        """
        answer = self._post(wanted, "proof-challenges" if wanted.proves else "approval-challenges", {"offline": False})
        try:
            statement = base64.b64decode(str(answer["statement"]), validate=True)
            jti, told = str(answer["challenge"]), answer["sha256"]
        except (KeyError, binascii.Error, ValueError) as error:
            raise ServerAnswerError(status=201) from error
        if digest(statement) != told:
            raise ServerAnswerError(status=201)
        return Challenge(jti, statement)

    def answer(self, wanted: Wanted, challenge: Challenge, signature: bytes) -> Outcome:
        """Bring a signature (CMS, DER).

        Raises:
            ServerRefusedError, ServerUnreachableError, ServerAnswerError: it does not count, or nobody knows.
        """
        body = {
            "challenge": challenge.jti,
            "format": "cms-detached",
            "signature": base64.b64encode(signature).decode(),
        }
        answer = self._post(wanted, "proofs" if wanted.proves else "approvals", body)
        match answer:
            case {"approvals": int(approvals), "required": int(required)}:
                return Outcome(approvals, required)
        raise ServerAnswerError(status=201)

    def _post(self, wanted: Wanted, what: str, body: Mapping[str, object]) -> Answer:
        path = "/".join(quote(part, safe="") for part in (wanted.kind, wanted.subject_id, what))
        try:
            with self._client.stream("POST", f"/{path}", json=body) as response:
                raw = b""
                for part in response.iter_bytes():
                    raw += part
                    if len(raw) > LARGEST_ANSWER:
                        raise ServerAnswerError(status=response.status_code)
        except httpx.HTTPError as error:
            raise ServerUnreachableError(server=str(self._client.base_url.copy_with(path="/"))) from error
        answer = _read(raw, response.status_code)
        if response.status_code != httpx.codes.CREATED:
            self._refuse(answer, response.status_code)
        return answer

    @staticmethod
    def _refuse(answer: Answer, status: int) -> None:
        sentence = answer.get("detail")
        if not isinstance(sentence, str):
            raise ServerAnswerError(status=status)
        raise ServerRefusedError(sentence=" ".join(sentence.split()), status=status)


def _read(raw: bytes, status: int) -> Answer:
    """Read an answer as strictly as a statement: what comes out can be shown on a terminal."""
    try:
        answer = read_json(raw, max_bytes=LARGEST_ANSWER)
    except InvalidInputError as error:
        raise ServerAnswerError(status=status) from error
    if not isinstance(answer, Mapping):
        raise ServerAnswerError(status=status)
    return answer
