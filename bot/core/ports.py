"""What the product needs from outside: the assistant that understands a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.core.errors import UnavailableError
from bot.core.replies import Effect, Press, Reply


class AssistantUnavailableError(UnavailableError):
    """The NLU server is down, too slow, or answered with something that is not a reply."""


@dataclass(frozen=True, slots=True)
class DialogueState:
    """Where a dialogue stands between two turns: the running form and the filled slots. It is all that Rasa is told."""

    active_loop: str | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """True where there is nothing to remember."""
        return self.active_loop is None and not self.slots


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """One message to be understood: a text, or a button's press; exactly one of the two."""

    turn_id: str
    channel: str
    state: DialogueState
    text: str | None = None
    press: Press | None = None


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What the assistant decided: at least one reply, where the dialogue stands now, and what is to be written."""

    replies: tuple[Reply, ...]
    state: DialogueState
    intent: str
    confidence: float
    effect: Effect | None = None


class Assistant(Protocol):
    """Understands one message; keeps nothing between turns, so that any instance can take any turn."""

    async def take_turn(self, request: TurnRequest) -> TurnResult:
        """Answer one message.

        Raises:
            AssistantUnavailableError: no usable answer within the time allowed.
        """
        ...

    async def is_ready(self) -> bool:
        """Tell whether it would answer now."""
        ...
