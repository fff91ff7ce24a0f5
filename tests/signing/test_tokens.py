"""Signing with real tokens, and what becomes of tokens and modules that fail."""

from __future__ import annotations

import dataclasses
import os
import time
from pathlib import Path

import pytest

from bot.core.signatures import Verified
from bot.signing.errors import (
    KeyUnfitError,
    TokenAmbiguousError,
    TokenCertificateAmbiguousError,
    TokenCertificateMissingError,
    TokenFailedError,
    TokenKeyMissingError,
    TokenMissingError,
    TokenModuleCrashedError,
    TokenModuleHungError,
    TokenModuleUnusableError,
    TokenPinWrongError,
)
from bot.signing.keys import sign_detached
from bot.signing.tokens import Token, TokenCertificate, TokenKey, TokenModule
from tests.core.statements.examples import EXAMPLES
from tests.fixtures.tokens import LABEL, PIN
from tests.pki import make_pki

CONTENT = EXAMPLES["broadcast"].to_bytes()
ISSUING = make_pki().issuing

WAYS = {
    "RSA, RSASSA-PSS": ("rsa2048", "ALL", "PS256"),
    "RSA, RSASSA-PSS over a hash": ("rsa2048", "CKM_RSA_PKCS_PSS,CKM_RSA_PKCS", "PS256"),
    "RSA, PKCS#1 only": ("rsa2048", "CKM_SHA256_RSA_PKCS", "RS256"),
    "RSA, PKCS#1 over a hash": ("rsa2048", "CKM_RSA_PKCS", "RS256"),
    "P-256": ("p256", "ALL", "ES256"),
    "P-384": ("p384", "ALL", "ES384"),
}


@pytest.mark.parametrize(("kind", "mechanisms", "algorithm"), WAYS.values(), ids=list(WAYS))
def test_three_verifiers_accept_what_a_token_signs(make_reader, opinions, kind, mechanisms, algorithm):
    reader = make_reader()
    reader.insert(ISSUING.person(kind=kind))
    signature = sign_detached(CONTENT, make_reader(mechanisms).key())
    verified = opinions.ours(signature, CONTENT)
    assert isinstance(verified, Verified)
    assert verified.algorithm.name == algorithm
    assert opinions.openssl(signature, CONTENT)
    assert opinions.pyhanko(signature, CONTENT)


def test_a_key_that_was_made_on_the_token_and_wants_the_pin_each_time_signs(reader, opinions):
    reader.insert(ISSUING.person())
    made = reader.generate("05")
    signature = sign_detached(CONTENT, reader.key(certificate="made here"))
    verified = opinions.ours(signature, CONTENT)
    assert isinstance(verified, Verified)
    assert verified.certificate.serial == f"{made.serial_number:x}"


def test_a_token_shows_its_certificates_without_a_pin(reader):
    signer = ISSUING.person()
    reader.insert(signer)
    (token,) = reader.module.tokens()
    assert token.label == LABEL
    assert token.signer().certificate == signer.certificate
    assert not any((token.is_pin_low, token.is_final_try, token.is_locked))


def test_a_wrong_pin_is_tried_once_and_the_token_tells_of_it_next_time(reader):
    reader.insert(ISSUING.person())
    with pytest.raises(TokenPinWrongError):
        sign_detached(CONTENT, reader.key(pin="000000"))
    assert reader.module.token(LABEL).is_pin_low
    assert sign_detached(CONTENT, reader.key())
    assert not reader.module.token(LABEL).is_pin_low


def test_a_token_that_was_taken_out_meanwhile_is_missed(reader):
    reader.insert(ISSUING.person())
    key = reader.key()
    reader.remove()
    with pytest.raises(TokenMissingError):
        sign_detached(CONTENT, key)


def test_another_token_with_the_same_label_is_not_the_one_that_was_shown(reader):
    signer = ISSUING.person()
    reader.insert(signer)
    key = reader.key()
    reader.remove()
    reader.insert(signer)
    with pytest.raises(TokenMissingError):
        sign_detached(CONTENT, key)


def test_two_tokens_with_one_label_are_not_chosen_between(reader):
    reader.insert(ISSUING.person())
    reader.util("--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", "314159")
    with pytest.raises(TokenAmbiguousError):
        reader.module.token(LABEL)


def test_no_token_or_an_unknown_one_is_told(reader):
    assert reader.module.tokens() == ()
    with pytest.raises(TokenMissingError):
        reader.module.token("ai đó")


