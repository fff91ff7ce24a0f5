"""What FastAPI endpoints ask for."""

from __future__ import annotations

from fastapi import Request

from bot.wiring import Runtime


def get_runtime(request: Request) -> Runtime:
    """Return this process's runtime, placed on the application by its composition root."""
    runtime: Runtime = request.app.state.runtime
    return runtime
