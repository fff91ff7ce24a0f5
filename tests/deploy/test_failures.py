"""What can go wrong before anything runs: one sentence that says what to do, exit code 2, no traceback."""

from __future__ import annotations

import ast
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.checkout import LOCKS, ROOT, Checkout, base_python, closed_port, make_checkout, write_program

PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
OLD_PYTHONS = sorted(PYENV.glob("versions/3.[6-9].*/bin/python3")) + sorted(PYENV.glob("versions/3.10.*/bin/python3"))
LATER_PYTHONS = [
    *(path for version in (12, 13, 14) if (path := shutil.which(f"python3.{version}")) and "shims" not in path),
    *map(str, PYENV.glob("versions/3.1[2-9].*/bin/python3")),
]

# Answers as Python 3.9 does, to whoever asks its version and to bootstrap.py.
PYTHON_39 = f"""#!/bin/sh
if [ "$1" = -c ]; then exec {shlex.quote(sys.executable)} "$@"; fi
exec {shlex.quote(sys.executable)} -c '
import runpy, sys
sys.version_info = (3, 9, 2, "final", 0)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")' "$@"
"""


def python_whose_venv_prints(path: Path, output: str) -> Path:
    """A Python like ours except that ``-m venv`` prints ``output`` and fails."""
    return write_program(
        path,
        f"""#!{shutil.which("bash")}
if [ "$1 $2" = "-m venv" ]; then echo {shlex.quote(output)}; exit 1; fi
export PYTHONHOME={shlex.quote(sys.base_prefix)}
exec -a "$0" {shlex.quote(str(base_python()))} "$@"
""",
    )


def test_a_machine_without_python_is_told_to_install_it(checkout: Checkout) -> None:
    finished = checkout.make("run")
    assert finished.code == 2
    assert "chưa có Python" in finished.the_sentence()


def test_an_old_python_alone_is_not_enough(checkout: Checkout) -> None:
    write_program(checkout.path / "programs/python3", PYTHON_39)
    finished = checkout.make("run")
    assert finished.code == 2
    assert "chỉ có Python 3.9" in finished.the_sentence()


