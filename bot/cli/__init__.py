"""The ``hiendien`` command; what it prints is for the people who run the assistant, in Vietnamese."""

from __future__ import annotations

import os

import typer

from bot.cli.chat import chat
from bot.cli.check import check
from bot.cli.serve import nlu, polling, scheduler, sender, up, web, worker

app = typer.Typer(
    name="hiendien",
    help="Hiện Diện: trợ lý giúp người dân lên mạng an toàn với tên miền .vn.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for function in (up, web, worker, scheduler, sender, polling, nlu, chat, check):
    app.command()(function)


def main() -> None:
    """Run the command line; what it and its children write is nobody else's to read."""
    os.umask(0o077)
    app()
