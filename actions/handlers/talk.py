"""Greetings and the like, stopping, and starting over."""

from __future__ import annotations

from actions.base import ProductAction
from actions.case import EMPTY_CASE_SLOTS, awaits_founding_day
from actions.chat import Chat, Outcome
from actions.questions import question_of
from bot.core.programme.eligibility import founding_day_reply
from bot.core.programme.topics import menu_buttons
from bot.core.replies import Reply

ACTION_DEACTIVATE_LOOP = "action_deactivate_loop"
"""Rasa's own, which a rule runs before ours to close a form."""


class ActionMakeSmallTalk(ProductAction):
    """Returns a greeting, thanks or goodbye, and tells what the assistant is and can do."""

    rasa_name = "action_make_small_talk"

    def act(self, chat: Chat) -> Outcome:
        """Say the template of the intent's name, with the menu unless the citizen is leaving."""
        operator = self.runtime.programme.operator
        facts = {"operator_name": operator.name, "operator_contact": operator.contact}
        leaving = chat.intent == "goodbye"
        reply = Reply(chat.intent, chat.intent, facts, () if leaving or chat.in_form else menu_buttons())
        # "Máy có phải nói rõ là AI không" is about the law as well.
        found = self.runtime.answers.find(question_of(chat), on=self.runtime.today())
        return Outcome([reply, found] if found else [reply], slots=EMPTY_CASE_SLOTS if leaving else {})


class ActionConfirmNothing(ProductAction):
    """Answers a yes, a no or a "don't know" outside a form: mostly nothing was asked, but a verdict may want a day."""

    rasa_name = "action_confirm_nothing"

    def act(self, chat: Chat) -> Outcome:
        """Say where the day is found that was asked for, or that nothing was asked, with the menu."""
        if awaits_founding_day(chat.slots, self.runtime.programme, self.runtime.today()):
            return Outcome([founding_day_reply(unknown=chat.intent == "dont_know")])
        return Outcome([Reply(chat.intent, "nothing_to_confirm", buttons=menu_buttons())])


class ActionCancel(ProductAction):
    """Drops what was being done."""

    rasa_name = "action_cancel"

    def act(self, chat: Chat) -> Outcome:
        """Say whether anything was dropped, and forget the case."""
        in_form = chat.previous_action == ACTION_DEACTIVATE_LOOP
        return Outcome([Reply("cancel", "cancel", {"in_form": in_form}, menu_buttons())], slots=EMPTY_CASE_SLOTS)


class ActionRestart(ProductAction):
    """Starts over: Rasa's own action of this name forgets silently, this one shows the menu."""

    rasa_name = "action_restart"

    def act(self, chat: Chat) -> Outcome:
        """Forget everything and show the menu."""
        return Outcome([Reply("start_over", "start_over", buttons=menu_buttons())], forget_everything=True)