def test_of_two_certificates_one_must_be_named(reader):
    first, second = ISSUING.person(), ISSUING.person(kind="rsa2048")
    reader.insert(first, certificate="một")
    reader.add(second, "02", certificate="hai")
    with pytest.raises(TokenCertificateAmbiguousError) as refused:
        reader.key()
    assert set(refused.value.facts["labels"].split(", ")) == {"một", "hai"}
    assert reader.key(certificate="hai").certificate == second.certificate
    with pytest.raises(TokenCertificateMissingError):
        reader.key(certificate="ba")


def test_a_certificate_whose_key_is_not_there_is_told(reader):
    reader.insert(ISSUING.person())
    key = reader.key()
    lost = dataclasses.replace(key, signer=dataclasses.replace(key.signer, key_id="77"))
    with pytest.raises(TokenKeyMissingError):
        sign_detached(CONTENT, lost)


def test_a_signature_of_another_key_than_the_certificate_s_leaves_nothing(reader):
    reader.insert(ISSUING.person())
    key = reader.key()
    stranger = ISSUING.person(number=77).certificate
    with pytest.raises(KeyUnfitError):
        sign_detached(CONTENT, dataclasses.replace(key, signer=dataclasses.replace(key.signer, certificate=stranger)))


def test_a_token_that_can_sign_in_no_way_of_ours_is_told(make_reader):
    make_reader().insert(ISSUING.person())
    with pytest.raises(TokenFailedError) as refused:
        sign_detached(CONTENT, make_reader("CKM_SHA256").key())
    assert refused.value.facts["problem"] == "MechanismInvalid"


LOOKS_FOR_THE_PIN = f"""
    const char *places[] = {{"/proc/self/cmdline", "/proc/self/environ"}};
    for (int place = 0; place < 2; place++) {{
        char seen[1 << 16];
        FILE *file = fopen(places[place], "r");
        size_t length = fread(seen, 1, sizeof seen, file);
        if (memmem(seen, length, "{PIN}", {len(PIN)})) abort();
    }}
"""


def test_the_pin_is_in_no_command_line_no_environment_and_no_representation(compile_module):
    signer = TokenCertificate("me", "01", ISSUING.person().certificate)
    token = Token(LABEL, "00", is_pin_low=False, is_final_try=False, is_locked=False, certificates=(signer,))
    module = compile_module(LOOKS_FOR_THE_PIN)
    with pytest.raises(TokenModuleCrashedError):
        TokenModule(module, environment={**os.environ, "TOLD": PIN}).tokens()
    key = TokenKey(TokenModule(module), token, signer, PIN)
    assert PIN not in repr(key)
    with pytest.raises(TokenFailedError):  # and not TokenModuleCrashedError
        sign_detached(CONTENT, key)


def test_a_module_that_hangs_is_stopped(compile_module):
    module = TokenModule(compile_module("for (;;) pause();"), patience=1.5)
    before = time.monotonic()
    with pytest.raises(TokenModuleHungError):
        module.tokens()
    assert time.monotonic() - before < 10


@pytest.mark.parametrize("body", ["abort();", "*(volatile int *)0 = 1;", "_exit(0);", "exit(3);"])
def test_a_module_that_crashes_or_leaves_takes_nobody_along(compile_module, body):
    with pytest.raises(TokenModuleCrashedError):
        TokenModule(compile_module(body)).tokens()


def test_what_a_module_prints_is_not_taken_for_an_answer(compile_module):
    chatty = 'printf("{\\"tokens\\": []}\\n"); fflush(stdout); write(1, "hello", 5);'
    with pytest.raises(TokenFailedError) as refused:
        TokenModule(compile_module(chatty)).tokens()
    assert refused.value.facts["problem"] == "GeneralError"


def test_a_module_sees_none_of_our_settings(compile_module):
    module = compile_module('if (getenv("HIENDIEN_SECRET_KEY")) abort();')
    environment = {**os.environ, "HIENDIEN_SECRET_KEY": "no module's business"}
    with pytest.raises(TokenFailedError):
        TokenModule(module, environment=environment).tokens()


@pytest.mark.parametrize("content", [b"", b"no library", None])
def test_a_file_that_is_no_module_is_told(tmp_path, content):
    path = tmp_path / "module.so"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TokenModuleUnusableError):
        TokenModule(path).tokens()


def test_a_library_is_not_searched_for_by_its_name():
    with pytest.raises(TokenModuleUnusableError):
        TokenModule(Path("libsofthsm2.so")).tokens()
