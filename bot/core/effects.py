"""What an action may have done: a table of use cases by the names that actions give their effects.

Actions never write (design 3.5). What they want written crosses Rasa as an `Effect`, and the worker applies it in the
one transaction that also writes the replies and closes the update: all of it happens, once, or nothing does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations.service import Conversation
from bot.core.errors import ProductError
from bot.core.guides import progress as guides
from bot.core.guides.counts import Counted
from bot.core.misreadings import service as misreadings
from bot.core.misreadings.models import Why
from bot.core.replies import Effect, Json
from bot.core.reports import service as reports

Outcome: TypeAlias = Mapping[str, Json]
"""Facts that only writing could tell; the turn's replies get them beside their own."""
UseCase: TypeAlias = Callable[[AsyncConnection, Conversation, Mapping[str, str], datetime], Awaitable[Outcome]]


class EffectUnknownError(ProductError):
    """An action wants something done that nobody here does, or says it in another way than it must."""


async def apply_effect(
    connection: AsyncConnection, conversation: Conversation, effect: Effect, *, now: datetime
) -> Outcome:
    """Do what an action decided, for the citizen of this conversation, in the caller's transaction.

    Raises:
        EffectUnknownError: there is no such effect, or its arguments are not its own; the caller must roll back.
    """
    known = _EFFECTS.get(effect.name)
    if known is None or set(effect.arguments) != known[0]:
        raise EffectUnknownError(effect=effect.name)
    return await known[1](connection, conversation, effect.arguments, now)


async def _submit_report(
    connection: AsyncConnection, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Outcome:
    await reports.submit(connection, conversation, reference=arguments["reference"], words=arguments["words"], now=now)
    return {}


async def _withdraw_report(
    connection: AsyncConnection, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Outcome:
    withdrawal = await reports.withdraw(connection, conversation, reference=arguments["reference"])
    return {"withdrawal": withdrawal.value}


async def _keep_misreading(
    connection: AsyncConnection, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Outcome:
    keeping = await misreadings.keep(
        connection,
        channel=conversation.channel,
        words=arguments["words"],
        intent=arguments["intent"],
        confidence=float(arguments["confidence"]),
        guesses=arguments["guesses"].split(),
        why=Why(arguments["why"]),
        now=now,
    )
    return {"keeping": keeping.value}


async def _drop_misreading(
    connection: AsyncConnection, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Outcome:
    return {"dropping": (await misreadings.drop(connection, words=arguments["words"])).value}


async def _keep_guide(
    connection: AsyncConnection, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Outcome:
    progress = guides.Progress(
        guide=arguments["guide"],
        step=int(arguments["step"]),
        place=arguments["place"],
        language=arguments["language"],
    )
    counted = _counted(arguments)
    await guides.keep(connection, conversation.citizen_id, progress, counted=counted, now=now)
    return {}


async def _end_guide(
    connection: AsyncConnection, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Outcome:
    await guides.end(connection, conversation.citizen_id, counted=_counted(arguments))
    return {}


def _counted(arguments: Mapping[str, str]) -> list[Counted]:
    return [Counted.parse(text) for text in arguments["counts"].split()]


_EFFECTS: Mapping[str, tuple[frozenset[str], UseCase]] = {
    "report.submit": (frozenset({"reference", "words"}), _submit_report),
    "report.withdraw": (frozenset({"reference"}), _withdraw_report),
    "misreading.keep": (frozenset({"words", "intent", "confidence", "guesses", "why"}), _keep_misreading),
    "misreading.drop": (frozenset({"words"}), _drop_misreading),
    "guide.keep": (frozenset({"guide", "step", "place", "language", "counts"}), _keep_guide),
    "guide.end": (frozenset({"counts"}), _end_guide),
}
"""By name: the arguments an effect must have, and what it does."""
