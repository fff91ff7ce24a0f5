"""Attacks with certificates: old ones, foreign ones, ones for something else, and keys that are not theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.x509 import ocsp

from bot.core.signatures import ES256, PS256, RS256, OcspAnswer, assemble, signed_attributes
from bot.core.staff.roles import Role
from tests.attacks.world import person, refused
from tests.pki import NOW, Authority, Signer, key_usage, make_name, make_root


async def signed_by(world, signer):
    """Give the answer to An's approval with another certificate or key."""
    return await world.approve(world.an, signer=signer)


def same_key(world, authority: Authority, **options) -> Signer:
    """Give An's own key and name under another certificate."""
    return authority.person("Người thứ 1", uid="CCCD:000000000001", number=11, **options)


async def test_an_expired_certificate_is_refused(world):
    ending = person(world.pki, 4, not_after=NOW + timedelta(hours=1))
    dung = await world.enrol(await world.hire("Dũng", Role.ADMIN), ending)
    world.clock.advance(hours=3)
    refused(await world.approve(dung), 403, "certificate-expired")


async def test_a_certificate_that_is_not_yet_valid_is_refused(world):
    early = person(world.pki, 4, not_before=NOW + timedelta(days=1))
    dung = await world.hire("Dũng")
    enrolment = (await world.propose_certificate(dung, early)).json()["id"]
    refused(await world.prove(dung, enrolment, early), 403, "certificate-not-yet-valid")


async def test_a_certificate_that_the_list_revokes_is_refused(world):
    revoked = world.an.signer.certificate
    world.revocations.crls[:] = [world.pki.root.crl(), world.pki.issuing.crl([revoked])]
    refused(await world.approve(world.an), 403, "certificate-revoked")


async def test_a_certificate_that_ocsp_revokes_while_the_list_says_good_is_refused(world):
    answer = world.pki.issuing.ocsp(world.an.signer.certificate, status=ocsp.OCSPCertStatus.REVOKED)
    world.revocations.ocsp.append(OcspAnswer(answer))
    refused(await world.approve(world.an), 403, "certificate-revoked")


async def test_an_authority_that_was_revoked_is_refused(world):
    world.revocations.crls[:] = [world.pki.root.crl([world.pki.issuing.certificate]), world.pki.issuing.crl()]
    refused(await world.approve(world.an), 403, "certificate-revoked")


async def test_without_evidence_about_revocation_nothing_counts_and_one_is_told_when_to_ask_again(world):
    world.revocations.crls.clear()
    answer = await world.approve(world.an)
    refused(answer, 503, "revocation-unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_a_certificate_of_another_authority_is_refused(world):
    stranger = make_root("Gốc lạ", number=7).authority("Đơn vị lạ", number=8)
    refused(await signed_by(world, same_key(world, stranger)), 403, "certificate-untrusted")


async def test_a_forged_root_of_the_same_name_is_refused(world):
    forged_root = make_root(number=7)
    assert forged_root.certificate.subject == world.pki.root.certificate.subject
    forged = forged_root.authority("Đơn vị cấp thử nghiệm", number=8)
    assert forged.certificate.subject == world.pki.issuing.certificate.subject
    refused(await signed_by(world, same_key(world, forged)), 403, "certificate-untrusted")


async def test_a_certificate_for_encrypting_is_refused(world):
    other = same_key(world, world.pki.issuing, extensions=((key_usage("key_encipherment"), True),))
    refused(await signed_by(world, other), 403, "certificate-usage")


async def test_an_authority_s_own_certificate_as_the_signer_s_is_refused(world):
    issuing = world.pki.issuing
    refused(await signed_by(world, Signer(issuing.certificate, issuing.key)), 403, "certificate-usage")


async def test_a_good_certificate_of_somebody_else_is_refused(world):
    refused(await signed_by(world, world.binh.signer), 403, "certificate-not-enrolled")


async def test_a_second_certificate_with_the_enrolled_key_is_refused_until_it_is_enrolled(world):
    renewed = same_key(world, world.pki.issuing)
    refused(await signed_by(world, renewed), 403, "certificate-not-enrolled")
    await world.enrol(world.an, renewed, by=world.binh)
    assert (await signed_by(world, renewed)).status_code == 201


async def test_a_certificate_swapped_for_another_with_the_same_key_is_refused(world):
    challenge, statement = await world.statement(world.an)
    attributes = signed_attributes(statement, world.an.signer.certificate, "sha256")
    other = same_key(world, world.pki.issuing)
    cms = assemble(attributes, world.an.signer.sign_bytes(attributes), other.certificate, other.chain, ES256)
    refused(await world.send(world.an, challenge, cms), 422, "certificate-substituted")


async def test_a_weak_key_is_refused(world):
    weak = world.pki.issuing.person("Người thứ 4", uid="CCCD:000000000004", kind="rsa1024")
    refused(await signed_by(world, weak), 422, "weak-key")


@pytest.mark.parametrize(
    ("said", "code"),
    [(ES256, "algorithm-not-allowed"), (PS256, "signature-invalid")],
    ids=["ecdsa-on-an-rsa-key", "pkcs1-relabelled-pss"],
)
async def test_an_algorithm_that_is_not_the_key_s_is_refused(world, said, code):
    signer = person(world.pki, 4, kind="rsa2048")
    challenge, statement = await world.statement(world.an)
    attributes = signed_attributes(statement, signer.certificate, "sha256")
    signature = signer.sign_bytes(attributes, RS256)
    cms = assemble(attributes, signature, signer.certificate, signer.chain, said)
    refused(await world.send(world.an, challenge, cms), 422, code)


async def test_a_changed_bit_of_the_signature_is_refused(world):
    challenge, statement = await world.statement(world.an)
    signed = bytearray(world.an.signer.sign(statement))
    signed[-1] ^= 1
    refused(await world.send(world.an, challenge, bytes(signed)), 422, "signature-invalid")


async def test_a_file_that_is_no_certificate_cannot_be_proposed(world):
    for text in ("", "AA==", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"):
        answer = await world.client.post("/api/v1/enrolments", headers=world.an.headers, json={"certificate": text})
        refused(answer, 422, "certificate-unreadable")


async def test_the_key_of_another_certificate_proves_nothing(world):
    dung = await world.hire("Dũng")
    enrolment = (await world.propose_certificate(dung, person(world.pki, 4))).json()["id"]
    refused(await world.prove(dung, enrolment, person(world.pki, 5)), 403, "certificate-not-enrolled")


async def test_names_of_a_certificate_say_nothing_about_who_is_enrolled(world):
    namesake = world.pki.issuing.person(
        subject=make_name("Người thứ 1", uid="CCCD:000000000009"), kind="p256", number=30
    )
    refused(await signed_by(world, namesake), 403, "certificate-not-enrolled")
