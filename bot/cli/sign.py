"""Signing on the signer's own machine, with a certificate file or a token."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import closing
from pathlib import Path
from typing import Annotated

import httpx
import typer

from bot.cli.plain import read_settings, refuse, say
from bot.cli.signers import (
    Keeper,
    SoftcertKeeper,
    TokenKeeper,
    ask,
    ask_secret,
    decline,
    list_softcert,
    list_tokens,
)
from bot.cli.signing_problems import plainly_signing
from bot.cli.signing_sentences import SIGNING_FAILURES
from bot.core.clock import SystemClock
from bot.core.statements import MAX_BYTES, Approval, digest
from bot.core.text import fold
from bot.settings import Settings
from bot.signing.client import Challenge, Deployment, Outcome, read_address
from bot.signing.errors import ServerRefusedError, StatementChangedError
from bot.signing.keys import read_chain, sign_detached
from bot.signing.reading import KINDS, Wanted, check_time, read_approval
from bot.signing.tokens import TokenModule
from bot.signing.view import StatementView

EXIT_REFUSED_BY_SERVER = 3
YES = frozenset({"co", "yes"})

_ACCESS = re.compile(r"hdt_[A-Za-z0-9_-]{20,100}")
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


def sign(
    statement: Annotated[Path | None, typer.Argument(help="Bản cần ký (.json) đã tải về.", metavar="BẢN")] = None,
    *,
    out: Annotated[Path | None, typer.Option(help="Tệp chữ ký; mặc định cùng tên, đuôi .p7s.", metavar="TỆP")] = None,
    server: Annotated[
        str | None, typer.Option(help="Địa chỉ hệ thống, như https://tinh.example.vn.", metavar="ĐỊA_CHỈ")
    ] = None,
    kind: Annotated[str | None, typer.Option(help=f"Loại nội dung: {', '.join(KINDS)}.", metavar="LOẠI")] = None,
    subject: Annotated[str | None, typer.Option(help="Mã nội dung cần ký.", metavar="MÃ")] = None,
    prove: Annotated[bool, typer.Option("--prove", help="Chứng minh bạn giữ khóa, khi đăng ký chứng thư số.")] = False,
    access: Annotated[
        Path | None, typer.Option(help="Tệp chứa mã truy cập hdt_…; không nêu thì lệnh hỏi.", metavar="TỆP")
    ] = None,
    p12: Annotated[Path | None, typer.Option(help="Tệp chứng thư số .p12 hoặc .pfx.", metavar="TỆP")] = None,
    module: Annotated[
        Path | None, typer.Option(help="Tệp phần mềm PKCS#11 của thiết bị ký (.so, .dylib, .dll).", metavar="TỆP")
    ] = None,
    token: Annotated[str | None, typer.Option(help="Nhãn của thiết bị ký.", metavar="NHÃN")] = None,
    key: Annotated[
        str | None, typer.Option(help="Nhãn của chứng thư số, khi thiết bị có nhiều.", metavar="NHÃN")
    ] = None,
    chain: Annotated[
        Path | None, typer.Option(help="Chứng thư số của đơn vị cấp, khi tệp hay thiết bị thiếu.", metavar="TỆP")
    ] = None,
    only_list: Annotated[bool, typer.Option("--list", help="Chỉ liệt kê chứng thư số trong tệp hay thiết bị.")] = False,
) -> None:
    """Ký bằng chứng thư số của bạn, sau khi hiện toàn bộ nội dung và bạn gõ CÓ.

    Trực tuyến: hiendien sign --server ĐỊA_CHỈ --kind LOẠI --subject MÃ --p12 TỆP

    Ngoại tuyến: hiendien sign BẢN.json --out CHỮ_KÝ.p7s --module TỆP --token NHÃN

    Mật khẩu và mã PIN chỉ hỏi trên màn hình, thử đúng một lần, không lưu lại.

    Mã thoát: 0 đã ký; 1 bạn không đồng ý; 2 không ký được; 3 máy chủ từ chối.
    """
    settings = read_settings()
    with plainly_signing(settings):
        if only_list:
            _list(p12, module)
            return
        keeper = _keeper(p12, module, token, key, chain)
        if statement is not None and not (kind or subject or prove or access):
            _sign_file(settings, statement, out or statement.with_suffix(".p7s"), server, keeper)
        elif statement is None and server and kind and subject and out is None:
            _sign_online(settings, server, _wanted(kind, subject, proves=prove), access, keeper)
        else:
            refuse("cần nêu một tệp BẢN để ký ngoại tuyến, hoặc cả --server, --kind và --subject để ký trực tuyến.")


def _list(p12: Path | None, module: Path | None) -> None:
    if p12 is not None and module is None:
        list_softcert(SoftcertKeeper.of(p12, ()))
    elif module is not None and p12 is None:
        list_tokens(TokenModule(module))
    else:
        refuse("với --list, cần nêu đúng một trong hai: --p12 TỆP hoặc --module TỆP.")


def _keeper(p12: Path | None, module: Path | None, token: str | None, key: str | None, chain: Path | None) -> Keeper:
    known = read_chain(chain) if chain is not None else ()
    if p12 is not None and not (module or token or key):
        return SoftcertKeeper.of(p12, known)
    if p12 is not None or module is None or token is None:
        refuse("cần nêu --p12 TỆP, hoặc --module TỆP cùng --token NHÃN.")
    vendors = TokenModule(module)
    return TokenKeeper(vendors, vendors.token(token), key, known)


def _wanted(kind: str, subject: str, *, proves: bool) -> Wanted:
    if kind not in KINDS:
        refuse(f"không có loại nội dung “{kind}”. Hãy chọn một trong: {', '.join(KINDS)}.")
    if proves and kind != "enrolments":
        refuse("--prove chỉ dùng khi đăng ký chứng thư số: --kind enrolments.")
    if not _SUBJECT.fullmatch(subject):
        refuse("mã nội dung chỉ gồm chữ không dấu, số, dấu chấm, gạch và hai chấm. Hãy chép nguyên mã từ hệ thống.")
    return Wanted(kind, subject, proves)


def _sign_file(settings: Settings, path: Path, out: Path, server: str | None, keeper: Keeper) -> None:
    if out.exists():
        refuse(f"đã có tệp {out}. Hãy xóa tệp đó hoặc chọn tên khác bằng --out.")
    raw = _read(path)
    aud = read_address(server) if server is not None else None
    signature = _show_and_sign(settings, raw, read_approval(raw, now=SystemClock().now(), aud=aud), keeper)
    if _read(path) != raw:
        raise StatementChangedError(path=str(path))
    with out.open("xb") as file:
        file.write(signature)
    print(f"Đã ký. Chữ ký ở {out}; hãy tải tệp này lên hệ thống.")


def _sign_online(settings: Settings, server: str, wanted: Wanted, access: Path | None, keeper: Keeper) -> None:
    address = read_address(server)
    try:
        with closing(Deployment(address, _access_token(access))) as deployment:
            challenge = deployment.challenge(wanted)
            approval = read_approval(challenge.statement, now=SystemClock().now(), aud=address, wanted=wanted)
            signature = _show_and_sign(settings, challenge.statement, approval, keeper)
            outcome = _bring(deployment, wanted, challenge, signature)
    except ServerRefusedError as refusal:
        say(f"Lỗi: {SIGNING_FAILURES[ServerRefusedError].format_map(refusal.facts)}")
        raise typer.Exit(EXIT_REFUSED_BY_SERVER) from None
    print(f"Đã ký và hệ thống đã nhận. Hiện có {outcome.approvals} trên {outcome.required} chữ ký duyệt.")


def _bring(deployment: Deployment, wanted: Wanted, challenge: Challenge, signature: bytes) -> Outcome:
    """Bring a signature, again and again while the server cannot tell now and the signer wants to: no new PIN."""
    while True:
        try:
            return deployment.answer(wanted, challenge, signature)
        except ServerRefusedError as refusal:
            if refusal.facts["status"] != httpx.codes.SERVICE_UNAVAILABLE:
                raise
            say(str(refusal.facts["sentence"]))
            if not _agrees("Gửi lại chữ ký này? gõ CÓ: "):
                raise


def _agrees(question: str) -> bool:
    return fold(ask(question).strip()) in YES


def _show_and_sign(settings: Settings, raw: bytes, approval: Approval, keeper: Keeper) -> bytes:
    """Show the statement that `raw` is, and sign these very bytes once the signer has said yes."""
    view = StatementView(settings.templates_dir, columns=shutil.get_terminal_size().columns)
    print(view.show(approval))
    print(f"\nSHA-256 của bản này: {digest(raw)}\n")
    if not _agrees("Ký? gõ CÓ: "):
        raise decline()
    key = keeper.open()
    check_time(approval, now=SystemClock().now())
    return sign_detached(raw, key)


def _access_token(file: Path | None) -> str:
    if file is None:
        text = ask_secret("Mã truy cập (hdt_…): ").strip()
    else:
        if os.name == "posix" and file.stat().st_mode & 0o077:
            refuse(f"người khác đọc được tệp {file}. Hãy đặt quyền 600 (chmod 600) rồi chạy lại.")
        text = file.read_text("utf-8", errors="replace").strip()
    if not _ACCESS.fullmatch(text):
        refuse("mã truy cập phải viết như hdt_…, chép đủ từ đầu đến cuối. Hãy xem lại mã rồi chạy lại.")
    return text


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
