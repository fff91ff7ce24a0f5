"""``hiendien sign`` as somebody types it: files, tokens, and a server."""

from __future__ import annotations

import base64
import json
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from bot.cli import command_line
from bot.cli.signing_sentences import SIGNING_FAILURES
from bot.core.signatures import TrustStore, Verified, verify
from bot.core.statements import BroadcastApproval, digest
from bot.signing.errors import SigningFailedError
from tests.cli.command import in_plain_vietnamese
from tests.cli.terminal import Terminal
from tests.core.statements.examples import EXAMPLES
from tests.fixtures.tokens import CERTIFICATE, LABEL, PIN, Reader
from tests.pki import DAY, Revocations, make_name, make_root
from tests.signing.test_softcert import PASSWORD, softcert

TODAY = datetime.now(UTC).replace(microsecond=0)
"""The command reads the machine's own clock."""
DATES = {"not_before": TODAY - DAY, "not_after": TODAY + DAY}
ROOT = make_root()
ISSUING = ROOT.authority("Đơn vị cấp thử nghiệm", **DATES)
AN = ISSUING.person(**DATES)
ACCESS = "hdt_" + "A" * 43


def broadcast(**changes: object) -> BroadcastApproval:
    times = {"iat": TODAY - timedelta(minutes=1), "exp": TODAY + timedelta(hours=1)}
    return EXAMPLES["broadcast"].model_copy(update=times | changes)


def check(signature: bytes, content: bytes) -> Verified:
    updates = {"this_update": TODAY - DAY, "next_update": TODAY + DAY}
    lists = Revocations([ROOT.crl(**updates), ISSUING.crl(**updates)])
    return verify(signature, content, trust=TrustStore([ROOT.certificate]), revocation=lists, at=datetime.now(UTC))


@pytest.fixture
def desk(tmp_path):
    """Give a directory with a statement and An's certificate file."""
    (tmp_path / "statement.json").write_bytes(broadcast().to_bytes())
    (tmp_path / "an.p12").write_bytes(softcert(AN))
    return tmp_path


def offline(desk, *options: str, **more) -> Terminal:
    return Terminal(desk, "sign", str(desk / "statement.json"), *options, **more)


def told(*arguments: str, piped: str = "") -> str:
    """Run a command that refuses before it asks anything; give its one sentence."""
    ended = CliRunner().invoke(command_line(), ["sign", *arguments], input=piped)
    assert ended.exit_code == 2, ended.output
    assert "Ký?" not in ended.output
    (sentence,) = ended.stderr.splitlines()
    return in_plain_vietnamese(sentence)


def with_file(desk) -> tuple[str, ...]:
    return ("--p12", str(desk / "an.p12"))


def with_token(reader: Reader) -> tuple[str, ...]:
    return ("--module", str(reader.path), "--token", LABEL)


@pytest.mark.parametrize("yes", [unicodedata.normalize("NFD", "CÓ"), " yes"])
def test_a_statement_is_shown_agreed_to_and_signed_with_a_file(desk, yes):
    terminal = offline(desk, *with_file(desk))
    terminal.wait_for("Tổ 3 cúp điện từ 7 giờ đến 11 giờ.")
    terminal.answer("Ký? gõ CÓ: ", yes)
    terminal.answer("Mật khẩu của an.p12: ", PASSWORD)
    assert terminal.end() == 0
    content = (desk / "statement.json").read_bytes()
    assert digest(content) in terminal.seen
    assert "Nguyễn Văn An" in terminal.seen
    assert PASSWORD not in terminal.seen
    check((desk / "statement.p7s").read_bytes(), content)


@pytest.mark.parametrize("no", ["", "cóc"])
def test_anything_but_yes_is_a_no(desk, no):
    terminal = offline(desk, *with_file(desk))
    terminal.answer("Ký? gõ CÓ: ", no)
    assert terminal.end() == 1
    assert terminal.seen.rstrip().endswith("Chưa có chữ ký nào được ghi nhận.")
    assert not (desk / "statement.p7s").exists()


@pytest.mark.parametrize(("question", "key"), [("Ký? gõ CÓ: ", b"\x04"), ("Mật khẩu của an.p12: ", b"\x03")])
def test_going_away_is_a_no(desk, question, key):
    terminal = offline(desk, *with_file(desk))
    if question.startswith("Mật khẩu"):
        terminal.answer("Ký? gõ CÓ: ", "co")
    terminal.wait_for(question)
    assert terminal.leave(key) == 1
    assert "Traceback" not in terminal.seen
    assert not (desk / "statement.p7s").exists()


