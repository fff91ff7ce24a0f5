"""Questions about the programme, wishes that cannot be met yet, and messages that were not understood."""

from __future__ import annotations

from actions.base import ProductAction
from actions.chat import Chat, Outcome
from bot.core.programme import answers
from bot.core.programme.topics import MENU, nearest
from bot.core.replies import Reply

_QUESTION = "ask_"
"""How the taxonomy begins the names of questions; every other intent that comes here wants something done."""


class ActionAnswerQuestion(ProductAction):
    """Answers any question or wish: by its checked answer where there is one, else by saying that there is none.

    Who tells of a fraud is warned first: what they do in the next minute counts more than what we cannot do.
    """

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
            reply = self._without_answer(chat)
        return Outcome([reply])

    def _without_answer(self, chat: Chat) -> Reply:
        contact = {"operator_contact": self.runtime.programme.operator.contact}
        if chat.intent == "report_scam":
            return Reply(chat.intent, "report_scam", contact)
        topics = nearest((*chat.ranking, *MENU))
        if chat.intent.startswith(_QUESTION):
            return Reply(chat.intent, "unanswered", contact, topics)
        return Reply(chat.intent, "request_unmet", {"request": chat.intent, **contact}, topics)

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
