"""A guide that is interrupted by the death of every process goes on at the same step."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.server import Server, Talk


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A product of our own, since we kill it."""
    server = Server(tmp_path / "killed-product", settings={"TODAY": "2026-11-20"})
    server.start()
    server.wait_until_ready()
    yield server
    assert server.stop() == 0, server.log


def test_a_guide_goes_on_at_the_same_step_when_the_product_was_killed(own_server: Server) -> None:
    with own_server.client() as client:
        talk = Talk(client, f"killed-{uuid.uuid4().hex}")
        talk.say("hướng dẫn tôi ký bằng usb token trên máy windows")
        talk.press("Của MyCukai")
        assert talk.press("Xong")[-1]["topic"] == "guide.sign-token.2"
        assert own_server.process is not None
        own_server.process.kill()
        own_server.process.wait()
        own_server.start()
        own_server.wait_until_ready()
        (shown,) = talk.say("xem lại bước này")
        assert shown["topic"] == "guide.sign-token.2"
        picture = client.get(shown["picture"]["url"])
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
        assert talk.press("Xong")[-1]["topic"] == "guide.sign-token.3"
