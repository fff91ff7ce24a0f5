"""What the assistant offers, so that it may learn from one message, and what it says when that is taken up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Self

from bot.core.misreadings.models import Why
from bot.core.misreadings.retention import KEEP_LABELLED, KEEP_UNLABELLED
from bot.core.misreadings.scrubbing import scrubbed
from bot.core.misreadings.service import MOST_GUESSES, Keeping
from bot.core.programme import Programme
from bot.core.programme.topics import MENU, menu_buttons, nearest
from bot.core.replies import Button, Effect, Json, Press, Reply

TOPIC = "give_feedback"
LEARNING = "learning"
"""The entity that only these buttons carry; its values are the steps below."""
KEEP, DROP = "keep", "drop"
_OF = "reference"
"""The entity that tells which message a button is about: the id of its turn."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The last message and how it was understood, scrubbed; the dialogue state holds it until the next one.

    Attributes:
        turn: the turn's id.
        confidence: of the first guess.
        kept: whether its writer has let it be kept.
    """

    turn: str
    words: str
    intent: str
    confidence: float
    guesses: tuple[str, ...]
    why: Why
    kept: bool = False

    @classmethod
    def of(
        cls, text: str, *, turn: str, intent: str, confidence: float, guesses: Sequence[str], why: Why
    ) -> Self | None:
        """Take a message down; None where it may not be kept whatever its writer says."""
        words = scrubbed(text)
        return None if words is None else cls(turn, words, intent, confidence, tuple(guesses[:MOST_GUESSES]), why)

    def to_text(self) -> str:
        """Give what the dialogue state holds."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_text(cls, text: object) -> Self | None:
        """Read what `to_text` wrote; None where it was something else, perhaps an older release's."""
        try:
            plain = json.loads(str(text))
            return cls(**{**plain, "guesses": tuple(plain["guesses"]), "why": Why(plain["why"])})
        except (ValueError, KeyError, TypeError):
            return None

    def is_meant(self, reference: object) -> bool:
        """Tell whether a button is about this message and no other."""
        return self.turn == reference

    def keeping(self) -> Effect:
        """Give the effect that keeps it."""
        return Effect(
            "misreading.keep",
            {
                "words": self.words,
                "intent": self.intent,
                "confidence": f"{self.confidence:.3f}",
                "guesses": " ".join(self.guesses),
                "why": self.why.value,
            },
        )

    def dropping(self) -> Effect:
        """Give the effect that takes it back."""
        return Effect("misreading.drop", {"words": self.words})

    def button(self, step: str) -> Button:
        """Give the button that keeps it or takes it back."""
        return Button(f"learning_{step}", Press.of(TOPIC, **{LEARNING: step, _OF: self.turn}))


def offering(reply: Reply, heard: Heard, programme: Programme) -> Reply:
    """Put the offer to learn behind the other buttons of a reply, and who would keep the message into its text."""
    facts: dict[str, Json] = {**reply.facts, "kept_by": programme.operator.name}
    return replace(reply, facts=facts, buttons=(*reply.buttons, heard.button(KEEP)))


def denied(heard: Heard, programme: Programme) -> Reply:
    """Own up to a misunderstanding, name the nearest other topics, and offer to learn."""
    others = [guess for guess in heard.guesses if guess != heard.intent]
    buttons = nearest([*others, *(topic for topic in MENU if topic != heard.intent)])
    return offering(Reply("deny", "misread_denied", {"words": heard.words}, buttons), heard, programme)


def kept(heard: Heard, programme: Programme, facts: Mapping[str, Json] | None = None) -> Reply:
    """Show exactly what is kept, by whom and how long; the effect that does it adds the fact ``keeping``."""
    told: dict[str, Json] = {
        "words": heard.words,
        "kept_by": programme.operator.name,
        "kept_days": KEEP_UNLABELLED.days,
        "used_days": KEEP_LABELLED.days,
        **(facts or {}),
    }
    return Reply(TOPIC, "misread_kept", told, (heard.button(DROP), *nearest((*heard.guesses, *MENU))))


def kept_already(heard: Heard, programme: Programme) -> Reply:
    """Say the same to somebody who presses twice."""
    return kept(heard, programme, {"keeping": Keeping.KEPT.value})


def dropped() -> Reply:
    """Say that it is taken back; the effect that does it adds the fact ``dropping``."""
    return Reply(TOPIC, "misread_dropped", buttons=menu_buttons())


def not_held() -> Reply:
    """Say that the message of a button is not remembered any more, so that nothing is kept or taken back."""
    return Reply(TOPIC, "misread_not_held", buttons=menu_buttons())