def test_a_wrong_password_is_asked_for_once_and_told(desk):
    terminal = offline(desk, *with_file(desk))
    terminal.answer("Ký? gõ CÓ: ", "co")
    terminal.answer("Mật khẩu của an.p12: ", "sai")
    assert "mật khẩu không mở được" in in_plain_vietnamese(terminal.refusal())
    assert terminal.seen.count("Mật khẩu của an.p12: ") == 1


def test_a_token_signs_and_a_wrong_pin_is_remembered_by_it(desk, reader):
    reader.insert(AN)
    first = offline(desk, *with_token(reader), environment=reader.environment)
    first.answer("Ký? gõ CÓ: ", "co")
    first.answer(f"Mã PIN của thiết bị “{LABEL}”: ", "999999")
    assert "không nhận mã PIN" in in_plain_vietnamese(first.refusal())
    assert "CHÚ Ý" not in first.seen
    again = offline(desk, *with_token(reader), environment=reader.environment)
    again.answer("Ký? gõ CÓ: ", "co")
    again.wait_for("CHÚ Ý: mã PIN đã bị nhập sai")
    again.answer(f"Mã PIN của thiết bị “{LABEL}”: ", PIN)
    assert again.end() == 0, again.seen
    assert PIN not in first.seen + again.seen
    check((desk / "statement.p7s").read_bytes(), (desk / "statement.json").read_bytes())


def test_no_pin_at_all_is_a_no_and_no_try(desk, reader):
    reader.insert(AN)
    terminal = offline(desk, *with_token(reader), environment=reader.environment)
    terminal.answer("Ký? gõ CÓ: ", "co")
    terminal.answer(f"Mã PIN của thiết bị “{LABEL}”: ", "")
    assert terminal.end() == 1
    assert not reader.module.token(LABEL).is_pin_low


def test_tokens_and_files_are_listed(desk, reader):
    reader.insert(AN)
    tokens = Terminal(desk, "sign", "--list", "--module", str(reader.path), environment=reader.environment)
    assert tokens.end() == 0
    assert f"--token '{LABEL}'" in tokens.seen
    assert f"--key '{CERTIFICATE}'" in tokens.seen
    assert "của đơn vị cấp" in tokens.seen
    file = Terminal(desk, "sign", "--list", *with_file(desk))
    file.answer("Mật khẩu của an.p12: ", PASSWORD)
    assert file.end() == 0
    assert "CN=Nguyễn Văn An" in file.seen


def test_a_token_that_is_not_there_is_told(desk, reader):
    terminal = offline(desk, *with_token(reader), environment=reader.environment)
    assert "không thấy thiết bị ký" in in_plain_vietnamese(terminal.refusal())


def test_a_statement_that_is_changed_after_it_was_shown_leaves_no_signature(desk):
    terminal = offline(desk, *with_file(desk))
    terminal.wait_for("Ký? gõ CÓ: ")
    (desk / "statement.json").write_bytes(EXAMPLES["grant"].to_bytes())
    terminal.type("co")
    terminal.answer("Mật khẩu của an.p12: ", PASSWORD)
    assert "bị đổi sau khi bạn đọc" in in_plain_vietnamese(terminal.refusal())
    assert not (desk / "statement.p7s").exists()


REFUSED = {
    "not ours": (b"%PDF-1.7", "không phải bản cần ký"),
    "NFD": (unicodedata.normalize("NFD", broadcast().to_bytes().decode()).encode(), "không phải bản cần ký"),
    "a checkpoint": (EXAMPLES["checkpoint"].to_bytes(), "không phải bản cần ký"),
    "ended": (broadcast(exp=TODAY - timedelta(seconds=1)).to_bytes(), "đã quá hạn"),
    "another deployment's": (broadcast(aud="https://khac.example.vn").to_bytes(), "dành cho https://khac.example.vn"),
}


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=list(REFUSED))
def test_nothing_is_asked_about_what_is_not_to_be_signed(desk, content, words):
    (desk / "statement.json").write_bytes(content)
    assert words in told(str(desk / "statement.json"), *with_file(desk), "--server", "https://ubnd.example.vn")


def test_a_signature_is_never_overwritten(desk):
    (desk / "statement.p7s").write_bytes(b"another's")
    assert "đã có tệp" in told(str(desk / "statement.json"), *with_file(desk))
    assert (desk / "statement.p7s").read_bytes() == b"another's"


def test_an_expired_certificate_is_told_before_the_pin_is_asked_for(desk, reader):
    reader.insert(ISSUING.person(not_before=TODAY - 2 * DAY, not_after=TODAY - DAY))
    terminal = offline(desk, *with_token(reader), environment=reader.environment)
    terminal.answer("Ký? gõ CÓ: ", "co")
    assert "đã hết hạn" in terminal.refusal()
    assert "Mã PIN" not in terminal.seen


