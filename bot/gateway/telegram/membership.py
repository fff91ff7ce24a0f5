"""What Telegram tells of chats themselves: which can be reached, and which group has another address now."""

from __future__ import annotations

import structlog

from bot.core.audit.log import AuditLog
from bot.core.broadcasts.channels import TELEGRAM_GROUP
from bot.core.conversations import groups
from bot.core.conversations import service as conversations
from bot.core.destinations import service as destinations
from bot.core.errors import ProductError
from bot.gateway.telegram import CHANNEL
from bot.gateway.telegram.updates import GroupReachChanged, Moved, ReachChanged
from bot.wiring import Runtime

log = structlog.get_logger()


async def note_reach(runtime: Runtime, change: ReachChanged) -> str:
    """Note in the conversation, if there is one, whether its citizen can be reached; return what to count.

    What they were still to get stays: this news may be old, and a refusal to send cancels it soon enough.
    """
    async with runtime.database.unit_of_work() as connection:
        conversation = await conversations.find_by_name(connection, runtime.vault, CHANNEL, str(change.chat_id))
        if conversation is not None and change.is_reachable:
            await conversations.mark_reachable(connection, conversation.id)
        elif conversation is not None:
            await conversations.mark_unreachable(connection, conversation.id, now=runtime.clock.now())
    return "reachable" if change.is_reachable else "unreachable"


async def note_group_reach(runtime: Runtime, change: GroupReachChanged) -> str:
    """Note at the destination, if the group or channel is one, whether messages reach it; return what to count."""
    async with runtime.database.unit_of_work() as connection:
        is_known = await destinations.note_reach(
            connection,
            channel=TELEGRAM_GROUP.name,
            address=str(change.chat_id),
            is_reachable=change.is_reachable,
            now=runtime.clock.now(),
        )
    if not is_known:
        if change.is_reachable:
            # Whoever keeps the server finds the address of a channel here, to write it down as a destination.
            log.info("telegram.let_into", address=str(change.chat_id))
        return "group_unknown"
    return "group_reachable" if change.is_reachable else "group_unreachable"


async def note_moved(runtime: Runtime, audit: AuditLog, change: Moved) -> str:
    """Follow a group to its new address, once, in one transaction; return what to count.

    Both the old chat and the new one tell it, and sending learns it too: whoever comes first moves it. A destination
    that cannot follow, because another one in use has the address, stays where it is and reaches nobody.
    """
    before, after = str(change.chat_id), str(change.moved_to)
    now = runtime.clock.now()
    async with runtime.database.unit_of_work() as connection:
        moved = await groups.move_group(connection, channel=CHANNEL, group=before, moved_to=after)
        row = await destinations.find_by_address(connection, channel=TELEGRAM_GROUP.name, address=before)
        if row is not None:
            try:
                async with connection.begin_nested():
                    await destinations.move(connection, audit, destination_id=row.id, address=after, now=now)
            except ProductError as error:
                log.error("telegram.destination_not_moved", destination=row.id, code=error.code)
                return "group_not_moved"
    return "group_moved" if moved or row is not None else "group_unknown"
