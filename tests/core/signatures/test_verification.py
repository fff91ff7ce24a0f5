"""Signatures that count, and what is kept of them."""

import hashlib
from datetime import timedelta

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from bot.core.clock import LOCAL_ZONE
from bot.core.signatures import ES256, RS256, TrustStore, facts_of, verify
from tests.core.signatures.forging import forge, replaced, signer_info
from tests.core.signatures.opinions import Opinions
from tests.core.signatures.refusals import CONTENT, check
from tests.pki import (
    DAY,
    DOCUMENT_SIGNING,
    MICROSOFT_DOCUMENT_SIGNING,
    NOW,
    SIGNING,
    SIGNING_KINDS,
    Authority,
    Signer,
    authority_extensions,
    certificate_with_sha1,
    key_usage,
    make_name,
    make_pki,
    make_root,
)


@pytest.mark.parametrize("name", SIGNING_KINDS)
def test_every_allowed_algorithm_counts(name):
    kind, algorithm = SIGNING_KINDS[name]
    signer = make_pki().issuing.person(kind=kind)
    verified = check(signer.sign(CONTENT, algorithm))
    assert verified.algorithm == algorithm
    assert verified.certificate == facts_of(signer.certificate)


def test_what_is_stored_is_the_same_whatever_it_came_wrapped_in():
    pki = make_pki()
    signer = pki.issuing.person(kind="rsa2048")
    plain = check(signer.sign(CONTENT, RS256)).stored
    with_the_root = Signer(signer.certificate, signer.key, (*signer.chain, pki.root.certificate))
    wrapped = with_the_root.sign(CONTENT, RS256)
    assert wrapped != plain
    assert check(wrapped).stored == plain
    assert check(plain).stored == plain


@pytest.mark.parametrize(
    ("kind", "algorithm", "label"),
    [("p256", ES256, "sha256_ecdsa"), ("rsa2048", RS256, "sha256_rsa"), ("rsa2048", RS256, "rsassa_pkcs1v15")],
)
def test_algorithms_said_once_more_inside_the_signature_count(kind, algorithm, label, tmp_path):
    protection = cms.CMSAlgorithmProtection(
        {"digest_algorithm": {"algorithm": "sha256"}, "signature_algorithm": {"algorithm": label}}
    )

    def relabel(info):
        info["signature_algorithm"] = {"algorithm": label}

    signature = forge(
        make_pki().issuing.person(kind=kind),
        CONTENT,
        algorithm=algorithm,
        attributes=replaced("cms_algorithm_protection", protection),
        message=signer_info(relabel),
    )
    stored = check(signature).stored
    assert Opinions(make_pki(), tmp_path).openssl(stored, CONTENT)
    assert Opinions(make_pki(), tmp_path).pyhanko(stored, CONTENT)


def test_a_broken_certificate_that_no_path_needs_is_not_kept(tmp_path):
    pki = make_pki()
    signer = pki.issuing.person()
    namesake = make_root("Gốc thử nghiệm", number=22)
    crowded = Signer(signer.certificate, signer.key, (*signer.chain, namesake.certificate)).sign(CONTENT)
    stored = check(crowded).stored
    assert stored == check(check(crowded).stored).stored
    assert facts_of(namesake.certificate).der not in stored
    assert Opinions(pki, tmp_path).openssl(stored, CONTENT)


def test_a_signature_without_intermediates_finds_those_of_the_trust_store():
    pki = make_pki()
    signer = pki.issuing.person()
    trust = TrustStore([pki.root.certificate], [pki.issuing.certificate])
    verified = check(Signer(signer.certificate, signer.key).sign(CONTENT), trust=trust)
    assert check(verified.stored).path == verified.path


def test_the_path_goes_from_the_certificate_to_the_root():
    pki = make_pki()
    signer = pki.issuing.person()
    facts = [facts_of(one) for one in (signer.certificate, pki.issuing.certificate, pki.root.certificate)]
    assert check(signer.sign(CONTENT)).path == tuple(fact.der for fact in facts)


def test_each_certificate_below_the_root_has_its_proof():
    pki = make_pki()
    signer = pki.issuing.person()
    verified = check(signer.sign(CONTENT))
    below = [hashlib.sha256(der).hexdigest() for der in verified.path[:-1]]
    assert [proof.certificate_sha256 for proof in verified.revocation] == below
    assert not verified.is_revocation_stale


