"""What the death of every process leaves: nothing that runs on, and a guide that goes on at the same step."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.fixtures.server import Server, Talk
from tests.processes import lives


@dataclass(frozen=True)
class Aftermath:
    """A product that was killed in the midst of a guide and started again."""

    client: httpx.Client
    talk: Talk
    step: str
    """Where the guide was when the product was killed."""
    nlu_outlived_it: bool


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aftermath]:
    """Kill a product of our own."""
    server = Server(tmp_path_factory.mktemp("killed-product"), settings={"TODAY": "2026-11-20"})
    server.start()
    server.wait_until_ready()
    with server.client() as client:
        talk = Talk(client, f"killed-{uuid.uuid4().hex}")
        talk.say("hướng dẫn tôi ký bằng usb token trên máy windows")
        talk.press("Của MyCukai")
        step = talk.press("Xong")[-1]["topic"]
        child = server.nlu_process()
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        outlived = _outlives(child, seconds=10)
        server.start()
        server.wait_until_ready()
        yield Aftermath(client, talk, step, outlived)
    assert server.stop() == 0, server.log


def _outlives(process_id: int, *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and lives(process_id):
        time.sleep(0.1)  # another process: its absence can only be looked for
    return lives(process_id)


def test_the_nlu_server_dies_with_its_parent_even_when_that_is_killed(aftermath: Aftermath) -> None:
    assert not aftermath.nlu_outlived_it


def test_a_guide_goes_on_at_the_same_step_when_the_product_was_killed(aftermath: Aftermath) -> None:
    assert aftermath.step == "guide.sign-token.2"
    (shown,) = aftermath.talk.say("xem lại bước này")
    assert shown["topic"] == "guide.sign-token.2"
    picture = aftermath.client.get(shown["picture"]["url"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert aftermath.talk.press("Xong")[-1]["topic"] == "guide.sign-token.3"
