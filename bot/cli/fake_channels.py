"""``hiendien dev fake-channels``: Telegram and Zalo on this machine, with a page to talk on both by hand."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Annotated, Any

import typer

from bot.cli.plain import read_settings, refuse
from bot.cli.stage import ProductEndedError, Stage
from bot.core.clock import SystemClock
from bot.gateway.zalo.webhook import PATH as ZALO_PATH
from bot.settings import PREFIX, ROOT, Settings

LOOK_SECONDS = 1.0
PORTS = {"trang": 8010, "Telegram": 8011, "Zalo": 8012}

PagePort = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="Cổng của trang trò chuyện; 0 là cổng trống bất kỳ.")
]
TelegramPort = Annotated[int, typer.Option("--telegram-port", min=0, max=65535, help="Cổng của Telegram giả.")]
ZaloPort = Annotated[int, typer.Option("--zalo-port", min=0, max=65535, help="Cổng của Zalo giả.")]
WithProduct = Annotated[
    bool,
    typer.Option("--with-product", help="Chạy luôn sản phẩm (hiendien up) trong một thư mục thử, làm lại từ đầu."),
]


def fake_channels(
    *,
    port: PagePort = PORTS["trang"],
    telegram_port: TelegramPort = PORTS["Telegram"],
    zalo_port: ZaloPort = PORTS["Zalo"],
    with_product: WithProduct = False,
) -> None:
    """Chạy Telegram giả và Zalo giả trên máy này, với một trang để tự trò chuyện thử trên cả hai."""
    settings = read_settings()
    room_module, control_module = _fakes()
    room = room_module.Room(SystemClock())
    with _stopping_plainly() as stopped, ExitStack() as stack:
        try:
            stack.enter_context(room.serve(telegram_port=telegram_port, zalo_port=zalo_port))
            stage = _stage(settings, room.environment) if with_product else None
            product = settings.address if stage is None else stage.address
            page = stack.enter_context(control_module.serve_control(room, product + ZALO_PATH, port=port))
        except OSError as error:
            refuse(
                f"không mở được một cổng ({error.strerror}). "
                "Hãy chọn cổng khác bằng --port, --telegram-port và --zalo-port."
            )
        if stage is None:
            _tell_settings(room.environment, product)
        else:
            stack.callback(stage.stop)
            if not _start(stage, stopped):
                print("\nĐã dừng.")
                return
        print(f"\nMở trang trò chuyện: {page}\nNhấn Ctrl-C để dừng.", flush=True)
        _wait(stage, stopped)
    print("\nĐã dừng.")


def _fakes() -> tuple[Any, Any]:
    """Return the modules of the fakes as the tests have them: nothing of it leaves this machine."""
    try:
        return importlib.import_module("tests.channels.room"), importlib.import_module("tests.channels.control")
    except ModuleNotFoundError:
        refuse(
            "bản cài này không có thư mục tests, nơi chứa Telegram giả và Zalo giả. "
            f"Hãy chạy lệnh trong thư mục mã nguồn {ROOT}."
        )


@contextmanager
def _stopping_plainly() -> Iterator[threading.Event]:
    """Give what is set by Ctrl-C, or by whoever ends the command."""
    stopped = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stage(settings: Settings, given: Mapping[str, str]) -> Stage:
    """Return an empty directory of its own, and what makes a product of it that talks to the fakes."""
    # What the shell has set is meant for the real product; this one takes nothing from it.
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    directory = settings.var_dir / "fake-channels"
    if directory.exists():
        shutil.rmtree(directory)
    stage = Stage(directory, given=given)
    stage.share_models(settings.var_dir / "models")
    return stage


def _start(stage: Stage, stopped: threading.Event) -> bool:
    """Start the product and wait until it understands; return whether nobody stopped it meanwhile."""
    print("Đang chạy sản phẩm (hiendien up). Lần đầu phải huấn luyện mô hình, mất khoảng nửa phút.", flush=True)
    stage.start()
    while not stopped.is_set():
        try:
            stage.wait_until_ready(seconds=LOOK_SECONDS)
        except ProductEndedError:
            _check_runs(stage)
        else:
            print(f"Sản phẩm đang chạy tại {stage.address}. Dữ liệu và nhật ký nằm trong {stage.directory}.")
            return True
    return False


def _check_runs(stage: Stage) -> None:
    try:
        stage.check_runs()
    except ProductEndedError:
        refuse(f"sản phẩm thử đã dừng. Hãy đọc nhật ký {stage.log}, sửa rồi chạy lại.")


def _tell_settings(environment: Mapping[str, str], product: str) -> None:
    """Print what makes the product talk to the fakes."""
    print("Ở cửa sổ lệnh khác, dán các dòng này rồi chạy `hiendien up`:\n")
    for name, value in environment.items():
        print(f"export {PREFIX}{name}={value}")
    print(f"\nZalo giả sẽ gọi sản phẩm tại {product}{ZALO_PATH}.")


def _wait(stage: Stage | None, stopped: threading.Event) -> None:
    while not stopped.wait(LOOK_SECONDS):
        if stage is not None:
            _check_runs(stage)
