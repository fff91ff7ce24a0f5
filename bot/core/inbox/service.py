"""Use cases of the inbox: take an update in, give it to a worker, finish its turn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations import service as conversations
from bot.core.conversations.service import Admission, Conversation, ToldTurn
from bot.core.deliveries import service as deliveries
from bot.core.deliveries.service import OutboundMessage
from bot.core.errors import ConflictError
from bot.core.inbox import repository
from bot.core.inbox.repository import MOST_ATTEMPTS, Abandoned, ClaimedUpdate
from bot.core.ports import DialogueState
from bot.core.vault import Vault

LEASE_SECONDS = 15.0
FIRST_RETRY_SECONDS = 0.2
SHORTEST_PROOF = 32
"""Characters of a message id that nobody guesses, such as a UUID."""


class LeaseLostError(ConflictError):
    """The lease of this update went to another worker; this turn must leave no trace."""


@dataclass(frozen=True, slots=True)
class Message:
    """A citizen's message without secrets: a text, or the press of a button, or the news why there is neither.

    Attributes:
        removed: the kinds of secrets that were taken out of the text.
        too_long: there was more text than anybody reads.
        unread: what came with the text or instead of it and is never looked at: "photo", "voice" …
        stale_button: a button was pressed that is not known here, or not any more.
        too_many: the citizen wrote faster than is allowed; this message and more after it are dropped.
        edited: it stands for the edit of an earlier message, whose new words are not looked at.
        asked_as: the platform's name of a message in a group, for the answer to refer to.
        private_chat: for a message in a group, the link to the private chat with the assistant, where it is known.
        call_word: for a message in a group, the word at its beginning that calls the assistant there, if one does.
    """

    text: str | None
    press: str | None
    removed: tuple[str, ...] = ()
    too_long: bool = False
    unread: str | None = None
    stale_button: bool = False
    too_many: bool = False
    edited: bool = False
    asked_as: str | None = None
    private_chat: str | None = None
    call_word: str | None = None

    def in_place_of_it(self) -> Message:
        """Return what is stored where this one is dropped for its writer's pace: where to answer, and none of it."""
        return Message(
            text=None,
            press=None,
            too_many=True,
            asked_as=self.asked_as,
            private_chat=self.private_chat,
            call_word=self.call_word,
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an update: its id, and whether it was here before."""

    inbox_id: int
    conversation_id: int
    repeated: bool


async def receive(
    connection: AsyncConnection,
    conversation: Conversation,
    *,
    account: str,
    update_id: str,
    message: Message,
    said_at: datetime | None = None,
    now: datetime,
) -> Receipt:
    """Store an update once, sealed with the citizen's key; a repeated one is only recognised.

    `said_at` is the platform's own date of it; a date still to come is another clock's, and not believed.
    """
    channel = conversation.channel
    plain = json.dumps(asdict(message)).encode()
    place = repository.payload_place(channel, account, update_id)
    inbox_id = await repository.add_update(
        connection,
        channel=channel,
        account=account,
        update_id=update_id,
        conversation_id=conversation.id,
        payload=conversation.key.seal(plain, place=place),
        said_at=None if said_at is None else min(said_at, now),
        now=now,
    )
    if inbox_id is not None:
        await conversations.keep(connection, conversation)
        return Receipt(inbox_id, conversation.id, repeated=False)
    known = await repository.find_update(connection, channel=channel, account=account, update_id=update_id)
    if known is None:
        raise NoResultFound
    return Receipt(*known, repeated=True)


async def is_known(connection: AsyncConnection, *, channel: str, account: str, update_id: str) -> bool:
    """Tell whether an update is stored already, whatever became of it."""
    return await repository.find_update(connection, channel=channel, account=account, update_id=update_id) is not None


async def readmit(
    connection: AsyncConnection, vault: Vault, *, channel: str, external_id: str, message_id: str
) -> Admission | None:
    """Let somebody back into a conversation whose very first answer, and with it the token, was lost on the way.

    Whoever repeats the first message's id, which only its sender knows, gets a new token, as long as nothing else was
    said there. None for anybody else, and for ids short enough to be guessed.
    """
    if len(message_id) < SHORTEST_PROOF:
        return None
    conversation = await conversations.find_by_name(connection, vault, channel, external_id)
    if conversation is None:
        return None
    if not await repository.is_only_update(connection, conversation.id, update_name(conversation, message_id)):
        return None
    token = await conversations.replace_token(connection, vault, conversation)
    return Admission(conversation, token, is_new_token=True)


def update_name(conversation: Conversation, message_id: str) -> str:
    """Return the update id of a message that its sender named; the same name elsewhere is another message."""
    return f"{conversation.id}:{message_id}"


async def claim(
    connection: AsyncConnection, *, owner: str, most: int, lease_seconds: float = LEASE_SECONDS
) -> Sequence[ClaimedUpdate]:
    """Lease the oldest unfinished update of up to `most` conversations, oldest first."""
    return await repository.claim_heads(connection, owner=owner, most=most, lease_seconds=lease_seconds)


def open_message(conversation: Conversation, claimed: ClaimedUpdate) -> Message:
    """Open the payload of a leased update."""
    plain = json.loads(conversation.key.open(claimed.payload, place=claimed.place))
    return Message(**{**plain, "removed": tuple(plain["removed"])})


async def finish_turn(
    connection: AsyncConnection,
    conversation: Conversation,
    claimed: ClaimedUpdate,
    *,
    messages: Sequence[OutboundMessage],
    state: DialogueState,
    told: ToldTurn | None = None,
    now: datetime,
) -> None:
    """Write a turn's replies and dialogue state and close its update, all in the caller's one transaction.

    `told` is what of the turn is remembered for whoever asks for a person.

    Raises:
        LeaseLostError: another worker holds the update now; the caller's transaction must be rolled back.
    """
    if not await repository.finish(connection, claimed, now=now):
        raise LeaseLostError(update=claimed.id)
    await deliveries.write_replies(connection, conversation, inbox_id=claimed.id, messages=messages, now=now)
    await conversations.save_turn(connection, conversation, state=state, told=told, now=now)


async def pass_over(connection: AsyncConnection, claimed: ClaimedUpdate, *, now: datetime) -> None:
    """Close an update without a word, because its citizen gets, or got, one answer to several.

    Raises:
        LeaseLostError: another worker holds the update now.
    """
    if not await repository.finish(connection, claimed, now=now):
        raise LeaseLostError(update=claimed.id)


async def give_back(connection: AsyncConnection, claimed: ClaimedUpdate, *, error: Exception) -> None:
    """Return an update whose turn failed to the queue, after a wait that grows fourfold each time."""
    wait = FIRST_RETRY_SECONDS * 4 ** (claimed.attempt - 1)
    await repository.put_back(connection, claimed, error=type(error).__name__, wait_seconds=wait)


async def give_up(
    connection: AsyncConnection,
    conversation: Conversation,
    claimed: ClaimedUpdate,
    *,
    error: Exception,
    apology: Sequence[OutboundMessage],
    now: datetime,
) -> None:
    """Park an update that failed every time, telling the citizen so; its conversation goes on.

    An apology of no messages tells nothing: one was said before.

    Raises:
        LeaseLostError: another worker holds the update now.
    """
    if not await repository.park(connection, claimed, error=type(error).__name__, now=now):
        raise LeaseLostError(update=claimed.id)
    await apologise(connection, conversation, claimed.id, apology=apology, now=now)


async def apologise(
    connection: AsyncConnection,
    conversation: Conversation,
    inbox_id: int,
    *,
    apology: Sequence[OutboundMessage],
    now: datetime,
) -> None:
    """Answer a parked update with an apology, if there is any; the dialogue stands where it stood."""
    if not apology:
        return
    await deliveries.write_replies(connection, conversation, inbox_id=inbox_id, messages=apology, now=now)
    await conversations.save_turn(connection, conversation, state=conversation.state, now=now)


async def list_abandoned(connection: AsyncConnection) -> Sequence[Abandoned]:
    """Return what used up its attempts and was left behind by workers that died."""
    return await repository.list_abandoned(connection)


async def park_abandoned(connection: AsyncConnection, abandoned: Abandoned, *, now: datetime) -> bool:
    """Park one of those, to apologise; False where another worker did it first."""
    return await repository.park_abandoned(connection, abandoned.id, now=now)


async def is_finished(connection: AsyncConnection, inbox_id: int) -> bool:
    """Tell whether an update needs no answer any more."""
    return await repository.is_finished(connection, inbox_id)


async def count_unfinished(connection: AsyncConnection) -> int:
    """Count the updates that still wait for a worker or are with one."""
    return await repository.count_unfinished(connection)


async def count_parked(connection: AsyncConnection) -> int:
    """Count the updates that failed every time and that nobody has seen to."""
    return await repository.count_parked(connection)


async def hand_over(connection: AsyncConnection, conversation: Conversation, successor: Conversation) -> None:
    """Seal the messages that wait in an erased citizen's conversation with the key of whoever goes on in it."""
    for waiting in await repository.list_waiting(connection, conversation.id):
        plain = conversation.key.open(waiting.payload, place=waiting.place)
        payload = successor.key.seal(plain, place=waiting.place)
        await repository.set_payload(connection, waiting.id, payload=payload)


def is_last_attempt(claimed: ClaimedUpdate) -> bool:
    """Tell whether a failure now is the last one allowed."""
    return claimed.attempt >= MOST_ATTEMPTS
