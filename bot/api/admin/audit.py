"""The audit log for those who check it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from bot.api.admin.access import AdminDep, LogReader
from bot.api.admin.approvals import zip_answer
from bot.api.admin.bodies import NothingIn, documented, encode
from bot.api.admin.problems import AdminRoute
from bot.core.approvals.evidence import log_files
from bot.core.audit.bundle import pack
from bot.core.audit.log import PAGE
from bot.core.audit.repository import StoredCheckpoint, list_lines

router = APIRouter(prefix="/api/v1/audit", tags=["audit"], route_class=AdminRoute)


class CheckpointOut(BaseModel):
    """Where the log stood, and the log's own signature (CMS, DER) over the statement; both in base64."""

    size: int
    head: str
    at: datetime
    statement: str
    signature: str

    @classmethod
    def of(cls, checkpoint: StoredCheckpoint) -> CheckpointOut:
        """Return what is told of a checkpoint."""
        return cls(
            size=checkpoint.size,
            head=checkpoint.head,
            at=checkpoint.at,
            statement=encode(checkpoint.statement),
            signature=encode(checkpoint.signature),
        )


@router.get("/log", response_class=Response, responses={200: {"content": {"application/jsonl": {}}}})
async def read_log(
    caller: LogReader,
    admin: AdminDep,
    start: Annotated[int, Query(alias="from", ge=1, description="number of the first line")] = 1,
) -> Response:
    """Give up to 1,000 lines of the log, byte for byte as they are chained; the next ones come after the last `seq`."""
    async with admin.database.reading() as connection:
        entries = await list_lines(connection, after=start - 1, most=PAGE)
    return Response(b"".join(entry.line for entry in entries), media_type="application/jsonl")


@router.get("/checkpoints/latest")
async def newest_checkpoint(caller: LogReader, admin: AdminDep) -> CheckpointOut:
    """Give the newest checkpoint."""
    return CheckpointOut.of(await admin.approving.checkpoints.newest())


@router.post("/checkpoints", status_code=201, openapi_extra=documented(NothingIn, {}))
async def make_checkpoint(caller: LogReader, admin: AdminDep) -> CheckpointOut:
    """Have the log's key sign where the log stands now."""
    return CheckpointOut.of(await admin.approving.checkpoints.up_to_date(now=admin.clock.now()))


@router.get("/bundle", response_class=Response)
async def fetch_bundle(caller: LogReader, admin: AdminDep) -> Response:
    """Fetch the whole log with a checkpoint and the roots, as a ZIP archive."""
    approving = admin.approving
    checkpoint = await approving.checkpoints.up_to_date(now=admin.clock.now())
    async with admin.database.reading() as connection:
        files = await log_files(connection, approving.office, approving.signer, checkpoint, readme=admin.readme)
    return zip_answer(pack(files), f"audit-log-{checkpoint.size}.zip")
