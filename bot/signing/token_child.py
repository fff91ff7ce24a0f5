"""One request to a vendor's PKCS#11 module, in a process of its own: a crash or a hang in there ends here.

Run as a file by `bot.signing.tokens`, in isolated mode. The request comes as JSON on the standard input and the answer
goes to the standard output, which is hidden from the module. A failure is told by the name of its class.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pkcs11
from pkcs11 import MGF, Attribute, CertificateType, Mechanism, ObjectClass, TokenFlag
from pkcs11.exceptions import (
    ArgumentsBad,
    AttributeTypeInvalid,
    FunctionNotSupported,
    MechanismInvalid,
    MechanismParamInvalid,
    PKCS11Error,
)

if sys.platform != "win32":
    import resource

Json = dict[str, Any]

_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""RFC 8017, 9.2: what stands before a SHA-256."""
_SALT = 32
_PSS = (Mechanism.SHA256, MGF.SHA256, _SALT)
"""Modules that are not told refuse (SoftHSM), or take their own."""
_NOT_THIS_WAY = (MechanismInvalid, MechanismParamInvalid, ArgumentsBad, FunctionNotSupported)


@dataclass(frozen=True)
class Way:
    """A mechanism, what it is given, and the name of the algorithm that comes out."""

    mechanism: Mechanism
    prepare: Callable[[bytes], bytes]
    parameters: tuple[int, ...] | None
    family: str


def _itself(data: bytes) -> bytes:
    return data


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _sha384(data: bytes) -> bytes:
    return hashlib.sha384(data).digest()


def _digest_info(data: bytes) -> bytes:
    return _DIGEST_INFO + _sha256(data)


WAYS = {
    "rsa": (
        Way(Mechanism.SHA256_RSA_PKCS_PSS, _itself, _PSS, "pss"),
        Way(Mechanism.RSA_PKCS_PSS, _sha256, _PSS, "pss"),
        Way(Mechanism.SHA256_RSA_PKCS, _itself, None, "pkcs1"),
        Way(Mechanism.RSA_PKCS, _digest_info, None, "pkcs1"),
    ),
    "p256": (Way(Mechanism.ECDSA, _sha256, None, "ecdsa"), Way(Mechanism.ECDSA_SHA256, _itself, None, "ecdsa")),
    "p384": (Way(Mechanism.ECDSA, _sha384, None, "ecdsa"), Way(Mechanism.ECDSA_SHA384, _itself, None, "ecdsa")),
}
"""By the kind of key, the best first; the token's own list decides which are tried."""


def list_tokens(request: Json) -> Json:
    """Tell of every token what can be seen without a PIN."""
    found = [_token(token) for token in _tokens(request)]
    return {"tokens": found}


def sign(request: Json) -> Json:
    """Log in, once, and sign."""
    serial = request["serial"]
    token = next(
        (token for token in _tokens(request) if (token.label, token.serial.hex()) == (request["label"], serial)), None
    )
    if token is None:
        return {"error": "NoSuchToken"}
    with token.open(user_pin=request["pin"]) as session:
        keys = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY} | _named(request)))
        if not keys:
            return {"error": "NoSuchKey"}
        return _sign(keys[0], request, token.slot.get_mechanisms())


def _sign(key: Any, request: Json, offered: set[Mechanism]) -> Json:
    data = base64.b64decode(request["data"])
    # Some keys want the PIN with every signature; it is the one that has just been taken.
    again = {"pin": request["pin"]} if _attribute(key, Attribute.ALWAYS_AUTHENTICATE) else {}
    for way in WAYS[request["kind"]]:
        if way.mechanism not in offered:
            continue
        try:
            made = key.sign(way.prepare(data), mechanism=way.mechanism, mechanism_param=way.parameters, **again)
        except _NOT_THIS_WAY:
            continue
        return {"family": way.family, "signature": base64.b64encode(made).decode()}
    return {"error": "MechanismInvalid"}


def _tokens(request: Json) -> Iterator[Any]:
    for slot in pkcs11.lib(request["module"]).get_slots(token_present=True):
        token = slot.get_token()
        if TokenFlag.TOKEN_INITIALIZED & token.flags:
            yield token


def _token(token: Any) -> Json:
    wanted = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: CertificateType.X_509}
    with token.open() as session:
        certificates = [
            {
                "label": _attribute(found, Attribute.LABEL) or "",
                "id": (_attribute(found, Attribute.ID) or b"").hex(),
                "der": base64.b64encode(found[Attribute.VALUE]).decode(),
            }
            for found in list(session.get_objects(wanted))
        ]
    return {
        "label": token.label,
        "serial": token.serial.hex(),
        "is_pin_low": bool(TokenFlag.USER_PIN_COUNT_LOW & token.flags),
        "is_final_try": bool(TokenFlag.USER_PIN_FINAL_TRY & token.flags),
        "is_locked": bool(TokenFlag.USER_PIN_LOCKED & token.flags),
        "certificates": certificates,
    }


def _named(request: Json) -> dict[Attribute, Any]:
    """Return how the certificate's key is found: by the id that both have, or else by the label."""
    found = bytes.fromhex(request["id"])
    return {Attribute.ID: found} if found else {Attribute.LABEL: request["key"]}


def _attribute(found: Any, name: Attribute) -> Any:
    try:
        return found[name]
    except AttributeTypeInvalid:
        return None


def answer(request: Json) -> Json:
    """Do what is asked."""
    try:
        return {"list": list_tokens, "sign": sign}[request["do"]](request)
    except PKCS11Error as error:
        return {"error": type(error).__name__}


def main() -> None:
    """Serve one request and end without the module's own farewell, which may crash or hang."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the PIN is in memory
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    json.dump(answer(json.load(sys.stdin)), told)
    told.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
