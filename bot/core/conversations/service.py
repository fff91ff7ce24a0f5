"""Use cases of conversations: open one, know its owner, keep its dialogue state."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.citizens import service as citizens
from bot.core.conversations import repository
from bot.core.conversations.names import group_in
from bot.core.conversations.repository import ConversationRow, Floor
from bot.core.errors import ConflictError, NotFoundError
from bot.core.ports import DialogueState
from bot.core.vault import PersonKey, Vault

MOST_RECENT = 3
"""Turns that are remembered for whoever asks for a person."""


class ConversationGoneError(NotFoundError):
    """The conversation was forgotten or erased."""


class SpeakerChangedError(ConflictError):
    """A person speaks in this conversation now, or no longer; what was about to be said must not be."""


@dataclass(frozen=True, slots=True)
class ToldTurn:
    """What a citizen wrote, without what tells of a person, and what they were answered."""

    said: str
    answered: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, opened with its citizen's key.

    Attributes:
        case_id: the case whose staff speak in it; None where the assistant does.
        recent: the last turns outside of forms, oldest first, which the citizen may agree to pass on to staff.
    """

    id: int
    channel: str
    external_id: str
    citizen_id: str
    key: PersonKey
    is_guest: bool
    introduced: bool
    state: DialogueState
    last_position: int
    case_id: int | None = None
    recent: tuple[ToldTurn, ...] = ()

    @property
    def group(self) -> str | None:
        """The platform's address of the group that it takes place in; None where it is private."""
        return group_in(self.external_id)

    @property
    def address(self) -> str:
        """The platform's address of the chat that messages go to."""
        return self.group or self.external_id

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
        digest = vault.token_digest(token)
        if digest != row.token_digest:  # an older master secret's, which may be gone next time
            await repository.set_token_digest(connection, row.id, digest)
        return Admission(open_row(vault, row), token)
    name = f"guest-{uuid.uuid4().hex}:{external_id}"
    return Admission(await _start(connection, vault, channel, name, token_digest=None, guest=True, now=now))


async def enter(
    connection: AsyncConnection,
    vault: Vault,
    *,
    channel: str,
    external_id: str,
    now: datetime,
    is_guest: bool = False,
) -> Conversation:
    """Return the conversation of somebody whom the platform itself vouches for, opening it at their first message.

    Who writes can be reached. As with `admit`, nobody else gets in until the transaction ends. `is_guest` holds for a
    conversation that is opened.
    """
    row = await repository.find_by_name(connection, channel, external_id, lock=True)
    if row is None:
        try:
            async with connection.begin_nested():
                return await _start(connection, vault, channel, external_id, token_digest=None, guest=is_guest, now=now)
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


async def find_again(
    connection: AsyncConnection, vault: Vault, conversation: Conversation, *, tokens: Iterable[str]
) -> Conversation | None:
    """Return a conversation as it is now, for who was let into it and waited; None where it is not theirs any more.

    It may have been forgotten meanwhile, and both its id and its name taken by somebody else's.
    """
    row = await repository.find(connection, conversation.id)
    if row is None or (row.channel, row.external_id) != (conversation.channel, conversation.external_id):
        return None
    # A guest has no token; nobody else is ever given their conversation's name.
    if not (row.is_guest and conversation.is_guest) and _opening_token(vault, row, tokens) is None:
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


async def find(connection: AsyncConnection, vault: Vault, conversation_id: int) -> Conversation | None:
    """Return a conversation by its id; None where it was forgotten or erased."""
    row = await repository.find(connection, conversation_id)
    return None if row is None else open_row(vault, row)


async def find_floor(connection: AsyncConnection, conversation_id: int) -> Floor:
    """Return who speaks in a conversation; the assistant where it is gone, and nobody hears it."""
    return await repository.find_floor(connection, conversation_id) or Floor(None, None)


