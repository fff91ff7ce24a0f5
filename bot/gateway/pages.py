"""The chat page and its files; everything it needs comes from here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import jinja2
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

ASSETS = "/chat/assets"
ASSET_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page; `tag` changes with its content, so that a phone loads it once."""

    content: bytes
    media_type: str
    tag: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read one."""
        content = path.read_bytes()
        return cls(content, ASSET_TYPES[path.suffix], f'"{hashlib.sha256(content).hexdigest()[:20]}"')


def pages_router(directory: Path, *, operator_name: str) -> APIRouter:
    """Build the routes of the chat page from the templates in `directory`, read once.

    Raises:
        OSError, jinja2.TemplateError: the page's files are missing or broken.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(directory), autoescape=True, undefined=jinja2.StrictUndefined
    )
    page = environment.get_template("chat.html").render(operator_name=operator_name, assets=ASSETS)
    assets = {path.name: Asset.read(path) for path in directory.iterdir() if path.suffix in ASSET_TYPES}
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def go_to_chat() -> RedirectResponse:
        return RedirectResponse("/chat", status_code=302)

    @router.get("/chat")
    async def show_chat() -> HTMLResponse:
        return HTMLResponse(page)

    @router.get(f"{ASSETS}/{{name}}")
    async def give_asset(name: str, request: Request) -> Response:
        asset = assets.get(name)
        if asset is None:
            raise HTTPException(404)
        headers = {"ETag": asset.tag, "Cache-Control": "no-cache"}  # kept, but asked about before each use
        if request.headers.get("if-none-match") == asset.tag:
            return Response(status_code=304, headers=headers)
        return Response(asset.content, media_type=asset.media_type, headers=headers)

    return router
