"""The list of erasures that is kept outside of the database, so that restoring an older copy brings nobody back.

A backup from before an erasure holds the person's wrapped key, which the running system's master secret opens: of such
a copy the database alone cannot know better. The list can. It holds keyed digests of random ids, and tells nothing to
whoever finds it. It must be copied off the machine as often as backups are made, and put back with them.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.citizens import service as citizens
from bot.core.conversations import retention as conversations
from bot.core.errors import ConflictError
from bot.core.rights.erasure import DUE, KEEP_RECEIPT, forget_person
from bot.core.rights.models import erasures
from bot.core.vault import Vault

FILE = "list.jsonl"
"""Its name, in the directory ``erasures`` under ``var``."""


class ErasureListBrokenError(ConflictError):
    """The list of erasures outside of the database cannot be read; it must be restored before a backup is."""


def read_list(path: Path) -> dict[str, str]:
    """Return the persons' digests on the list, and each one's receipt; empty where there is no list yet.

    Raises:
        ErasureListBrokenError: it is damaged.
    """
    try:
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return {entry["person"]: entry["receipt"] for entry in map(json.loads, lines)}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ErasureListBrokenError(file=path.name) from error


def write_list(path: Path, entries: Mapping[str, str]) -> None:
    """Replace the list, all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as file:
        for person, receipt in entries.items():
            file.write(json.dumps({"receipt": receipt, "person": person}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)


async def erase_again(connection: AsyncConnection, vault: Vault, listed: Mapping[str, str], *, now: datetime) -> int:
    """Erase who is on the list and has come back with an older copy of the database; return how many.

    Nobody is looked for as long as the database knows every erasure on the list, as it does but after restoring one.
    """
    known = set((await connection.execute(select(erasures.c.person))).scalars())
    missing = {person: receipt for person, receipt in listed.items() if person not in known}
    if not missing:
        return 0
    again = 0
    for citizen_id in await citizens.list_living(connection):
        if not any(digest in missing for digest in vault.audit_digests(citizen_id)):
            continue
        await conversations.forget_citizen(connection, citizen_id)
        await forget_person(connection, citizen_id, now=now)
        again += 1
    rows = [
        {"receipt": receipt, "person": person, "asked_at": now, "due_at": now + DUE, "done_at": now}
        for person, receipt in missing.items()
    ]
    await connection.execute(insert(erasures), rows)
    return again


async def list_kept(connection: AsyncConnection) -> dict[str, str]:
    """Return the erasures that the database knows, as the list holds them."""
    query = select(erasures.c.person, erasures.c.receipt).order_by(erasures.c.done_at, erasures.c.receipt)
    return {row.person: row.receipt for row in await connection.execute(query)}


async def forget_old_receipts(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the receipts past their time; return how many."""
    return (await connection.execute(delete(erasures).where(erasures.c.done_at < now - KEEP_RECEIPT))).rowcount
