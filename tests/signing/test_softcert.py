"""Certificate files as authorities, browsers and old programs write them."""

from __future__ import annotations

import subprocess
import unicodedata

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from bot.core.signatures import Verified
from bot.signing.errors import (
    SoftcertDamagedError,
    SoftcertKeyMissingError,
    SoftcertPasswordError,
    SoftcertUnsupportedError,
)
from bot.signing.keys import sign_detached
from bot.signing.softcert import MAX_BYTES, read_softcert
from tests.core.statements.examples import EXAMPLES
from tests.pki import Signer, make_pki, pem

CONTENT = EXAMPLES["broadcast"].to_bytes()
PASSWORD = "Mật khẩu của Ấn"
ISSUING = make_pki().issuing

ENCRYPTIONS = {
    "AES-256": (),
    "3DES": ("-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"),
    "RC2-40": ("-legacy", "-keypbe", "PBE-SHA1-RC2-40", "-certpbe", "PBE-SHA1-RC2-40", "-macalg", "sha1"),
    "as OpenSSL 1 wrote it": ("-legacy",),
    "without a checksum": ("-nomac",),
}


def softcert(signer: Signer, password: str = PASSWORD, *, chain=None) -> bytes:
    """Write a certificate file as our own tools do."""
    others = signer.chain if chain is None else chain
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"me", signer.key, signer.certificate, others, encryption)


def openssl_softcert(folder, signer: Signer, *options: str, password: str = PASSWORD) -> bytes:
    """Write one as OpenSSL does."""
    private = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "me.pem").write_bytes(private + pem([signer.certificate, *signer.chain]))
    command = ("openssl", "pkcs12", "-export", "-in", "me.pem", "-out", "me.p12", "-passout", f"pass:{password}")
    subprocess.run([*command, *options], cwd=folder, check=True, capture_output=True)
    return (folder / "me.p12").read_bytes()


@pytest.mark.parametrize("options", ENCRYPTIONS.values(), ids=list(ENCRYPTIONS))
@pytest.mark.parametrize("kind", ["rsa2048", "p256"])
def test_three_verifiers_accept_what_a_file_signs(tmp_path, opinions, kind, options):
    signer = ISSUING.person(kind=kind)
    found = read_softcert(openssl_softcert(tmp_path, signer, *options), PASSWORD)
    assert found.certificate == signer.certificate
    signature = sign_detached(CONTENT, found)
    verified = opinions.ours(signature, CONTENT)
    assert isinstance(verified, Verified)
    assert verified.algorithm.name == ("PS256" if kind == "rsa2048" else "ES256")
    assert opinions.openssl(signature, CONTENT)
    assert opinions.pyhanko(signature, CONTENT)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_a_vietnamese_password_opens_whatever_form_it_was_written_and_typed_in(form, typed):
    written = softcert(ISSUING.person(), unicodedata.normalize(form, PASSWORD))
    assert read_softcert(written, unicodedata.normalize(typed, PASSWORD))


def test_a_wrong_password_is_told_as_such():
    with pytest.raises(SoftcertPasswordError):
        read_softcert(softcert(ISSUING.person()), "mat khau cua An")


def test_a_damaged_file_is_not_blamed_on_the_password():
    whole = softcert(ISSUING.person())
    damaged = (b"", whole[:-40], whole[:100], whole + b"\0", b"hello", pem(ISSUING.chain), b"0" * (MAX_BYTES + 1))
    for data in damaged:
        with pytest.raises(SoftcertDamagedError):
            read_softcert(data, PASSWORD)


def test_no_damage_raises_anything_unforeseen():
    whole = softcert(ISSUING.person())
    for place in range(0, len(whole), 7):
        mutant = bytearray(whole)
        mutant[place] ^= 0x41
        try:
            read_softcert(bytes(mutant), PASSWORD)
        except (SoftcertDamagedError, SoftcertPasswordError, SoftcertKeyMissingError, SoftcertUnsupportedError):
            continue


def test_a_file_without_a_key_is_told():
    signer = ISSUING.person()
    without = pkcs12.serialize_key_and_certificates(
        b"me", None, signer.certificate, None, BestAvailableEncryption(PASSWORD.encode())
    )
    with pytest.raises(SoftcertKeyMissingError):
        read_softcert(without, PASSWORD)


def test_a_key_of_a_kind_that_no_server_takes_is_told():
    signer = ISSUING.person(kind="ed25519")
    assert isinstance(signer.key, ed25519.Ed25519PrivateKey)
    with pytest.raises(SoftcertUnsupportedError):
        read_softcert(softcert(signer), PASSWORD)


def test_the_authority_s_certificate_comes_from_elsewhere_where_the_file_lacks_it(opinions):
    signer = ISSUING.person()
    alone = softcert(signer, chain=())
    assert opinions.ours(sign_detached(CONTENT, read_softcert(alone, PASSWORD)), CONTENT) == "certificate-untrusted"
    root = make_pki().root.certificate
    found = read_softcert(alone, PASSWORD, chain=(root, ISSUING.certificate))
    assert found.chain == (ISSUING.certificate,)
    assert isinstance(opinions.ours(sign_detached(CONTENT, found), CONTENT), Verified)
