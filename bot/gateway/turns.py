"""Answers one message: asks the assistant, falls back to the menus, renders what was decided.

Nothing is written here, and no transaction is open while the assistant is asked: the worker writes afterwards, in one
go, and has the answer rendered when it knows what became of the turn's effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import structlog

from bot.core.conversations.service import Conversation
from bot.core.deliveries.service import OutboundMessage, ShownButton, ShownPicture
from bot.core.guides.dialogue import FORM as GUIDE_FORM
from bot.core.guides.dialogue import SECRET_PASTED, read_code
from bot.core.inbox.service import Message
from bot.core.ports import Assistant, AssistantUnavailableError, DialogueState, TurnRequest, TurnResult
from bot.core.programme import Programme, topics
from bot.core.programme.answers import ANSWERED, Answers
from bot.core.programme.finding import Question
from bot.core.redaction import without_marks
from bot.core.rendering import Renderer
from bot.core.replies import Effect, Json, Press, Reply
from bot.core.reports.offer import REPORTING
from bot.core.text import split, utf16_length, without_command
from bot.core.vault import Vault

log = structlog.get_logger()

LONGEST_MESSAGE = 2_000
"""Characters of a citizen's message that are read; a longer one is asked to be shortened."""
LONGEST_TEXT = {"web": 2_000, "telegram": 3_000, "zalo": 1_400}
"""UTF-16 units of one message on a channel: the web's by contract; Telegram takes 4,096 with the sources below, Zalo
2,000 with the options and sources below."""

LONGEST_BY_PICTURE = {"web": 2_000, "telegram": 900, "zalo": 1_400}
"""UTF-16 units of a message that has a picture; with a longer one the picture goes before. Telegram takes 1,024;
on Zalo the picture always goes before."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be said and done, where the dialogue stands then, and what the turn was, for logs and metrics."""

    message: Message
    replies: Sequence[Reply]
    state: DialogueState
    intent: str
    confidence: float
    effect: Effect | None = None


