"""Questions about the programme, wishes that cannot be met yet, and messages that were not understood."""

from __future__ import annotations

from dataclasses import replace

from actions.base import ProductAction
from actions.chat import LOST, NLU_FALLBACK, Chat, Outcome
from actions.learning import hear, holding
from actions.numbers import is_bare_number, unasked
from actions.questions import question_of
from actions.runtime import ActionRuntime
from bot.core.cases.offer import person_button
from bot.core.cases.rules import Why as Lost
from bot.core.misreadings.models import Why
from bot.core.misreadings.offer import offering
from bot.core.programme.answers import ANSWERED
from bot.core.programme.topics import MENU, nearest
from bot.core.programme.verdicts import PATIENCE
from bot.core.replies import Button, Json, Reply

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
        return answer_question(chat, self.runtime)


def answer_question(chat: Chat, runtime: ActionRuntime, *, more: tuple[Button, ...] = ()) -> Outcome:
    """Answer a question or a wish, with `more` buttons before the answer's own.

    It is held in case that the next message says "that is not what I meant".
    """
    reply = _answer(chat, runtime)
    return Outcome([replace(reply, buttons=(*more, *reply.buttons))], slots=holding(hear(chat, runtime, Why.DENIED)))


def _answer(chat: Chat, runtime: ActionRuntime) -> Reply:
    question, on = question_of(chat), runtime.today()
    if chat.intent in ANSWERED:
        return runtime.answers.answer(question, on=on)
    return runtime.answers.find(question, on=on) or _without_answer(chat, runtime)


def _without_answer(chat: Chat, runtime: ActionRuntime) -> Reply:
    contact = {"operator_contact": runtime.programme.operator.contact}
    topics = (*nearest((*chat.ranking, *MENU)), person_button())
    if chat.intent.startswith(_QUESTION):
        return Reply(chat.intent, "unanswered", contact, topics)
    return Reply(chat.intent, "request_unmet", {"request": chat.intent, **contact}, topics)


class ActionNotUnderstood(ProductAction):
    """Answers a message whose intent is not clear by its words, or offers the two topics that it comes nearest to."""

    rasa_name = "action_not_understood"

    def act(self, chat: Chat) -> Outcome:
        """Answer or offer; where the ranking names fewer than two topics, the main menu's first fill up."""
        if is_bare_number(chat.text):
            return Outcome([unasked(chat)])
        # What is surely about something else is not searched: a swear word has syllables in common with everything.
        is_elsewhere = chat.intent != NLU_FALLBACK and chat.confidence >= _SURELY_ELSEWHERE
        look_up = self.runtime.answers.about_the_day if is_elsewhere else self.runtime.answers.find
        found = look_up(question_of(chat), on=self.runtime.today())
        if found is not None:
            return Outcome([found], slots=holding(hear(chat, self.runtime, Why.DENIED)))
        lost = int(chat.slots.get(LOST, 0)) + 1
        buttons = nearest((*chat.ranking, *MENU))
        facts: dict[str, Json] = {"nearest_count": len(buttons), "kept_by": None, "offers_person": lost >= PATIENCE}
        if lost >= PATIENCE:
            buttons = (*buttons, person_button(Lost.FAILURES))
        reply = Reply("out_of_scope", "out_of_scope", facts, buttons)
        heard = hear(chat, self.runtime, Why.FALLBACK)
        if heard is not None:
            reply = offering(reply, heard, self.runtime.programme)
        return Outcome([reply], slots={**holding(heard), LOST: min(lost, PATIENCE)})
