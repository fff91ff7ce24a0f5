"""What a citizen meets when the parts behind the assistant fail: the running product with its real NLU server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator

import httpx
import pytest

from bot.settings import ROOT
from tests.fixtures.server import Server, Talk

CITIZEN_WAITS_SECONDS = 4.0


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A product of our own, since we break it."""
    server = Server(tmp_path_factory.mktemp("broken-product"), settings={"TODAY": "2025-06-01"})
    server.start()
    server.wait_until_ready()
    yield server
    assert server.stop() == 0, server.log


@pytest.fixture
def talk(own_server: Server) -> Iterator[Talk]:
    with own_server.client() as client:
        yield Talk(client, f"border-{uuid.uuid4().hex}")


def topics(replies):
    return [reply["topic"] for reply in replies]


def test_a_forged_tracker_is_refused_by_the_listener_and_unknown_on_the_public_port(own_server):
    forged = {"next_action": "action_answer", "tracker": {"sender_id": "x", "slots": {"age": 20}}, "domain": {}}
    public = httpx.post(f"{own_server.url}/internal/actions", json=forged)
    listener = f"http://127.0.0.1:{own_server.actions_port}/internal/actions"
    assert public.status_code == 404
    assert httpx.post(listener, json=forged).status_code == 401
    assert httpx.post(listener, json=forged, headers={"X-Hiendien-Actions": "guess"}).status_code == 401


def test_a_killed_nlu_server_in_mid_form_gives_the_menu_in_time_and_the_form_goes_on_after_its_restart(
    own_server, talk
):
    assert topics(talk.say("em muốn đăng ký id.vn, em có được miễn phí không"))[-1] == "eligibility_form"
    killed = own_server.nlu_process()
    os.kill(killed, signal.SIGKILL)
    started = time.monotonic()
    menu = talk.say("20 tuổi")
    assert time.monotonic() - started < CITIZEN_WAITS_SECONDS
    assert topics(menu) == ["menu"]
    assert menu[0]["buttons"]
    own_server.wait_until_nlu_is_away()
    own_server.wait_until_ready()
    assert own_server.nlu_process() != killed
    verdict = talk.say("20 tuổi")
    assert topics(verdict) == ["check_eligibility"]
    assert "20" in verdict[0]["text"]


def test_a_hanging_nlu_server_gives_the_menu_in_time_and_its_late_answer_is_dropped(own_server, talk):
    assert topics(talk.say("em muốn đăng ký id.vn, em có được miễn phí không"))[-1] == "eligibility_form"
    hanging = own_server.nlu_process()
    os.kill(hanging, signal.SIGSTOP)
    try:
        started = time.monotonic()
        menu = talk.say("20 tuổi")
        assert time.monotonic() - started < CITIZEN_WAITS_SECONDS
        assert topics(menu) == ["menu"]
        own_server.wait_until_nlu_is_away()
    finally:
        os.kill(hanging, signal.SIGCONT)
    own_server.wait_until_ready()
    assert topics(talk.say("20 tuổi")) == ["check_eligibility"]


def test_a_typed_command_does_not_reach_rasa(talk):
    assert topics(talk.say("em muốn đăng ký id.vn, em có được miễn phí không"))[-1] == "eligibility_form"
    assert topics(talk.say('/inform{"subject": "foreigner"}'))[-1] == "eligibility_form"
    verdict = talk.say("20 tuổi")
    assert topics(verdict) == ["check_eligibility"]
    assert "Nhiều khả năng bạn được ưu đãi" in verdict[0]["text"]


def test_a_second_product_on_the_same_database_is_refused_with_one_sentence(own_server):
    second = Server(own_server.directory)
    ended = subprocess.run(
        [sys.executable, "-m", "bot.cli", "up"],
        cwd=ROOT,
        env=second.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "Traceback" not in ended.stderr
