"""Bulletins for machines: whether a check code is genuine, without a login."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel

from bot.api.checks import Checks, get_checks
from bot.core.broadcasts import codes
from bot.core.broadcasts.checking import (
    Bulletin,
    BulletinUnconfirmedError,
    BulletinUnknownError,
    CheckCodeUnreadableError,
    Unconfirmed,
)

router = APIRouter(prefix="/api/v1/bulletins", tags=["bulletins"])

_EXAMPLE = {
    "code": "CDF-234",
    "state": "done",
    "is_training": False,
    "title": "Ngay hoi chuyen doi so",
    "text": "Moi ba con den nha van hoa luc 8 gio sang thu Bay.",
    "sent_at": "2026-11-20T01:00:03Z",
    "finished_at": "2026-11-20T01:00:09Z",
    "approvals": [
        {
            "name": "Nguyen Van An",
            "authority": "Example CA",
            "approved_at": "2026-11-19T08:12:00Z",
            "statement_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        }
    ],
    "places": [{"area": "bac-ninh.yen-dung", "name": "Yen Dung", "channel": "telegram-group", "reach": "arrived"}],
    "subject": "bc-1a2b3c4d5e",
    "version": 1,
    "subject_sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
}


class ApproverOut(BaseModel):
    """Somebody who approved it, by the certificate of their signature."""

    name: str
    authority: str
    approved_at: datetime
    statement_sha256: str


class PlaceOut(BaseModel):
    """Where it was to go, and how far it came there."""

    area: str
    name: str
    channel: str
    reach: str


class BulletinOut(BaseModel):
    """A genuine bulletin: exactly the words that were signed. Other words under its code are a forgery."""

    code: str
    state: str
    is_training: bool
    title: str
    text: str
    sent_at: datetime
    finished_at: datetime | None
    approvals: list[ApproverOut]
    places: list[PlaceOut]
    subject: str
    version: int
    subject_sha256: str

    @classmethod
    def of(cls, bulletin: Bulletin, checks: Checks) -> BulletinOut:
        """Return what is told of a bulletin."""
        return cls(
            code=codes.show(bulletin.code),
            state=bulletin.state.value,
            is_training=bulletin.is_training,
            title=bulletin.title,
            text=bulletin.text,
            sent_at=bulletin.fired_at,
            finished_at=bulletin.finished_at,
            approvals=[
                ApproverOut(
                    name=each.name,
                    authority=each.authority,
                    approved_at=each.approved_at,
                    statement_sha256=each.statement_sha256,
                )
                for each in bulletin.approvals
            ],
            places=[
                PlaceOut(area=place.area, name=place.name, channel=place.channel, reach=place.reach.value)
                for place in checks.places(bulletin)
            ],
            subject=bulletin.broadcast_id,
            version=bulletin.version,
            subject_sha256=bulletin.subject_sha256,
        )


@router.get(
    "/{code}",
    responses={
        200: {"content": {"application/json": {"example": _EXAMPLE}}},
        404: {"description": "Nothing was sent under this code: be careful"},
        409: {"description": "Something was sent under it, and its signatures do not hold: do not believe it"},
        422: {"description": "This can be no check code"},
        429: {"description": "Too many"},
    },
)
async def check_a_bulletin(
    code: Annotated[str, Path(max_length=64, description="As it stands at the end of the bulletin; case is ignored")],
    request: Request,
    checks: Annotated[Checks, Depends(get_checks)],
) -> BulletinOut:
    """Tell whether a bulletin is genuine: who approved it, when, and its exact text, its signatures verified anew."""
    read = codes.read(code)
    if read is None:
        raise CheckCodeUnreadableError
    found = await checks.find(request, read)
    if found is None:
        raise BulletinUnknownError(code=read)
    if isinstance(found, Unconfirmed):
        raise BulletinUnconfirmedError(code=read)
    return BulletinOut.of(found, checks)
