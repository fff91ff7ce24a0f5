"""How a refusal is checked: its type, and that it has a sentence saying what to do."""

from __future__ import annotations

import pytest

from bot.api.errors import ProblemTexts
from bot.core.signatures import SignatureRefusedError, Verified, verify
from bot.settings import ROOT
from tests.pki import NOW, Pki, Revocations, make_pki

CONTENT = '{"aud":"https://ubnd.example.vn","text":"Họp lúc 7 giờ 30"}'.encode()
SENTENCES = ProblemTexts.load(ROOT / "templates").details


def check(signature: bytes, *, content: bytes = CONTENT, trust=None, revocation=None, at=NOW, **options) -> Verified:
    """Verify in the usual world."""
    pki: Pki = make_pki()
    return verify(
        signature, content, trust=trust or pki.trust, revocation=revocation or pki.revocations(), at=at, **options
    )


def assert_refused(expected: type[SignatureRefusedError], signature: bytes, **options) -> None:
    """Assert that the signature is refused for this very reason, and that its reader is told what to do."""
    with pytest.raises(SignatureRefusedError) as refused:
        check(signature, **options)
    assert type(refused.value) is expected
    sentence = SENTENCES[expected.code]
    assert "Bạn" in sentence or "hãy" in sentence


def revocations(*crls: bytes, ocsp=()) -> Revocations:
    """Return a source of these lists and answers."""
    return Revocations(list(crls), list(ocsp))
