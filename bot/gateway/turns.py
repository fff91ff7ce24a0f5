"""Answers one message: asks the assistant, falls back to the menus, renders what was decided.

Nothing is written here, and no transaction is open while the assistant is asked: the worker writes afterwards, in one
go, and has the answer rendered when it knows what became of the turn's effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import structlog

from bot.core.cases import offer
from bot.core.cases.distress import is_distress
from bot.core.composing import Composer
from bot.core.conversations.service import Conversation, ToldTurn
from bot.core.deliveries.service import OutboundMessage
from bot.core.guides.dialogue import FORM as GUIDE_FORM
from bot.core.guides.dialogue import SECRET_PASTED, read_code
from bot.core.handoffs.steps import REGISTERING
from bot.core.inbox.service import Message
from bot.core.misreadings.scrubbing import scrubbed
from bot.core.ports import Assistant, AssistantUnavailableError, DialogueState, TurnRequest, TurnResult
from bot.core.programme import Programme, topics
from bot.core.programme.answers import ANSWERED, Answers
from bot.core.programme.finding import Question
from bot.core.redaction import without_marks
from bot.core.rendering import Renderer
from bot.core.replies import ASK_AGAIN, Button, Effect, Json, Press, Reply
from bot.core.reports.offer import REPORTING
from bot.core.rights import offer as rights
from bot.core.text import without_command
from bot.core.vault import Vault
from bot.gateway import groups
from bot.gateway.aside import stand_aside

log = structlog.get_logger()

START, COMMUNE = "start_over", "commune"
"""The intent that begins anew, and what it carries where somebody came over a commune's link: its code."""
LONGEST_REMEMBERED = 300
"""Characters of an answer that are kept with the turn."""
LONGEST_MESSAGE = 2_000
"""Characters of a citizen's message that are read; a longer one is asked to be shortened."""


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
        self.programme = programme
        self._answers = answers
        self._renderer = renderer
        self._composer = Composer(renderer, vault)
        self._today = today

    async def answer(self, conversation: Conversation, message: Message, *, turn_id: str) -> Answer:
        """Decide the answer to one message; without a reply where a person speaks instead of the assistant."""
        if message.press == str(rights.WITHDRAWN_THERE):
            return Answer(message, (), DialogueState(), rights.DELETE, 1.0, rights.erasing_unasked())
        if conversation.case_id is not None:
            aside = stand_aside(message, self.programme)
            return Answer(message, aside.replies, aside.state, aside.intent, aside.confidence, aside.effect)
        if conversation.group is not None:
            return await self._answer_in_group(conversation, message, turn_id)
        decided = await self._decide(conversation, message, turn_id)
        if conversation.is_guest and (decided.state.active_loop or decided.effect):
            refusal = Reply("error", "guest_only", buttons=topics.menu_buttons())
            decided = replace(decided, replies=(refusal,), state=DialogueState(), effect=None)
        return Answer(message, decided.replies, decided.state, decided.intent, decided.confidence, decided.effect)

    def render(
        self, conversation: Conversation, answer: Answer, outcome: Mapping[str, Json] | None = None
    ) -> Sequence[OutboundMessage]:
        """Render an answer, once the `outcome` of its effect is known; at least one message where the assistant speaks.

        Raises:
            TemplateBrokenError: a text of ours is broken; nothing has been said.
        """
        replies = [replace(reply, facts={**reply.facts, **(outcome or {})}) for reply in answer.replies]
        messages = self._render(conversation, replies, answer.message)
        return [replace(messages[0], answers=answer.message.asked_as), *messages[1:]] if messages else messages

    def apology(self, conversation: Conversation, *, reference: str) -> Sequence[OutboundMessage]:
        """Render the answer to a message whose turn failed every time."""
        reply = Reply("error", "error_internal", {"reference": reference}, _menu_in(conversation))
        return self._render(conversation, [reply])

    def late_apology(self, conversation: Conversation) -> Sequence[OutboundMessage]:
        """Render the one answer to all that came too late to be answered; in a group to all of its people."""
        facts = {"in_group": conversation.group is not None}
        return self._render(conversation, [Reply("error", "came_too_late", facts, _menu_in(conversation))])

    async def _answer_in_group(self, conversation: Conversation, message: Message, turn_id: str) -> Answer:
        if message.press is not None and groups.is_call(Press.parse(message.press)):
            decided = groups.welcome(message)
        elif conversation.group is not None and message.text is not None and groups.asks_address(message.text):
            decided = groups.address(conversation.group)
        else:
            decided = groups.held_back(await self._decide(conversation, message, turn_id), message)
        return Answer(message, decided.replies, decided.state, decided.intent, decided.confidence)

    async def _decide(self, conversation: Conversation, message: Message, turn_id: str) -> TurnResult:
        unread = _unreadable(message)
        if unread is not None and _press_of_secret(conversation, message) is None:
            return await self._refuse(conversation, message, unread, turn_id)
        if message.text is not None and is_distress(message.text):
            # Before anything else: no form, no model and no outage may come between.
            return TurnResult((offer.distress(self.programme.operator),), conversation.state, "distress", 1.0)
        press = _press_of(conversation, message)
        commune = None if press is None else self._greet_commune(press)
        if commune is not None:
            return TurnResult((commune,), DialogueState(), START, 1.0)
        text = None if press is not None else _readable(message)
        request = TurnRequest(turn_id, conversation.channel, conversation.state, text=text, press=press)
        try:
            return await self._assistant.take_turn(request)
        except AssistantUnavailableError as error:
            log.warning("assistant.unavailable", turn=turn_id, reason=error.facts.get("reason"))
            asking = None if press is None else _step_without_dialogue(press, self.programme)
            if asking is not None:
                return TurnResult((asking.reply,), DialogueState(), "unavailable", 0.0, asking.effect)
            return TurnResult(self._from_menus(conversation, press), conversation.state, "unavailable", 0.0)

    async def _refuse(self, conversation: Conversation, message: Message, unread: Reply, turn_id: str) -> TurnResult:
        """Say why a message is not read; below that a form that is open asks its question again."""
        refused = TurnResult((unread,), conversation.state, "none", 1.0)
        if conversation.state.active_loop is None or message.unread is None or message.text is not None:
            return refused
        request = TurnRequest(turn_id, conversation.channel, conversation.state, press=ASK_AGAIN)
        try:
            asked = await self._assistant.take_turn(request)
        except AssistantUnavailableError:
            return refused
        refusal = replace(unread, facts={**unread.facts, "asks_again": True}, buttons=())
        return replace(asked, replies=(refusal, *asked.replies), intent="none")

    def _greet_commune(self, press: Press) -> Reply | None:
        """Return what greets somebody who came over a commune's link; None for any other press, or no such commune."""
        if press.intent != START or COMMUNE not in dict(press.entities):
            return None
        code = dict(press.entities)[COMMUNE]
        commune = next((each for each in self.programme.communes if each.code == code), None)
        if commune is None:
            return None
        facts = {"kind": commune.kind, "name": commune.name, "province": commune.province}
        return Reply(START, "start_commune", facts, topics.menu_buttons())

    def _from_menus(self, conversation: Conversation, press: Press | None) -> tuple[Reply, ...]:
        """Answer without understanding: a pressed topic from content, anything else with the menu.

        The dialogue state stays as it was, so that a running form goes on afterwards.
        """
        facts = {"in_form": conversation.state.active_loop is not None}
        menu = Reply("menu", "menu_unavailable", facts, (*topics.answered_buttons(), offer.person_button()))
        if press is None or press.intent not in ANSWERED or {REPORTING, REGISTERING} & dict(press.entities).keys():
            return (menu,)
        question = Question.of(press.intent, dict(press.entities))
        answer = self._answers.answer(question, on=self._today())
        return (answer, menu) if conversation.state.active_loop else (answer,)

    def _render(
        self, conversation: Conversation, replies: Sequence[Reply], message: Message | None = None
    ) -> list[OutboundMessage]:
        return self._composer.compose(conversation, replies, prefaces=list(self._prefaces(conversation, message)))

    def _prefaces(self, conversation: Conversation, message: Message | None) -> Iterator[str]:
        """Give what stands before the first reply: who is speaking, once, and what of the message was not read."""
        channel = conversation.channel
        if not conversation.introduced:
            facts = {"operator_name": self.programme.operator.name}
            yield self._renderer.render("introduction", channel=channel, facts=facts)
        if message is not None and message.unread is not None and message.text is not None:
            yield self._renderer.render(
                "cannot_read",
                channel=channel,
                facts={"kind": message.unread, "with_text": True, "asks_again": False},
            )
        if message is not None and message.removed:
            template = "secret_removed" if conversation.group is None else "group_secret_shown"
            yield self._renderer.render(template, channel=channel, facts={"kinds": list(message.removed)})