async def hold(connection: AsyncConnection, conversation_id: int) -> Floor:
    """Keep everybody else from saying something in a conversation until the transaction ends; return who speaks.

    Raises:
        ConversationGoneError: it was forgotten or erased.
    """
    floor = await repository.find_floor(connection, conversation_id, lock=True)
    if floor is None:
        raise ConversationGoneError
    return floor


async def check_floor(connection: AsyncConnection, conversation: Conversation) -> None:
    """Raise unless the one speaks who did when the conversation was read; nobody changes that until the commit.

    Raises:
        SpeakerChangedError: a person took over from the assistant meanwhile, or gave back.
        ConversationGoneError: it was forgotten or erased.
    """
    floor = await hold(connection, conversation.id)
    if floor.case_id != conversation.case_id:
        raise SpeakerChangedError


async def give_to_staff(connection: AsyncConnection, conversation_id: int, *, case_id: int) -> None:
    """Let staff speak, in that case, from the next message on."""
    await repository.set_floor(connection, conversation_id, case_id=case_id)


async def give_to_assistant(connection: AsyncConnection, conversation_id: int) -> None:
    """Let the assistant speak from the next message on."""
    await repository.set_floor(connection, conversation_id, case_id=None)


async def start_anew(
    connection: AsyncConnection, vault: Vault, conversation: Conversation, *, forgotten_from: datetime, now: datetime
) -> Conversation:
    """Give a conversation a new citizen with a key of their own, and nothing of the old one; return it.

    It is forgotten from then on, unless its citizen writes again.
    """
    citizen_id, _ = await citizens.enrol(connection, vault, now=now)
    await repository.hand_over(connection, conversation.id, citizen_id=citizen_id, forgotten_from=forgotten_from)
    return await load(connection, vault, conversation.id)


async def take_positions(connection: AsyncConnection, conversation_id: int, count: int) -> range:
    """Take the next `count` positions of a conversation: whatever is said in one transaction stands together.

    Raises:
        ConversationGoneError: it was forgotten or erased.
    """
    last = await repository.add_positions(connection, conversation_id, count)
    if last is None:
        raise ConversationGoneError
    return range(last - count + 1, last + 1)


async def keep(connection: AsyncConnection, conversation: Conversation) -> None:
    """Keep a conversation as long as others again, because its citizen writes in it."""
    await repository.keep(connection, conversation.id)


async def save_turn(
    connection: AsyncConnection,
    conversation: Conversation,
    *,
    state: DialogueState,
    told: ToldTurn | None = None,
    now: datetime,
) -> None:
    """Keep the dialogue state after a turn, and the turn itself as the newest of the last ones; nothing of a guest."""
    sealed = recent = None
    turns = (*conversation.recent, *([told] if told else []))[-MOST_RECENT:]
    if not (conversation.is_guest or state.is_empty):
        plain = json.dumps({"active_loop": state.active_loop, "slots": dict(state.slots)}, ensure_ascii=False)
        sealed = conversation.key.seal(plain.encode(), place=_state_place(conversation.id))
    if turns and not conversation.is_guest:
        plain = json.dumps([asdict(turn) for turn in turns], ensure_ascii=False)
        recent = conversation.key.seal(plain.encode(), place=_recent_place(conversation.id))
    await repository.save_turn(connection, conversation.id, state=sealed, recent=recent, now=now)


def open_row(vault: Vault, row: ConversationRow) -> Conversation:
    """Open a stored conversation with its citizen's key."""
    key = vault.open_person_key(row.citizen_id, row.wrapped_key)
    state = DialogueState()
    recent: tuple[ToldTurn, ...] = ()
    if row.recent is not None:
        turns = json.loads(key.open(row.recent, place=_recent_place(row.id)))
        recent = tuple(ToldTurn(**turn) for turn in turns)
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
        case_id=row.case_id,
        recent=recent,
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


def _recent_place(conversation_id: int) -> str:
    return f"conversation-recent:{conversation_id}"
