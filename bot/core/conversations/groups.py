"""Conversations in groups: each of one person, apart from everybody else's there and from their private one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations import repository
from bot.core.conversations.names import group_name, member_ending
from bot.core.conversations.service import Conversation, enter, open_row
from bot.core.vault import Vault


async def enter_group(
    connection: AsyncConnection, vault: Vault, *, channel: str, group: str, person: str, now: datetime
) -> Conversation:
    """Return the conversation of somebody in a group, opened if need be.

    The platform vouches for them; but whatever is said there is read by others, so they are a guest.
    """
    name = group_name(group, person)
    return await enter(connection, vault, channel=channel, external_id=name, now=now, is_guest=True)


async def move_group(connection: AsyncConnection, *, channel: str, group: str, moved_to: str) -> int:
    """Follow a group that the platform gave another address; return how many conversations in it went along.

    One whose person has already written under the new address stays behind, and is forgotten like any other.
    """
    return await repository.rename_all(
        connection, channel, before=group_name(group, ""), after=group_name(moved_to, "")
    )


async def mark_group_unreachable(connection: AsyncConnection, *, channel: str, group: str, now: datetime) -> None:
    """Note that the platform takes no message for a group, whoever asked in it, until somebody writes there again."""
    await repository.set_all_unreachable(connection, channel, beginning=group_name(group, ""), since=now)


async def list_of_person(
    connection: AsyncConnection, vault: Vault, *, channel: str, person: str
) -> Sequence[Conversation]:
    """Return somebody's private conversation and those in groups, as far as there are any."""
    rows = await repository.list_of_person(connection, channel, private=person, ending=member_ending(person))
    return [open_row(vault, row) for row in rows]
