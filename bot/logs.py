"""Structured logs: one line an event, fields instead of sentences, nothing a citizen wrote."""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog


def configure_logs(environment: Literal["development", "production"]) -> None:
    """Send events to standard error: JSON in production, readable lines in development."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if environment == "production"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    before: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Tracebacks are rendered as text without local variables, which could hold a message.
    formatting = [structlog.processors.format_exc_info] if environment == "production" else []
    structlog.configure(
        processors=[*before, *formatting, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries speak only of what went wrong; their details can hold addresses and parameters.
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s [%(levelname)s] %(name)s: %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
