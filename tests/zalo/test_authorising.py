"""An administrator's permission, from the address to the first message."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.gateway.zalo.authorising import Permission, ZaloAnswerUnreadableError
from bot.gateway.zalo.client import RefreshRefusedError
from tests.zalo.conftest import SETTINGS

BACK = "https://hien-dien.test/zalo/callback"


def test_the_challenge_goes_along_and_not_the_verifier():
    asked = Permission.ask()
    address = asked.address(oauth_url="https://oauth.zaloapp.com", app_id="1", redirect_uri=BACK)
    query = parse_qs(urlsplit(address).query)
    assert query["redirect_uri"] == [BACK]
    assert urlsafe_b64decode(query["code_challenge"][0] + "=") == hashlib.sha256(asked.verifier.encode()).digest()
    assert asked.verifier not in address
    assert len(asked.verifier) == 43
    assert asked.verifier.isalnum()
    assert Permission.ask().verifier != asked.verifier


def test_the_code_is_read_with_its_state_or_without_any():
    asked = Permission.ask()
    assert asked.read_answer(f" {BACK}?code=abc&oa_id=4&state={asked.state}\n") == "abc"
    assert asked.read_answer(f"{BACK}?code=abc&oa_id=4") == "abc"


@pytest.mark.parametrize(
    "answer", ["", "abc", BACK, BACK + "?code=", BACK + "?code=abc&state=another", "http://[?code=1"]
)
def test_an_answer_to_another_request_is_refused(answer):
    with pytest.raises(ZaloAnswerUnreadableError):
        Permission.ask().read_answer(answer)


class TestWithoutATokenInTheSettings:
    @pytest.fixture
    def settings(self):
        return SETTINGS | {"zalo_refresh_token": None}

    async def test_messages_wait_until_a_person_has_given_permission(self, called, zalo, lan):
        asked = Permission.ask()
        code = hashlib.sha256(asked.verifier.encode()).hexdigest()
        pair = await called.client.exchange_code(code, asked.verifier)
        await called.tokens.keep_authorised(pair)
        async with called.answering():
            await called.post(lan.says("chào"))
            await zalo.until(lambda: len(lan.texts) == 1)

    async def test_a_code_with_another_verifier_is_refused(self, called):
        with pytest.raises(RefreshRefusedError):
            await called.client.exchange_code("code", Permission.ask().verifier)
