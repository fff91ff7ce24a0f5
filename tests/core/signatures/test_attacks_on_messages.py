"""What somebody may try with the signature itself; each test is named after the attempt."""

import pytest
from asn1crypto import algos, cms, crl, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from bot.core.signatures import (
    ES256,
    PS256,
    RS256,
    AlgorithmNotAllowedError,
    CertificateSubstitutedError,
    ContentMismatchError,
    SignatureAlgorithm,
    SignatureInvalidError,
    SignatureMalformedError,
    SignaturePolicy,
    WeakKeyError,
)
from tests.core.signatures.forging import (
    change,
    forge,
    replaced,
    signer_info,
    with_attributes_turned_round,
    without,
)
from tests.core.signatures.opinions import Opinions
from tests.core.signatures.refusals import CONTENT, assert_refused, check, revocations
from tests.pki import Signer, bound_to_pss, make_key, make_name, make_pki, pem


def ec_signer() -> Signer:
    return make_pki().issuing.person()


def rsa_signer() -> Signer:
    return make_pki().issuing.person(kind="rsa2048")


@pytest.mark.parametrize(
    "content",
    [
        CONTENT.replace("7 giờ".encode(), "8 giờ".encode()),
        CONTENT + b"\n",
        CONTENT.replace(b"ubnd", b"ubnd2"),
        b"",
    ],
)
def test_swapping_the_content(content):
    assert_refused(ContentMismatchError, ec_signer().sign(CONTENT), content=content)


def test_replaying_a_signature_of_another_statement():
    assert_refused(ContentMismatchError, ec_signer().sign(b"{}"))


@pytest.mark.parametrize("der", [b"", b"0", b"\x30\x80", b"xin ch\xc3\xa0o", b"0" * 70_000])
def test_sending_something_else_than_a_signature(der):
    assert_refused(SignatureMalformedError, der)


def test_sending_pem():
    assert_refused(SignatureMalformedError, pem([ec_signer().certificate]))


@pytest.mark.parametrize("cut", [1, 10, 100, 500])
def test_cutting_the_end_off(cut):
    assert_refused(SignatureMalformedError, ec_signer().sign(CONTENT)[:-cut])


def test_adding_a_byte_at_the_end():
    assert_refused(SignatureMalformedError, ec_signer().sign(CONTENT) + b"\0")


def test_writing_the_same_in_ber_with_an_open_length():
    der = ec_signer().sign(CONTENT)
    assert der[:2] == b"0\x82"
    assert_refused(SignatureMalformedError, b"0\x80" + der[4:] + b"\0\0")


def test_writing_a_length_in_more_bytes_than_it_needs():
    der = ec_signer().sign(CONTENT)
    assert_refused(SignatureMalformedError, b"0\x83\0" + der[2:])


def test_attaching_the_content():
    def attach(signed_data):
        signed_data["encap_content_info"]["content"] = CONTENT

    assert_refused(SignatureMalformedError, change(ec_signer().sign(CONTENT), attach))


def test_naming_two_signers():
    other = cms.ContentInfo.load(make_pki().issuing.person("Lê Thị Bình", number=3).sign(CONTENT))

    def add(signed_data):
        signed_data["signer_infos"].append(other["content"]["signer_infos"][0])

    assert_refused(SignatureMalformedError, change(ec_signer().sign(CONTENT), add))


def test_naming_no_signer():
    def clear(signed_data):
        signed_data["signer_infos"] = []

    assert_refused(SignatureMalformedError, change(ec_signer().sign(CONTENT), clear))


def test_signing_the_content_without_attributes():
    signer = ec_signer()

    def bare(info):
        info["signed_attrs"] = None
        info["signature"] = signer.sign_bytes(CONTENT)

    assert_refused(SignatureMalformedError, change(signer.sign(CONTENT), signer_info(bare)))


@pytest.mark.parametrize("kind", ["content_type", "message_digest", "signing_certificate_v2"])
def test_leaving_an_attribute_out(kind):
    assert_refused(SignatureMalformedError, forge(ec_signer(), CONTENT, attributes=without(kind)))


@pytest.mark.parametrize("kind", ["content_type", "message_digest", "signing_certificate_v2"])
def test_giving_an_attribute_twice(kind):
    def twice(listed):
        return listed + [one for one in listed if one["type"].native == kind]

    assert_refused(SignatureMalformedError, forge(ec_signer(), CONTENT, attributes=twice))


