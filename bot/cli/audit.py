"""The audit log from the command line: check it, have it signed, take it along."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from bot.approving import Approving, check_log, open_approving, open_log
from bot.cli.database import DatabaseNotReadyError, named_database_failures
from bot.cli.plain import read_settings
from bot.cli.signing_problems import plainly_signing
from bot.core.approvals.evidence import log_files
from bot.core.audit.bundle import pack, read_me
from bot.core.audit.repository import StoredCheckpoint
from bot.core.clock import LOCAL_ZONE, SystemClock
from bot.core.db import Database, sqlite_file
from bot.migrations import is_current
from bot.settings import Settings

T = TypeVar("T")

audit = typer.Typer(help="Kiểm tra, ký mốc và xuất nhật ký kiểm tra.", no_args_is_help=True)


@audit.command("check")
def check() -> None:
    """Đi qua cả nhật ký, so với mọi mốc đã ký; báo chỗ bị sửa, bị cắt hoặc bản sao lưu cũ."""
    settings = read_settings()
    with plainly_signing(settings):
        head = _run(settings, lambda _, database: check_log(open_log(settings), database))
    print(f"Nhật ký nguyên vẹn: {head.size} dòng, dòng cuối {head.head}.")


@audit.command("checkpoint")
def checkpoint() -> None:
    """Ký mốc cho nhật ký ngay bây giờ."""
    settings = read_settings()
    with plainly_signing(settings):
        made = _run(settings, _checkpoint)
    print(f"Đã ký mốc {made.size} dòng lúc {made.at.astimezone(LOCAL_ZONE):%d/%m/%Y %H:%M:%S}.")
    print(
        f"Mốc mới nhất: {settings.audit_dir / 'checkpoint.json'} và checkpoint.p7s; hãy gửi cả hai cho kiểm toán viên."
    )


@audit.command("export")
def export(file: Annotated[Path, typer.Argument(help="Tệp .zip sẽ được tạo.", metavar="TỆP")]) -> None:
    """Xuất cả nhật ký, mốc đã ký và chứng thư số gốc thành một tệp .zip cho người kiểm tra bên ngoài."""
    settings = read_settings()
    with plainly_signing(settings):
        readme = read_me(settings.templates_dir)
        file.write_bytes(_run(settings, partial(_bundle, readme)))
    print(f"Đã xuất {file}.")


async def _checkpoint(approving: Approving, _: Database) -> StoredCheckpoint:
    return await approving.checkpoints.up_to_date(now=SystemClock().now())


async def _bundle(readme: bytes, approving: Approving, database: Database) -> bytes:
    made = await _checkpoint(approving, database)
    async with database.reading() as connection:
        return pack(await log_files(connection, approving.office, approving.signer, made, readme=readme))


def _run(settings: Settings, work: Callable[[Approving, Database], Awaitable[T]]) -> T:
    return asyncio.run(_with_database(settings, work))


async def _with_database(settings: Settings, work: Callable[[Approving, Database], Awaitable[T]]) -> T:
    url = settings.effective_database_url
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise DatabaseNotReadyError
    database = Database(url)
    try:
        with named_database_failures(url):
            if not await is_current(database):
                raise DatabaseNotReadyError
            return await work(open_approving(settings, database, SystemClock()), database)
    finally:
        await database.close()
