"""Questions about the programme, wishes that cannot be met yet, and messages that were not understood."""

from __future__ import annotations

from actions.base import ProductAction
from actions.chat import NLU_FALLBACK, Chat, Outcome
from actions.learning import hear, holding
from actions.questions import question_of
from bot.core.misreadings.models import Why
from bot.core.misreadings.offer import offering
from bot.core.programme.answers import ANSWERED
from bot.core.programme.topics import MENU, nearest
from bot.core.replies import Reply

_QUESTION = "ask_"
"""How the taxonomy begins the names of questions; every other intent that comes here wants something done."""


_SURELY_ELSEWHERE = 0.9
"""How likely a message must be about something else for its words not to be looked up.

Of the 160 out-of-scope messages of the development set of 2026-11-21 none finds an answer below this, and three do
above 0.98; of the eight others that were turned away, one finds its own answer at 0.87.
"""


class ActionAnswerQuestion(ProductAction):
    """Answers any question or wish: by its checked answer where there is one, else by saying that there is none."""

    rasa_name = "action_answer_question"

    def act(self, chat: Chat) -> Outcome:
        """Answer; a running form's product and subject narrow the answer where the message names none."""
        # Held in case that the next message says "that is not what I meant".
        return Outcome([self._answer(chat)], slots=holding(hear(chat, self.runtime, Why.DENIED)))

    def _answer(self, chat: Chat) -> Reply:
        question, on = question_of(chat), self.runtime.today()
        if chat.intent in ANSWERED:
            return self.runtime.answers.answer(question, on=on)
        return self.runtime.answers.find(question, on=on) or self._without_answer(chat)

    def _without_answer(self, chat: Chat) -> Reply:
        contact = {"operator_contact": self.runtime.programme.operator.contact}
        topics = nearest((*chat.ranking, *MENU))
        if chat.intent.startswith(_QUESTION):
            return Reply(chat.intent, "unanswered", contact, topics)
        return Reply(chat.intent, "request_unmet", {"request": chat.intent, **contact}, topics)


class ActionNotUnderstood(ProductAction):
    """Answers a message whose intent is not clear by its words, or offers the two topics that it comes nearest to."""

    rasa_name = "action_not_understood"

    def act(self, chat: Chat) -> Outcome:
        """Answer or offer; where the ranking names fewer than two topics, the main menu's first fill up."""
        # What is surely about something else is not searched: a swear word has syllables in common with everything.
        is_elsewhere = chat.intent != NLU_FALLBACK and chat.confidence >= _SURELY_ELSEWHERE
        look_up = self.runtime.answers.about_the_day if is_elsewhere else self.runtime.answers.find
        found = look_up(question_of(chat), on=self.runtime.today())
        if found is not None:
            return Outcome([found], slots=holding(hear(chat, self.runtime, Why.DENIED)))
        buttons = nearest((*chat.ranking, *MENU))
        reply = Reply("out_of_scope", "out_of_scope", {"nearest_count": len(buttons), "kept_by": None}, buttons)
        heard = hear(chat, self.runtime, Why.FALLBACK)
        if heard is not None:
            reply = offering(reply, heard, self.runtime.programme)
        return Outcome([reply], slots=holding(heard))
