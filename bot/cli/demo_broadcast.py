"""``hiendien dev demo-broadcast``: a bulletin's whole way on this machine, with invented people, to be watched."""

from __future__ import annotations

import importlib
import os
import shutil
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from bot.cli import recipe
from bot.cli.broadcast_line import AREAS, Line, NotReachedError, read_code, settle
from bot.cli.demonstration_token import find_module
from bot.cli.plain import read_settings, refuse
from bot.cli.signing_problems import plainly_signing
from bot.cli.staffer import NoAnswerError, RefusedError
from bot.cli.stage import ProductEndedError, Stage
from bot.cli.typist import CommandSilentError
from bot.core.clock import SystemClock, on_local_clocks
from bot.settings import PREFIX, ROOT, Settings

SOONEST = timedelta(seconds=25)
"""As long as two people need to sign here."""
GOES_OUT_WITHIN = 120.0
"""Seconds from its minute until all groups have it."""
GROUPS = ("Tổ dân phố Đông (thử nghiệm)", "Tổ dân phố Tây (thử nghiệm)")

Keep = Annotated[bool, typer.Option("--keep", help="Sau bước cuối vẫn để sản phẩm thử chạy, tới khi bạn nhấn Ctrl-C.")]


def demo_broadcast(*, keep: Keep = False) -> None:
    """Chạy thử cả đường đi của một bản tin: soạn, hai người ký, gửi đúng phút, người dân và kiểm toán kiểm tra."""
    settings = read_settings()
    fake = _fake_telegram()
    with plainly_signing(settings), fake.serve():
        stage = _stage(settings, fake)
        try:
            _Demonstration(stage, fake).run(keep=keep)
        except RefusedError as error:
            refuse(f"sản phẩm thử không nhận một yêu cầu ({error.facts['detail']}). Nhật ký: {stage.log}.")
        except (NotReachedError, NoAnswerError, ProductEndedError, CommandSilentError):
            reason = _reason_in(stage.log) or "sản phẩm thử không chạy tới bước cuối. Hãy sửa rồi chạy lại."
            refuse(f"{reason} Nhật ký: {stage.log}.")
        except KeyboardInterrupt:
            print("\nBạn đã dừng bản thử.")
        finally:
            stage.stop()


def _fake_telegram() -> Any:
    """Return the Bot API as the tests have it: nothing of the demonstration leaves this machine."""
    try:
        module: ModuleType = importlib.import_module("tests.telegram.fake_bot_api")
    except ModuleNotFoundError:
        refuse(
            f"bản cài này không có thư mục tests, nơi chứa Telegram giả. Hãy chạy lệnh trong thư mục mã nguồn {ROOT}."
        )
    return module.FakeBotApi(SystemClock())