def test_a_certificate_cannot_write_on_the_screen(desk):
    name = make_name("An\u001b[2J\nKý? gõ CÓ: ", uid="CCCD:000000000001")
    (desk / "an.p12").write_bytes(softcert(ISSUING.person(subject=name, **DATES)))
    terminal = Terminal(desk, "sign", "--list", *with_file(desk))
    terminal.answer("Mật khẩu của an.p12: ", PASSWORD)
    assert terminal.end() == 0
    assert "\u001b" not in terminal.seen
    assert "\nKý?" not in terminal.seen


def test_a_certificate_without_an_end_is_listed(desk):
    endless = ISSUING.person(not_before=TODAY - DAY, not_after=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    (desk / "an.p12").write_bytes(softcert(endless))
    terminal = Terminal(desk, "sign", "--list", *with_file(desk))
    terminal.answer("Mật khẩu của an.p12: ", PASSWORD)
    assert terminal.end() == 0
    assert "đến 31/12/9999" in terminal.seen


def test_secrets_are_not_taken_from_a_pipe(desk):
    assert "cửa sổ dòng lệnh" in told(str(desk / "statement.json"), *with_file(desk), piped=f"co\n{PASSWORD}\n")
    assert not (desk / "statement.p7s").exists()


WRONG_WORDS = {
    "nothing": ([], "--p12 TỆP, hoặc --module TỆP"),
    "a file and a token": (["statement.json", "--p12", "an.p12", "--token", "x"], "--p12 TỆP, hoặc --module TỆP"),
    "a module without a token": (["statement.json", "--module", "x.so"], "--p12 TỆP, hoặc --module TỆP"),
    "no statement": (["--p12", "an.p12"], "cả --server, --kind và --subject"),
    "both ways": (["statement.json", "--p12", "an.p12", "--kind", "grants"], "cả --server, --kind và --subject"),
    "an unknown kind": (
        ["--p12", "an.p12", "--server", "https://x.vn", "--kind", "letters", "--subject", "a"],
        "không có loại nội dung “letters”",
    ),
    "a strange subject": (
        ["--p12", "an.p12", "--server", "https://x.vn", "--kind", "grants", "--subject", "../a"],
        "mã nội dung chỉ gồm",
    ),
    "a proof of nothing": (
        ["--p12", "an.p12", "--server", "https://x.vn", "--kind", "grants", "--subject", "a", "--prove"],
        "--kind enrolments",
    ),
    "a server in the clear": (
        ["--p12", "an.p12", "--server", "http://x.vn", "--kind", "grants", "--subject", "a"],
        "Hãy viết như https://",
    ),
    "no file there": (["statement.json", "--p12", "missing.p12"], "không có"),
    "a list of nothing": (["--list"], "với --list"),
    "a bad chain": (["statement.json", "--p12", "an.p12", "--chain", "an.p12"], "chứng thư số của đơn vị cấp"),
}


@pytest.mark.parametrize(("words", "sentence"), WRONG_WORDS.values(), ids=list(WRONG_WORDS))
def test_a_command_that_cannot_be_is_told_what_is_missing(desk, words, sentence):
    assert sentence in told(*(str(desk / word) if word.endswith((".json", ".p12", ".so")) else word for word in words))


def test_help_tells_every_option_in_vietnamese():
    ended = CliRunner().invoke(command_line(), ["sign", "--help"])
    assert ended.exit_code == 0
    for option in ("--out", "--server", "--kind", "--subject", "--prove", "--access", "--p12", "--module", "--token"):
        assert option in ended.stdout
    assert "Mã thoát: 0 đã ký" in ended.stdout


@pytest.mark.parametrize("error", SigningFailedError.__subclasses__(), ids=lambda error: error.code)
def test_every_failure_of_signing_has_a_sentence(error):
    sentence = SIGNING_FAILURES[error]
    assert unicodedata.is_normalized("NFC", sentence)
    if "{sentence}" not in sentence:
        assert "hãy" in sentence.lower()
        assert sentence.endswith(".")


class Province:
    """A server with one broadcast to approve, and what was sent to it; `answers` is what it says to signatures."""

    def __init__(self, address: str) -> None:
        self.statement = broadcast(aud=address).to_bytes()
        self.requests: list[tuple[str, str]] = []
        self.signatures: list[bytes] = []
        self.answers: list[tuple[int, dict[str, object]]] = [(201, {"approvals": 1, "required": 2})]

    def reply(self, path: str, authorization: str, body: dict[str, str]) -> tuple[int, dict[str, object]]:
        self.requests.append((path, authorization))
        if path.endswith("-challenges"):
            told = {"challenge": "A" * 32, "statement": base64.b64encode(self.statement).decode()}
            return 201, told | {"sha256": digest(self.statement), "expires_at": "2026-11-20T01:40:00Z"}
        self.signatures.append(base64.b64decode(body["signature"]))
        return self.answers.pop(0)


@contextmanager
def opened_province() -> Iterator[tuple[str, Province]]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            status, told = province.reply(self.path, self.headers["authorization"], body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_port}"
    province = Province(address)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield address, province
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def online(desk, address: str, *options: str, subject: str = "B-1") -> Terminal:
    words = ("sign", "--server", address, "--kind", "broadcasts", "--subject", subject)
    return Terminal(desk, *words, *with_file(desk), *options)


def test_a_statement_is_fetched_shown_signed_and_brought_back(desk):
    with opened_province() as (address, province):
        terminal = online(desk, address)
        terminal.answer("Mã truy cập (hdt_…): ", ACCESS)
        terminal.answer("Ký? gõ CÓ: ", "co")
        terminal.answer("Mật khẩu của an.p12: ", PASSWORD)
        assert terminal.end() == 0, terminal.seen
    assert "1 trên 2 chữ ký" in terminal.seen
    assert ACCESS not in terminal.seen
    assert province.requests == [
        ("/api/v1/broadcasts/B-1/approval-challenges", f"Bearer {ACCESS}"),
        ("/api/v1/broadcasts/B-1/approvals", f"Bearer {ACCESS}"),
    ]
    check(province.signatures[0], province.statement)


def test_a_server_s_refusal_is_shown_in_its_own_words_with_an_exit_code_of_its_own(desk):
    (desk / "access").write_text(ACCESS + "\n")
    (desk / "access").chmod(0o600)
    with opened_province() as (address, province):
        province.answers = [(409, {"detail": "Bản cần ký này đã được dùng. Bạn tải bản mới rồi ký lại."})]
        terminal = online(desk, address, "--access", str(desk / "access"))
        terminal.answer("Ký? gõ CÓ: ", "co")
        terminal.answer("Mật khẩu của an.p12: ", PASSWORD)
        sentence = terminal.refusal(code=3)
    assert sentence == "Lỗi: máy chủ từ chối. Bản cần ký này đã được dùng. Bạn tải bản mới rồi ký lại."


def test_a_signature_that_nobody_could_check_now_is_sent_again_without_signing_again(desk):
    with opened_province() as (address, province):
        later = (503, {"detail": "Hiện chưa kiểm tra được. Bạn gửi lại sau ít phút."})
        province.answers = [later, later, *province.answers]
        terminal = online(desk, address)
        terminal.answer("Mã truy cập (hdt_…): ", ACCESS)
        terminal.answer("Ký? gõ CÓ: ", "co")
        terminal.answer("Mật khẩu của an.p12: ", PASSWORD)
        for _ in range(2):
            terminal.wait_for("Hiện chưa kiểm tra được.")
            terminal.answer("Gửi lại chữ ký này? gõ CÓ: ", "co")
        assert terminal.end() == 0, terminal.seen
    assert len(province.signatures) == 3
    assert len(set(province.signatures)) == 1


def test_a_server_that_gives_something_else_to_sign_is_not_followed(desk):
    with opened_province() as (address, province):
        terminal = online(desk, address, subject="B-2")
        terminal.answer("Mã truy cập (hdt_…): ", ACCESS)
        assert "khác với nội dung bạn yêu cầu" in in_plain_vietnamese(terminal.refusal())
    assert province.signatures == []
    assert "Ký?" not in terminal.seen


def test_a_server_that_speaks_for_another_is_not_followed(desk):
    with opened_province() as (address, province):
        province.statement = broadcast().to_bytes()
        terminal = online(desk, address)
        terminal.answer("Mã truy cập (hdt_…): ", ACCESS)
        assert "dành cho https://ubnd.example.vn" in in_plain_vietnamese(terminal.refusal())
    assert province.signatures == []


def test_a_token_file_that_others_read_and_a_text_that_is_no_token_are_refused(desk):
    (desk / "access").write_text(ACCESS)
    (desk / "access").chmod(0o644)
    with opened_province() as (address, province):
        shared = online(desk, address, "--access", str(desk / "access"))
        assert "người khác đọc được" in in_plain_vietnamese(shared.refusal())
        cut = online(desk, address)
        cut.answer("Mã truy cập (hdt_…): ", "hdt_…")
        assert "phải viết như hdt_" in in_plain_vietnamese(cut.refusal())
    assert province.requests == []


def test_nobody_at_the_address_is_told(desk):
    with opened_province() as (address, _):
        pass
    terminal = online(desk, address)
    terminal.answer("Mã truy cập (hdt_…): ", ACCESS)
    assert "không kết nối được" in in_plain_vietnamese(terminal.refusal())
