"""Whether a bulletin is genuine."""

from __future__ import annotations

from actions.base import ProductAction
from actions.chat import Chat, Outcome
from actions.learning import hear, holding
from actions.questions import question_of
from bot.core.broadcasts import codes, telling
from bot.core.misreadings.models import Why


class ActionCheckBulletin(ProductAction):
    """Looks a check code up; without one it tells where a bulletin has it."""

    rasa_name = "action_check_bulletin"

    async def act(self, chat: Chat) -> Outcome:
        """Tell what was sent under the code that was typed, or ask for one."""
        typed = chat.entity("check_code")
        if typed is None:
            answer = self.runtime.answers.answer(question_of(chat), on=self.runtime.today())
            return Outcome([answer], slots=holding(hear(chat, self.runtime, Why.DENIED)))
        operator = self.runtime.programme.operator
        code = codes.read(str(typed))
        if code is None:
            return Outcome([telling.unreadable(str(typed), operator)])
        found = await self.runtime.bulletins.find(code)
        return Outcome([telling.checked(found, code, operator, outside_url=self.runtime.outside_url)])
