"""Valid and mutated signatures before three verifiers: ours accepts nothing that openssl or pyHanko refuses.

The corpus comes from a fixed seed. The usual run makes ``MUTANTS`` of them and asks the others about each that ours
accepts and a tenth of the rest; ``make torture`` sets the variable to thousands, asks all three about each, and prints
how they agree.
"""

import os
import random
import subprocess
import time
from collections import Counter

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.core.signatures import Verified
from tests.core.signatures.mutations import mutate
from tests.core.signatures.opinions import Opinions, signed_by_pyhanko
from tests.core.signatures.refusals import CONTENT
from tests.pki import SIGNING_KINDS, Signer, make_pki, pem

USUAL = 500
MUTANTS = int(os.environ.get("TORTURE_SIGNATURES", USUAL))
SEED = 20261121


def signed_by_openssl(folder, signer: Signer, *options: str, digest: str = "sha256") -> bytes:
    """Return a signature made as the recipe for signing without our tools says."""
    key = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name, data in (
        ("content", CONTENT),
        ("me.pem", pem([signer.certificate])),
        ("me.key", key),
        ("chain.pem", pem(signer.chain)),
    ):
        (folder / name).write_bytes(data)
    command = [
        *("openssl", "cms", "-sign", "-binary", "-cades", "-md", digest, "-in", "content", "-signer", "me.pem"),
        *("-inkey", "me.key", *options, "-certfile", "chain.pem", "-outform", "DER", "-out", "signed.der"),
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / "signed.der").read_bytes()


def has_strange_certificates(signature: bytes, verified: Verified) -> bool:
    """Whether it carries certificates that are not on the path."""
    carried = cms.ContentInfo.load(signature)["content"]["certificates"]
    return not {one.dump() for one in carried} <= set(verified.path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("corpus")


@pytest.fixture(scope="module")
def opinions(folder):
    return Opinions(make_pki(), folder)


@pytest.fixture(scope="module")
def valid(folder) -> list[bytes]:
    """Signatures that count: by our tools with every algorithm, by openssl, and by pyHanko."""
    pki = make_pki()
    ours = [pki.issuing.person(kind=kind).sign(CONTENT, algorithm) for kind, algorithm in SIGNING_KINDS.values()]
    holder = pki.issuing.person(kind="rsa2048")
    with_root = Signer(holder.certificate, holder.key, (*holder.chain, pki.root.certificate))
    return [
        *ours,
        with_root.sign(CONTENT),
        signed_by_openssl(folder, holder),
        signed_by_openssl(folder, holder, "-keyopt", "rsa_padding_mode:pss"),
        signed_by_openssl(folder, pki.issuing.person()),
        signed_by_openssl(folder, pki.issuing.person(kind="p384"), digest="sha384"),
        signed_by_pyhanko(holder, CONTENT),
        signed_by_pyhanko(holder, CONTENT, prefer_pss=True),
        signed_by_pyhanko(pki.issuing.person(), CONTENT),
    ]


def test_all_three_accept_what_is_valid_and_what_is_stored_of_it(valid, opinions):
    for signature in valid:
        verified = opinions.ours(signature, CONTENT)
        assert isinstance(verified, Verified)
        for one in (signature, verified.stored):
            assert opinions.openssl(one, CONTENT)
            assert opinions.pyhanko(one, CONTENT)
        assert opinions.ours(verified.stored, CONTENT) == verified


def test_nothing_is_accepted_that_another_verifier_refuses(valid, opinions):
    chance = random.Random(SEED)  # noqa: S311 - the same changes in every run, of other keys
    stored = {verified.stored for one in valid if isinstance(verified := opinions.ours(one, CONTENT), Verified)}
    codes: Counter[str] = Counter()
    table: Counter[tuple[bool, bool, bool]] = Counter()
    seconds = 0.0
    for number in range(MUTANTS):
        mutant, content = mutate(chance, chance.choice(valid), valid), CONTENT
        if number % 50 == 0:
            mutant, content = chance.choice(valid), CONTENT.replace(b"7", b"8")
        began = time.perf_counter()
        verdict = opinions.ours(mutant, content)
        seconds += time.perf_counter() - began
        codes[verdict if isinstance(verdict, str) else "accepted"] += 1
        accepted = isinstance(verdict, Verified)
        if accepted or MUTANTS > USUAL or number % 10 == 0:
            theirs = opinions.openssl(mutant, content), opinions.pyhanko(mutant, content)
            table[accepted, *theirs] += 1
        if isinstance(verdict, Verified):
            # What is kept is what the test above has shown to the others. What came may carry more certificates, and
            # a broken one that no path needs stops others from finding the path.
            assert verdict.stored in stored, (number, mutant.hex())
            assert theirs == (True, True) or has_strange_certificates(mutant, verdict), (number, theirs, mutant.hex())
    wrapped = sum(table[True, *others] for others in ((True, False), (False, True), (False, False)))
    print(f"\ntorture: {MUTANTS} valid and mutated signatures, seed {SEED}, {1000 * seconds / MUTANTS:.2f} ms each")
    print(f"torture: ours says {dict(codes.most_common())}")
    print(f"torture: all three were asked about {table.total()}; (ours, openssl, pyHanko): {dict(table)}")
    print(
        f"torture: accepted by ours and refused by another: {wrapped}, each for certificates around a sound signature"
    )
    assert codes["accepted"] < MUTANTS / 4
    assert codes.keys() >= {"signature-malformed", "content-mismatch"}