def test_an_old_python_hands_over_to_a_newer_one_on_path(checkout: Checkout) -> None:
    old = write_program(checkout.path / "programs/python3", PYTHON_39)
    # A version manager leaves such commands behind; it must be passed over.
    write_program(checkout.path / "programs/python3.14", "#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    write_program(checkout.path / "programs/python3.11", f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    (checkout.path / "requirements.lock").unlink()
    assert "Thiếu tệp requirements.lock" in checkout.bootstrap("run", python=old).the_sentence()


def test_bootstrap_keeps_to_the_syntax_of_python_3_6() -> None:
    ast.parse((ROOT / "deploy/bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.skipif(not OLD_PYTHONS, reason="no Python older than 3.11 on this machine")
@pytest.mark.parametrize("old", OLD_PYTHONS, ids=lambda path: path.parents[1].name)
def test_real_old_pythons_print_the_sentence_whatever_the_locale(checkout: Checkout, old: Path) -> None:
    finished = checkout.bootstrap("run", python=old, LC_ALL="C", PYTHONIOENCODING="ascii")
    assert finished.code == 2
    assert "Cần Python 3.11 trở lên" in finished.the_sentence()


def test_a_python_without_ensurepip_names_the_debian_package(checkout: Checkout) -> None:
    debian = "The virtual environment was not created successfully because ensurepip is not available.  On"
    python = python_whose_venv_prints(checkout.path / "programs/python3", debian)
    finished = checkout.bootstrap("run", python=python)
    assert finished.code == 2
    assert "sudo apt install python3-venv" in finished.the_sentence()


def test_a_disk_that_fills_up_while_installing_is_named(checkout: Checkout) -> None:
    python = python_whose_venv_prints(checkout.path / "programs/python3", "OSError: [Errno 28] No space left on device")
    finished = checkout.bootstrap("run", python=python)
    assert finished.code == 2
    assert "Ổ đĩa đã đầy" in finished.the_sentence()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("SKIPPED LOUDLY: only root can mount the small disk that the full-disk sentence is tested on")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def test_too_small_a_disk_is_told_before_anything_is_installed(small_disk: Path) -> None:
    checkout = make_checkout(small_disk / "checkout")
    finished = checkout.bootstrap("run")
    assert finished.code == 2
    assert "mà cần 4 GB" in finished.the_sentence()
    assert not (checkout.path / ".uv").exists()


def test_a_disk_without_a_byte_left_is_told_without_a_traceback(small_disk: Path) -> None:
    checkout = make_checkout(small_disk / "checkout")
    for folder in (".uv", ".venv", "nlu/.venv"):
        # There already, so that room is not asked for in advance.
        (checkout.path / folder).mkdir()
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "ballast").write_bytes(bytes(8 * 2**20))
    finished = checkout.bootstrap("run")
    assert finished.code == 2
    assert "Ổ đĩa đã đầy" in finished.the_sentence()


def test_an_index_that_does_not_answer_pip_is_named(checkout: Checkout) -> None:
    index = {"PIP_INDEX_URL": f"http://127.0.0.1:{closed_port()}/simple", "PIP_RETRIES": "0"}
    finished = checkout.bootstrap("run", PIP_NO_INDEX="0", PIP_FIND_LINKS="", **index)
    assert finished.code == 2
    assert "Không kết nối được kho gói Python" in finished.the_sentence()


def test_a_package_with_another_hash_is_not_installed(checkout: Checkout) -> None:
    (checkout.path / LOCKS[0]).write_text(f"uv==99.0.0 --hash=sha256:{'0' * 64}\n")
    finished = checkout.bootstrap("run")
    assert finished.code == 2
    assert "không khớp mã kiểm tra trong deploy/requirements.lock" in finished.the_sentence()
    assert not (checkout.path / ".uv/bin/uv").exists()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_missing_lock_file_is_named(checkout: Checkout, lock: str) -> None:
    (checkout.path / lock).unlink()
    finished = checkout.bootstrap("test")
    assert finished.code == 2
    assert f"Thiếu tệp {lock}" in finished.the_sentence()


@pytest.mark.parametrize(
    ("said_by_uv", "told"),
    [
        ("error: Failed to fetch: `http://127.0.0.1/simple/a/`", "Không kết nối được kho gói Python"),
        ("error: failed to write: No space left on device (os error 28)", "Ổ đĩa đã đầy"),
        ("error: Hash mismatch for `a==1`", "không khớp mã kiểm tra trong requirements.lock"),
        ("  cause: Because a==1 has no usable wheels and you require a==1,", "thiếu bản cài sẵn cho máy này"),
        ("error: something new", "xem lý do ở cuối tệp var/log/bootstrap.log"),
    ],
    ids=["index", "disk", "hash", "no wheel", "unknown"],
)
def test_what_uv_says_becomes_a_sentence(checkout_with_uv: Checkout, said_by_uv: str, told: str) -> None:
    finished = checkout_with_uv.bootstrap("run", FAKE_UV=json.dumps({"pip sync": said_by_uv}))
    assert finished.code == 2
    assert told in finished.the_sentence()
    assert said_by_uv in checkout_with_uv.log().read_text(encoding="utf-8")


def test_the_log_is_private_and_holds_no_password(checkout_with_uv: Checkout) -> None:
    said_by_uv = "error: odd answer of https://clerk:secret@127.0.0.1/simple/"
    checkout_with_uv.bootstrap("run", FAKE_UV=json.dumps({"pip sync": said_by_uv}))
    log = checkout_with_uv.log()
    assert "secret" not in log.read_text(encoding="utf-8")
    assert "https://***@127.0.0.1/simple/" in log.read_text(encoding="utf-8")
    assert log.stat().st_mode & 0o077 == 0


def test_a_certificate_unknown_to_uv_is_tried_with_the_system_store(checkout_with_uv: Checkout) -> None:
    refused = json.dumps({"pip sync": "error: invalid peer certificate: UnknownIssuer"})
    assert checkout_with_uv.bootstrap("run", FAKE_UV=refused).code == 0
    syncs = ["--system-certs" in call.arguments for call in checkout_with_uv.uv_calls() if "sync" in call.arguments]
    # The product's environment asks twice; Rasa's begins with what worked.
    assert syncs == [False, True, True]


@pytest.mark.skipif(
    not LATER_PYTHONS, reason="no Python 3.12 or later on this machine, so Rasa's 3.11 cannot be absent"
)
def test_without_a_python_for_rasa_the_one_to_install_is_named(checkout: Checkout) -> None:
    nothing_found = json.dumps({"python find": "error: not found", "venv": "error: no download"})
    # The product's environment would fail on the same fake, so it is there already.
    assert checkout.bootstrap("run", python=LATER_PYTHONS[0]).code == 0
    shutil.rmtree(checkout.path / "nlu/.venv")
    finished = checkout.bootstrap("run", python=LATER_PYTHONS[0], FAKE_UV=nothing_found)
    assert finished.code == 2
    assert "hãy cài python3.11" in finished.the_sentence()


def test_an_unknown_command_is_told_which_there_are(checkout: Checkout) -> None:
    finished = checkout.bootstrap("fly")
    assert finished.code == 2
    assert "run, test" in finished.the_sentence()