def _menu_in(conversation: Conversation) -> tuple[Button, ...]:
    """Return the menu below an apology; none in a group, where nobody asked for one."""
    return () if conversation.group is not None else topics.menu_buttons()


def worth_remembering(
    conversation: Conversation, answer: Answer, messages: Sequence[OutboundMessage]
) -> ToldTurn | None:
    """Return what of a turn is kept for whoever asks for a person: what was typed and answered outside of any form.

    Nothing that may tell of a person, so that no contact data is kept without a consent to it.
    """
    text = answer.message.text
    in_form = conversation.state.active_loop or answer.state.active_loop
    if text is None or in_form or conversation.case_id is not None or answer.effect is not None or not messages:
        return None
    said = scrubbed(without_marks(text))
    return None if said is None else ToldTurn(said, messages[-1].text[:LONGEST_REMEMBERED])


def _unreadable(message: Message) -> Reply | None:
    """Return the answer to a message that cannot be understood: nothing readable in it, or far too much."""
    if message.press is not None:
        return None
    if message.too_many:
        return Reply("error", "too_many_messages")
    if message.edited:
        return Reply("error", "edited_message")
    if message.stale_button:
        return Reply("menu", "stale_button", buttons=topics.menu_buttons())
    if message.unread is not None and message.text is None:
        facts: dict[str, Json] = {"kind": message.unread, "with_text": False, "asks_again": False}
        return Reply("error", "cannot_read", facts, topics.menu_buttons())
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


def _step_without_dialogue(press: Press, programme: Programme) -> offer.Asking | None:
    """Return what follows from a press that must work while there is no dialogue: to a person, to one's rights."""
    return offer.step(press, programme) or rights.step(press, programme)


def _readable(message: Message) -> str | None:
    """Return what of a message can be understood: no marks, no command; None for a press."""
    return None if message.text is None else without_command(without_marks(message.text))
