"""What an action may know of the dialogue, read once from Rasa's tracker, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, Restarted, SlotSet

from bot.core.replies import ASK_AGAIN, Effect, Reply

NLU_FALLBACK = "nlu_fallback"
"""What Rasa calls a message whose intent is below the threshold; not in the taxonomy."""

HEARD = "heard"
"""The slot that holds the last message for as long as the assistant may be told to learn from it: until the next."""

LOST = "lost"
"""The slot that counts how many messages in a row were not understood."""

Event: TypeAlias = Mapping[str, Any]
"""One of Rasa's events as JSON."""


@dataclass(frozen=True, slots=True)
class Chat:
    """One message and where the dialogue stands.

    Attributes:
        reference: the turn's id, for logs and for a citizen who reports an error.
        text: as typed, secrets taken out; empty when a button was pressed.
        intent: of the taxonomy, or `NLU_FALLBACK`.
        ranking: intents that the message may have meant, likeliest first, without the fallback.
        confidence: how likely the first of them is.
        entities: name and value, in the order of the message; values of pressed buttons are text.
        slots: those that are filled.
        previous_action: what ran last in this turn.
    """

    reference: str
    intent: str
    text: str = ""
    ranking: Sequence[str] = ()
    confidence: float = 1.0
    entities: Sequence[tuple[str, Any]] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)
    in_form: bool = False
    previous_action: str | None = None

    @classmethod
    def of(cls, tracker: Tracker) -> Self:
        """Read a tracker.

        Raises:
            KeyError, TypeError: when it is not what Rasa sends.
        """
        message = tracker.latest_message
        ranked = [guess for guess in message.get("intent_ranking", ()) if guess["name"] != NLU_FALLBACK]
        return cls(
            reference=tracker.sender_id,
            intent=message["intent"]["name"],
            text=message.get("text") or "",
            ranking=tuple(guess["name"] for guess in ranked),
            confidence=next((guess["confidence"] for guess in ranked), 1.0),
            entities=tuple((entity["entity"], entity["value"]) for entity in message.get("entities", ())),
            slots={name: value for name, value in tracker.slots.items() if value is not None},
            in_form=bool((tracker.active_loop or {}).get("name")),
            previous_action=tracker.latest_action_name,
        )

    @property
    def is_unread(self) -> bool:
        """Tell whether this stands for a message that nothing could be read of (`ASK_AGAIN`): a form asks again."""
        return (self.intent, tuple(self.entities)) == (ASK_AGAIN.intent, ASK_AGAIN.entities)

    def entity(self, name: str) -> Any:
        """Give the last value of an entity in the message, which is the one that counts in a correction; or None."""
        return next((value for entity, value in reversed(self.entities) if entity == name), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action decided: replies in order, slots to set (None empties one), and what else happens next.

    An `effect` is done by the worker, with the turn's end.
    """

    replies: Sequence[Reply] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)
    next_action: str | None = None
    effect: Effect | None = None
    forget_everything: bool = False

    def events(self) -> list[Event]:
        """Give the outcome as Rasa's events."""
        events: list[Event] = [Restarted()] if self.forget_everything else []
        events += [SlotSet(name, value) for name, value in self.slots.items()]
        if self.next_action is not None:
            events.append(FollowupAction(self.next_action))
        return events
