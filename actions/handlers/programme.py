"""Questions about the programme, and messages that were not understood."""

from __future__ import annotations

from actions.base import ProductAction
from actions.chat import Chat, Outcome
from bot.core.programme import answers
from bot.core.programme.topics import MENU, nearest
from bot.core.replies import Reply


class ActionAnswerQuestion(ProductAction):
    """Answers any informational intent: those with a checked answer by it, the others by saying that there is none."""

    rasa_name = "action_answer_question"

    def act(self, chat: Chat) -> Outcome:
        """Answer; a running form's product and subject narrow the answer where the message names none."""
        if chat.intent in answers.ANSWERED:
            reply = answers.answer(
                self.runtime.programme,
                chat.intent,
                product=self._told(chat, "product"),
                subject=self._told(chat, "subject"),
                on=self.runtime.today(),
            )
        else:
            contact = self.runtime.programme.operator.contact
            reply = Reply(chat.intent, "unanswered", {"operator_contact": contact}, nearest((*chat.ranking, *MENU)))
        return Outcome([reply])

    @staticmethod
    def _told(chat: Chat, name: str) -> str | None:
        told = chat.entity(name)
        if told is None and chat.in_form:
            told = chat.slots.get(name)
        return None if told is None else str(told)


class ActionNotUnderstood(ProductAction):
    """Offers the two topics that a message not understood comes nearest to."""

    rasa_name = "action_not_understood"

    def act(self, chat: Chat) -> Outcome:
        """Offer them; where the ranking names fewer than two, the main menu's first fill up."""
        buttons = nearest((*chat.ranking, *MENU))
        return Outcome([Reply("out_of_scope", "out_of_scope", {"nearest_count": len(buttons)}, buttons)])
