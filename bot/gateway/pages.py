"""The chat page and its files; everything it needs comes from here."""

from __future__ import annotations

from typing import Annotated

import jinja2
from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.deps import get_runtime
from bot.wiring import Runtime

ASSET_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def go_to_chat() -> RedirectResponse:
    """Send a visitor to the chat."""
    return RedirectResponse("/chat", status_code=302)


@router.get("/chat")
async def show_chat(runtime: Annotated[Runtime, Depends(get_runtime)]) -> HTMLResponse:
    """Show the chat page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(runtime.settings.templates_dir / "web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    operator_name = runtime.programme.operator.name
    return HTMLResponse(
        environment.get_template("chat.html").render(operator_name=operator_name, assets="/chat/assets")
    )


@router.get("/chat/assets/{name}")
async def give_asset(name: str, runtime: Annotated[Runtime, Depends(get_runtime)]) -> Response:
    """Give one of the page's own files."""
    directory = runtime.settings.templates_dir / "web"
    files = {path.name: path for path in directory.iterdir() if path.suffix in ASSET_TYPES}
    if name not in files:
        raise HTTPException(404)
    path = files[name]
    return Response(path.read_bytes(), media_type=ASSET_TYPES[path.suffix], headers={"Cache-Control": "no-cache"})
