"""Three verifiers and what each says: ours, openssl's and pyHanko; at the moment `NOW`, with the same lists."""

from __future__ import annotations

import asyncio
import logging
import subprocess
from pathlib import Path

from asn1crypto import cms, keys
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.validation.generic_cms import async_validate_detached_cms
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from bot.core.signatures import SignatureRefusedError, Verified, verify
from tests.pki import NOW, Pki, Signer, crl_pem, pem

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


class Opinions:
    """The verifiers, set up once."""

    def __init__(self, pki: Pki, folder: Path) -> None:
        self._pki = pki
        self._revocations = pki.revocations()
        self._folder = folder
        self._trust = folder / "trust.pem"
        self._trust.write_bytes(pem([pki.root.certificate]) + b"".join(map(crl_pem, self._revocations.crls)))
        self._roots = list(load_certs_from_pemder_data(pem([pki.root.certificate])))
        self._crls = [asn1_crl.CertificateList.load(der) for der in self._revocations.crls]
        self._usage = KeyUsageConstraints(
            key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
        )

    def ours(self, signature: bytes, content: bytes) -> Verified | str:
        """Return what was verified, or the code of the refusal. Whatever else is raised is a bug."""
        try:
            return verify(signature, content, trust=self._pki.trust, revocation=self._revocations, at=NOW)
        except SignatureRefusedError as refusal:
            return refusal.code

    def openssl(self, signature: bytes, content: bytes) -> bool:
        """Return what the command of the recipe for outsiders says."""
        (self._folder / "signature.der").write_bytes(signature)
        (self._folder / "content").write_bytes(content)
        command = [
            *("openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", "signature.der"),
            *("-content", "content", "-CAfile", str(self._trust), "-crl_check_all", "-auth_level", "2"),
            *("-attime", str(int(NOW.timestamp())), "-out", "/dev/null"),
        ]
        return subprocess.run(command, cwd=self._folder, capture_output=True, check=False).returncode == 0

    def pyhanko(self, signature: bytes, content: bytes) -> bool:
        """Return what pyHanko says; it may fail in any way on what it cannot read."""
        try:
            return asyncio.run(self._ask_pyhanko(signature, content))
        except Exception:  # noqa: BLE001 - a failure is a refusal
            return False

    async def _ask_pyhanko(self, signature: bytes, content: bytes) -> bool:
        info = cms.ContentInfo.load(signature, strict=True)
        context = ValidationContext(
            trust_roots=self._roots,
            crls=self._crls,
            moment=NOW,
            allow_fetching=False,
            revocation_mode="require",
        )
        status = await async_validate_detached_cms(
            content, info["content"], signer_validation_context=context, key_usage_settings=self._usage
        )
        return bool(status.bottom_line)


def signed_by_pyhanko(signer: Signer, content: bytes, *, prefer_pss: bool = False) -> bytes:
    """Return a signature that pyHanko made."""
    known = SimpleCertificateStore()
    known.register_multiple([_certificate(one) for one in signer.chain])
    key = signer.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    theirs = SimpleSigner(_certificate(signer.certificate), keys.PrivateKeyInfo.load(key), known, prefer_pss=prefer_pss)
    signing = theirs.async_sign_general_data(content, "sha256", detached=True, use_cades=True)
    return asyncio.run(signing).dump()


def _certificate(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
