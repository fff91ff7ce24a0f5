"""Every failure an operator can mend is one sentence that says what to do, and no traceback."""

import errno
import os
import shutil
import socket
import subprocess

import asyncpg
import pytest
import yaml
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from bot.cli.database import DatabaseUnreachableError, named_database_failures
from bot.cli.sentences import CONTENT_PROBLEMS, sentence_for, sentence_for_settings
from bot.cli.texts import check_texts, titles_in_use
from bot.core.programme import ContentError, load_programme
from bot.core.programme.content_problems import ContentProblem
from bot.core.rendering import TemplateBrokenError
from bot.listening import PortForbiddenError
from bot.settings import ROOT, Settings
from tests.cli.command import in_plain_vietnamese, run, run_anew, the_sentence
from tests.fixtures.database import free_port, new_postgresql_database
from tests.fixtures.product import shipped_guides

SECRETS = {"SECRET_KEY": "q7Yz0mB4xN1vR8tK2wL5cJ9sD3fH6gPa", "ACTIONS_SECRET": "e5Rt7Yu8Io9Pa0Sd1Fg2Hj3Kl4Zx6Cv8"}
NO_NLU = {"NLU_URL": "http://127.0.0.1:1"}


@pytest.mark.parametrize("setting", ["PORT", "ACTIONS_PORT", "NLU_PORT"])
def test_a_port_in_use_names_the_port_and_its_setting(tmp_path, setting):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = the_sentence(run(tmp_path, "up", **{setting: port}))
    assert str(port) in sentence
    assert f"HIENDIEN_{setting}" in sentence


@pytest.mark.parametrize("host", ["192.0.2.7", "2001:db8::7"])
def test_an_address_that_this_machine_has_not_is_named_and_no_port_is_blamed(tmp_path, host):
    sentence = the_sentence(run(tmp_path, "up", HOST=host, ENVIRONMENT="production", **SECRETS))
    assert host in sentence
    assert "HIENDIEN_HOST" in sentence
    assert "cổng" not in sentence


def test_a_port_for_administrators_names_the_port_and_its_setting():
    sentence = sentence_for(PortForbiddenError(port=80, setting="HIENDIEN_PORT")) or ""
    assert "cổng 80 cần quyền quản trị" in sentence
    assert "HIENDIEN_PORT" in sentence


def test_a_broken_content_file_is_named_with_its_line(tmp_path):
    content = shutil.copytree(ROOT / "bot" / "content", tmp_path / "content")
    (content / "operator.yaml").write_text("operator: [", encoding="utf-8")
    sentence = the_sentence(run(tmp_path, "up", CONTENT_DIR=content))
    assert "operator.yaml dòng 1" in sentence
    assert "YAML" in sentence


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("operator", "demonstration: true", "demonstration: maybe", "demonstration” phải là true hoặc false"),
        ("operator", "demonstration: true", "demonstration: true\n  more: 1", "không có mục “operator.more”"),
        ("operator", "demonstration: true", "", "thiếu “operator.demonstration”"),
        ("operator", "demonstration: true", "demonstration: true\n  demonstration: true", "có hai lần"),
        ("operator", "operator:\n", "\x07operator:\n", "ký tự không phải chữ"),
        ("operator", "operator:\n", "office:\n", "“operator:”"),
        ("offers", "valid_from: 2023-06-01", "valid_from: soon", "valid_from” phải là một ngày có thật"),
        ("offers", "product: biz.vn", "product: com.vn", "phải là một trong các giá trị: id.vn, biz.vn"),
        ("offers", "years: 2", "years: 2.0", "years” phải là số nguyên"),
        ("offers", "years: 2", "years: 0", "years” phải lớn hơn 0"),
        ("offers", "legal_basis: 20/2023/TT-BTC", "legal_basis: 99/2023/TT-BTC", "99/2023/TT-BTC chưa có trong"),
        ("offers", "valid_to: 2025-12-31", "valid_to: 2022-12-31", "ngày hết hạn đứng trước ngày bắt đầu"),
    ],
)
def test_wrong_content_is_told_by_its_field_and_what_it_should_be(tmp_path, file, old, new, words):
    content = shutil.copytree(ROOT / "bot" / "content", tmp_path / "content")
    path = content / f"{file}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError) as failure:
        load_programme(content)
    sentence = in_plain_vietnamese(sentence_for(failure.value))
    assert f"{file}.yaml dòng {failure.value.line}" in sentence
    assert words in sentence


def test_a_missing_content_file_is_named(tmp_path):
    with pytest.raises(ContentError) as failure:
        load_programme(tmp_path)
    sentence = in_plain_vietnamese(sentence_for(failure.value))
    assert "operator.yaml" in sentence
    assert "không đọc được tệp" in sentence


