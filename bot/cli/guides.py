"""How the guides go, from the command line: which steps people get stuck at."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from bot.cli.plain import plainly, read_settings
from bot.cli.transactions import in_one_transaction
from bot.core.guides import counts, load_guides

guides = typer.Typer(help="Xem các bước hướng dẫn token: bước nào người dân hay vướng.", no_args_is_help=True)


@guides.command("stats")
def stats(
    most: Annotated[int, typer.Option("--most", min=1, help="Số bước được liệt kê.", metavar="SỐ")] = 20,
) -> None:
    """Liệt kê các bước, bước vướng nhiều nhất trước. Chỉ có số lần, không có gì về người dùng."""
    settings = read_settings()
    with plainly():
        found = in_one_transaction(settings, counts.list_worst_first, writes=False)
        texts = load_guides(settings.content_dir)
    console = Console(highlight=False, soft_wrap=True)
    if not found:
        console.print("Chưa có ai dùng hướng dẫn.")
        return
    width = max(len(each.guide) for each in found) + 3
    console.print(f"{'Bước':<{width}} Đã tới    Xong  Chưa được    Dừng  Việc phải làm")
    for each in found[:most]:
        guide = texts.guide(each.guide)
        step = guide.step(each.step) if guide is not None else None
        task = "(không còn bước này)" if step is None else step.do.vi
        name = f"{each.guide} {each.step}"
        console.print(
            f"{name:<{width}} {each.reached:>6}  {each.done:>6}  {each.stuck:>9}  {each.left:>6}  {task}", markup=False
        )
