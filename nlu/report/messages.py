"""What is scored: messages as their author meant them, and as a pipeline read them."""

from __future__ import annotations

from dataclasses import dataclass

FALLBACK = "nlu_fallback"
"""The intent that Rasa's FallbackClassifier gives to what it is not sure of."""
OUT_OF_SCOPE = frozenset({"out_of_scope", "oos"})
"""What we, and the public data sets, call a message that is none of the assistant's business."""


@dataclass(frozen=True)
class Mark:
    """An entity at ``[start, end)``, in characters of the text; a number as its decimal string."""

    entity: str
    start: int
    end: int
    value: str


@dataclass(frozen=True)
class Example:
    """A test message as its author meant it; ``file`` is the name of its file without the suffix."""

    text: str
    intent: str
    marks: tuple[Mark, ...]
    file: str

    @property
    def is_out_of_scope(self) -> bool:
        """Tell whether it ought to be rejected."""
        return self.intent in OUT_OF_SCOPE


@dataclass(frozen=True)
class Reading:
    """What a pipeline made of a message.

    Attributes:
        intent: what it decided in the end, its fallback included.
        ranking: intents with their probabilities, likeliest first, before any fallback.
        marks: the entities it found.
        seconds: how long it took.
    """

    intent: str
    ranking: tuple[tuple[str, float], ...]
    marks: tuple[Mark, ...]
    seconds: float

    @property
    def likeliest(self) -> str:
        """The intent it would name if it had to name one."""
        return self.ranking[0][0] if self.ranking else self.intent

    @property
    def confidence(self) -> float:
        """The probability of the likeliest intent."""
        return self.ranking[0][1] if self.ranking else 0.0

    @property
    def in_scope_probability(self) -> float:
        """How probable the likeliest of the intents is that the assistant answers."""
        return max((share for name, share in self.ranking if name not in OUT_OF_SCOPE), default=0.0)

    @property
    def is_rejected(self) -> bool:
        """Tell whether it is answered with "not understood" instead of an intent's answer."""
        return self.intent == FALLBACK or self.intent in OUT_OF_SCOPE


@dataclass(frozen=True)
class Scored:
    """A message beside what was made of it."""

    example: Example
    reading: Reading

    @property
    def is_right(self) -> bool:
        """Tell whether the likeliest intent is the one that was meant."""
        return self.reading.likeliest == self.example.intent
