"""Staff from the command line, on the machine itself: the first two admins, accounts, and tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.approving import GivenLists, open_log, open_office
from bot.cli.plain import read_settings, refuse
from bot.cli.signing_problems import plainly_signing
from bot.cli.transactions import in_one_transaction
from bot.core.approvals import bootstrap as sitting
from bot.core.approvals.bootstrap import Founder, Paper, SignedPaper
from bot.core.clock import LOCAL_ZONE, SystemClock
from bot.core.staff import accounts, repository
from bot.core.staff.repository import Account
from bot.core.staff.roles import Holding, Role
from bot.core.staff.tokens import NewToken, Scope
from bot.revocation.pieces import lists_in_files

T = TypeVar("T")

BY = "machine"
"""Who did it, in the audit log: whoever works on this machine."""
SITTING_FILE = "sitting.json"
FIRST_TOKEN = timedelta(days=30)
_ROLES = {
    Role.OFFICER: "cán bộ xã",
    Role.EDITOR: "biên tập",
    Role.ADMIN: "quản trị viên",
    Role.AUDITOR: "kiểm toán viên",
}

StaffId = Annotated[str, typer.Argument(help="Mã tài khoản, viết như nv-1a2b3c4d.", metavar="MÃ")]

staff = typer.Typer(help="Tài khoản, mã truy cập và hai quản trị viên đầu tiên.", no_args_is_help=True)


@staff.command("bootstrap")
def bootstrap(
    directory: Annotated[Path, typer.Argument(help="Thư mục để các bản cần ký.", metavar="THƯ_MỤC")],
    names: Annotated[list[str] | None, typer.Option("--name", help="Tên người thứ nhất, rồi người thứ hai.")] = None,
    certificates: Annotated[
        list[Path] | None, typer.Option("--certificate", help="Chứng thư số (PEM hoặc DER), cùng thứ tự.")
    ] = None,
    lists: Annotated[
        list[Path] | None, typer.Option("--crl", help="Danh sách thu hồi của đơn vị cấp, đã tải sẵn.")
    ] = None,
) -> None:
    """Đăng ký hai quản trị viên đầu tiên cùng lúc; làm một lần, rồi khóa hẳn.

    Lần đầu: cho tên và chứng thư số của hai người để nhận bốn bản cần ký. Hai người ký xong (mỗi người hai bản), chạy
    lại lệnh này với cùng thư mục.
    """
    settings = read_settings()
    kept = directory / SITTING_FILE
    with plainly_signing(settings):
        if not kept.exists():
            if len(names or ()) != 2 or len(certificates or ()) != 2:
                refuse("cần đúng hai --name và hai --certificate, của hai người khác nhau.")
            founders = [
                Founder.of(name, path.read_bytes()) for name, path in zip(names or (), certificates or (), strict=True)
            ]
            _open_sitting(directory, founders)
            return
        founders = _read_founders(kept)
        papers = [_read_paper(directory, signer, holder) for holder in (0, 1) for signer in (0, 1)]
        tokens = _close_sitting(founders, papers, [_read_list(path) for path in lists or ()])
    kept.unlink()
    print("Đã đăng ký hai quản trị viên đầu tiên. Lệnh này từ nay không dùng được nữa.")
    for founder, token in zip(founders, tokens, strict=True):
        print(f"{founder.name} ({founder.staff_id}): mã truy cập, chỉ hiện lần này: {token.text}")


@staff.command("list")
def list_staff() -> None:
    """Liệt kê tài khoản, vai trò và thời hạn."""
    settings = read_settings()
    with plainly_signing(settings):
        members, holdings = in_one_transaction(settings, _members, writes=False)
    console = Console(highlight=False, soft_wrap=True, markup=False)
    if not members:
        console.print("Chưa có tài khoản nào. Bắt đầu bằng: hiendien staff bootstrap THƯ_MỤC")
    for member in members:
        console.print(f"{member.id}  {member.name}{'  (đã ngừng)' if member.ended_at else ''}")
        for holding in holdings:
            if holding.staff_id == member.id:
                console.print(f"    {_told(holding)}")


@staff.command("add")
def add(name: Annotated[str, typer.Argument(help="Tên, như đồng nghiệp gọi.", metavar="TÊN")]) -> None:
    """Lập tài khoản mới, chưa có vai trò nào: vai trò do quản trị viên ký cấp."""
    settings = read_settings()
    with plainly_signing(settings):
        log, now = open_log(settings), SystemClock().now()
        made = in_one_transaction(settings, lambda connection: accounts.add(connection, log, name=name, by=BY, now=now))
    print(f"Đã lập tài khoản {made} cho {name}. Cấp mã truy cập: hiendien staff token {made} --scope approve")


@staff.command("token")
def token(
    staff_id: StaffId,
    scopes: Annotated[list[Scope], typer.Option("--scope", help="Mã dùng để làm gì; có thể nêu nhiều lần.")],
    days: Annotated[int, typer.Option(help="Số ngày dùng được.", min=1, max=366)] = 90,
) -> None:
    """Cấp mã truy cập cho một tài khoản; mã chỉ hiện một lần."""
    settings = read_settings()
    with plainly_signing(settings):
        log, now = open_log(settings), SystemClock().now()
        made, kept = in_one_transaction(
            settings,
            lambda connection: accounts.issue_token(
                connection, log, staff_id=staff_id, scopes=scopes, lasts=timedelta(days=days), by=BY, now=now
            ),
        )
    ends = kept.expires_at.astimezone(LOCAL_ZONE)
    print(f"Mã truy cập, chỉ hiện lần này, dùng đến {ends:%d/%m/%Y %H:%M}:")
    print(made.text)


@staff.command("revoke")
def revoke(prefix: Annotated[str, typer.Argument(help="12 ký tự đầu của mã.", metavar="ĐẦU_MÃ")]) -> None:
    """Hủy ngay một mã truy cập."""
    settings = read_settings()
    with plainly_signing(settings):
        log, now = open_log(settings), SystemClock().now()
        in_one_transaction(settings, lambda connection: accounts.revoke_token(connection, log, prefix, by=BY, now=now))
    print(f"Đã hủy mã {prefix}….")


@staff.command("end")
def end(staff_id: StaffId) -> None:
    """Ngừng ngay một tài khoản: mọi vai trò, mã truy cập và chữ ký duyệt chưa gửi của người đó không còn được tính."""
    settings = read_settings()
    with plainly_signing(settings):
        log, now = open_log(settings), SystemClock().now()
        in_one_transaction(settings, lambda connection: accounts.end(connection, log, staff_id, by=BY, now=now))
    print(f"Đã ngừng tài khoản {staff_id}.")


def _open_sitting(directory: Path, founders: Sequence[Founder]) -> None:
    settings = read_settings()
    first, second = founders
    office, now = open_office(settings), SystemClock().now()
    papers = in_one_transaction(
        settings,
        lambda connection: sitting.open_sitting(connection, office, first, second, now=now),
        writes=False,
    )
    directory.mkdir(parents=True, exist_ok=True)
    for paper in papers:
        _paper_file(directory, founders, paper).write_bytes(paper.statement)
    told = [
        {"id": founder.staff_id, "name": founder.name, "certificate": _pem(founder.certificate)} for founder in founders
    ]
    (directory / SITTING_FILE).write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    print("Trong vòng một giờ, hãy ký từng bản dưới đây và để chữ ký cạnh nó, cùng tên với đuôi .p7s:")
    for paper in papers:
        print(f"  {paper.signer.name} ký {_paper_file(directory, founders, paper)}")
    print(f"Ký xong cả bốn bản, chạy: hiendien staff bootstrap {directory} --crl DANH_SÁCH_THU_HỒI")


def _close_sitting(
    founders: Sequence[Founder], papers: Sequence[SignedPaper], lists: Sequence[bytes]
) -> list[NewToken]:
    settings = read_settings()
    now = SystemClock().now()
    put_by_hand = [piece.der for _, piece in lists_in_files(settings, now=now) if piece is not None]
    office = open_office(settings, revocation=GivenLists([*lists, *put_by_hand]))

    async def close(connection: AsyncConnection) -> list[NewToken]:
        await sitting.close_sitting(connection, office, founders, papers, now=now)
        made = []
        for founder in founders:
            token, _ = await accounts.issue_token(
                connection,
                office.log,
                staff_id=founder.staff_id,
                scopes=tuple(Scope),
                lasts=FIRST_TOKEN,
                by=BY,
                now=now,
            )
            made.append(token)
        return made

    return in_one_transaction(settings, close)


def _paper_file(directory: Path, founders: Sequence[Founder], paper: Paper) -> Path:
    return directory / _paper_name(founders.index(paper.signer), founders.index(paper.holder))


def _paper_name(signer: int, holder: int) -> str:
    return f"signer-{signer + 1}-certificate-{holder + 1}.json"


def _read_paper(directory: Path, signer: int, holder: int) -> SignedPaper:
    statement = directory / _paper_name(signer, holder)
    return SignedPaper(statement.read_bytes(), statement.with_suffix(".p7s").read_bytes())


def _read_founders(kept: Path) -> list[Founder]:
    try:
        return [
            Founder(founder["id"], founder["name"], founder["certificate"].encode())
            for founder in json.loads(kept.read_text("utf-8"))
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        refuse(f"tệp {kept} bị hỏng. Hãy xóa thư mục đó rồi làm lại từ đầu.")


def _pem(certificate: bytes) -> str:
    if certificate.lstrip().startswith(b"-----"):
        return certificate.decode()
    return x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM).decode()


def _read_list(path: Path) -> bytes:
    data = path.read_bytes()
    if not data.lstrip().startswith(b"-----"):
        return data
    try:
        return x509.load_pem_x509_crl(data).public_bytes(Encoding.DER)
    except ValueError:
        refuse(f"{path} không phải là danh sách thu hồi. Hãy tải lại tệp đó từ đơn vị cấp chứng thư số.")


async def _members(connection: AsyncConnection) -> tuple[Sequence[Account], Sequence[Holding]]:
    return await repository.list_accounts(connection), await repository.list_holdings(connection)


def _told(holding: Holding) -> str:
    begins, ends = (moment.astimezone(LOCAL_ZONE) for moment in (holding.not_before, holding.not_after))
    areas = f", địa bàn {' '.join(holding.areas)}" if holding.areas else ""
    deputy = f", ký thay {holding.substitute_for}" if holding.substitute_for else ""
    return f"{_ROLES[holding.role]}{areas}{deputy}, từ {begins:%d/%m/%Y} đến {ends:%d/%m/%Y}"
