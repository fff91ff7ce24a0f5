"""The master secrets: moving every data key to the newest one while the product runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.cli.database import DatabaseNotReadyError, named_database_failures
from bot.cli.plain import plainly, read_settings, refuse
from bot.core import rotation
from bot.core.db import Database, sqlite_file
from bot.core.rotation import Batch
from bot.core.vault import Vault
from bot.migrations import is_current
from bot.settings import Settings
from bot.wiring import master_secrets

PAUSE_SECONDS = 0.02
"""Between two batches, so that citizens' turns get in where there is one writer."""

MOST_PASSES = 3
"""A process that still wraps by the old secret adds keys behind a pass; one that does so for ever is told of."""

keys = typer.Typer(help="Khóa gốc (HIENDIEN_SECRET_KEY) và việc đổi khóa.", no_args_is_help=True)


@dataclass(slots=True)
class _Outcome:
    rewrapped: int = 0
    unreadable: int = 0
    left: int = 0
    """Keys that an older secret wraps at the end, those that nothing opens included."""
    is_clean: bool = True
    """Whether nothing of the old wrappings is left in the database's log."""


@keys.command("status")
def status() -> None:
    """Cho biết còn bao nhiêu khóa dữ liệu chưa chuyển sang khóa gốc mới nhất."""
    settings = read_settings()
    with plainly():
        left = asyncio.run(_count(settings))
    print("Mọi khóa dữ liệu đã dùng khóa gốc mới nhất." if not left else f"Còn {left} khóa dữ liệu dùng khóa gốc cũ.")


@keys.command("rotate")
def rotate() -> None:
    """Chuyển mọi khóa dữ liệu sang khóa gốc mới nhất, trong khi hệ thống vẫn chạy; dừng giữa chừng thì chạy lại.

    Trước đó, mọi tiến trình phải biết khóa mới: đặt HIENDIEN_SECRET_KEY="cũ,mới" rồi khởi động lại tất cả, sau đó đặt
    "mới,cũ" rồi khởi động lại tất cả. Xong lệnh này, giữ khóa cũ ở vị trí thứ hai thêm 30 ngày rồi mới bỏ.
    """
    settings = read_settings()
    with plainly():
        outcome = asyncio.run(_rotate(settings))
    print(f"Đã chuyển {outcome.rewrapped} khóa dữ liệu sang khóa gốc mới nhất.")
    if outcome.unreadable:
        refuse(
            f"{outcome.unreadable} khóa dữ liệu không mở được bằng khóa gốc nào đang có. "
            "Hãy thêm khóa gốc cũ đã dùng vào cuối HIENDIEN_SECRET_KEY rồi chạy lại."
        )
    if outcome.left:
        refuse(
            f"còn {outcome.left} khóa dữ liệu dùng khóa gốc cũ, vì có tiến trình vẫn ghi bằng khóa cũ. "
            "Hãy khởi động lại mọi tiến trình với khóa mới đứng đầu HIENDIEN_SECRET_KEY rồi chạy lại."
        )
    if not outcome.is_clean:
        refuse(
            "bản cũ của các khóa còn nằm trong nhật ký ghi của SQLite, vì có tiến trình đang đọc. "
            "Hãy chạy lại lệnh này trước khi bỏ khóa cũ."
        )


async def _count(settings: Settings) -> int:
    database = await _open(settings)
    try:
        with named_database_failures(database.url):
            async with database.reading() as connection:
                return await rotation.count_left(connection, _vault(settings))
    finally:
        await database.close()


async def _rotate(settings: Settings) -> _Outcome:
    database, vault, outcome = await _open(settings), _vault(settings), _Outcome()
    columns = (TextColumn("Đổi khóa"), BarColumn(), MofNCompleteColumn())
    try:
        with named_database_failures(database.url), Progress(*columns, console=Console(stderr=True)) as progress:
            async with database.reading() as connection:
                bar = progress.add_task("rotate", total=await rotation.count_left(connection, vault))
            for _ in range(MOST_PASSES):
                outcome.unreadable = 0
                async for batch in _rewrapped(database, vault):
                    outcome.rewrapped += batch.rewrapped
                    outcome.unreadable += batch.unreadable
                    progress.advance(bar, batch.rewrapped + batch.unreadable)
                async with database.reading() as connection:
                    outcome.left = await rotation.count_left(connection, vault)
                if outcome.left <= outcome.unreadable:
                    break
            # The old wrappings still stand in what SQLite has written ahead.
            outcome.is_clean = await database.drop_old_pages()
        return outcome
    finally:
        await database.close()


async def _rewrapped(database: Database, vault: Vault) -> AsyncIterator[Batch]:
    """Go through every key once, batch by batch."""
    for keeping in rotation.KEEPINGS:
        after = ""
        while True:
            async with database.unit_of_work() as connection:
                batch = await rotation.rewrap_batch(connection, vault, keeping, after=after)
            if batch is None:
                break
            after = batch.last
            yield batch
            await asyncio.sleep(PAUSE_SECONDS)


async def _open(settings: Settings) -> Database:
    url = settings.effective_database_url
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise DatabaseNotReadyError
    database = Database(url)
    with named_database_failures(url):
        if not await is_current(database):
            await database.close()
            raise DatabaseNotReadyError
    return database


def _vault(settings: Settings) -> Vault:
    return Vault([key.get_secret_value() for key in master_secrets(settings)])
