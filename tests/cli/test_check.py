"""``hiendien check`` on installations that something is wrong with; on a well one it is in `test_running_product`."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.settings import ROOT
from tests.cli.command import run
from tests.fixtures.database import free_port

SECRET = "q7Yz0mB4xN1vR8tK2wL5cJ9sD3fH6gPa"


@pytest.fixture
def nlu_behind_a_secret() -> Iterator[str]:
    """Give the address of an NLU server that is ready, and says so only to whoever shows the secret."""
    with _serving(_NluBehindASecret) as url:
        yield url


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _NluBehindASecret(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        shown = SECRET in f"{self.path} {self.headers.get('Authorization')}"
        self.send_response(200 if shown else 401)
        self.end_headers()
        if shown:
            self.wfile.write(json.dumps({"model_file": "models/nlu.tar.gz"}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def finding(ended, part):
    return next(line for line in ended.stdout.splitlines() if line[2:].startswith(f"{part}:"))


def test_check_reports_every_part_and_how_to_mend_it(tmp_path):
    ended = run(tmp_path, "check")
    assert ended.returncode == 1
    assert ended.stderr == ""
    for part in ("Thiết lập", "Nội dung", "Mẫu câu", "Quyền tệp"):
        assert finding(ended, part).startswith("✓")
    assert "make run" in finding(ended, "Cơ sở dữ liệu")
    assert "hiendien nlu --train-only" in finding(ended, "Mô hình NLU")
    assert "make run" in finding(ended, "Máy chủ NLU")


def test_an_nlu_server_elsewhere_needs_no_model_here(tmp_path, nlu_behind_a_secret):
    settings = {"NLU_URL": nlu_behind_a_secret, "NLU_SECRET": SECRET, "NLU_DIR": tmp_path / "nothing"}
    ended = run(tmp_path, "check", **settings)
    assert "Mô hình NLU" not in ended.stdout
    assert finding(ended, "Máy chủ NLU") == f"✓ Máy chủ NLU: sẵn sàng ở {nlu_behind_a_secret}"


def test_an_nlu_server_that_wants_another_secret_names_the_setting(tmp_path, nlu_behind_a_secret):
    told = finding(run(tmp_path, "check", NLU_URL=nlu_behind_a_secret), "Máy chủ NLU")
    assert told.startswith("✗")
    assert "HIENDIEN_NLU_SECRET" in told


def test_an_nlu_server_that_does_not_answer_names_its_address(tmp_path):
    url = f"http://127.0.0.1:{free_port()}"
    told = finding(run(tmp_path, "check", NLU_URL=url), "Máy chủ NLU")
    assert told.startswith("✗")
    assert url in told
    assert "HIENDIEN_NLU_URL" in told


def test_a_setting_that_nobody_knows_is_named(tmp_path):
    ended = run(tmp_path, "check", PROT=9000)
    told = finding(ended, "Thiết lập")
    assert told.startswith("✗")
    assert "HIENDIEN_PROT" in told


def test_a_file_that_others_may_read_is_named_with_the_command_that_closes_it(tmp_path):
    directory = tmp_path / "var"
    directory.mkdir(mode=0o700)
    open_file = directory / "secret_key"
    open_file.write_text("x")
    open_file.chmod(0o640)
    (directory / "elsewhere").symlink_to(tmp_path)
    told = finding(run(tmp_path, "check"), "Quyền tệp")
    assert told.startswith("✗")
    assert f"mở được {open_file}." in told
    assert f"chmod -R go= {directory}" in told


def test_an_empty_file_of_titles_is_named(tmp_path):
    templates = shutil.copytree(ROOT / "templates", tmp_path / "templates")
    (templates / "buttons" / "vi.yaml").write_text("", "utf-8")
    told = finding(run(tmp_path, "check", TEMPLATES_DIR=templates), "Mẫu câu")
    assert told.startswith("✗")
    assert "templates/buttons" in told


def test_a_database_that_does_not_answer_is_told_as_such(tmp_path):
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    told = finding(run(tmp_path, "check", DATABASE_URL=url), "Cơ sở dữ liệu")
    assert told.startswith("✗")
    assert "HIENDIEN_DATABASE_URL" in told
