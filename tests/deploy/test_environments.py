"""What an installation does, and above all what a warm start does not do again."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from tests.deploy.checkout import Checkout, make_checkout


def subcommands(checkout: Checkout) -> list[str]:
    """``["venv .venv", "sync requirements.lock", …]``: what uv was asked, to which folder or from which file."""
    told = []
    for call in checkout.uv_calls():
        words = call.arguments
        if "venv" in words:
            told.append(f"venv {Path(words[-1]).relative_to(checkout.path)}")
        elif "sync" in words:
            told.append(f"sync {(Path(call.folder) / words[-1]).relative_to(checkout.path)}")
        elif "install" in words:
            told.append("install product")
    return told


def test_run_installs_product_and_rasa_then_becomes_the_product(checkout_with_uv: Checkout) -> None:
    started = checkout_with_uv.start("run")
    told, errors = started.communicate()
    assert (started.returncode, errors) == (0, "")
    # The same process: a Ctrl-C reaches the product with nobody in between.
    assert told.splitlines()[-1] == f"hiendien up, process {started.pid}"
    assert [line[:5] for line in told.splitlines()[:-1]] == ["[1/2]", "[2/2]"]
    assert subcommands(checkout_with_uv) == [
        "venv .venv",
        "sync requirements.lock",
        "install product",
        "venv nlu/.venv",
        "sync nlu/requirements.lock",
    ]


def test_a_warm_start_asks_uv_nothing_and_says_nothing(checkout_with_uv: Checkout) -> None:
    checkout_with_uv.bootstrap("run")
    checkout_with_uv.uv_calls()
    assert checkout_with_uv.bootstrap("run").stdout.startswith("hiendien up")
    assert checkout_with_uv.uv_calls() == []


def test_packages_are_only_taken_with_the_hashes_of_the_lock(checkout_with_uv: Checkout) -> None:
    checkout_with_uv.bootstrap("run")
    calls = [call.arguments for call in checkout_with_uv.uv_calls()]
    assert all("--require-hashes" in words for words in calls if "sync" in words)
    assert all("--offline" in words and "--no-deps" in words for words in calls if "install" in words)


def test_a_changed_lock_updates_its_environment_in_place(checkout_with_uv: Checkout) -> None:
    checkout_with_uv.bootstrap("run")
    checkout_with_uv.uv_calls()
    (checkout_with_uv.path / "nlu/requirements.lock").write_text("# another\n")
    checkout_with_uv.bootstrap("run")
    assert subcommands(checkout_with_uv) == ["sync nlu/requirements.lock"]


def test_the_environment_of_the_tests_serves_the_product_too(checkout_with_uv: Checkout) -> None:
    checkout_with_uv.bootstrap("lint")
    assert subcommands(checkout_with_uv) == ["venv .venv", "sync tests/requirements.lock", "install product"]
    checkout_with_uv.bootstrap("run")
    assert subcommands(checkout_with_uv) == ["venv nlu/.venv", "sync nlu/requirements.lock"]


def test_a_checkout_that_was_moved_is_installed_anew(checkout_with_uv: Checkout, tmp_path: Path) -> None:
    checkout_with_uv.bootstrap("run")
    moved = make_checkout(tmp_path / "moved")
    for folder in (".uv", ".venv", "nlu/.venv"):
        shutil.copytree(checkout_with_uv.path / folder, moved.path / folder, symlinks=True)
    moved.bootstrap("run")
    assert {"venv .venv", "venv nlu/.venv"} <= set(subcommands(moved))


def test_an_environment_whose_python_is_gone_is_made_again(checkout_with_uv: Checkout) -> None:
    checkout_with_uv.bootstrap("run")
    checkout_with_uv.uv_calls()
    python = checkout_with_uv.path / "nlu/.venv/bin/python"
    python.unlink()
    python.symlink_to("/nonexistent/python3.11")
    checkout_with_uv.bootstrap("run")
    assert subcommands(checkout_with_uv)[0] == "venv nlu/.venv"


def test_indexes_proxies_and_certificates_reach_uv_untouched(checkout_with_uv: Checkout) -> None:
    kept = {
        "UV_DEFAULT_INDEX": "http://127.0.0.1/simple",
        "PIP_INDEX_URL": "http://127.0.0.1/simple",
        "HTTPS_PROXY": "http://127.0.0.1:3128",
        "SSL_CERT_FILE": "/etc/province.pem",
    }
    redirecting = {"VIRTUAL_ENV": "/elsewhere", "UV_SYSTEM_PYTHON": "1", "PYTHONPATH": "/elsewhere"}
    assert checkout_with_uv.bootstrap("run", **kept, **redirecting).code == 0
    for call in checkout_with_uv.uv_calls():
        assert kept.items() <= call.environment.items()
        assert not redirecting.keys() & call.environment.keys()


def test_a_stopped_installation_is_told_and_done_again_next_time(checkout_with_uv: Checkout, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    started = checkout_with_uv.start("run", FAKE_UV_HANGS_AT=str(fifo))
    assert fifo.read_text() == "running"
    started.send_signal(signal.SIGTERM)
    _, errors = started.communicate()
    assert started.returncode == 130
    assert errors.strip() == "Đã dừng theo yêu cầu: chạy lại lệnh vừa rồi để làm tiếp."
    checkout_with_uv.uv_calls()
    assert checkout_with_uv.bootstrap("run").code == 0
    assert subcommands(checkout_with_uv)[:2] == ["venv .venv", "sync requirements.lock"]


def test_two_commands_do_not_install_at_the_same_time(checkout_with_uv: Checkout, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    first = checkout_with_uv.start("run", FAKE_UV_HANGS_AT=str(fifo))
    assert fifo.read_text() == "running"
    second = checkout_with_uv.start("run")
    assert second.stdout is not None
    assert "Một lệnh khác đang cài đặt" in second.stdout.readline()
    first.send_signal(signal.SIGTERM)
    first.communicate()
    told, _ = second.communicate()
    assert second.returncode == 0
    assert told.splitlines()[-1].startswith("hiendien up")


def test_the_python_of_rasa_is_taken_from_the_machine_first(checkout_with_uv: Checkout) -> None:
    checkout_with_uv.bootstrap("run")
    made = [call.arguments for call in checkout_with_uv.uv_calls() if "nlu/.venv" in call.arguments[-1]]
    python = made[0][made[0].index("--python") + 1]
    if sys.version_info[:2] in ((3, 10), (3, 11)):
        assert Path(python) == Path(sys.executable)
    else:
        # uv is asked to fetch one only when there is none here.
        assert python == "3.11"