def test_giving_an_attribute_two_values():
    two = replaced("message_digest", b"\0" * 32, b"\1" * 32)
    assert_refused(SignatureMalformedError, forge(ec_signer(), CONTENT, attributes=two))


def test_saying_that_the_content_is_of_another_type():
    other = replaced("content_type", "signed_data")
    assert_refused(SignatureMalformedError, forge(ec_signer(), CONTENT, attributes=other))


@pytest.mark.parametrize("sign_as_sent", [True, False])
def test_turning_the_signed_attributes_round(sign_as_sent):
    signer = rsa_signer()
    turned = with_attributes_turned_round(signer.sign(CONTENT), signer, sign_as_sent=sign_as_sent)
    assert_refused(SignatureMalformedError, turned)


def test_adding_attributes_that_no_signature_covers():
    def add(info):
        info["unsigned_attrs"] = [cms.CMSAttribute({"type": "content_type", "values": ["data"]})]

    assert_refused(SignatureMalformedError, change(ec_signer().sign(CONTENT), signer_info(add)))


def test_bringing_ones_own_revocation_list():
    own = crl.CertificateList.load(make_pki().issuing.crl())

    def add(signed_data):
        signed_data["crls"] = [cms.RevocationInfoChoice(name="crl", value=own)]

    assert_refused(SignatureMalformedError, change(ec_signer().sign(CONTENT), add))


@pytest.mark.parametrize("version", ["v0", "v3", "v4"])
def test_changing_the_versions(version):
    def outer(signed_data):
        signed_data["version"] = version

    assert_refused(SignatureMalformedError, change(ec_signer().sign(CONTENT), outer))
    assert_refused(SignatureMalformedError, change(ec_signer().sign(CONTENT), signer_info(outer)))


def test_naming_another_digest_outside_than_inside():
    def other(signed_data):
        signed_data["digest_algorithms"] = [{"algorithm": "sha512"}]

    assert_refused(SignatureMalformedError, change(ec_signer().sign(CONTENT), other))


def test_leaving_the_signer_s_certificate_out():
    signer = ec_signer()

    def drop(signed_data):
        signed_data["certificates"] = [
            one for one in signed_data["certificates"] if one.chosen.serial_number != signer.certificate.serial_number
        ]

    assert_refused(SignatureMalformedError, change(signer.sign(CONTENT), drop))


def test_sending_more_certificates_than_a_path_has():
    def crowd(signed_data):
        for number in range(7):
            other = make_pki().issuing.person(f"Người {number}").certificate.public_bytes(Encoding.DER)
            choice = cms.CertificateChoices(name="certificate", value=asn1_x509.Certificate.load(other))
            signed_data["certificates"].append(choice)

    assert_refused(SignatureMalformedError, change(ec_signer().sign(CONTENT), crowd))


def test_sending_a_certificate_twice():
    def double(signed_data):
        signed_data["certificates"].append(signed_data["certificates"][0])

    assert_refused(SignatureMalformedError, change(ec_signer().sign(CONTENT), double))


def test_giving_a_certificate_a_serial_number_below_one():
    signer = ec_signer()

    def negative(signed_data):
        for choice in signed_data["certificates"]:
            if choice.chosen.serial_number == signer.certificate.serial_number:
                choice.chosen["tbs_certificate"]["serial_number"] = -5
        signed_data["signer_infos"][0]["sid"].chosen["serial_number"] = -5

    assert_refused(SignatureMalformedError, change(signer.sign(CONTENT), negative, deep=True))


def test_calling_a_bit_of_the_authority_s_signature_unused():
    root = make_pki().root
    while (issuing := root.authority("Đơn vị cấp")).certificate.signature[-1] & 1:
        pass
    signature = issuing.person().sign(CONTENT)
    bits = issuing.certificate.signature
    assert signature.count(b"\0" + bits) == 1
    changed = signature.replace(b"\0" + bits, b"\1" + bits)
    assert check(signature, revocation=revocations(root.crl(), issuing.crl()))
    assert_refused(SignatureMalformedError, changed)


def test_naming_another_algorithm_outside_a_certificate_than_inside():
    authority = make_pki().issuing.certificate

    def relabel(signed_data):
        for choice in signed_data["certificates"]:
            if choice.chosen.serial_number == authority.serial_number:
                choice.chosen["signature_algorithm"] = {"algorithm": "sha384_ecdsa"}

    assert_refused(SignatureMalformedError, change(ec_signer().sign(CONTENT), relabel, deep=True))


