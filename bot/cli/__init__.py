"""The ``hiendien`` command; what it prints is for the people who run the assistant, in Vietnamese."""

from __future__ import annotations

import os

import typer

from bot.cli.audit import audit
from bot.cli.chat import chat
from bot.cli.check import check
from bot.cli.nlu import nlu
from bot.cli.reports import reports
from bot.cli.serve import polling, scheduler, sender, up, web, worker
from bot.cli.staff import staff

app = typer.Typer(
    name="hiendien",
    help="Hiện Diện: trợ lý giúp người dân lên mạng an toàn với tên miền .vn.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for function in (up, web, worker, scheduler, sender, polling, chat, check):
    app.command()(function)
app.add_typer(nlu, name="nlu")
app.add_typer(reports, name="reports")
app.add_typer(staff, name="staff")
app.add_typer(audit, name="audit")


def main() -> None:
    """Run the command line; what it and its children write is nobody else's to read."""
    os.umask(0o077)
    app()
