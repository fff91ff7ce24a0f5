"""The two questions after a registration: answers are counted, and nobody's are kept."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.errors import InvalidInputError
from bot.core.handoffs.models import handoff_survey

QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "easy": ("yes", "partly", "no"),
    "fee_told": ("yes", "no", "not_sure"),
}
"""Was it easy? Were you told what the third year costs?"""


class AnswerUnknownError(InvalidInputError):
    """The survey has no such question, or the question no such answer."""


async def count_answer(connection: AsyncConnection, *, question: str, answer: str) -> None:
    """Count an answer.

    Raises:
        AnswerUnknownError: it is none of the survey's.
    """
    if answer not in QUESTIONS.get(question, ()):
        raise AnswerUnknownError
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(handoff_survey).values(question=question, answer=answer, count=1)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[handoff_survey.c.question, handoff_survey.c.answer],
            set_={"count": handoff_survey.c.count + 1},
        )
    )


async def counts(connection: AsyncConnection) -> Mapping[str, Mapping[str, int]]:
    """Return how often each answer was given; 0 for those that nobody gave."""
    columns = (handoff_survey.c.question, handoff_survey.c.answer, handoff_survey.c.count)
    given = {(row[0], row[1]): row[2] for row in await connection.execute(select(*columns))}
    return {
        question: {answer: given.get((question, answer), 0) for answer in answers}
        for question, answers in QUESTIONS.items()
    }