def test_every_problem_of_content_has_its_words():
    assert set(CONTENT_PROBLEMS) == set(ContentProblem)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PORT": "many"}, "HIENDIEN_PORT phải là số từ 1 đến 65535"),
        ({"NLU_PORT": "0"}, "HIENDIEN_NLU_PORT phải là số từ 1 đến 65535"),
        ({"HOST": "0.0.0.0"}, "HIENDIEN_HOST mở ra ngoài máy này thì cần HIENDIEN_ENVIRONMENT=production"),
        ({"ACTIONS_HOST": "::"}, "HIENDIEN_ACTIONS_HOST mở ra ngoài"),
        ({"TODAY": "hôm nay"}, "HIENDIEN_TODAY phải là một ngày có thật"),
        ({"CHAT_RATE_LIMIT": "x"}, "HIENDIEN_CHAT_RATE_LIMIT phải viết như 30/1m"),
        ({"NLU_URL": "ftp"}, "HIENDIEN_NLU_URL phải là địa chỉ"),
        ({"NLU_URL": "http://192.0.2.7:5005"}, "thiếu HIENDIEN_NLU_SECRET"),
        ({"TRUSTED_PROXIES": "somewhere"}, "HIENDIEN_TRUSTED_PROXIES phải là các địa chỉ IP"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "HIENDIEN_TRUSTED_PROXIES không được gồm mọi địa chỉ"),
        ({"DATABASE_URL": "mysql://a/b"}, "HIENDIEN_DATABASE_URL phải là tệp SQLite"),
        ({"ENVIRONMENT": "test"}, "HIENDIEN_ENVIRONMENT phải là development hoặc production"),
        ({"ENVIRONMENT": "production"}, "thiếu HIENDIEN_SECRET_KEY"),
        ({"ENVIRONMENT": "production", **SECRETS, "ACTIONS_SECRET": ""}, "thiếu HIENDIEN_ACTIONS_SECRET"),
        ({"ENVIRONMENT": "production", **SECRETS, "NLU_SECRET": "short"}, "HIENDIEN_NLU_SECRET quá ngắn"),
        (
            {"ENVIRONMENT": "production", **SECRETS, "ACTIONS_SECRET": SECRETS["SECRET_KEY"]},
            "HIENDIEN_ACTIONS_SECRET trùng với một khóa khác",
        ),
        ({"ENVIRONMENT": "production", **SECRETS, "TODAY": "2025-06-01"}, "HIENDIEN_TODAY chỉ để dùng thử"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_should_be(monkeypatch, settings, words):
    for name, value in settings.items():
        monkeypatch.setenv(f"HIENDIEN_{name}", value)
    with pytest.raises(ValidationError) as failure:
        Settings()
    sentence = in_plain_vietnamese(sentence_for_settings(failure.value))
    assert words in sentence
    assert not any(secret in sentence for secret in SECRETS.values())


def test_every_setting_that_can_be_wrong_says_what_it_should_be(monkeypatch):
    for field in Settings.model_fields:
        monkeypatch.setenv(f"HIENDIEN_{field.upper()}", "?")
    with pytest.raises(ValidationError) as failure:
        Settings()
    sentence = sentence_for_settings(failure.value)
    assert sentence.count("HIENDIEN_") == len(failure.value.errors()) >= 9


def test_all_wrong_settings_stand_in_one_line(tmp_path):
    sentence = the_sentence(run(tmp_path, "up", PORT="many", TODAY="hôm nay"))
    assert "HIENDIEN_PORT" in sentence
    assert "HIENDIEN_TODAY" in sentence


def test_a_broken_template_is_named(tmp_path):
    templates = shutil.copytree(ROOT / "templates", tmp_path / "templates")
    (templates / "messages" / "greet" / "vi.j2").write_text("{% if %}", encoding="utf-8")
    assert "templates/messages/greet " in the_sentence(run(tmp_path, "up", TEMPLATES_DIR=templates))


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("buttons/vi.yaml", "", "templates/buttons"),
        ("buttons/vi.yaml", "cancel: Dừng\n", "tên nút"),
        ("problems/vi.yaml", None, "templates/problems"),
        ("problems/vi.yaml", "", "templates/problems"),
        ("problems/vi.yaml", "titles:\ndetails:\n", "templates/problems"),
        ("problems/failures.yaml", None, "templates/problems"),
        ("problems/failures.yaml", "", "templates/problems"),
        ("problems/failures.yaml", "parked: {}\nundelivered: {}\n", "templates/problems"),
        ("web/chat.html", None, "templates/web"),
    ],
)
def test_missing_texts_are_named(tmp_path, programme, file, content, words):
    templates = shutil.copytree(ROOT / "templates", tmp_path / "templates")
    if content is None:
        (templates / file).unlink()
    else:
        (templates / file).write_text(content, encoding="utf-8")
    with pytest.raises(TemplateBrokenError) as failure:
        check_texts(templates, programme, shipped_guides())
    assert words in in_plain_vietnamese(sentence_for(failure.value))