@pytest.mark.parametrize("digest", ["sha1", "md5", "sha224", "sha3_256"])
def test_naming_a_digest_that_is_not_allowed(digest):
    def weaken(signed_data):
        signed_data["digest_algorithms"] = [{"algorithm": digest}]
        signed_data["signer_infos"][0]["digest_algorithm"] = {"algorithm": digest}

    assert_refused(AlgorithmNotAllowedError, change(ec_signer().sign(CONTENT), weaken))


def with_algorithm(der: bytes, oid: str, parameters=None) -> bytes:
    def relabel(info):
        info["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": oid, "parameters": parameters})

    return change(der, signer_info(relabel))


@pytest.mark.parametrize(
    "oid",
    [
        "1.2.840.113549.2.9",  # HMAC-SHA-256
        "1.2.840.113549.1.1.5",  # SHA-1 with RSA
        "1.2.840.113549.1.1.12",  # SHA-384 with RSA, over a SHA-256 digest
        "1.2.840.10045.4.3.2",  # ECDSA
        "1.2.840.10045.4.1",  # ECDSA with SHA-1
        "2.16.840.1.101.3.4.3.2",  # DSA with SHA-256
        "1.3.101.112",  # Ed25519
    ],
)
def test_relabelling_an_rsa_signature(oid):
    assert_refused(AlgorithmNotAllowedError, with_algorithm(rsa_signer().sign(CONTENT, RS256), oid))


@pytest.mark.parametrize("oid", ["1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.4"])
def test_relabelling_an_ecdsa_signature(oid):
    assert_refused(AlgorithmNotAllowedError, with_algorithm(ec_signer().sign(CONTENT), oid))


def test_using_sha256_with_p384():
    weak = SignatureAlgorithm("ecdsa", "sha256")
    assert_refused(AlgorithmNotAllowedError, make_pki().issuing.person(kind="p384").sign(CONTENT, weak))


def test_relabelling_pss_as_pkcs1():
    relabelled = with_algorithm(rsa_signer().sign(CONTENT, PS256), "1.2.840.113549.1.1.11")
    assert_refused(SignatureInvalidError, relabelled)


def pss(**changes) -> algos.RSASSAPSSParams:
    hashed = {"algorithm": "sha256"}
    usual = {
        "hash_algorithm": hashed,
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": hashed},
        "salt_length": 32,
    }
    return algos.RSASSAPSSParams(usual | changes)


def test_relabelling_pkcs1_as_pss():
    relabelled = with_algorithm(rsa_signer().sign(CONTENT, RS256), "1.2.840.113549.1.1.10", pss())
    assert_refused(SignatureInvalidError, relabelled)


def test_declaring_another_salt_than_the_signature_has():
    declared = with_algorithm(rsa_signer().sign(CONTENT, PS256), "1.2.840.113549.1.1.10", pss(salt_length=64))
    assert_refused(SignatureInvalidError, declared)


@pytest.mark.parametrize(
    "parameters",
    [
        pss(salt_length=0),
        pss(salt_length=31),
        pss(salt_length=223),
        pss(hash_algorithm={"algorithm": "sha512"}),
        pss(mask_gen_algorithm={"algorithm": "mgf1", "parameters": {"algorithm": "sha1"}}),
        algos.RSASSAPSSParams.load(b"0\0"),  # the defaults, which are SHA-1's
    ],
)
def test_declaring_pss_parameters_out_of_the_profile(parameters):
    signature = rsa_signer().sign(CONTENT, PS256)
    assert_refused(AlgorithmNotAllowedError, with_algorithm(signature, "1.2.840.113549.1.1.10", parameters))


def test_using_pkcs1_where_the_operator_has_turned_it_off():
    signature = rsa_signer().sign(CONTENT, RS256)
    assert check(signature)
    assert_refused(AlgorithmNotAllowedError, signature, policy=SignaturePolicy(allow_rs256=False))


def pss_signer(parameters=None) -> Signer:
    signer = rsa_signer()
    bound = bound_to_pss(signer.certificate, make_pki().issuing, parameters and pss(**parameters))
    return Signer(bound, signer.key, signer.chain)


