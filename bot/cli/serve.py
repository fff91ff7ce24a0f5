"""Commands that run the product or a part of it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from bot.assembly import nlu_command, nlu_secrets
from bot.cli.database import BusyElsewhereError, NeedsPostgresqlError, named_database_failures
from bot.cli.plain import plainly, read_settings, say
from bot.cli.texts import check_texts
from bot.core.db import Database, sqlite_file
from bot.core.guides import load_guides
from bot.core.programme import Programme, load_programme
from bot.listening import check_ports
from bot.logs import configure_logs
from bot.main import check_channels, run
from bot.migrations import migrate
from bot.nlu_server.model import ensure_model, nlu_environment
from bot.roles import Role
from bot.settings import Settings

TrainOnly = Annotated[bool, typer.Option("--train-only", help="Chỉ huấn luyện mô hình rồi thoát.")]
NluHost = Annotated[str, typer.Option(help="Địa chỉ lắng nghe; ngoài máy này cần HIENDIEN_NLU_SECRET.")]


def up() -> None:
    """Chạy cả sản phẩm trong một tiến trình: trang chat, API, Telegram, xử lý tin nhắn, lịch việc, máy chủ NLU."""
    with plainly():
        settings = _start()
        roles = {Role.WEB, Role.WORKER, Role.SCHEDULER}
        if settings.supervises_nlu:
            roles.add(Role.NLU)
        if settings.telegram_token is not None or settings.zalo_app_id is not None:
            roles.add(Role.SENDER)
        if settings.polls_telegram:
            roles.add(Role.POLLING)
        _run(settings, frozenset(roles))


def web() -> None:
    """Chỉ chạy trang chat và API (cần PostgreSQL)."""
    _run_role(Role.WEB)


def worker() -> None:
    """Chỉ chạy phần xử lý tin nhắn (cần PostgreSQL và HIENDIEN_NLU_URL)."""
    _run_role(Role.WORKER)


def scheduler() -> None:
    """Chỉ chạy lịch việc định kỳ (cần PostgreSQL)."""
    _run_role(Role.SCHEDULER)


def sender() -> None:
    """Chỉ chạy phần gửi tin ra Telegram và Zalo (cần PostgreSQL và thiết lập của kênh)."""
    _run_role(Role.SENDER)


def polling() -> None:
    """Chỉ chạy phần hỏi tin mới từ Telegram khi không dùng webhook (cần PostgreSQL và HIENDIEN_TELEGRAM_TOKEN)."""
    _run_role(Role.POLLING)


def nlu(
    *,
    train_only: bool = False,
    host: str = "127.0.0.1",
) -> None:
    """Huấn luyện mô hình nếu dữ liệu đã đổi, rồi chạy riêng máy chủ NLU."""
    with plainly():
        settings = _start()
        model = _model(settings)
        if train_only:
            say(f"Mô hình: {model}")
            return
        environment = nlu_environment(**nlu_secrets(settings))
        command = nlu_command(settings, model, host=host)
        os.chdir(settings.nlu_dir)
        os.execve(command[0], command, environment)  # noqa: S606 - a fixed command, and no shell wanted


def _run_role(role: Role) -> None:
    with plainly():
        settings = _start()
        if settings.on_sqlite:
            raise NeedsPostgresqlError
        _run(settings, frozenset({role}))


def _start() -> Settings:
    settings = read_settings()
    configure_logs(settings.environment)
    return settings


def _run(settings: Settings, roles: frozenset[Role]) -> None:
    programme = load_programme(settings.content_dir)
    check_texts(settings.templates_dir, programme, load_guides(settings.content_dir))
    check_channels(settings, roles)
    check_ports(settings, roles)
    with _only_process(settings):
        model = _model(settings) if Role.NLU in roles else None
        # asyncio's loop in C: a tenth less time a turn.
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_migrate_and_run(settings, roles, programme, model))


def _model(settings: Settings) -> Path:
    progress = _Progress()
    try:
        return ensure_model(settings, tell=progress)
    finally:
        progress.end()


async def _migrate_and_run(
    settings: Settings, roles: frozenset[Role], programme: Programme, model: Path | None
) -> None:
    with named_database_failures(settings.effective_database_url):
        await _migrate(settings)
    await run(settings, roles, programme=programme, model=model, announce=say)


async def _migrate(settings: Settings) -> None:
    database = Database(settings.effective_database_url)
    try:
        await migrate(database)
    finally:
        await database.close()


@contextmanager
def _only_process(settings: Settings) -> Iterator[None]:
    """Hold the SQLite database's lock file, so that a second product process refuses to start."""
    file = sqlite_file(settings.effective_database_url)
    if file is None:
        yield
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(file.name + ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyElsewhereError from error
        yield


class _Progress:
    """One line that grows in a terminal; elsewhere its first state, once."""

    def __init__(self) -> None:
        self._shown = False

    def __call__(self, text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
        elif not self._shown:
            say(text)
        self._shown = True

    def end(self) -> None:
        if self._shown and sys.stderr.isatty():
            print(file=sys.stderr)
