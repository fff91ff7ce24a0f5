"""The NLU server's own process, and teaching it what it did not understand."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from bot.cli import serve
from bot.cli.plain import plainly, read_settings, refuse, say
from bot.cli.review import Review, described
from bot.cli.topic_names import topic_name
from bot.cli.transactions import in_one_transaction
from bot.core.clock import SystemClock
from bot.core.misreadings import service
from bot.core.misreadings.export import training_data
from bot.core.misreadings.models import MisreadingState, Why

LONGEST_NAME = 64

_CHANNELS = {"web": "trang web", "telegram": "Telegram", "zalo": "Zalo"}
_CAUSES = {Why.FALLBACK.value: "máy không hiểu", Why.DENIED.value: "người hỏi nói là hiểu sai"}

nlu = typer.Typer(
    help="Chạy riêng máy chủ NLU (không có lệnh con), hoặc dạy trợ lý từ những câu nó hiểu sai.",
    invoke_without_command=True,
)


@nlu.callback()
def serve_nlu(
    context: typer.Context,
    *,
    train_only: serve.TrainOnly = False,
    host: serve.NluHost = "127.0.0.1",
) -> None:
    """Chạy riêng máy chủ NLU (không có lệnh con), hoặc dạy trợ lý từ những câu nó hiểu sai."""
    if context.invoked_subcommand is None:
        serve.nlu(train_only=train_only, host=host)


@nlu.command("review")
def review(
    *,
    only_list: Annotated[bool, typer.Option("--list", help="Chỉ liệt kê các câu đang chờ, không hỏi.")] = False,
    by: Annotated[str, typer.Option(help="Tên người gán nhãn; mặc định là tên đăng nhập máy này.")] = "",
) -> None:
    """Gán nhãn cho từng câu mà trợ lý hiểu sai; dừng lúc nào cũng được, lần sau làm tiếp."""
    with plainly():
        settings = read_settings()
        name = by.strip() or getpass.getuser()
        if len(name) > LONGEST_NAME:
            refuse(f"tên người gán nhãn dài quá {LONGEST_NAME} ký tự.")
        console = Console(highlight=False, soft_wrap=True)
        waiting = in_one_transaction(settings, service.list_waiting, writes=False)
        if not waiting:
            console.print("Không có câu nào đang chờ.")
            return
        if only_list:
            for misreading in waiting:
                console.print(Text(f"“{misreading.words}”  {described(misreading)}"))
            return
        session = Review(lambda work: in_one_transaction(settings, work), SystemClock(), console, by=name)
        decided = session.run(waiting)
        console.print(f"Đã xử lý {decided} câu, còn {len(waiting) - decided} câu chờ.")


@nlu.command("export")
def export(
    out: Annotated[Path | None, typer.Option(help="Tệp sẽ ghi, tên tận cùng bằng .yml.", metavar="TỆP")] = None,
) -> None:
    """Ghi các câu đã gán nhãn ra một tệp dữ liệu huấn luyện của Rasa (YAML)."""
    with plainly():
        settings = read_settings()
        if out is None or out.suffix not in {".yml", ".yaml"}:
            refuse("hãy cho biết tệp sẽ ghi, tên tận cùng bằng .yml, ví dụ: hiendien nlu export --out cau-moi.yml.")
        labelled = in_one_transaction(settings, service.list_labelled, writes=False)
        if not labelled:
            say("Chưa có câu nào được gán nhãn nên không ghi tệp.")
            return
        try:
            with out.open("x", encoding="utf-8") as file:
                file.write(training_data(labelled))
        except FileExistsError:
            refuse(f"đã có tệp {out}. Hãy chọn tên khác để khỏi ghi đè.")
        now = SystemClock().now()
        in_one_transaction(settings, lambda connection: service.mark_exported(connection, labelled, now=now))
        say(f"Đã ghi {len(labelled)} câu vào {out}.")


@nlu.command("stats")
def stats() -> None:
    """Đếm các câu hiểu sai: đang chờ, đã gán nhãn, máy đoán đúng bao nhiêu."""
    with plainly():
        counted = in_one_transaction(read_settings(), service.statistics, writes=False)
    console = Console(highlight=False, soft_wrap=True)
    states = {state: counted.states.get(state, 0) for state in MisreadingState}
    labelled = states[MisreadingState.LABELLED]
    console.print(f"Đang chờ: {states[MisreadingState.WAITING]}")
    for name, count in [
        *((_CHANNELS.get(channel, channel), count) for channel, count in counted.channels.items()),
        *((_CAUSES.get(cause, cause), count) for cause, count in counted.causes.items()),
    ]:
        console.print(f"  {name}: {count}")
    console.print(f"Đã gán nhãn: {labelled}, trong đó đã xuất ra tệp: {counted.exported}")
    if labelled:
        console.print(f"Mục máy đoán đầu tiên là đúng: {counted.first_guess_right} trên {labelled}")
    for intent, count in sorted(counted.labels.items(), key=lambda item: -item[1]):
        console.print(Text(f"  {topic_name(intent)}: {count}"))
    console.print(f"Đã xóa: {states[MisreadingState.DISMISSED]}")
