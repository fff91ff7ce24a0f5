"""Use cases of conversations: open one, know its owner, keep its dialogue state."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.citizens import service as citizens
from bot.core.conversations import repository
from bot.core.conversations.repository import ConversationRow
from bot.core.ports import DialogueState
from bot.core.vault import PersonKey, Vault


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, opened with its citizen's key."""

    id: int
    channel: str
    external_id: str
    citizen_id: str
    key: PersonKey
    is_guest: bool
    introduced: bool
    state: DialogueState
    last_position: int

    @property
    def name(self) -> str:
        """The name that its writer uses for it: a guest writes under somebody else's conversation's name."""
        return self.external_id.partition(":")[2] if self.is_guest else self.external_id


@dataclass(frozen=True, slots=True)
class Admission:
    """Who is let in: the conversation to work in, and the token that opens it; a guest has none.

    `is_new_token` tells that the token was just made, so that its owner does not know it yet.
    """

    conversation: Conversation
    token: str | None = None
    is_new_token: bool = False


async def admit(
    connection: AsyncConnection,
    vault: Vault,
    *,
    channel: str,
    external_id: str,
    tokens: Iterable[str],
    now: datetime,
) -> Admission:
    """Let somebody into the conversation of this name.

    The first to come gets it, with a token. Later only who shows the token works in it; anybody else becomes a guest in
    a throw-away conversation, which cannot see or change the real one. Until the transaction ends nobody else gets in,
    so that a conversation's updates are committed, and worked on, in the order in which they came.
    """
    row = await repository.find_by_name(connection, channel, external_id, lock=True)
    if row is None:
        new_token = vault.new_token()
        try:
            async with connection.begin_nested():
                conversation = await _start(
                    connection,
                    vault,
                    channel,
                    external_id,
                    token_digest=vault.token_digest(new_token),
                    guest=False,
                    now=now,
                )
        except IntegrityError:
            row = await repository.find_by_name(connection, channel, external_id, lock=True)  # somebody came first
        else:
            return Admission(conversation, new_token, is_new_token=True)
    token = _opening_token(vault, row, tokens) if row is not None else None
    if row is not None and token is not None:
        return Admission(open_row(vault, row), token)
    name = f"guest-{uuid.uuid4().hex}:{external_id}"
    return Admission(await _start(connection, vault, channel, name, token_digest=None, guest=True, now=now))


async def enter(
    connection: AsyncConnection, vault: Vault, *, channel: str, external_id: str, now: datetime
) -> Conversation:
    """Return the conversation of somebody whom the platform itself vouches for, opening it at their first message.

    Who writes can be reached. As with `admit`, nobody else gets in until the transaction ends.
    """
    row = await repository.find_by_name(connection, channel, external_id, lock=True)
    if row is None:
        try:
            async with connection.begin_nested():
                return await _start(connection, vault, channel, external_id, token_digest=None, guest=False, now=now)
        except IntegrityError:
            row = await repository.get_by_name(connection, channel, external_id)  # it was opened meanwhile
    await repository.set_unreachable(connection, row.id, since=None)
    return open_row(vault, row)


async def mark_unreachable(connection: AsyncConnection, conversation_id: int, *, now: datetime) -> None:
    """Note that the platform takes no message for this conversation, until its citizen writes again."""
    await repository.set_unreachable(connection, conversation_id, since=now)


async def mark_reachable(connection: AsyncConnection, conversation_id: int) -> None:
    """Note that the platform takes messages for this conversation again."""
    await repository.set_unreachable(connection, conversation_id, since=None)


async def find_owned(
    connection: AsyncConnection, vault: Vault, *, channel: str, external_id: str, tokens: Iterable[str]
) -> Conversation | None:
    """Return the conversation of this name where one of `tokens` is its key."""
    row = await repository.find_by_name(connection, channel, external_id)
    if row is None or _opening_token(vault, row, tokens) is None:
        return None
    return open_row(vault, row)


async def find_by_name(
    connection: AsyncConnection, vault: Vault, channel: str, external_id: str
) -> Conversation | None:
    """Return the conversation of this name, whoever asks: the caller must know that they may have it."""
    row = await repository.find_by_name(connection, channel, external_id, lock=True)
    return open_row(vault, row) if row is not None else None


async def replace_token(connection: AsyncConnection, vault: Vault, conversation: Conversation) -> str:
    """Give a conversation a new token; the old one opens nothing any more."""
    token = vault.new_token()
    await repository.set_token_digest(connection, conversation.id, vault.token_digest(token))
    return token


async def load(connection: AsyncConnection, vault: Vault, conversation_id: int) -> Conversation:
    """Return a conversation by its id."""
    return open_row(vault, await repository.get(connection, conversation_id))


async def save_turn(
    connection: AsyncConnection, conversation: Conversation, *, state: DialogueState, replies: int, now: datetime
) -> None:
    """Keep the dialogue state after a turn that added `replies` replies; a guest's state is dropped."""
    sealed = None
    if not (conversation.is_guest or state.is_empty):
        plain = json.dumps({"active_loop": state.active_loop, "slots": dict(state.slots)}, ensure_ascii=False)
        sealed = conversation.key.seal(plain.encode(), place=_state_place(conversation.id))
    await repository.save_turn(
        connection, conversation.id, state=sealed, last_position=conversation.last_position + replies, now=now
    )


def open_row(vault: Vault, row: ConversationRow) -> Conversation:
    """Open a stored conversation with its citizen's key."""
    key = vault.open_person_key(row.citizen_id, row.wrapped_key)
    state = DialogueState()
    if row.state is not None:
        plain = json.loads(key.open(row.state, place=_state_place(row.id)))
        state = DialogueState(plain["active_loop"], plain["slots"])
    return Conversation(
        id=row.id,
        channel=row.channel,
        external_id=row.external_id,
        citizen_id=row.citizen_id,
        key=key,
        is_guest=row.is_guest,
        introduced=row.introduced,
        state=state,
        last_position=row.last_position,
    )


async def _start(
    connection: AsyncConnection,
    vault: Vault,
    channel: str,
    external_id: str,
    *,
    token_digest: bytes | None,
    guest: bool,
    now: datetime,
) -> Conversation:
    citizen_id, key = await citizens.enrol(connection, vault, now=now)
    conversation_id = await repository.add(
        connection,
        channel=channel,
        external_id=external_id,
        citizen_id=citizen_id,
        token_digest=token_digest,
        is_guest=guest,
        now=now,
    )
    return Conversation(
        id=conversation_id,
        channel=channel,
        external_id=external_id,
        citizen_id=citizen_id,
        key=key,
        is_guest=guest,
        introduced=False,
        state=DialogueState(),
        last_position=0,
    )


def _opening_token(vault: Vault, row: ConversationRow, tokens: Iterable[str]) -> str | None:
    digest = row.token_digest
    if digest is None:
        return None
    return next((token for token in tokens if vault.token_fits(token, digest)), None)


def _state_place(conversation_id: int) -> str:
    return f"conversation-state:{conversation_id}"