def _stage(settings: Settings, fake: Any) -> Stage:
    """Return an empty directory of its own, and what makes a product of it."""
    # What the shell has set is meant for the real product; this one takes nothing from it.
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]
    directory = settings.var_dir / "demo-broadcast"
    if directory.exists():
        shutil.rmtree(directory)
    stage = Stage(directory, given={"TELEGRAM_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url})
    stage.share_models(settings.var_dir / "models")
    return stage


def _reason_in(log: Path) -> str | None:
    """Return the sentence with which the product itself ended, if it had one."""
    mark = "Lỗi: "
    said = [line for line in log.read_text("utf-8").splitlines() if line.startswith(mark)] if log.exists() else []
    return said[-1].removeprefix(mark) if said else None


def next_minute(now: datetime, *, after: timedelta = SOONEST) -> datetime:
    """Return the first full minute that is at least so far away."""
    earliest = now + after
    return (earliest + timedelta(minutes=1)).replace(second=0, microsecond=0)


class _Words(HTMLParser):
    """Reads the words of a page's main part, a block a line; what is folded away or to be filled in stays out."""

    _BLOCKS = frozenset({"p", "h1", "h2", "h3", "li"})
    _LEFT_OUT = frozenset({"details", "form"})

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._is_main = False
        self._left_out = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_main = self._is_main or tag == "main"
        self._left_out += tag in self._LEFT_OUT
        if tag in self._BLOCKS:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        self._is_main = self._is_main and tag != "main"
        self._left_out -= tag in self._LEFT_OUT

    def handle_data(self, data: str) -> None:
        if self._is_main and not self._left_out and self.lines:
            self.lines[-1] += data


def _words_of(page: str) -> list[str]:
    words = _Words()
    words.feed(page)
    return [line.strip() for block in words.lines for line in block.strip().splitlines() if line.strip()]


class _Demonstration:
    """Goes the line step by step, and tells each."""

    def __init__(self, stage: Stage, fake: Any) -> None:
        self._stage = stage
        self._groups = [fake.group(title) for title in GROUPS]
        self._number = 0

    def run(self, *, keep: bool) -> None:
        print(f"Bản thử này chỉ dùng người và nhóm giả; mọi thứ nằm trong {self._stage.directory}.")
        self._step("Lập tỉnh thử: hai quản trị viên An và Bình, cán bộ xã Chi, kiểm toán viên Dũng.")
        people = settle(self._stage)
        self._step("Chạy sản phẩm (hiendien up). Lần đầu phải huấn luyện mô hình, mất khoảng nửa phút.")
        self._stage.start()
        self._stage.wait_until_ready()
        self._tell(f"Đang chạy tại {self._stage.address}")
        with Line(self._stage, people) as line:
            bulletin, code = self._send(line)
            self._check(line, code)
            self._audit(line, bulletin)
        if keep:
            print(f"\nSản phẩm thử còn chạy: mở {self._stage.address}/kiem-tra/{code}. Nhấn Ctrl-C để dừng.")
            while True:
                self._stage.check_runs()
                time.sleep(1)
        print("\nXong. Sản phẩm thử dừng tại đây; chạy lại với --keep nếu muốn tự mở các trang.")

    def _send(self, line: Line) -> tuple[str, str]:
        self._step("Chi ghi hai nhóm Telegram của hai phường vào danh sách nơi nhận.")
        for area, group in zip(AREAS, self._groups, strict=True):
            line.add_group(area, group.chat_id, group.name)
            self._tell(f"{area}: {group.name}")
        fires_at = next_minute(SystemClock().now())
        minute = on_local_clocks(fires_at).strftime("%H:%M")
        self._step(f"Chi soạn một bản tin cho cả hai phường, hẹn gửi lúc {minute}, rồi trình duyệt.")
        bulletin = line.draft(fires_at=fires_at)
        line.submit(bulletin)
        self._tell(f"Bản tin {bulletin}: {line.look(bulletin).state}")
        self._step("An ký duyệt bằng tệp chứng thư số (.p12). Màn hình của An:")
        self._sign(line, bulletin, "an", line.file_of("an"))
        module = find_module()
        if module is None:
            self._step("Bình ký duyệt, cũng bằng tệp .p12: máy này không có SoftHSM 2 và OpenSC để giả một USB Token.")
        else:
            self._step("Bình ký duyệt bằng thiết bị ký (SoftHSM 2 giả một USB Token). Màn hình của Bình:")
        device = line.file_of("binh") if module is None else line.token_of("binh", module)
        self._sign(line, bulletin, "binh", device)
        self._tell(f"Đủ hai chữ ký. Bản tin {bulletin}: {line.look(bulletin).state}")
        self._step(f"Chờ tới {minute}. Không ai bấm gửi: đồng hồ gửi, sau khi kiểm lại các chữ ký.")
        seconds = (fires_at - SystemClock().now()).total_seconds()
        line.wait_until(bulletin, "done", seconds=max(seconds, 0) + GOES_OUT_WITHIN)
        for group in self._groups:
            self._tell(f"{group.name} nhận được {len(group.texts)} tin:")
            self._quote(group.texts[0].splitlines())
        return bulletin, read_code(self._groups[0].texts[0])

    def _sign(self, line: Line, bulletin: str, short: str, device: Any) -> None:
        code = line.sign(bulletin, short, device, show=lambda text: self._quote([text]))
        if code != 0:
            refuse(f"lệnh hiendien sign dừng với mã {code}. Hãy đọc màn hình ở trên rồi chạy lại.")

    def _check(self, line: Line, code: str) -> None:
        self._step(f"Một người dân hỏi trợ lý: “mã {code} có phải tin thật không”. Trợ lý đáp:")
        self._quote(str(line.ask(f"mã {code} có phải tin thật không")["text"]).splitlines())
        self._step(f"Người khác mở trang {self._stage.address}/kiem-tra/{code}.")
        self._quote(_words_of(line.page(code).text))

    def _audit(self, line: Line, bulletin: str) -> None:
        self._step("Dũng tải bằng chứng về và kiểm tra bằng openssl, như docs/verify-evidence.md viết.")
        directory = line.fetch_evidence(bulletin, self._stage.directory / "evidence")
        missing = recipe.missing_tools()
        if missing:
            self._tell(f"Máy này thiếu {', '.join(missing)}, nên bỏ qua. Bằng chứng nằm trong {directory}.")
            return
        failed = recipe.follow(directory)
        if failed is not None:
            refuse(f"bước {failed} trong docs/verify-evidence.md không qua. Bằng chứng nằm trong {directory}.")
        self._tell(f"Cả {len(recipe.USUAL)} bước đều qua. Bằng chứng nằm trong {directory}.")

    def _step(self, text: str) -> None:
        self._number += 1
        print(f"\n{self._number}. {text}", flush=True)

    @staticmethod
    def _tell(text: str) -> None:
        print(f"   ✓ {text}", flush=True)

    @staticmethod
    def _quote(lines: Sequence[str]) -> None:
        for line in lines:
            print(f"   │ {line}", flush=True)
