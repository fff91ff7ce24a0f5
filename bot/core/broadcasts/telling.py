"""What somebody is told in a conversation who asks whether a bulletin is genuine."""

from __future__ import annotations

from datetime import datetime

from bot.core.broadcasts import codes
from bot.core.broadcasts.checking import Bulletin, Found, Unconfirmed
from bot.core.broadcasts.wording import PAGE
from bot.core.clock import on_local_clocks
from bot.core.programme.content import Operator
from bot.core.programme.topics import NEIGHBOURS, topic_button
from bot.core.replies import Button, Json, Reply
from bot.core.text_splitting import split_text

TOPIC = "check_bulletin"
ROOM = 600
"""Letters of a bulletin that are told here; the page has all of it."""
_WARNED_OF = ("ask_scam_safety", "report_scam")


def checked(found: Found | None, code: str, operator: Operator, *, outside_url: str) -> Reply:
    """Tell what was found under a check code: that it is genuine with its signed words, or what to do."""
    facts: dict[str, Json] = {
        "code": codes.show(code),
        "operator_name": operator.name,
        "operator_contact": operator.contact,
    }
    if found is None:
        return Reply(TOPIC, "bulletin_unknown", facts | {"is_unreadable": False}, _buttons(_WARNED_OF))
    if isinstance(found, Unconfirmed):
        return Reply(TOPIC, "bulletin_unconfirmed", facts, _buttons(_WARNED_OF))
    return Reply(
        TOPIC, "bulletin_genuine", facts | _facts(found, f"{outside_url}{PAGE}{code}"), _buttons(NEIGHBOURS[TOPIC])
    )


def unreadable(typed: str, operator: Operator) -> Reply:
    """Tell that what somebody typed can be no check code."""
    facts: dict[str, Json] = {
        "code": typed,
        "is_unreadable": True,
        "operator_name": operator.name,
        "operator_contact": operator.contact,
    }
    return Reply(TOPIC, "bulletin_unknown", facts, _buttons(_WARNED_OF))


def _facts(bulletin: Bulletin, address: str) -> dict[str, Json]:
    shown = split_text(bulletin.text, ROOM)[0]
    return {
        "is_training": bulletin.is_training,
        "is_stopped": bulletin.is_stopped,
        "is_unsent": bulletin.is_unsent,
        **(_moment("stopped", bulletin.finished_at) if bulletin.is_stopped and bulletin.finished_at else {}),
        **_moment("sent", bulletin.fired_at),
        "approvals": [{"name": each.name, **_moment("approved", each.approved_at)} for each in bulletin.approvals],
        "title": bulletin.title,
        "text": shown,
        "is_whole": shown == bulletin.text,
        "address": address,
    }


def _moment(name: str, moment: datetime) -> dict[str, Json]:
    local = on_local_clocks(moment)
    return {f"{name}_on": local.date().isoformat(), f"{name}_time": f"{local.hour}:{local.minute:02}"}


def _buttons(topics: tuple[str, ...]) -> tuple[Button, ...]:
    return tuple(topic_button(topic) for topic in topics)
