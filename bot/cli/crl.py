"""Revocation lists by hand, for where the authorities cannot be reached from this network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.cli.plain import plainly, read_settings
from bot.cli.transactions import in_one_transaction
from bot.core.clock import SystemClock, on_local_clocks
from bot.core.revocations import repository
from bot.revocation.pieces import hand_source, take_list

_KINDS = {"crl": "danh sách", "ocsp": "trả lời trực tuyến"}

crl = typer.Typer(help="Danh sách thu hồi chứng thư số: thêm bằng tay, xem đang có gì.", no_args_is_help=True)


@crl.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="Tệp danh sách thu hồi (.crl, DER hoặc PEM).", metavar="TỆP")],
) -> None:
    """Thêm một danh sách thu hồi đã tải về; mọi tiến trình dùng ngay từ chữ ký tiếp theo."""
    settings, now = read_settings(), SystemClock().now()
    with plainly():
        piece = take_list(file.read_bytes(), source=hand_source(file), now=now)
        in_one_transaction(settings, lambda connection: repository.keep(connection, piece.note, piece.der))
    print(f"Đã thêm {file.name}, có hiệu lực đến {on_local_clocks(piece.note.next_update):%d/%m/%Y %H:%M}.")
    print("Danh sách chỉ được tính nếu có chữ ký của đơn vị cấp; xem kết quả bằng: hiendien check")


@crl.command("list")
def list_kept() -> None:
    """Liệt kê danh sách và trả lời về thu hồi đang giữ, mới nhất ở trên."""
    settings, now = read_settings(), SystemClock().now()
    with plainly():
        notes = in_one_transaction(settings, repository.list_notes, writes=False)
    console = Console(highlight=False, soft_wrap=True, markup=False)
    if not notes:
        console.print("Chưa có danh sách thu hồi nào.")
    for note in notes:
        begins, ends = (on_local_clocks(moment) for moment in (note.this_update, note.next_update))
        state = "" if note.next_update > now else "  (đã hết hạn)"
        console.print(f"{_KINDS[note.kind]}  {begins:%d/%m/%Y %H:%M} → {ends:%d/%m/%Y %H:%M}{state}  {note.source}")
