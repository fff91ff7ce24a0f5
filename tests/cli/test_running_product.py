"""``hiendien check`` and ``hiendien chat`` beside a running product with the real NLU server."""

import pytest

from tests.cli.command import run


@pytest.fixture
def settings(server):
    return {
        "VAR_DIR": server.directory,
        "PORT": server.port,
        "NLU_PORT": server.nlu_port,
        "ACTIONS_PORT": server.actions_port,
        "TODAY": server.settings["TODAY"],
    }


@pytest.fixture
def private(server):
    """Close the directory to others, as the product itself does with what it makes."""
    server.directory.chmod(0o700)
    (server.directory / "server.log").chmod(0o600)


@pytest.mark.usefixtures("private")
def test_a_well_product_passes_every_check(tmp_path, settings):
    ended = run(tmp_path, "check", **settings)
    assert ended.returncode == 0, ended.stdout
    lines = ended.stdout.splitlines()
    assert len(lines) == 10
    assert all(line.startswith("✓") for line in lines)


@pytest.mark.usefixtures("private")
def test_an_installation_that_uses_the_nlu_server_of_another_is_well_without_a_model(tmp_path, server, settings):
    elsewhere = {"NLU_URL": f"http://127.0.0.1:{server.nlu_port}", "NLU_DIR": tmp_path / "nothing"}
    ended = run(tmp_path, "check", **settings, **elsewhere)
    assert ended.returncode == 0, ended.stdout
    assert "Mô hình NLU" not in ended.stdout


def test_a_log_that_others_may_read_is_found_while_the_product_runs(tmp_path, server, settings):
    log = server.directory / "server.log"
    log.chmod(0o644)
    ended = run(tmp_path, "check", **settings)
    assert ended.returncode == 1
    assert [line[:14] for line in ended.stdout.splitlines() if line.startswith("✗")] == ["✗ Quyền tệp: n"]
    assert str(log) in ended.stdout


def test_a_question_typed_in_the_terminal_gets_its_sourced_answer(tmp_path, settings):
    ended = run(tmp_path, "chat", typed="id.vn gia bao nhieu\n", **settings)
    assert ended.returncode == 0, ended.stderr
    assert "50.000 đồng" in ended.stdout
    assert "Nguồn: " in ended.stdout
    assert "[1] " in ended.stdout


def test_numbers_press_buttons_and_the_form_goes_on_from_line_to_line(tmp_path, settings):
    ended = run(tmp_path, "chat", typed="em làm id.vn có được miễn phí không\n20 tuổi\n\n", **settings)
    assert ended.returncode == 0, ended.stderr
    asked, verdict = ended.stdout.split("› ")[1:3]
    assert "tuổi" in asked
    assert "được ưu đãi" in verdict
    pressed = run(tmp_path, "chat", typed="chào\n1\n", **settings).stdout.split("› ")[2]
    assert "id.vn: cho cá nhân" in pressed
