"""Every reply about a person to talk to and about people's rights, for checking that its texts are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.core.cases import offer
from bot.core.programme import Programme
from bot.core.replies import Json, Reply
from bot.core.rights import offer as rights

_NOTHING_HELD: Mapping[str, Json] = {
    "channel": "web",
    "messages": 0,
    "since": None,
    "in_form": False,
    "recent": 0,
    "guide": False,
    "reports": [],
    "cases": [],
    "handoffs": [],
    "consents": [],
}
_OF_EFFECTS: Mapping[str, Mapping[str, Json]] = {
    "person_consent": {"turns": []},
    "person_opened": {
        "shared": True,
        "due_on": "2026-11-23",
        "due_time": "11:30",
        "is_open": True,
        "silent_hours": 24,
    },
    "rights_held": {"held": _NOTHING_HELD},
    "rights_erased": {"due_on": "2026-12-01", "told": [], "untold": [], "kept_days": 30, "shown_hours": 24},
    "rights_withdrawn": {"taken": "none", "withdrawn": [], "standing": []},
}
"""By template: the facts that only the effect of a reply could tell."""


def people_replies(programme: Programme) -> Iterator[Reply]:
    """Build what can be said and offered around a case and around one's own data."""
    for reply in _replies(programme):
        yield replace(reply, facts={**reply.facts, **_OF_EFFECTS.get(reply.template, {})})


def _replies(programme: Programme) -> Iterator[Reply]:
    operator = programme.operator
    yield offer.asking(programme, why="").reply
    yield offer.opening(programme, share=True, why="").reply
    yield from (offer.not_opened(), offer.left(), offer.spoken_by_staff(""), offer.escalated("", silent=True))
    yield from (offer.resumed("", how) for how in ("closed", "over", "lapsed"))
    yield from (offer.distress(operator), offer.distress_while_waiting(operator))
    yield from (rights.erasure_question(), rights.nothing_erased())
    for asking in (rights.telling_held(operator), rights.erasing(operator), rights.withdrawing(operator, "")):
        yield asking.reply
