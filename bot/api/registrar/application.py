"""Puts the registrar API on an application."""

from __future__ import annotations

from fastapi import FastAPI

from bot.api.registrar import handoffs
from bot.api.registrar.access import RegistrarOffice
from bot.core.audit.log import AuditLog
from bot.core.handoffs.desk import RegistrarDesk
from bot.core.handoffs.news import Newsroom
from bot.wiring import Runtime


def add_registrar_api(app: FastAPI, runtime: Runtime, log: AuditLog) -> None:
    """Add every endpoint for registrars to `app`; what they fetch and report stands in `log`."""
    desk = open_desk(runtime, log)
    app.state.registrar_office = RegistrarOffice(desk, runtime.database, runtime.clock, runtime.tell)
    app.include_router(handoffs.router)


def open_desk(runtime: Runtime, log: AuditLog) -> RegistrarDesk:
    """Build the desk at which this process serves registrars."""
    return RegistrarDesk(runtime.vault, log, Newsroom(runtime.programme, runtime.composer))
