"""Which topics can be offered as buttons, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.programme.points import INTENTS
from bot.core.replies import Button, Press

MENU: tuple[str, ...] = (
    "check_eligibility",
    "ask_offer",
    "ask_cost",
    "ask_how_to_register",
    "ask_registrars",
    "ask_support",
    "ask_scam_safety",
    "ask_programme",
)
"""The main menu, the most wanted first. Each is an intent and the key of a button's title."""

NEIGHBOURS: Mapping[str, tuple[str, ...]] = {
    "ask_programme": ("check_eligibility", "ask_why_vn", "ask_programme_period", "ask_legal_basis"),
    "ask_why_vn": ("check_eligibility", "ask_offer", "ask_how_to_register"),
    "ask_offer": ("check_eligibility", "ask_cost", "ask_eligibility", "ask_use_services"),
    "ask_eligibility": ("check_eligibility", "ask_offer", "ask_cost"),
    "ask_cost": ("check_eligibility", "ask_duration", "ask_renewal"),
    "ask_duration": ("check_eligibility", "ask_cost", "ask_offer"),
    "ask_renewal": ("check_eligibility", "ask_cost", "ask_registrars"),
    "ask_programme_period": ("check_eligibility", "ask_cost", "ask_registrars"),
    "ask_how_to_register": ("check_eligibility", "ask_documents", "ask_registrars", "ask_naming_rules"),
    "ask_documents": ("check_eligibility", "ask_how_to_register", "ask_privacy"),
    "ask_registrars": ("check_eligibility", "start_registration", "check_registration_status"),
    "start_registration": ("check_eligibility", "ask_documents", "ask_scam_safety"),
    "check_registration_status": ("ask_registrars", "ask_support"),
    "check_domain": ("ask_naming_rules", "ask_registrars", "ask_cost"),
    "ask_naming_rules": ("check_domain", "ask_how_to_register", "ask_registrars"),
    "ask_use_services": ("ask_offer", "ask_support", "ask_training"),
    "ask_support": ("ask_registrars", "ask_training", "ask_community_team", "ask_scam_safety"),
    "ask_training": ("ask_support", "ask_materials", "ask_dx_day"),
    "ask_materials": ("ask_training", "ask_agency_role"),
    "ask_targets": ("ask_reporting", "ask_agency_role"),
    "ask_agency_role": ("ask_targets", "ask_reporting", "ask_support"),
    "ask_community_team": ("ask_support", "ask_training"),
    "ask_legal_basis": ("ask_programme", "ask_targets", "ask_agency_role"),
    "ask_reporting": ("ask_targets", "ask_agency_role"),
    "ask_scam_safety": ("report_scam", "check_bulletin", "ask_privacy"),
    "report_scam": ("ask_scam_safety", "ask_privacy"),
    "check_bulletin": ("ask_scam_safety", "ask_support"),
    "ask_privacy": ("delete_my_data", "withdraw_consent", "ask_scam_safety"),
    "delete_my_data": ("ask_privacy", "ask_support"),
    "withdraw_consent": ("ask_privacy", "ask_support"),
}
"""Where people go on from an answer."""

MOST_SUGGESTED = 2

_HELD_AS_DIALOGUE = "check_eligibility"
"""The one topic that is a form with questions of its own; every other is answered in one reply."""

OF_THE_DAY: tuple[str, ...] = ("ask_dx_day", "ask_dx_activities", "ask_dx_participate", "ask_community_team")
"""The topics of Digital Transformation Day."""

_OFFERED = frozenset((*INTENTS, *OF_THE_DAY, _HELD_AS_DIALOGUE))
"""The topics with an answer."""


def topic_button(intent: str, **entities: str) -> Button:
    """Give the button of a topic; the entities narrow what pressing it asks."""
    return Button(intent, Press.of(intent, **entities))


def menu_buttons() -> tuple[Button, ...]:
    """Give the main menu."""
    return tuple(topic_button(intent) for intent in MENU)


def answered_buttons() -> tuple[Button, ...]:
    """Give the topics that content alone answers, for when nobody can hold a dialogue."""
    return tuple(topic_button(intent) for intent in MENU if intent != _HELD_AS_DIALOGUE)


def nearest(intents: Sequence[str]) -> tuple[Button, ...]:
    """Give buttons for the first two topics with an answer among the intents, which come likeliest first."""
    offered = [intent for intent in dict.fromkeys(intents) if intent in _OFFERED]
    return tuple(topic_button(intent) for intent in offered[:MOST_SUGGESTED])
