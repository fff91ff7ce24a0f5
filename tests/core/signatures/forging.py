"""Signatures that no honest tool makes, built with another library than the one that reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asn1crypto import cms
from asn1crypto.core import SetOf

from bot.core.signatures import SignatureAlgorithm, assemble, signed_attributes
from tests.pki import Signer

Change = Callable[[Any], None]


def forge(
    signer: Signer,
    content: bytes,
    *,
    algorithm: SignatureAlgorithm | None = None,
    attributes: Callable[[list[cms.CMSAttribute]], list[cms.CMSAttribute]] = lambda listed: listed,
    message: Change = lambda signed_data: None,
) -> bytes:
    """Sign `content` with the attributes changed before and the message changed after signing."""
    algorithm = algorithm or signer.algorithm
    honest = cms.CMSAttributes.load(signed_attributes(content, signer.certificate, algorithm.digest))
    listed = cms.CMSAttributes([one.copy() for one in attributes(list(honest))])
    signature = signer.sign_bytes(listed.dump(force=True), algorithm)
    der = assemble(honest.dump(), signature, signer.certificate, signer.chain, algorithm)

    def put(signed_data: cms.SignedData) -> None:
        signed_data["signer_infos"][0]["signed_attrs"] = listed
        message(signed_data)

    return change(der, put)


def change(der: bytes, how: Change, *, deep: bool = False) -> bytes:
    """Return the message with its SignedData changed by `how`; `deep` writes all of it anew, slowly."""
    info = cms.ContentInfo.load(der)
    how(info["content"])
    return info.dump(force=deep)


def signer_info(how: Change) -> Change:
    """Return the change that changes the only SignerInfo."""
    return lambda signed_data: how(signed_data["signer_infos"][0])


def without(kind: str) -> Callable[[list[cms.CMSAttribute]], list[cms.CMSAttribute]]:
    """Return what leaves out the attributes of this type."""
    return lambda listed: [one for one in listed if one["type"].native != kind]


def replaced(kind: str, *values: Any) -> Callable[[list[cms.CMSAttribute]], list[cms.CMSAttribute]]:
    """Return what gives the attribute of this type other values."""
    return lambda listed: [*without(kind)(listed), cms.CMSAttribute({"type": kind, "values": list(values)})]


def with_attributes_turned_round(der: bytes, signer: Signer, *, sign_as_sent: bool) -> bytes:
    """Return the message with its signed attributes in the wrong order, signed as sent or as they should be."""
    info = cms.ContentInfo.load(der)
    signed = info["content"]["signer_infos"][0]
    body = signed["signed_attrs"].contents
    parts = [one.dump() for one in signed["signed_attrs"]]
    turned = b"".join(reversed(parts))
    assert turned != body
    turned_der = der.replace(body, turned)
    if not sign_as_sent:
        return turned_der
    header = SetOf(spec=cms.CMSAttribute).load(signed["signed_attrs"].untag().dump()).dump()[: -len(body)]
    signature = signer.sign_bytes(header + turned, signer.algorithm)
    old = signed["signature"].native
    # An ECDSA signature has no fixed length, an RSA signature has.
    assert len(old) == len(signature)
    return turned_der.replace(old, signature)
