"""How tests talk to the web chat."""

from bot.core.ports import DialogueState, TurnResult
from bot.core.replies import Button, Press, Reply

MESSAGES = "/api/v1/chat/messages"
ME = "conversation-of-mine"


def body(**fields):
    return {"conversation_id": ME, **fields}


async def say(client, text="xin chào", **fields):
    response = await client.post(MESSAGES, json=body(text=text, **fields))
    assert response.status_code == 200, response.text
    return response.json()


def asking(request):
    """Start, or go on with, a form that asks for an age and offers a button."""
    reply = Reply("eligibility_form", "greet", buttons=(Button("ask_cost", Press.of("ask_cost", product="id.vn")),))
    slots = {**request.state.slots, "turns": request.state.slots.get("turns", 0) + 1}
    return TurnResult((reply,), DialogueState("eligibility_form", slots), "check_eligibility", 0.9)
