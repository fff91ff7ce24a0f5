"""What nothing can be read of, sent in the middle of a form: it is refused in a sentence, and the form asks again."""

import pytest

from bot.core.ports import AssistantUnavailableError, DialogueState, TurnResult
from bot.core.replies import ASK_AGAIN, Button, Press, Reply

QUESTION = Reply("eligibility_form", "greet", buttons=(Button("ask_cost", Press("ask_cost")),))
IN_FORM = DialogueState("eligibility_form", {"requested_slot": "age"})


def asking(request):
    """Ask for an age, whatever is said."""
    return TurnResult((QUESTION,), IN_FORM, "inform", 1.0)


@pytest.mark.parametrize("kind", ["voice", "photo", "sticker"])
async def test_the_form_s_question_stands_below_the_refusal_and_the_menu_does_not(called, fake, lan, kind):
    called.product.assistant.answer = asking
    async with called.answering():
        lan.says("kiểm tra giúp tôi")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 1)
        getattr(lan, f"sends_{kind}")()
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 3)
    refusal, question = lan.chat.shown[1:]
    assert called.product.assistant.requests[1].press == ASK_AGAIN
    assert called.product.assistant.requests[1].state == IN_FORM
    assert refusal.text.startswith("Mình ")
    assert "bấm một mục" not in refusal.text
    assert (refusal.buttons, question.buttons) == ([], ["Giá bao nhiêu?"])


async def test_while_the_assistant_is_away_the_refusal_stands_alone(called, fake, lan):
    called.product.assistant.answer = asking
    async with called.answering():
        lan.says("kiểm tra giúp tôi")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 1)

        def away(request):
            raise AssistantUnavailableError(reason="away")

        called.product.assistant.answer = away
        lan.sends_voice()
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 2)
    assert "Mình không nghe được tin nhắn thoại" in lan.chat.texts[1]