@pytest.mark.parametrize(
    "extensions",
    [
        [(key_usage("content_commitment"), True)],
        [(key_usage("digital_signature"), False)],
        [(SIGNING, True), (x509.BasicConstraints(ca=False, path_length=None), True)],
        *(
            [(SIGNING, True), (x509.ExtendedKeyUsage([purpose]), False)]
            for purpose in (
                ExtendedKeyUsageOID.EMAIL_PROTECTION,
                ExtendedKeyUsageOID.CLIENT_AUTH,
                ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
                DOCUMENT_SIGNING,
                MICROSOFT_DOCUMENT_SIGNING,
            )
        ),
        [
            (SIGNING, True),
            (x509.SubjectAlternativeName([x509.DirectoryName(make_name("Nguyễn Văn An"))]), False),
        ],
    ],
)
def test_certificates_made_for_signing_documents_count(extensions):
    assert check(make_pki().issuing.person(extensions=extensions).sign(CONTENT))


def test_an_old_root_signed_with_sha1_counts_because_nobody_relies_on_its_signature():
    modern = make_root("Gốc cũ", kind="rsa2048", number=7)
    sha1_root = Authority(certificate_with_sha1(modern.certificate, modern.key), modern.key)
    issuing = sha1_root.authority("Đơn vị cấp cũ")
    signer = issuing.person()
    revocation = make_pki().revocations()
    revocation.crls = [sha1_root.crl(), issuing.crl()]
    assert check(signer.sign(CONTENT), trust=TrustStore([sha1_root.certificate]), revocation=revocation)


def test_four_intermediates_count():
    root = make_root("Gốc xa")
    authorities = [root]
    for level in range(4):
        authorities.append(authorities[-1].authority(f"Cấp {level}", number=10 + level))
    signer = authorities[-1].person()
    revocation = make_pki().revocations()
    revocation.crls = [authority.crl() for authority in authorities]
    assert check(signer.sign(CONTENT), trust=TrustStore([root.certificate]), revocation=revocation)


def test_the_dates_count_at_the_moment_asked_for_and_revocation_at_its_own():
    pki = make_pki()
    signer = pki.issuing.person(not_after=NOW + DAY)
    later = NOW + 10 * DAY
    revocation = pki.revocations()
    revocation.crls = [
        authority.crl(this_update=later - DAY, next_update=later + DAY) for authority in (pki.root, pki.issuing)
    ]
    assert check(signer.sign(CONTENT), revocation=revocation, revocation_at=later)


def test_a_certificate_counts_in_its_first_and_its_last_second():
    pki = make_pki()
    signer = pki.issuing.person(not_before=NOW, not_after=NOW + timedelta(seconds=5))
    signature = signer.sign(CONTENT)
    assert check(signature, at=NOW)
    last = NOW + timedelta(seconds=5)
    assert check(signature, at=last)
    assert check(signature, at=last.astimezone(LOCAL_ZONE))


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (make_name("A", uid="CCCD: 000000000001", serial="9"), "uid:cccd:000000000001"),
        (make_name("A", serial="MST 9"), "serial:mst9"),
        (make_name("Lê Thị Bình"), "name:cn=lê thị bình,c=vn"),
    ],
)
def test_people_are_told_apart_by_uid_then_serial_number_then_name(subject, expected):
    signer = make_pki().issuing.person(subject=subject)
    assert facts_of(signer.certificate).subject_id == expected


def test_one_key_has_one_digest_in_two_certificates():
    issuing = make_pki().issuing
    first, second = issuing.person("A"), issuing.person("B")
    assert facts_of(first.certificate).key_sha256 == facts_of(second.certificate).key_sha256
    assert facts_of(first.certificate).sha256 != facts_of(second.certificate).sha256


def test_a_path_length_that_is_kept_counts():
    root = make_root("Gốc hẹp", extensions=authority_extensions(0))
    signer = root.person()
    revocation = make_pki().revocations()
    revocation.crls = [root.crl()]
    assert check(signer.sign(CONTENT), trust=TrustStore([root.certificate]), revocation=revocation)


def test_a_source_of_evidence_that_fails_is_not_taken_for_a_bad_signature():
    class Broken:
        def evidence_for(self, certificate, issuer):
            raise ConnectionError

    with pytest.raises(ConnectionError):
        check(make_pki().issuing.person().sign(CONTENT), revocation=Broken())


def test_a_moment_without_a_time_zone_is_a_programmer_s_error():
    with pytest.raises(ValueError, match="2026"):
        check(make_pki().issuing.person().sign(CONTENT), at=NOW.replace(tzinfo=None))


def test_nobody_is_asked_about_the_log_s_own_key():
    pki = make_pki()
    verified = verify(pki.issuing.person().sign(CONTENT), CONTENT, trust=pki.trust, revocation=None, at=NOW)
    assert verified.revocation == ()
