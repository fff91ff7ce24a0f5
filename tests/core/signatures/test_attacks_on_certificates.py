"""What somebody may try with certificates; each test is named after the attempt."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from bot.core.signatures import (
    CertificateExpiredError,
    CertificateNotYetValidError,
    CertificateUnreadableError,
    CertificateUntrustedError,
    CertificateUsageError,
    TrustStore,
    WeakKeyError,
    read_certificate,
)
from tests.core.signatures.refusals import CONTENT, SENTENCES, assert_refused, check
from tests.pki import (
    DAY,
    NOW,
    SIGNING,
    Authority,
    Signer,
    authority_extensions,
    certificate_with_sha1,
    key_usage,
    make_key,
    make_name,
    make_pki,
    make_root,
    pem,
)


def test_signing_with_an_expired_certificate():
    signer = make_pki().issuing.person(not_after=NOW - timedelta(seconds=1))
    assert_refused(CertificateExpiredError, signer.sign(CONTENT))


def test_signing_with_a_certificate_that_is_not_yet_valid():
    signer = make_pki().issuing.person(not_before=NOW + timedelta(seconds=1))
    assert_refused(CertificateNotYetValidError, signer.sign(CONTENT))


def test_signing_with_a_certificate_of_another_authority():
    stranger = make_root("Gốc lạ", number=20).authority("Đơn vị lạ", number=21)
    assert_refused(CertificateUntrustedError, stranger.person().sign(CONTENT))


@pytest.mark.parametrize("embed", [True, False])
def test_forging_a_root_of_the_same_name(embed):
    root = make_pki().root
    forged = make_root("Gốc thử nghiệm", number=22)
    assert forged.certificate.subject == root.certificate.subject
    issuing = forged.authority("Đơn vị cấp thử nghiệm", number=23)
    signer = issuing.person()
    chain = (*signer.chain, forged.certificate) if embed else signer.chain
    assert_refused(CertificateUntrustedError, Signer(signer.certificate, signer.key, chain).sign(CONTENT))


def test_forging_an_authority_of_the_same_name_below_the_real_root_s_name():
    forged = Authority(make_pki().issuing.certificate, make_key("p256", 24), make_pki().issuing.chain)
    assert_refused(CertificateUntrustedError, forged.person().sign(CONTENT))


def test_leaving_the_intermediate_out():
    signer = make_pki().issuing.person()
    assert_refused(CertificateUntrustedError, Signer(signer.certificate, signer.key).sign(CONTENT))


def test_trusting_no_root_at_all():
    assert_refused(CertificateUntrustedError, make_pki().issuing.person().sign(CONTENT), trust=TrustStore([]))


def test_bringing_a_certificate_that_signed_itself():
    myself = make_root("Nguyễn Văn An", extensions=((SIGNING, True),), number=25)
    assert_refused(CertificateUntrustedError, Signer(myself.certificate, myself.key).sign(CONTENT))


def test_issuing_with_a_person_s_certificate():
    person = make_pki().root.person("Nguyễn Văn An")
    issuer = Authority(person.certificate, person.key, (person.certificate, *person.chain))
    assert_refused(CertificateUntrustedError, issuer.person("Lê Thị Bình", number=3).sign(CONTENT))


def test_signing_below_an_expired_authority():
    issuing = make_pki().root.authority("Đơn vị hết hạn", not_after=NOW - DAY)
    assert_refused(CertificateUntrustedError, issuing.person().sign(CONTENT))


def test_going_further_than_the_path_length_allows():
    below = make_pki().issuing.authority("Đơn vị con", number=26)
    assert_refused(CertificateUntrustedError, below.person().sign(CONTENT))


def test_building_a_path_of_five_intermediates():
    authority = root = make_root("Gốc xa")
    for level in range(5):
        authority = authority.authority(f"Cấp {level}", number=10 + level)
    assert_refused(CertificateUntrustedError, authority.person().sign(CONTENT), trust=TrustStore([root.certificate]))


def test_issuing_with_an_authority_that_may_not_sign_certificates():
    only_lists = make_pki().root.authority("Chỉ ký danh sách", extensions=authority_extensions(None, "crl_sign"))
    assert_refused(CertificateUntrustedError, only_lists.person().sign(CONTENT))


def test_issuing_with_an_authority_without_basic_constraints():
    bare = make_pki().root.authority("Không ràng buộc", extensions=((key_usage("key_cert_sign"), True),))
    assert_refused(CertificateUntrustedError, bare.person().sign(CONTENT))


def test_adding_a_critical_extension_that_nobody_knows():
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\5\0")
    signer = make_pki().issuing.person(extensions=((SIGNING, True), (unknown, True)))
    assert_refused(CertificateUntrustedError, signer.sign(CONTENT))


def test_having_a_certificate_signed_with_sha1():
    root = make_root("Gốc RSA", kind="rsa2048", number=7)
    signer = root.person()
    weak = Signer(certificate_with_sha1(signer.certificate, root.key), signer.key)
    assert_refused(CertificateUntrustedError, weak.sign(CONTENT), trust=TrustStore([root.certificate]))


def test_issuing_with_a_weak_authority():
    weak = make_pki().root.authority("Đơn vị yếu", kind="rsa1024")
    assert_refused(CertificateUntrustedError, weak.person().sign(CONTENT))


@pytest.mark.parametrize(("kind", "expected"), [("k256", CertificateUntrustedError), ("p521", WeakKeyError)])
def test_issuing_with_an_authority_whose_key_is_of_another_kind(kind, expected):
    other = make_pki().root.authority("Đơn vị khác loại", kind=kind)
    assert_refused(expected, other.person().sign(CONTENT))


def test_configuring_a_weak_root():
    with pytest.raises(WeakKeyError):
        TrustStore([make_root("Gốc yếu", kind="rsa1024").certificate])


@pytest.mark.parametrize(
    "extensions",
    [
        (),
        ((key_usage("key_encipherment"), True),),
        ((key_usage("key_cert_sign", "crl_sign"), True),),
        ((SIGNING, True), (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)),
        ((SIGNING, True), (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), True)),
        ((SIGNING, True), (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False)),
        ((SIGNING, True), (x509.BasicConstraints(ca=True, path_length=None), True)),
    ],
)
def test_signing_with_a_certificate_that_is_not_for_documents(extensions):
    assert_refused(CertificateUsageError, make_pki().issuing.person(extensions=extensions).sign(CONTENT))


def test_signing_with_an_authority_s_own_certificate():
    issuing = make_pki().issuing
    assert_refused(CertificateUsageError, Signer(issuing.certificate, issuing.key).sign(CONTENT))


@pytest.mark.parametrize("data", [b"", b"\x30\x03\x02\x01\x05", b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"0" * 20_000])
def test_uploading_something_else_than_a_certificate(data):
    with pytest.raises(CertificateUnreadableError) as refused:
        read_certificate(data)
    assert SENTENCES[refused.value.code]
    with pytest.raises(CertificateUnreadableError):
        TrustStore.from_pem(data)


def test_a_certificate_is_read_from_either_form():
    certificate = make_pki().issuing.certificate
    assert read_certificate(pem([certificate])) == certificate
    assert read_certificate(certificate.public_bytes(Encoding.DER)) == certificate


def test_a_trust_store_is_read_from_pem():
    pki = make_pki()
    trust = TrustStore.from_pem(pem([pki.root.certificate]), pem([pki.issuing.certificate]))
    signer = pki.issuing.person(subject=make_name("Nguyễn Văn An"))
    assert check(Signer(signer.certificate, signer.key).sign(CONTENT), trust=trust)
