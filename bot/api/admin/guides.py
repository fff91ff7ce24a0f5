"""How the guides go, for those who look after them."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from bot.api.admin.access import AdminDep, StaffReader
from bot.api.admin.problems import AdminRoute
from bot.core.guides import counts
from bot.core.guides.counts import StepCounts

router = APIRouter(prefix="/api/v1/guides", tags=["guides"], route_class=AdminRoute)


class StepCountsOut(BaseModel):
    """How often one step of a guide was reached, done, given help for and left, by all people together."""

    guide: str
    step: int
    reached: int
    done: int
    stuck: int
    left: int

    @classmethod
    def of(cls, step: StepCounts) -> StepCountsOut:
        """Return what is told of a step."""
        return cls(
            guide=step.guide, step=step.step, reached=step.reached, done=step.done, stuck=step.stuck, left=step.left
        )


@router.get("/stats")
async def count_steps(caller: StaffReader, admin: AdminDep) -> list[StepCountsOut]:
    """Count what happened at each step that anybody came to; the steps that make most trouble first."""
    async with admin.database.reading() as connection:
        return [StepCountsOut.of(step) for step in await counts.list_worst_first(connection)]
