"""Feedback: what is typed as such, and the buttons with which people let the assistant learn from a message."""

from __future__ import annotations

from dataclasses import replace

from actions.chat import Chat, Outcome
from actions.handlers.programme import ActionAnswerQuestion
from actions.learning import holding, last_heard
from bot.core.misreadings import offer


class ActionTakeFeedback(ActionAnswerQuestion):
    """Keeps the one message that a button is about, or takes it back; typed feedback is answered as any wish."""

    rasa_name = "action_take_feedback"

    def act(self, chat: Chat) -> Outcome:
        """Keep, take back, or say that the message is not remembered any more."""
        step, heard = chat.entity(offer.LEARNING), last_heard(chat, self.runtime)
        if step is None:
            return super().act(chat)
        if heard is None or not heard.is_meant(chat.entity("reference")):
            return Outcome([offer.not_held()])
        if step == offer.KEEP:
            programme, slots = self.runtime.programme, holding(replace(heard, kept=True))
            if heard.kept:
                return Outcome([offer.kept_already(heard, programme)], slots=slots)
            return Outcome([offer.kept(heard, programme)], slots=slots, effect=heard.keeping())
        if step == offer.DROP and heard.kept:
            return Outcome([offer.dropped()], effect=heard.dropping())
        return Outcome([offer.not_held()])
