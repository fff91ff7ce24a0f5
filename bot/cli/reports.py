"""What citizens reported: the staff's way to read it and to put it away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.text import Text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cli.database import DatabaseNotReadyError, named_database_failures
from bot.cli.plain import plainly, read_settings, refuse
from bot.core.clock import LOCAL_ZONE, SystemClock
from bot.core.db import Database, sqlite_file
from bot.core.reports import service
from bot.core.reports.models import ReportState
from bot.core.reports.rules import read_reference
from bot.core.reports.service import Report
from bot.core.vault import Vault
from bot.migrations import is_current
from bot.settings import Settings
from bot.wiring import master_secrets

T = TypeVar("T")

_STATES = {ReportState.UNREAD: "CHƯA ĐỌC", ReportState.READ: "đã đọc", ReportState.CLOSED: "đã đóng"}
_CHANNELS = {"web": "trang web", "telegram": "Telegram", "zalo": "Zalo"}

Reference = Annotated[str, typer.Argument(help="Mã báo cáo, viết như BC-7K2MX.", metavar="MÃ")]

reports = typer.Typer(
    help="Đọc và đóng các báo cáo lừa đảo mà người dân đồng ý gửi cho người phụ trách.", no_args_is_help=True
)


@reports.command("list")
def list_reports() -> None:
    """Liệt kê báo cáo, mới nhất trước; báo cáo chưa đọc có dấu ●."""
    with plainly():
        found = _run(service.list_all, writes=False)
    console = Console(highlight=False, soft_wrap=True)
    if not found:
        console.print("Chưa có báo cáo nào.")
        return
    unread = sum(report.state is ReportState.UNREAD for report in found)
    console.print(f"{len(found)} báo cáo, {unread} chưa đọc. Xem: hiendien reports show MÃ")
    for report in found:
        mark = "●" if report.state is ReportState.UNREAD else " "
        console.print(f"{mark} {_line(report)}")


@reports.command("show")
def show(reference: Reference = "") -> None:
    """Hiện lời của người báo; từ lúc đó báo cáo là đã đọc và người báo không rút lại được nữa."""
    with plainly():
        wanted = _reference(reference)
        now = SystemClock().now()
        report = _run(lambda connection, vault: service.read(connection, vault, wanted, now=now))
    console = Console(highlight=False, soft_wrap=True)
    console.print(_line(report))
    console.print(Text(report.words) if report.words is not None else "(lời đã được xóa)")


@reports.command("close")
def close(reference: Reference = "") -> None:
    """Đóng một báo cáo đã xử lý xong và xóa lời trong đó."""
    with plainly():
        wanted = _reference(reference)
        now = SystemClock().now()
        _run(lambda connection, _: service.close(connection, wanted, now=now))
    Console(highlight=False).print(f"Đã đóng báo cáo {wanted} và xóa lời trong đó.")


def _reference(typed: str) -> str:
    reference = read_reference(typed)
    if reference is None:
        refuse("mã báo cáo viết như BC-7K2MX. Hãy xem các mã bằng `hiendien reports list`.")
    return reference


def _line(report: Report) -> str:
    moment = report.created_at.astimezone(LOCAL_ZONE)
    channel = _CHANNELS.get(report.channel, report.channel)
    return f"{report.reference}  {moment:%d/%m/%Y %H:%M}  {channel}  {_STATES[report.state]}"


def _run(work: Callable[[AsyncConnection, Vault], Awaitable[T]], *, writes: bool = True) -> T:
    return asyncio.run(_in_one_transaction(read_settings(), work, writes=writes))


async def _in_one_transaction(
    settings: Settings, work: Callable[[AsyncConnection, Vault], Awaitable[T]], *, writes: bool
) -> T:
    url = settings.effective_database_url
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise DatabaseNotReadyError
    database = Database(url)
    try:
        with named_database_failures(url):
            if not await is_current(database):
                raise DatabaseNotReadyError
            vault = Vault([key.get_secret_value() for key in master_secrets(settings)])
            async with database.unit_of_work() if writes else database.reading() as connection:
                return await work(connection, vault)
    finally:
        await database.close()
