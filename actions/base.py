"""The shape of every action: read the dialogue, decide, say."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any, ClassVar

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.chat import HEARD, LOST, Chat, Event, Outcome
from actions.runtime import ActionRuntime
from bot.core.errors import ProductError
from bot.core.programme.topics import menu_buttons
from bot.core.replies import Reply

log = structlog.get_logger()


class ProductAction(Action, ABC):  # type: ignore[misc] # the SDK ships no types
    """One action; a subclass gives its name in Rasa's domain and decides in `act`.

    A `ProductError` that `act` did not expect is logged by its code and told with a reference. Anything else goes up
    and makes the call fail; then the turn has no reply and the menus answer.
    """

    rasa_name: ClassVar[str]
    keeps_last: ClassVar[bool] = False
    """Whether what is known of the message just before stays; a slot emptied while a form validates is an answer."""

    def __init__(self, runtime: ActionRuntime) -> None:
        self.runtime = runtime

    def name(self) -> str:
        """Give the name under which Rasa calls it."""
        return self.rasa_name

    @abstractmethod
    def act(self, chat: Chat) -> Outcome | Awaitable[Outcome]:
        """Decide what this message leads to; an action that looks something up does so as a coroutine."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[Event]:
        """Answer Rasa's call: say the replies and give the events."""
        chat = Chat.of(tracker)
        try:
            decided = self.act(chat)
            outcome = decided if isinstance(decided, Outcome) else await decided
        except ProductError as error:
            log.exception("action.refused", action=self.name(), code=error.code, turn=chat.reference)
            outcome = Outcome([Reply("error", "error_internal", {"reference": chat.reference}, menu_buttons())])
        for reply in outcome.replies:
            message: dict[str, Any] = reply.to_json()
            dispatcher.utter_message(json_message=message)
        if outcome.effect is not None:
            dispatcher.utter_message(json_message=outcome.effect.to_json())
        for name in () if self.keeps_last else (HEARD, LOST):  # both are about the message just before
            if name in chat.slots and name not in outcome.slots:
                outcome = replace(outcome, slots={**outcome.slots, name: None})
        return outcome.events()