@pytest.mark.parametrize("parameters", [None, {"salt_length": 32}])
def test_signing_otherwise_with_a_key_that_is_bound_to_pss(parameters, tmp_path):
    signer = pss_signer(parameters)
    signature = signer.sign(CONTENT, PS256)
    assert check(signature)
    assert Opinions(make_pki(), tmp_path).openssl(signature, CONTENT)
    assert_refused(AlgorithmNotAllowedError, signer.sign(CONTENT, RS256))


@pytest.mark.parametrize("parameters", [{"salt_length": 64}, {"hash_algorithm": {"algorithm": "sha512"}}])
def test_signing_below_what_the_certificate_binds_pss_to(parameters):
    assert_refused(AlgorithmNotAllowedError, pss_signer(parameters).sign(CONTENT, PS256))


def test_protecting_other_algorithms_than_are_declared():
    protection = cms.CMSAlgorithmProtection(
        {"digest_algorithm": {"algorithm": "sha512"}, "signature_algorithm": {"algorithm": "sha256_ecdsa"}}
    )
    other = replaced("cms_algorithm_protection", protection)
    assert_refused(AlgorithmNotAllowedError, forge(ec_signer(), CONTENT, attributes=other))


@pytest.mark.parametrize("kind", ["rsa1024", "k256", "p521", "ed25519"])
def test_signing_with_a_weak_key_or_one_of_another_kind(kind):
    signer = make_pki().issuing.person(kind=kind)
    algorithm = {"rsa1024": RS256}.get(kind, ES256)
    assert_refused(WeakKeyError, signer.sign(CONTENT, algorithm))


def test_signing_with_an_rsa_key_whose_exponent_is_3():
    key = rsa.generate_private_key(3, 2048)
    issuing = make_pki().issuing
    signer = Signer(issuing.certify(make_name("Số mũ 3"), key), key, issuing.chain)
    assert_refused(WeakKeyError, signer.sign(CONTENT))


def test_putting_another_certificate_of_the_same_key_in_its_place():
    signer = ec_signer()
    other = make_pki().issuing.person("Lê Thị Bình", uid="CCCD:000000000002")
    assert other.key is signer.key
    loaded = asn1_x509.Certificate.load(other.certificate.public_bytes(Encoding.DER))

    def swap(signed_data):
        kept = [
            one for one in signed_data["certificates"] if one.chosen.serial_number != signer.certificate.serial_number
        ]
        signed_data["certificates"] = [*kept, cms.CertificateChoices(name="certificate", value=loaded)]
        signed_data["signer_infos"][0]["sid"].chosen["serial_number"] = loaded.serial_number

    assert_refused(CertificateSubstitutedError, change(signer.sign(CONTENT), swap, deep=True))


def test_naming_the_certificate_by_another_serial_number():
    signer = ec_signer()

    def renumber(listed):
        for one in listed:
            if one["type"].native == "signing_certificate_v2":
                one["values"][0]["certs"][0]["issuer_serial"]["serial_number"] = 7
        return listed

    assert_refused(CertificateSubstitutedError, forge(signer, CONTENT, attributes=renumber))


def test_naming_the_certificate_by_sha1():
    by_sha1 = tsp.SigningCertificateV2({"certs": [{"hash_algorithm": {"algorithm": "sha1"}, "cert_hash": b"\0" * 20}]})
    forged = forge(ec_signer(), CONTENT, attributes=replaced("signing_certificate_v2", by_sha1))
    assert_refused(AlgorithmNotAllowedError, forged)


def test_flipping_a_bit_of_the_signature():
    der = rsa_signer().sign(CONTENT)
    assert_refused(SignatureInvalidError, der[:-1] + bytes([der[-1] ^ 1]))


@pytest.mark.parametrize("signature", [b"", b"\0" * 256, b"0\6\2\1\0\2\1\0"])
def test_sending_an_empty_signature(signature):
    def empty(info):
        info["signature"] = signature

    assert_refused(SignatureInvalidError, change(rsa_signer().sign(CONTENT), signer_info(empty)))
    assert_refused(SignatureInvalidError, change(ec_signer().sign(CONTENT), signer_info(empty)))


def test_signing_with_another_key_than_the_certificate_s():
    signer = ec_signer()
    assert_refused(SignatureInvalidError, Signer(signer.certificate, make_key("p256", 3), signer.chain).sign(CONTENT))