class Turns:
    """Answers messages, one call a message; keeps nothing."""

    def __init__(
        self,
        *,
        assistant: Assistant,
        programme: Programme,
        answers: Answers,
        renderer: Renderer,
        vault: Vault,
        today: Callable[[], date],
    ) -> None:
        self._assistant = assistant
        self._programme = programme
        self._answers = answers
        self._renderer = renderer
        self._vault = vault
        self._today = today

    async def answer(self, conversation: Conversation, message: Message, *, turn_id: str) -> Answer:
        """Decide the answer to one message."""
        decided = await self._decide(conversation, message, turn_id)
        if conversation.is_guest and (decided.state.active_loop or decided.effect):
            refusal = Reply("error", "guest_only", buttons=topics.menu_buttons())
            decided = replace(decided, replies=(refusal,), state=DialogueState(), effect=None)
        return Answer(message, decided.replies, decided.state, decided.intent, decided.confidence, decided.effect)

    def render(
        self, conversation: Conversation, answer: Answer, outcome: Mapping[str, Json] | None = None
    ) -> Sequence[OutboundMessage]:
        """Render an answer, once the `outcome` of its effect is known; always at least one message.

        Raises:
            TemplateBrokenError: a text of ours is broken; nothing has been said.
        """
        replies = [replace(reply, facts={**reply.facts, **(outcome or {})}) for reply in answer.replies]
        return self._render(conversation, replies, answer.message)

    def apology(self, conversation: Conversation, *, reference: str) -> Sequence[OutboundMessage]:
        """Render the answer to a message whose turn failed every time."""
        reply = Reply("error", "error_internal", {"reference": reference}, topics.menu_buttons())
        return self._render(conversation, [reply])

    async def _decide(self, conversation: Conversation, message: Message, turn_id: str) -> TurnResult:
        unread = _unreadable(message)
        if unread is not None and _press_of_secret(conversation, message) is None:
            return TurnResult((unread,), conversation.state, "none", 1.0)
        press = _press_of(conversation, message)
        text = None if press is not None else _readable(message)
        request = TurnRequest(turn_id, conversation.channel, conversation.state, text=text, press=press)
        try:
            return await self._assistant.take_turn(request)
        except AssistantUnavailableError as error:
            log.warning("assistant.unavailable", turn=turn_id, reason=error.facts.get("reason"))
            return TurnResult(self._from_menus(conversation, press), conversation.state, "unavailable", 0.0)

    def _from_menus(self, conversation: Conversation, press: Press | None) -> tuple[Reply, ...]:
        """Answer without understanding: a pressed topic from content, anything else with the menu.

        The dialogue state stays as it was, so that a running form goes on afterwards.
        """
        facts = {"in_form": conversation.state.active_loop is not None}
        menu = Reply("menu", "menu_unavailable", facts, topics.answered_buttons())
        if press is None or press.intent not in ANSWERED or REPORTING in dict(press.entities):
            return (menu,)
        question = Question.of(press.intent, dict(press.entities))
        answer = self._answers.answer(question, on=self._today())
        return (answer, menu) if conversation.state.active_loop else (answer,)

    def _render(
        self, conversation: Conversation, replies: Sequence[Reply], message: Message | None = None
    ) -> list[OutboundMessage]:
        channel = conversation.channel
        messages: list[OutboundMessage] = []
        for reply in replies:
            text = self._renderer.render(reply.template, channel=channel, facts=reply.facts)
            if not messages:
                text = "\n\n".join([*self._prefaces(conversation, message), text])
            *before, last = split(text, LONGEST_TEXT[channel])
            messages += [OutboundMessage(reply.topic, part) for part in before]
            buttons, picture = self._show(conversation, reply), self._picture(reply, channel)
            if picture is not None and utf16_length(last) > LONGEST_BY_PICTURE[channel]:
                messages.append(OutboundMessage(reply.topic, picture.alt, picture=picture))
                picture = None
            messages.append(OutboundMessage(reply.topic, last, buttons, reply.sources, picture))
        return messages

    def _picture(self, reply: Reply, channel: str) -> ShownPicture | None:
        picture = reply.picture
        if picture is None:
            return None
        return ShownPicture(picture.name, self._renderer.render(picture.template, channel=channel, facts=picture.facts))

    def _prefaces(self, conversation: Conversation, message: Message | None) -> Iterator[str]:
        """Give what stands before the first reply: who is speaking, once, and what of the message was not read."""
        channel = conversation.channel
        if not conversation.introduced:
            facts = {"operator_name": self._programme.operator.name}
            yield self._renderer.render("introduction", channel=channel, facts=facts)
        if message is not None and message.unread is not None and message.text is not None:
            yield self._renderer.render(
                "telegram_cannot_read", channel=channel, facts={"kind": message.unread, "with_text": True}
            )
        if message is not None and message.removed:
            yield self._renderer.render("secret_removed", channel=channel, facts={"kinds": list(message.removed)})

    def _show(self, conversation: Conversation, reply: Reply) -> tuple[ShownButton, ...]:
        name = f"{conversation.channel}:{conversation.name}"
        return tuple(
            ShownButton(self._renderer.title(button.title), self._vault.mark_press(name, str(button.press)))
            for button in reply.buttons
        )


def _unreadable(message: Message) -> Reply | None:
    """Return the answer to a message that cannot be understood: nothing readable in it, or far too much."""
    if message.press is not None:
        return None
    if message.too_many:
        return Reply("error", "telegram_too_many")
    if message.stale_button:
        return Reply("menu", "telegram_stale_button", buttons=topics.menu_buttons())
    if message.unread is not None and message.text is None:
        return Reply(
            "error", "telegram_cannot_read", {"kind": message.unread, "with_text": False}, topics.menu_buttons()
        )
    if message.too_long:
        return Reply("error", "message_too_long", {"limit": LONGEST_MESSAGE})
    if not _readable(message):
        if message.removed:
            return Reply("ask_scam_safety", "only_secrets", buttons=topics.menu_buttons())
        return Reply("error", "empty_message", buttons=topics.menu_buttons())
    return None


def _press_of(conversation: Conversation, message: Message) -> Press | None:
    """Return what was pressed, or what stands for a text that is no sentence; None for any other text."""
    if message.press is not None:
        return Press.parse(message.press)
    return _press_of_secret(conversation, message) or read_code(_readable(message) or "")


def _press_of_secret(conversation: Conversation, message: Message) -> Press | None:
    """Return what stands for a message of nothing but secrets in a guide, which has words of its own for that."""
    is_only_secrets = message.text is not None and message.removed and not _readable(message)
    return SECRET_PASTED if is_only_secrets and conversation.state.active_loop == GUIDE_FORM else None


def _readable(message: Message) -> str | None:
    """Return what of a message can be understood: no marks, no command; None for a press."""
    return None if message.text is None else without_command(without_marks(message.text))
