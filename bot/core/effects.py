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
from bot.core.handoffs import reminders, survey, telling
from bot.core.handoffs import service as handoffs
from bot.core.handoffs.fields import EMAIL, NAME, PHONE
from bot.core.house import House
from bot.core.house_effects import HOUSE_EFFECTS
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
    connection: AsyncConnection,
    conversation: Conversation,
    effect: Effect,
    *,
    house: House | None = None,
    now: datetime,
) -> Outcome:
    """Do what an action decided, for the citizen of this conversation, in the caller's transaction.

    Without a `house` the effects that need its keys or hours are not known.

    Raises:
        EffectUnknownError: there is no such effect, or its arguments are not its own; the caller must roll back.
    """
    of_house = HOUSE_EFFECTS.get(effect.name)
    if house is not None and of_house is not None and set(effect.arguments) == of_house[0]:
        return await of_house[1](connection, house, conversation, effect.arguments, now)
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


async def _submit_handoff(
    connection: AsyncConnection, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Outcome:
    submission = await handoffs.submit(
        connection,
        conversation,
        reference=arguments["reference"],
        registrar=arguments["registrar"],
        product=arguments["product"],
        domain=arguments["domain"],
        contact={name: arguments[name] for name in (NAME, PHONE, EMAIL) if arguments[name]},
        consent=arguments["consent"],
        may_cost=arguments["may_cost"] == "yes",
        now=now,
    )
    return {"submission": submission.value}


async def _find_handoff(
    connection: AsyncConnection, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Outcome:
    reference = arguments["reference"]
    if reference:
        status = await handoffs.find_by_reference(connection, conversation, reference)
    else:
        status = await handoffs.find_last(connection, conversation)
    return {"found": False} if status is None else {"found": True, **telling.status_facts(status)}


async def _withdraw_handoff(
    connection: AsyncConnection, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Outcome:
    reference = arguments["reference"]
    if not reference:
        last = await handoffs.find_last(connection, conversation)
        reference = "" if last is None else last.reference
    withdrawal = await handoffs.withdraw(connection, conversation, reference=reference, now=now)
    return {"withdrawal": withdrawal.value, "reference": reference}


async def _pass_handoff_on(
    connection: AsyncConnection, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Outcome:
    passing = await handoffs.accept_next(
        connection,
        conversation,
        reference=arguments["reference"],
        registrar=arguments["registrar"],
        consent=arguments["consent"],
        now=now,
    )
    return {"passing": passing.value}


async def _count_survey_answer(
    connection: AsyncConnection, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Outcome:
    await survey.count_answer(connection, question=arguments["question"], answer=arguments["answer"])
    return {}


async def _plan_reminders(
    connection: AsyncConnection, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Outcome:
    planning = await reminders.plan(
        connection,
        conversation,
        reference=arguments["reference"],
        years=int(arguments["years"]),
        consent=arguments["consent"],
        now=now,
    )
    return {"planning": planning.value}


async def _forget_reminder(
    connection: AsyncConnection, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Outcome:
    await reminders.cancel(connection, conversation.citizen_id, reference=arguments["reference"], now=now)
    return {"planning": "cancelled"}


def _counted(arguments: Mapping[str, str]) -> list[Counted]:
    return [Counted.parse(text) for text in arguments["counts"].split()]


_EFFECTS: Mapping[str, tuple[frozenset[str], UseCase]] = {
    "report.submit": (frozenset({"reference", "words"}), _submit_report),
    "report.withdraw": (frozenset({"reference"}), _withdraw_report),
    "misreading.keep": (frozenset({"words", "intent", "confidence", "guesses", "why"}), _keep_misreading),
    "misreading.drop": (frozenset({"words"}), _drop_misreading),
    "guide.keep": (frozenset({"guide", "step", "place", "language", "counts"}), _keep_guide),
    "guide.end": (frozenset({"counts"}), _end_guide),
    "handoff.submit": (
        frozenset({"reference", "registrar", "product", "domain", NAME, PHONE, EMAIL, "consent", "may_cost"}),
        _submit_handoff,
    ),
    "handoff.status": (frozenset({"reference"}), _find_handoff),
    "handoff.withdraw": (frozenset({"reference"}), _withdraw_handoff),
    "handoff.pass_on": (frozenset({"reference", "registrar", "consent"}), _pass_handoff_on),
    "handoff.survey": (frozenset({"question", "answer"}), _count_survey_answer),
    "handoff.forget_reminder": (frozenset({"reference"}), _forget_reminder),
    "handoff.remind": (frozenset({"reference", "years", "consent"}), _plan_reminders),
}
"""By name: the arguments an effect must have, and what it does."""
