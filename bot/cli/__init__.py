"""The ``hiendien`` command; what it prints is for the people who run the assistant, in Vietnamese."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable

import typer

_COMMANDS = {
    "up": "serve",
    "web": "serve",
    "worker": "serve",
    "scheduler": "serve",
    "sender": "serve",
    "polling": "serve",
    "chat": "chat",
    "check": "check",
    "sign": "sign",
    "verify": "verify",
    "nlu": "nlu",
    "reports": "reports",
    "guides": "guides",
    "staff": "staff",
    "registrars": "registrars",
    "keys": "keys",
    "audit": "audit",
    "crl": "crl",
    "zalo": "zalo",
    "dev": "dev",
}
"""The module of each command, in the order of the help; one has the command's own name in it."""


def command_line(*wanted: str) -> typer.Typer:
    """Build the command line with the commands that are wanted; with all where one of them is unknown, or none is.

    Only their modules are imported: all together take two seconds, and a signer needs a tenth of them.
    """
    app = typer.Typer(
        name="hiendien",
        help="Hiện Diện: trợ lý giúp người dân lên mạng an toàn với tên miền .vn.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        callback=_nothing_by_itself,
    )
    is_known = bool(wanted) and _COMMANDS.keys() >= set(wanted)
    names: Iterable[str] = wanted if is_known else _COMMANDS
    for name in names:
        command = getattr(importlib.import_module(f"bot.cli.{_COMMANDS[name]}"), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command()(command)
    return app


def _nothing_by_itself() -> None:
    """Keep a command's name wanted where it is the only one; its place in the help is the application's."""


def main() -> None:
    """Run the command line; what it and its children write is nobody else's to read."""
    os.umask(0o077)
    command_line(*sys.argv[1:2])()
