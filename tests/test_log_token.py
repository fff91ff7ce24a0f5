"""The audit log's key on a real token of SoftHSM."""

from __future__ import annotations

import pytest

from bot.core.signatures import TrustStore, verify
from bot.log_token import LogTokenKey, LogTokenPathError, LogTokenPinDoubtfulError, LogTokenPinUnusableError
from bot.signing.errors import SigningFailedError, TokenMissingError, TokenPinWrongError
from bot.signing.tokens import TokenModule
from tests.fixtures.tokens import LABEL, PIN
from tests.pki import NOW, make_pki, pem

PKI = make_pki()
CONTENT = b'{"typ":"urn:hiendien:checkpoint:1"}'


@pytest.fixture(params=["p256", "rsa2048"])
def token(request, reader):
    """Give a reader with the log's token."""
    reader.insert(PKI.issuing.person("Nhật ký", uid=None, kind=request.param, number=90))
    return reader


def log_key(reader, tmp_path, *, pin=PIN, mode=0o600, chain=True):
    file = tmp_path / "pin"
    file.write_text(f"{pin}\n")
    file.chmod(mode)
    root = tmp_path / "root.pem"
    root.write_bytes(pem([PKI.root.certificate]))
    return LogTokenKey(reader.module, token=LABEL, key=None, pin_file=file, chain=root if chain else None)


def test_a_token_signs_checkpoints_that_lead_to_its_root(token, tmp_path):
    key = log_key(token, tmp_path)
    *_, root = key.certificates()
    verify(key.sign(CONTENT), CONTENT, trust=TrustStore([root]), revocation=None, at=NOW)
    assert len(key.certificates()) == 3


def test_a_wrong_pin_is_tried_once_and_never_locks_the_token(token, tmp_path):
    key = log_key(token, tmp_path, pin="000000")
    with pytest.raises(TokenPinWrongError):
        key.sign(CONTENT)
    with pytest.raises(LogTokenPinDoubtfulError):
        key.sign(CONTENT)
    with pytest.raises(LogTokenPinDoubtfulError):
        log_key(token, tmp_path).sign(CONTENT)  # as after a new start: the token still says so
    token.key().sign(CONTENT, "sha256")
    assert log_key(token, tmp_path).sign(CONTENT)


@pytest.mark.parametrize("options", [{"mode": 0o640}, {"pin": ""}])
def test_a_pin_that_others_may_read_or_that_is_none_is_refused(token, tmp_path, options):
    with pytest.raises(LogTokenPinUnusableError):
        log_key(token, tmp_path, **options).sign(CONTENT)


def test_without_its_root_nothing_is_signed(token, tmp_path):
    with pytest.raises(LogTokenPathError):
        log_key(token, tmp_path, chain=False).sign(CONTENT)


def test_a_token_that_was_taken_out_is_told_as_such(token, tmp_path):
    key = log_key(token, tmp_path)
    key.certificates()
    token.remove()
    with pytest.raises(TokenMissingError):
        key.sign(CONTENT)


def test_a_module_that_is_none_is_told_as_such(tmp_path):
    file = tmp_path / "pin"
    file.write_text(PIN)
    file.chmod(0o600)
    key = LogTokenKey(TokenModule(tmp_path / "no.so"), token=LABEL, key=None, pin_file=file)
    with pytest.raises(SigningFailedError):
        key.sign(CONTENT)
