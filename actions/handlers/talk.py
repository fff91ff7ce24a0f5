"""Greetings and the like, stopping, and starting over."""

from __future__ import annotations

import re

from actions.base import ProductAction
from actions.case import EMPTY_CASE_SLOTS
from actions.chat import Chat, Outcome
from actions.guiding import WISH
from actions.handing import SLOT_OF
from actions.learning import holding, last_heard
from actions.numbers import is_bare_number, unasked
from actions.questions import question_of
from bot.core.handoffs import telling
from bot.core.misreadings.offer import denied
from bot.core.programme.topics import menu_buttons
from bot.core.replies import Effect, Json, Reply
from bot.core.text import fold

ACTION_DEACTIVATE_LOOP = "action_deactivate_loop"
"""Rasa's own, which a rule runs before ours to close a form."""

_BEGUN = frozenset((*EMPTY_CASE_SLOTS, *SLOT_OF.values(), WISH))
"""Slots that hold something of a check, a request or a guide."""

_NOT_MEANT = re.compile(
    r"(?<!\w)(?:sai|nham|(?:khong|ko|k|kg|hong|hok|hk|hem|khum|chang|chua|dau) (?:co )?(?:phai|dung|trung|chinh xac)"
    r"|(?:phai|dung) dau)(?!\w)"
)
"""Folded: denials of what was understood; a bare "no" denies nothing that was said."""


class ActionMakeSmallTalk(ProductAction):
    """Returns a greeting, thanks or goodbye, and tells what the assistant is and can do."""

    rasa_name = "action_make_small_talk"

    def act(self, chat: Chat) -> Outcome:
        """Say the template of the intent's name, with the menu unless the citizen is leaving."""
        if is_bare_number(chat.text):
            return Outcome([unasked(chat)])
        operator = self.runtime.programme.operator
        facts = {"operator_name": operator.name, "operator_contact": operator.contact}
        leaving = chat.intent == "goodbye"
        reply = Reply(chat.intent, chat.intent, facts, () if leaving or chat.in_form else menu_buttons())
        # "Máy có phải nói rõ là AI không" is about the law as well.
        found = self.runtime.answers.find(question_of(chat), on=self.runtime.today())
        return Outcome([reply, found] if found else [reply], slots=EMPTY_CASE_SLOTS if leaving else {})


class ActionConfirmNothing(ProductAction):
    """Answers a yes, a no or a "don't know" outside a form, where nothing was asked.

    A "that is not what I meant" is about the answer before, where that is still known.
    """

    rasa_name = "action_confirm_nothing"

    def act(self, chat: Chat) -> Outcome:
        """Own up to a misunderstanding, or say that nothing was asked, with the menu."""
        if is_bare_number(chat.text):
            return Outcome([unasked(chat)])
        heard = last_heard(chat, self.runtime)
        if heard is not None and not heard.kept and chat.intent == "deny" and _NOT_MEANT.search(fold(chat.text)):
            return Outcome([denied(heard, self.runtime.programme)], slots=holding(heard))
        return Outcome([Reply(chat.intent, "nothing_to_confirm", buttons=menu_buttons())])


class ActionCancel(ProductAction):
    """Drops what was being done; where that is nothing, a request that was sent may be meant."""

    rasa_name = "action_cancel"

    def act(self, chat: Chat) -> Outcome:
        """Say whether anything was dropped, and forget the case; a request is named and goes on until it is withdrawn.

        The effect that looks for the request adds `telling.status_facts` and the fact ``found``.
        """
        if chat.previous_action == ACTION_DEACTIVATE_LOOP:
            return Outcome([Reply("cancel", "cancel", {"in_form": True}, menu_buttons())], slots=EMPTY_CASE_SLOTS)
        brands = {registrar.key: registrar.brand for registrar in self.runtime.programme.registrars}
        facts: dict[str, Json] = {"in_form": False, "found": False, "brands": brands}
        reply = Reply("cancel", "cancel", facts, (telling.withdraw_button(None), *menu_buttons()))
        return Outcome([reply], slots=EMPTY_CASE_SLOTS, effect=Effect("handoff.status", {"reference": ""}))


class ActionRestart(ProductAction):
    """Starts, or starts over: Rasa's own action of this name forgets silently, this one shows the menu."""

    rasa_name = "action_restart"

    def act(self, chat: Chat) -> Outcome:
        """Forget everything and show the menu; greet where nothing had begun that could start over."""
        has_begun = chat.in_form or any(name in chat.slots for name in _BEGUN)
        template = "start_over" if has_begun else "greet"
        return Outcome([Reply("start_over", template, buttons=menu_buttons())], forget_everything=True)
