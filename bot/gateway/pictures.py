"""The guides' pictures over HTTP, for the chat page and whoever reads the web chat's JSON."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Path, Request, Response

from bot.deps import get_runtime
from bot.wiring import Runtime

PICTURES = "/guides/pictures"
_TYPES = {"png": "image/png", "svg": "image/svg+xml"}
_KEPT = "public, max-age=86400"
"""A day: a phone on a slow line loads a picture once, and a mended one is seen tomorrow."""

router = APIRouter(tags=["guides"])


def address_of(name: str) -> str:
    """Return where a picture is on this server."""
    return f"{PICTURES}/{name}.png"


@router.get(
    f"{PICTURES}/{{guide}}/{{step}}.{{kind}}",
    response_class=Response,
    responses={
        200: {"content": {media_type: {} for media_type in _TYPES.values()}},
        404: {"description": "No such picture"},
    },
)
async def give_picture(
    guide: Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,31}$")],
    step: Annotated[int, Path(ge=1, le=99)],
    kind: Literal["png", "svg"],
    request: Request,
    runtime: Annotated[Runtime, Depends(get_runtime)],
) -> Response:
    """Give the picture of a step of a guide: a drawing of ours of what the person sees, with what to press marked."""
    drawn = await asyncio.to_thread(runtime.pictures.find, f"{guide}/{step}")
    if drawn is None:
        raise HTTPException(404)
    headers = {"ETag": f'"{drawn.tag}-{kind}"', "Cache-Control": _KEPT}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(drawn.png if kind == "png" else drawn.svg, media_type=_TYPES[kind], headers=headers)
