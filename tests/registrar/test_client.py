"""The reference client of the manual against the product, and its check of deliveries."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from bot.registrar_webhooks.signing import headers
from bot.settings import ROOT
from tests.factories import CONTACT, TENTEN
from tests.fakes import MORNING
from tests.registrar.served import served

CLIENT = ROOT / "docs" / "registrar_client.py"
NOW = MORNING.timestamp()
BODY = json.dumps({"type": "handoff.withdrawn", "data": {"reference": "HD-6H94-X5Y4"}}).encode()


def load_client():
    spec = importlib.util.spec_from_file_location("registrar_client", CLIENT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


client = load_client()


def test_the_client_of_the_manual_works_a_request_off(tmp_path, migrated_sqlite, programme, renderer):
    with served(tmp_path, migrated_sqlite, programme, renderer) as found:
        references = [found.run(found.world.hand_on()) for _ in range(3)]
        token = found.run(found.world.give_token(TENTEN))
        requests = client.Requests(found.url, token)
        assert [waiting["reference"] for waiting in requests.waiting()] == sorted(references)
        first, second, third = references
        fetched = requests.fetch(first.lower())
        assert fetched["contact"] == CONTACT
        for _ in range(2):
            assert requests.acknowledge(first)["state"] == "acknowledged"
        for _ in range(2):
            assert requests.report(first, "registered")["state"] == "registered"
        assert requests.report(second, "needs_documents", "identity_paper")["reason"] == "identity_paper"
        with pytest.raises(client.RefusedError) as refusal:
            requests.report(first, "declined", "other")
        assert refusal.value.status == 409
        with pytest.raises(client.RefusedError) as refusal:
            requests.fetch("../../admin")
        assert refusal.value.status == 404
        ended = subprocess.run(
            [sys.executable, CLIENT],
            env={**os.environ, "HIENDIEN_URL": found.url, "HIENDIEN_REGISTRAR_TOKEN": token},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert ended.stdout.split()[0] == third


def test_a_delivery_is_read_once():
    deliveries = client.Deliveries("whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cyBhbG9uZQ==")
    signed = headers(b"secret of the tests alone", name="msg_1", body=BODY, now=MORNING)
    assert deliveries.read(signed, BODY, now=NOW + 60)["type"] == "handoff.withdrawn"
    assert deliveries.read(signed, BODY, now=NOW + 61) is None


@pytest.mark.parametrize(
    ("changed", "body", "now"),
    [
        ({}, BODY + b" ", NOW),
        ({"webhook-id": "msg_2"}, BODY, NOW),
        ({"webhook-timestamp": str(int(NOW) + 1)}, BODY, NOW),
        ({"webhook-signature": "v1,AAAA"}, BODY, NOW),
        ({"webhook-signature": ""}, BODY, NOW),
        ({"webhook-signature": "é"}, BODY, NOW),
        ({}, BODY, NOW + 301),
        ({}, BODY, NOW - 301),
    ],
)
def test_a_forged_changed_or_old_delivery_is_refused(changed, body, now):
    deliveries = client.Deliveries("whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cyBhbG9uZQ==")
    signed = headers(b"secret of the tests alone", name="msg_1", body=BODY, now=MORNING)
    with pytest.raises(client.DeliveryDoubtfulError):
        deliveries.read(signed | changed, body, now=now)


def test_the_example_of_the_specification_is_signed_as_it_says():
    """From the Standard Webhooks specification: its own secret, id, moment, body and signature."""
    body = b'{"test": 2432232314}'
    signed = headers(
        client.base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        name="msg_p5jXN8AQM9LWM0D4loKWxJek",
        body=body,
        now=MORNING.fromtimestamp(1614265330, MORNING.tzinfo),
    )
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
