"""Builds what Rasa sends with a call, saying only what matters."""

from typing import Any


def make_tracker(
    intent: str = "inform",
    *,
    entities: dict[str, Any] | None = None,
    slots: dict[str, Any] | None = None,
    loop: str | None = None,
    ranking: tuple[str, ...] = (),
    previous_action: str = "action_listen",
) -> dict[str, Any]:
    return {
        "sender_id": "L-17",
        "slots": {"product": None, "age": None, **(slots or {})},
        "latest_message": {
            "text": "",
            "intent": {"name": intent, "confidence": 1.0},
            "entities": [{"entity": name, "value": value} for name, value in (entities or {}).items()],
            "intent_ranking": [{"name": name, "confidence": 0.1} for name in ranking],
        },
        "events": [],
        "active_loop": {"name": loop} if loop else {},
        "latest_action_name": previous_action,
    }


def make_call(action: str, *args: Any, **options: Any) -> dict[str, Any]:
    return {
        "next_action": action,
        "sender_id": "L-17",
        "tracker": make_tracker(*args, **options),
        "version": "3.6.21",
    }
