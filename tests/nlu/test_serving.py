"""How the server's process starts, guards itself and ends."""

import os
import signal
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from tests.nlu.conftest import NluProcess

pytestmark = pytest.mark.nlu_server

TURN = "/webhooks/turn/webhook"
END_SECONDS = 3.5
NOWHERE = "http://127.0.0.1:9/internal/actions"
GREETING = {"turn_id": "t", "message": "chào", "press": None, "channel": "web", "metadata": {}, "state": {}}


def refusal(nlu_python, model, *options, **environment):
    command = [nlu_python, "serve.py", "--model", model, "--actions-url", NOWHERE, *options]
    environment = {**os.environ, **environment}
    return subprocess.run(
        command, cwd=nlu_python.parents[2], env=environment, capture_output=True, text=True, check=False
    )


def test_beyond_loopback_it_refuses_to_start_without_a_secret(nlu_python, model):
    refused = refusal(nlu_python, model, "--host", "0.0.0.0", HIENDIEN_ACTIONS_SECRET="x")
    assert refused.returncode == 2
    assert "HIENDIEN_NLU_SECRET" in refused.stderr


def test_it_refuses_to_start_without_the_actions_secret(nlu_python, model):
    refused = refusal(nlu_python, model)
    assert refused.returncode == 2
    assert "HIENDIEN_ACTIONS_SECRET" in refused.stderr


def test_it_says_when_there_is_no_model(nlu_python, tmp_path):
    refused = refusal(nlu_python, tmp_path / "none.tar.gz", HIENDIEN_ACTIONS_SECRET="x")
    assert refused.returncode == 2
    assert len(refused.stderr.strip().splitlines()) == 1


def test_with_a_secret_every_door_wants_it_and_the_end_of_stdin_ends_it(nlu_python, model, tmp_path):
    options = ("--watch-stdin",)
    environment = {"HIENDIEN_NLU_SECRET": "open sesame"}
    with NluProcess(nlu_python, model, NOWHERE, tmp_path / "nlu.log", *options, **environment) as server:
        server.wait_until_ready()
        with httpx.Client(base_url=server.url, trust_env=False) as http:
            for method, path in (("GET", "/status"), ("POST", "/model/parse"), ("POST", TURN)):
                for guess in ("", "guess", "Bearer", "Bearer guess", "open sesame", "Basic open sesame"):
                    headers = {"Authorization": guess}
                    assert http.request(method, path, json=GREETING, headers=headers).status_code == 401
                assert http.request(method, path, json=GREETING).status_code == 401
                assert http.request(method, path, json=GREETING, params={"token": "guess"}).status_code == 401
            assert http.get("/status", params={"token": "open sesame"}).status_code == 200
            assert http.get("/status", headers={"Authorization": "Bearer open sesame"}).status_code == 200
            assert http.post(TURN, json=GREETING, headers={"Authorization": "Bearer open sesame"}).status_code == 200
            assert http.post(TURN, json=GREETING, params={"token": "open sesame"}).status_code == 401
        server.process.stdin.close()
        server.process.wait(END_SECONDS)


def test_what_fails_is_logged_as_class_and_path_without_the_address_and_the_body(nlu_process):
    """A length that is no number makes the server itself fail; a secret and a citizen's words stand beside it."""
    secret, words = "open-sesame", "nhà ở xã Mẫu"
    connection = HTTPConnection("127.0.0.1", nlu_process.port)
    connection.putrequest("POST", f"{TURN}?token={secret}")
    connection.putheader("Content-Length", "x")
    connection.endheaders(words.encode())
    response = connection.getresponse()
    assert (response.status, response.read()) == (500, b'{"status":500}')
    connection.close()
    log = nlu_process.log.read_text("utf-8")
    assert f"ValueError at {TURN}" in log
    for hidden in (secret, "token=", words, "Traceback"):
        assert hidden not in log


def test_sigterm_ends_it_in_time_with_a_connection_open(nlu_python, model, tmp_path):
    with NluProcess(nlu_python, model, NOWHERE, tmp_path / "nlu.log") as server:
        server.wait_until_ready()
        with httpx.Client(base_url=server.url, trust_env=False) as http:
            http.get("/status")
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(END_SECONDS) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_it_dies_with_its_parent_even_when_stdin_stays_open(nlu_python, model, tmp_path):
    program = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen(sys.argv[1:], stdin=open('/dev/zero'), stdout=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\n"
        "input()\n"
        "os._exit(0)\n"
    )
    command = [nlu_python, "serve.py", "--model", model, "--actions-url", NOWHERE, "--port", "0"]
    parent = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, command)],
        cwd=nlu_python.parents[2],
        env={**os.environ, "HIENDIEN_ACTIONS_SECRET": "x"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(parent.stdout.readline())
    wait_until_guarded(child)
    parent.communicate("\n")
    deadline = time.monotonic() + END_SECONDS
    while is_alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)  # another process's child: it cannot be waited for


def wait_until_guarded(pid):
    """Wait until the program runs: its imports come after the guard."""
    deadline = time.monotonic() + 20
    while "tensorflow" not in Path(f"/proc/{pid}/maps").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().split()[2]
    except FileNotFoundError:
        return False
    return state != "Z"