def test_every_button_has_a_title_and_every_title_a_button(programme):
    titles = yaml.safe_load((ROOT / "templates" / "buttons" / "vi.yaml").read_text("utf-8"))
    in_vietnamese = {title for title in titles_in_use(programme, shipped_guides()) if ":" not in title}
    assert in_vietnamese == titles.keys()


def test_a_title_that_is_missing_is_named(tmp_path, programme):
    templates = shutil.copytree(ROOT / "templates", tmp_path / "templates")
    file = templates / "buttons" / "vi.yaml"
    file.write_text(file.read_text("utf-8").replace("guide_done: Xong\n", ""), "utf-8")
    with pytest.raises(TemplateBrokenError, match="guide_done"):
        check_texts(templates, programme, shipped_guides())


def test_without_the_nlu_environment_it_says_how_to_install_it(tmp_path):
    (tmp_path / "nlu").mkdir()
    assert "make run" in the_sentence(run(tmp_path, "up", NLU_DIR=tmp_path / "nlu"))


@pytest.mark.parametrize("role", ["web", "worker", "scheduler"])
def test_a_single_role_on_sqlite_says_to_run_everything_in_one_process(tmp_path, role):
    sentence = the_sentence(run(tmp_path, role))
    assert "hiendien up" in sentence
    assert "HIENDIEN_DATABASE_URL" in sentence


def test_a_database_that_does_not_answer_is_named(tmp_path):
    url = f"postgresql://nobody:secret-password@127.0.0.1:{free_port()}/nothing"
    sentence = the_sentence(run(tmp_path, "up", DATABASE_URL=url, **NO_NLU))
    assert "không kết nối được cơ sở dữ liệu" in sentence
    assert "PostgreSQL" in sentence
    assert "HIENDIEN_DATABASE_URL" in sentence
    assert "secret-password" not in sentence


def test_a_database_server_whose_name_nobody_knows_is_told_as_not_answering():
    with pytest.raises(DatabaseUnreachableError), named_database_failures("postgresql+asyncpg://somewhere/x"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize("wrong", ["no such database", "no such user", "no right to make tables"])
async def test_a_database_that_refuses_us_says_to_look_at_the_account(tmp_path, postgresql_server, wrong):
    url = await new_postgresql_database(postgresql_server)
    if wrong == "no such database":
        url += "_elsewhere"
    elif wrong == "no such user":
        url = url.replace("postgres@", "nobody@")
    else:
        administrator = await asyncpg.connect(url.replace("+asyncpg", ""))
        await administrator.execute("CREATE ROLE reader LOGIN")
        await administrator.close()
        url = url.replace("postgres@", "reader@")
    sentence = the_sentence(run(tmp_path, "up", DATABASE_URL=url, **NO_NLU))
    assert "từ chối" in sentence
    assert "HIENDIEN_DATABASE_URL" in sentence


def test_a_file_that_is_no_database_is_named(tmp_path):
    file = tmp_path / "letters.sqlite3"
    file.write_text("no database at all\n" * 100)
    sentence = the_sentence(run(tmp_path, "up", DATABASE_URL=f"sqlite:///{file}", **NO_NLU))
    assert f"không dùng được tệp cơ sở dữ liệu {file}" in sentence


def test_a_place_that_is_a_file_is_named(tmp_path):
    (tmp_path / "var").write_text("")
    assert f"{tmp_path / 'var'} là tệp" in the_sentence(run(tmp_path, "up", **NO_NLU))


def test_a_full_disk_is_told_as_such(tmp_path, missing_tool):
    if os.geteuid() != 0 or shutil.which("mount") is None:
        missing_tool("only root can make a small disk")
    disk = tmp_path / "var"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False)
    if mounted.returncode != 0:
        missing_tool("this machine does not let root mount a small disk")
    try:
        sentence = the_sentence(run(tmp_path, "up", **NO_NLU))
    finally:
        subprocess.run(["umount", disk], check=True)
    assert "đĩa" in sentence


ONE_OF_A_MODULE = ["", "up", "nlu", "chat", "check", "sign", "reports", "guides", "staff", "audit", "crl", "dev"]


@pytest.mark.parametrize("command", [*ONE_OF_A_MODULE, "web", "worker", "scheduler"])
def test_every_command_explains_itself(tmp_path, command):
    """Whose module loads for it alone."""
    load = run_anew if command in ONE_OF_A_MODULE else run
    ended = load(tmp_path, *command.split(), "--help")
    assert ended.returncode == 0, ended.stderr
    assert "hiendien" in ended.stdout.lower() or "Usage" in ended.stdout


def test_what_nobody_foresaw_has_no_sentence():
    assert sentence_for(ValueError("surprise")) is None
    assert sentence_for(IntegrityError("INSERT", {}, Exception("a key stands there twice"))) is None
    assert sentence_for(OSError("nothing in particular")) is None
    assert "đĩa" in (sentence_for(OSError(errno.ENOSPC, "No space left on device")) or "")
