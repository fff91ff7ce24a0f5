"""The effects that need this deployment's keys or hours: a person to talk to, and people's rights over their data.

`bot.core.effects` applies them as it does the others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.cases import offer
from bot.core.cases import service as cases
from bot.core.cases.hours import ANSWER_WITHIN
from bot.core.cases.rules import Why
from bot.core.conversations.service import Conversation
from bot.core.handoffs import reminders
from bot.core.house import House
from bot.core.replies import Json
from bot.core.rights import at_once, erasure
from bot.core.rights import offer as rights_offer
from bot.core.rights import service as rights

HouseCase: TypeAlias = Callable[
    [AsyncConnection, House, Conversation, Mapping[str, str], datetime], Awaitable[Mapping[str, Json]]
]


async def _preview_case(
    connection: AsyncConnection, house: House, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Mapping[str, Json]:
    return {"turns": [{"said": turn.said, "answered": turn.answered} for turn in conversation.recent]}


async def _open_case(
    connection: AsyncConnection, house: House, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Mapping[str, Json]:
    due_at = house.desk.after(now, ANSWER_WITHIN)
    await cases.open_case(
        connection,
        conversation,
        reference=arguments["reference"],
        why=Why(arguments["why"]),
        wording=arguments["consent"],
        due_at=due_at,
        now=now,
    )
    return {"shared": bool(arguments["consent"]), **offer.due_facts(due_at, house.desk, now=now)}


async def _hear_case(
    connection: AsyncConnection, house: House, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Mapping[str, Json]:
    urgent = arguments["urgent"] == "yes"
    await cases.hear(
        connection,
        conversation,
        text=arguments["words"],
        kind=arguments["kind"],
        urgent=urgent,
        due_at=house.desk.after(now, ANSWER_WITHIN),
        now=now,
    )
    return {}


async def _leave_case(
    connection: AsyncConnection, house: House, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Mapping[str, Json]:
    await cases.leave(connection, conversation, now=now)
    return {}


async def _tell_held(
    connection: AsyncConnection, house: House, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Mapping[str, Json]:
    return await rights.held(connection, house, conversation)


async def _erase(
    connection: AsyncConnection, house: House, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Mapping[str, Json]:
    done = await erasure.erase(connection, house, conversation, receipt=arguments["receipt"], now=now)
    return done.facts()


async def _withdraw(
    connection: AsyncConnection, house: House, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Mapping[str, Json]:
    return await rights.withdraw(connection, conversation, about=arguments["about"], now=now)


async def _use_right_in_case(
    connection: AsyncConnection, house: House, conversation: Conversation, arguments: Mapping[str, str], now: datetime
) -> Mapping[str, Json]:
    await _hear_case(connection, house, conversation, arguments, now)
    match arguments["right"]:
        case rights_offer.WITHDRAW:
            return await rights.withdraw(connection, conversation, about=arguments["about"], now=now)
        case at_once.FORGET_REMINDERS:
            await reminders.cancel(connection, conversation.citizen_id, reference=arguments["about"] or None, now=now)
            return {"planning": "cancelled"}
        case _:
            return await rights.held(connection, house, conversation)


HOUSE_EFFECTS: Mapping[str, tuple[frozenset[str], HouseCase]] = {
    offer.PREVIEW: (frozenset(), _preview_case),
    offer.OPEN: (frozenset({"reference", "why", "consent"}), _open_case),
    offer.HEAR: (frozenset({"words", "kind", "urgent"}), _hear_case),
    offer.LEAVING: (frozenset(), _leave_case),
    rights_offer.TELL_HELD: (frozenset(), _tell_held),
    rights_offer.ERASE: (frozenset({"receipt"}), _erase),
    rights_offer.IN_CASE: (frozenset({"words", "kind", "urgent", "right", "about"}), _use_right_in_case),
    rights_offer.WITHDRAW: (frozenset({"about"}), _withdraw),
}
"""By name: the arguments an effect must have, and what it does."""
