"""What somebody may try with revocation: hiding it, outliving it, or using its absence; named after the attempt."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from bot.core.signatures import (
    CertificateRevokedError,
    OcspAnswer,
    RevocationUnavailableError,
    SignaturePolicy,
    TrustStore,
)
from tests.core.signatures.refusals import CONTENT, assert_refused, check, revocations
from tests.pki import (
    DAY,
    NOW,
    SIGNING,
    Signer,
    authority_extensions,
    crl_with_sha1,
    key_usage,
    make_key,
    make_pki,
    make_root,
)

PKI = make_pki()
ROOT, ISSUING = PKI.root, PKI.issuing
NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
REVOKED = ocsp.OCSPCertStatus.REVOKED


def person() -> Signer:
    return ISSUING.person()


def answers(*ders: bytes, nonce: bytes | None = None):
    """Return a source with a list of the root, and these answers about the person."""
    return revocations(ROOT.crl(), ocsp=[OcspAnswer(der, nonce) for der in ders])


def test_signing_after_a_list_has_revoked_the_certificate():
    signer = person()
    assert_refused(CertificateRevokedError, signer.sign(CONTENT), revocation=PKI.revocations(signer.certificate))


def test_a_list_that_names_the_end_of_the_calendar_as_its_own():
    signer = person()
    assert check(signer.sign(CONTENT), revocation=revocations(ROOT.crl(), ISSUING.crl(next_update=NEVER)))
    revoked = revocations(ROOT.crl(), ISSUING.crl([signer.certificate], next_update=NEVER))
    assert_refused(CertificateRevokedError, signer.sign(CONTENT), revocation=revoked)


def test_signing_after_the_authority_was_revoked():
    revoked = PKI.revocations(ISSUING.certificate)
    assert_refused(CertificateRevokedError, person().sign(CONTENT), revocation=revoked)


def test_signing_after_an_answer_has_revoked_the_certificate_while_the_list_says_good():
    signer = person()
    both = PKI.revocations()
    both.ocsp.append(OcspAnswer(ISSUING.ocsp(signer.certificate, status=REVOKED)))
    assert_refused(CertificateRevokedError, signer.sign(CONTENT), revocation=both)


def test_signing_after_a_list_has_revoked_the_certificate_while_the_answer_says_good():
    signer = person()
    both = PKI.revocations(signer.certificate)
    both.ocsp.append(OcspAnswer(ISSUING.ocsp(signer.certificate)))
    assert_refused(CertificateRevokedError, signer.sign(CONTENT), revocation=both)


def test_offering_a_fresh_list_beside_an_old_one_that_revokes():
    signer = person()
    old = ISSUING.crl([signer.certificate], this_update=NOW - 90 * DAY, next_update=NOW - 60 * DAY)
    both = revocations(ROOT.crl(), ISSUING.crl(), old)
    assert_refused(CertificateRevokedError, signer.sign(CONTENT), revocation=both)


def test_revoked_is_told_even_where_evidence_about_another_certificate_is_missing():
    signer = person()
    only_one = revocations(ISSUING.crl([signer.certificate]))
    assert_refused(CertificateRevokedError, signer.sign(CONTENT), revocation=only_one)


@pytest.mark.parametrize(
    "crls",
    [
        [],
        [ROOT.crl()],
        [ISSUING.crl()],
        [ROOT.crl(), b"", b"x"],
    ],
)
def test_keeping_evidence_away(crls):
    assert_refused(RevocationUnavailableError, person().sign(CONTENT), revocation=revocations(*crls))


IDP = x509.IssuingDistributionPoint(
    full_name=None,
    relative_name=None,
    only_contains_user_certs=False,
    only_contains_ca_certs=True,
    only_some_reasons=None,
    indirect_crl=False,
    only_contains_attribute_certs=False,
)
FORGED_ISSUER = make_root("Đơn vị cấp thử nghiệm", number=30)
RSA_ISSUER = make_root("Gốc RSA", kind="rsa2048", number=7)


@pytest.mark.parametrize(
    ("name", "crl"),
    [
        ("it has ended", ISSUING.crl(this_update=NOW - 8 * DAY, next_update=NOW - timedelta(minutes=6))),
        ("it has not begun", ISSUING.crl(this_update=NOW + timedelta(minutes=6))),
        ("another key signed it", ISSUING.crl(signed_by=make_key("p256", 31))),
        ("a namesake issued it", FORGED_ISSUER.crl()),
        ("it is the root's", ROOT.crl()),
        ("it is about authorities only", ISSUING.crl(extensions=[(IDP, True)])),
        ("it is a mere difference", ISSUING.crl(extensions=[(x509.DeltaCRLIndicator(1), True)])),
        ("a bit of it was changed", ISSUING.crl()[:-1] + b"\0"),
        ("it was cut", ISSUING.crl()[:-1]),
    ],
)
def test_offering_a_list_that_says_nothing(name, crl):
    assert_refused(RevocationUnavailableError, person().sign(CONTENT), revocation=revocations(ROOT.crl(), crl))


def test_calling_a_bit_of_a_list_s_signature_unused():
    while (whole := ISSUING.crl())[-1] & 1:
        pass
    bits = x509.load_der_x509_crl(whole).signature
    changed = whole.replace(b"\0" + bits, b"\1" + bits)
    assert changed != whole
    signature = person().sign(CONTENT)
    assert check(signature, revocation=revocations(ROOT.crl(), whole))
    assert_refused(RevocationUnavailableError, signature, revocation=revocations(ROOT.crl(), changed))


def test_offering_a_list_signed_with_sha1():
    signer = RSA_ISSUER.person()
    sha1 = crl_with_sha1(RSA_ISSUER.crl(), RSA_ISSUER.key)
    trust = TrustStore([RSA_ISSUER.certificate])
    assert check(signer.sign(CONTENT), trust=trust, revocation=revocations(RSA_ISSUER.crl()))
    assert_refused(RevocationUnavailableError, signer.sign(CONTENT), trust=trust, revocation=revocations(sha1))


def test_offering_a_list_of_an_authority_that_may_not_sign_lists():
    silent = ROOT.authority("Không ký danh sách", number=32, extensions=authority_extensions(0, "key_cert_sign"))
    both = revocations(ROOT.crl(), silent.crl())
    assert_refused(RevocationUnavailableError, silent.person().sign(CONTENT), revocation=both)


def test_lists_count_within_five_minutes_of_their_times():
    late = ISSUING.crl(this_update=NOW - 8 * DAY, next_update=NOW - timedelta(minutes=4))
    early = ISSUING.crl(this_update=NOW + timedelta(minutes=4))
    for crl in (late, early):
        assert not check(person().sign(CONTENT), revocation=revocations(ROOT.crl(), crl)).is_revocation_stale


def test_a_list_that_has_ended_counts_for_the_time_of_grace_and_says_so():
    ended = ISSUING.crl(this_update=NOW - 8 * DAY, next_update=NOW - DAY)
    signature, source = person().sign(CONTENT), revocations(ROOT.crl(), ended)
    assert_refused(RevocationUnavailableError, signature, revocation=source)
    verified = check(signature, revocation=source, policy=SignaturePolicy(stale_crl_grace=2 * DAY))
    assert verified.is_revocation_stale
    assert [proof.is_stale for proof in verified.revocation] == [True, False]
    too_short = SignaturePolicy(stale_crl_grace=timedelta(hours=23))
    assert_refused(RevocationUnavailableError, signature, revocation=source, policy=too_short)


def test_a_list_that_has_ended_still_revokes_within_the_time_of_grace():
    signer = person()
    ended = ISSUING.crl([signer.certificate], this_update=NOW - 8 * DAY, next_update=NOW - DAY)
    grace = SignaturePolicy(stale_crl_grace=2 * DAY)
    both = revocations(ROOT.crl(), ended)
    assert_refused(CertificateRevokedError, signer.sign(CONTENT), revocation=both, policy=grace)


@pytest.mark.parametrize("id_hash", [hashes.SHA1(), hashes.SHA256()])  # noqa: S303 - responders use it
@pytest.mark.parametrize("delegated", [False, True])
def test_an_answer_counts_from_the_authority_and_from_whom_it_named(delegated, id_hash):
    signer = person()
    responder = ISSUING.responder() if delegated else None
    der = ISSUING.ocsp(signer.certificate, responder=responder, id_hash=id_hash, nonce=b"n" * 16)
    verified = check(signer.sign(CONTENT), revocation=answers(der, nonce=b"n" * 16))
    assert (verified.revocation[0].kind, verified.revocation[0].der) == ("ocsp", der)


def test_an_answer_without_an_end_counts_for_an_hour():
    signer = person()
    fresh = ISSUING.ocsp(signer.certificate, this_update=NOW - timedelta(minutes=59), next_update=None)
    old = ISSUING.ocsp(signer.certificate, this_update=NOW - timedelta(minutes=66), next_update=None)
    assert check(signer.sign(CONTENT), revocation=answers(fresh))
    assert_refused(RevocationUnavailableError, signer.sign(CONTENT), revocation=answers(old))


def test_asking_about_somebody_else():
    other = ISSUING.person("Lê Thị Bình").certificate
    assert_refused(RevocationUnavailableError, person().sign(CONTENT), revocation=answers(ISSUING.ocsp(other)))


def test_asking_about_the_same_number_of_another_authority():
    signer = person()
    namesake = FORGED_ISSUER.certificate
    der = ISSUING.ocsp(signer.certificate, issuer=namesake)
    assert_refused(RevocationUnavailableError, signer.sign(CONTENT), revocation=answers(der))


def test_taking_an_authority_that_does_not_know_for_one_that_agrees():
    signer = person()
    der = ISSUING.ocsp(signer.certificate, status=ocsp.OCSPCertStatus.UNKNOWN)
    assert_refused(RevocationUnavailableError, signer.sign(CONTENT), revocation=answers(der))


def test_replaying_an_answer_to_another_question():
    signer = person()
    der = ISSUING.ocsp(signer.certificate, nonce=b"a" * 16)
    assert_refused(RevocationUnavailableError, signer.sign(CONTENT), revocation=answers(der, nonce=b"b" * 16))


@pytest.mark.parametrize("hours", [-2, 2])
def test_offering_an_answer_of_another_time(hours):
    signer = person()
    moment = NOW + timedelta(hours=hours)
    der = ISSUING.ocsp(signer.certificate, this_update=moment, next_update=moment + timedelta(hours=1))
    assert_refused(RevocationUnavailableError, signer.sign(CONTENT), revocation=answers(der))


def test_answering_in_the_authority_s_place_without_being_named():
    signer = person()
    strangers = [
        ISSUING.person("Người lạ", number=33),
        ISSUING.responder(number=34, extensions=((SIGNING, True),)),
        ISSUING.responder(number=35, not_after=NOW - DAY),
        ROOT.responder(number=36),
        FORGED_ISSUER.responder(number=37),
    ]
    for stranger in strangers:
        der = ISSUING.ocsp(signer.certificate, responder=stranger)
        assert_refused(RevocationUnavailableError, signer.sign(CONTENT), revocation=answers(der))


def test_answering_after_the_responder_was_revoked():
    signer, responder = person(), ISSUING.responder()
    der = ISSUING.ocsp(signer.certificate, responder=responder)
    ended = ISSUING.crl([responder.certificate], this_update=NOW - 8 * DAY, next_update=NOW - DAY)
    source = answers(der)
    assert check(signer.sign(CONTENT), revocation=source)
    source.crls.append(ended)
    assert_refused(RevocationUnavailableError, signer.sign(CONTENT), revocation=source)


def test_changing_an_answer():
    signer = person()
    der = ISSUING.ocsp(signer.certificate)
    unsuccessful = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
    for changed in (der[:-1] + bytes([der[-1] ^ 1]), der[:-1], b"", unsuccessful.public_bytes(Encoding.DER)):
        assert_refused(RevocationUnavailableError, signer.sign(CONTENT), revocation=answers(changed))


def test_a_responder_that_signs_with_rsa_counts():
    signer = RSA_ISSUER.person()
    source = revocations(ocsp=[OcspAnswer(RSA_ISSUER.ocsp(signer.certificate))])
    assert check(signer.sign(CONTENT), trust=TrustStore([RSA_ISSUER.certificate]), revocation=source)


def test_a_long_list_is_asked_about_each_certificate():
    signer, other = person(), ISSUING.person("Lê Thị Bình")
    long = ISSUING.crl([signer.certificate], serials=range(1, 2000))
    source = revocations(ROOT.crl(), long)
    assert_refused(CertificateRevokedError, signer.sign(CONTENT), revocation=source)
    assert check(other.sign(CONTENT), revocation=source)


def test_an_authority_s_list_needs_no_key_usage_of_the_authority():
    bare = ((x509.BasicConstraints(ca=True, path_length=None), True),)
    old = make_root("Gốc không có mục đích", number=40, extensions=bare)
    signer = old.person(extensions=((key_usage("digital_signature"), True),))
    trust = TrustStore([old.certificate])
    assert check(signer.sign(CONTENT), trust=trust, revocation=revocations(old.crl()))
