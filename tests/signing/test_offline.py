"""Signing without our tools: download the statement, sign with stock OpenSSL, bring the .p7s to the admin API."""

from __future__ import annotations

import subprocess

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.attacks.world import Member, World, opened_world, person, refused
from tests.pki import Signer, pem

PADDING_PSS = ("-keyopt", "rsa_padding_mode:pss")
WAYS = {
    "RSA, PKCS#1": ("rsa2048", ()),
    "RSA, RSASSA-PSS": ("rsa2048", PADDING_PSS),
    "RSA, RSASSA-PSS with the hash's salt": ("rsa2048", (*PADDING_PSS, "-keyopt", "rsa_pss_saltlen:-1")),
    "P-256": ("p256", ()),
}


@pytest_asyncio.fixture
async def world(product):
    async with opened_world(product) as opened:
        yield opened


async def with_key(world: World, kind: str) -> Member:
    """Give An, who now signs with a key of this kind."""
    if kind == "p256":
        return world.an
    return await world.enrol(world.an, person(world.pki, 1, kind=kind), by=world.binh)


def signed_by_openssl(folder, statement: bytes, signer: Signer, options: tuple[str, ...]) -> bytes:
    """Sign as the documents say; `options` stand behind ``-signer``, where OpenSSL wants them."""
    for name, data in (
        ("statement.json", statement),
        ("me.pem", pem([signer.certificate])),
        ("me.key", signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())),
        ("issuing.pem", pem(signer.chain)),
    ):
        (folder / name).write_bytes(data)
    command = [
        *("openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-in", "statement.json"),
        *("-signer", "me.pem", "-inkey", "me.key", *options, "-certfile", "issuing.pem"),
        *("-outform", "DER", "-out", "statement.p7s"),
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    return (folder / "statement.p7s").read_bytes()


@pytest.mark.parametrize(("kind", "options"), WAYS.values(), ids=list(WAYS))
async def test_a_statement_that_was_taken_away_comes_back_signed_by_openssl(world, tmp_path, kind, options):
    member = await with_key(world, kind)
    assert member.signer is not None
    challenge, statement = await world.statement(member, offline=True)
    world.clock.advance(hours=5)
    signature = signed_by_openssl(tmp_path, statement, member.signer, options)
    answer = await world.send(member, challenge, signature)
    assert (answer.status_code, answer.json()) == (201, {"approvals": 1, "required": 2})
    again = await world.send(member, challenge, signature)
    refused(again, 409, "challenge-used")


async def test_a_statement_that_was_not_taken_for_offline_has_ended_by_then(world, tmp_path):
    challenge, statement = await world.statement(world.an)
    world.clock.advance(hours=5)
    answer = await world.send(world.an, challenge, signed_by_openssl(tmp_path, statement, world.an.signer, ()))
    refused(answer, 410, "challenge-expired")


async def test_a_statement_that_an_editor_saved_anew_is_another_content(world, tmp_path):
    challenge, statement = await world.statement(world.an, offline=True)
    answer = await world.send(world.an, challenge, signed_by_openssl(tmp_path, statement + b"\n", world.an.signer, ()))
    refused(answer, 422, "content-mismatch")
