"""Use cases of destinations: staff add and end them, firing looks them up, sending tells what became of them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.audit.chain import Fact
from bot.core.audit.log import AuditLog
from bot.core.broadcasts import visibility
from bot.core.broadcasts.channels import find_channel
from bot.core.broadcasts.errors import AreaUnknownError
from bot.core.communes.directory import Communes
from bot.core.destinations import repository
from bot.core.destinations.errors import AddressInvalidError, DestinationTakenError, DestinationUnknownError
from bot.core.destinations.repository import DestinationRow
from bot.core.notices import service as notices
from bot.core.staff import accounts
from bot.core.staff.accounts import Caller
from bot.core.staff.roles import Role
from bot.core.statements import canonical, digest
from bot.core.statements.models import Audience, Mode

ADDED = "destination-added"
"""Bulletins go to one more group: nobody signed that, so the area's admins look at it."""
_KEEPERS = (Role.OFFICER, Role.ADMIN)


async def add(
    connection: AsyncConnection,
    log: AuditLog,
    *,
    area: str,
    channel: str,
    address: str,
    title: str,
    is_training: bool,
    by: Caller,
    communes: Communes,
    now: datetime,
) -> DestinationRow:
    """Take a destination into use; an officer or an admin of its area does, and its other admins are told.

    Raises:
        AreaUnknownError, ChannelUnknownError: there is no such commune or channel.
        NotAuthorisedError: the caller is neither an officer nor an admin of the area.
        AddressInvalidError: the channel has no such addresses.
        DestinationTakenError: the address is in use, here or in another area.
    """
    commune = communes.find(area)
    if commune is None:
        raise AreaUnknownError(areas=[area])
    form = find_channel(channel).address
    visibility.check_may(by, *_KEEPERS, areas=(area,), now=now)
    if not form.fullmatch(address):
        raise AddressInvalidError(channel=channel)
    row = DestinationRow(
        id=f"dst-{secrets.token_hex(5)}",
        area=area,
        channel=channel,
        address=address,
        title=title,
        is_training=is_training,
        added_by=by.staff_id,
        added_at=now,
        ended_at=None,
        unreachable_since=None,
    )
    await _check_free(connection, channel, address)
    await _add(connection, row)
    if not is_training:
        await notices.tell(
            connection,
            staff_ids=await accounts.admins_of(connection, (area,), now=now) - {by.staff_id},
            kind=ADDED,
            facts={"destination": row.id, "title": title, "area": f"{commune.kind} {commune.name}", "by": by.staff_id},
            about=row.id,
            now=now,
        )
    await log.append(connection, "destination.added", _facts(row) | {"by": by.staff_id}, now=now)
    return row


async def end(
    connection: AsyncConnection, log: AuditLog, *, destination_id: str, by: Caller, now: datetime
) -> DestinationRow:
    """Take a destination out of use; what waits to be sent there is not sent. One that has ended stays so.

    Raises:
        DestinationUnknownError: there is none that the caller may see.
        NotAuthorisedError: the caller is neither an officer nor an admin of its area.
    """
    row = await get(connection, destination_id, by=by, now=now, locked=True)
    visibility.check_may(by, *_KEEPERS, areas=(row.area,), now=now)
    if row.ended_at is not None:
        return row
    await repository.end(connection, row.id, now=now)
    await log.append(connection, "destination.ended", _facts(row) | {"by": by.staff_id}, now=now)
    return replace(row, ended_at=now)


async def get(
    connection: AsyncConnection, destination_id: str, *, by: Caller, now: datetime, locked: bool = False
) -> DestinationRow:
    """Return a destination that somebody may see.

    Raises:
        DestinationUnknownError: there is none, or they may not see it.
    """
    row = await repository.find(connection, destination_id, locked=locked)
    if row is None or not visibility.may_see(by, (row.area,), now=now):
        raise DestinationUnknownError(destination=destination_id)
    return row


async def list_visible(
    connection: AsyncConnection, *, by: Caller, now: datetime, with_ended: bool = False
) -> Sequence[DestinationRow]:
    """Return the destinations that somebody may see, the oldest first."""
    areas = visibility.seen_areas(by, now=now)
    return await repository.list_oldest_first(connection, areas=areas, with_ended=with_ended)


