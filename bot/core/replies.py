"""What the assistant decided to say and to have done, before it becomes a sentence on some channel and a row.

A `Reply` names a template and the facts it needs; it holds no sentence. An `Effect` names what is to be written.
Each travels as JSON from an action through Rasa to the worker that renders it, so both directions are here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self, TypeAlias
from urllib.parse import parse_qsl, urlencode

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact stands: a document's number and the section in it."""

    document: str
    section: str


@dataclass(frozen=True, slots=True)
class Press:
    """What pressing a button means: an intent of the taxonomy, with entities, and no guessing."""

    intent: str
    entities: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, intent: str, **entities: str | int) -> Self:
        """Build a press; entity values are kept as text, in the order given."""
        return cls(intent, tuple((name, str(value)) for name, value in entities.items()))

    def __str__(self) -> str:
        return f"{self.intent}?{urlencode(self.entities)}" if self.entities else self.intent

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `__str__` wrote."""
        intent, _, query = text.partition("?")
        return cls(intent, tuple(parse_qsl(query)))


ASK_AGAIN = Press.of("inform", deciding="again")
"""What stands for a message that nothing can be read of, such as a voice message: the form that is open asks again."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button: the key of its title in ``templates/buttons/<language>.yaml`` and what pressing it means."""

    title: str
    press: Press


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture under a reply, and its words for those who cannot see it.

    Attributes:
        name: which one, such as ``sign-token/4``; `bot.core.guides.pictures` draws it.
        template: the folder under ``templates/messages/`` that holds its words, on one line.
        facts: what that template needs, all of it JSON.
    """

    name: str
    template: str
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to be said.

    Attributes:
        topic: what it is about: an intent of the taxonomy, a form's name, ``menu`` or ``error``.
        template: the folder under ``templates/messages/`` that holds its text.
        facts: what the template needs, all of it JSON.
        buttons: offered under the text, in order.
        sources: document and section of every fact in it.
        picture: shown with it, where there is one.
    """

    topic: str
    template: str
    facts: Mapping[str, Json] = field(default_factory=dict)
    buttons: tuple[Button, ...] = ()
    sources: tuple[Source, ...] = ()
    picture: Picture | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the JSON that crosses Rasa as a ``custom`` message."""
        return {
            "topic": self.topic,
            "template": self.template,
            "facts": dict(self.facts),
            "buttons": [{"title": button.title, "press": str(button.press)} for button in self.buttons],
            "sources": [{"document": source.document, "section": source.section} for source in self.sources],
            "picture": None if self.picture is None else asdict(self.picture),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: it was something else.
        """
        return cls(
            topic=data["topic"],
            template=data["template"],
            facts=dict(data["facts"]),
            buttons=tuple(Button(item["title"], Press.parse(item["press"])) for item in data["buttons"]),
            sources=tuple(Source(item["document"], item["section"]) for item in data["sources"]),
            picture=Picture(**data["picture"]) if data.get("picture") else None,
        )


@dataclass(frozen=True, slots=True)
class Effect:
    """What the worker is to do for the citizen with the turn's end; `bot.core.effects` knows the names.

    Attributes:
        name: noun and verb, such as ``report.submit``.
        arguments: what it needs besides the conversation, all of it text.
    """

    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Give the JSON that crosses Rasa as a ``custom`` message."""
        return {"effect": self.name, "arguments": dict(self.arguments)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: it was something else.
        """
        name, arguments = data["effect"], dict(data["arguments"])
        if not isinstance(name, str) or not all(isinstance(value, str) for value in arguments.values()):
            raise TypeError("no effect")
        return cls(name, arguments)