async def resolve(connection: AsyncConnection, audience: Audience, mode: Mode) -> Sequence[DestinationRow]:
    """Return where what was signed goes now, by their ids: those in use, for training where it is training."""
    return await repository.list_in_use(
        connection, areas=audience.areas, channels=audience.channels, is_training=mode == "training"
    )


async def find(connection: AsyncConnection, destination_id: str) -> DestinationRow | None:
    """Return a destination, also one that has ended, whoever asks."""
    return await repository.find(connection, destination_id)


async def find_by_address(connection: AsyncConnection, *, channel: str, address: str) -> DestinationRow | None:
    """Return the destination in use that a platform knows by an address, whoever asks."""
    return await repository.find_in_use(connection, channel=channel, address=address)


def receives(row: DestinationRow, audience: Audience, mode: Mode) -> bool:
    """Tell whether something that was signed may still go to a destination."""
    return (
        row.ended_at is None
        and row.area in audience.areas
        and row.channel in audience.channels
        and row.is_training == (mode == "training")
        and find_channel(row.channel).address.fullmatch(row.address) is not None
    )


def digest_of(rows: Sequence[DestinationRow]) -> str:
    """Return the SHA-256 of what an audience was resolved to, for the audit log: canonical JSON, sorted by id."""
    listed = [
        {"id": row.id, "area": row.area, "channel": row.channel, "address": row.address}
        for row in sorted(rows, key=lambda row: row.id)
    ]
    return digest(canonical(listed))


def write_place(row: DestinationRow) -> str:
    """Return ``id:sha256`` of where a destination is, for the audit log: what is sent is held against it."""
    return f"{row.id}:{digest(row.address.encode())}"


async def move(
    connection: AsyncConnection, log: AuditLog, *, destination_id: str, address: str, now: datetime
) -> DestinationRow:
    """Follow a destination that the platform gave another address; nothing else about it changes.

    Raises:
        DestinationUnknownError: there is none in use.
        AddressInvalidError: it is no address of its channel.
        DestinationTakenError: the new address is another destination in use.
    """
    row = await repository.find(connection, destination_id, locked=True)
    if row is None or row.ended_at is not None:
        raise DestinationUnknownError(destination=destination_id)
    if not find_channel(row.channel).address.fullmatch(address):
        raise AddressInvalidError(channel=row.channel)
    if row.address == address:
        return row
    await _check_free(connection, row.channel, address)
    moved = replace(row, address=address, unreachable_since=None)
    await repository.set_address(connection, row.id, address)
    facts = _facts(moved) | {"from_sha256": digest(row.address.encode())}
    await log.append(connection, "destination.moved", facts, now=now)
    return moved


async def note_unreachable(connection: AsyncConnection, destination_id: str, *, now: datetime) -> bool:
    """Note that the platform takes no message for a destination; tell whether that is news."""
    row = await repository.find(connection, destination_id, locked=True)
    if row is None or row.unreachable_since is not None:
        return False
    await repository.set_unreachable(connection, destination_id, now)
    return True


async def note_reachable(connection: AsyncConnection, destination_id: str) -> None:
    """Note that a message arrived at a destination."""
    await repository.set_unreachable(connection, destination_id, None)


async def _add(connection: AsyncConnection, row: DestinationRow) -> None:
    try:
        await repository.add(connection, row)
    except IntegrityError as error:  # somebody was faster
        raise DestinationTakenError(channel=row.channel) from error


async def note_reach(
    connection: AsyncConnection, *, channel: str, address: str, is_reachable: bool, now: datetime
) -> bool:
    """Note what the platform tells of an address by itself; False where no destination in use has it."""
    row = await repository.find_in_use(connection, channel=channel, address=address)
    if row is None:
        return False
    if is_reachable:
        await note_reachable(connection, row.id)
    else:
        await note_unreachable(connection, row.id, now=now)
    return True


async def _check_free(connection: AsyncConnection, channel: str, address: str) -> None:
    if await repository.find_in_use(connection, channel=channel, address=address) is not None:
        raise DestinationTakenError(channel=channel)


def _facts(row: DestinationRow) -> dict[str, Fact]:
    """Return what the log tells of a destination; the address by digest, as it may be a private group's."""
    return {
        "destination": row.id,
        "area": row.area,
        "channel": row.channel,
        "training": row.is_training,
        "address_sha256": digest(row.address.encode()),
    }
