"""Links that open the private chat with the bot, and what comes back as ``/start <payload>`` when one is followed.

Payloads are public, and anybody can make one up: so they only name what everybody may ask for, and one that is
unknown begins a chat like any other. A request's reference is looked up among the requests of whoever shows it.
Links to communes and guides are written by staff, for leaflets: docs/telegram.md tells them how.
"""

from __future__ import annotations

import re

from bot.core.errors import InvalidInputError
from bot.core.guides import Guides
from bot.core.guides.dialogue import LEVEL
from bot.core.handoffs.references import read_reference
from bot.core.programme import Programme
from bot.core.replies import Press
from bot.gateway.turns import COMMUNE, START

ASK = "hoi"
"""Leads to the ordinary beginning."""
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_COMMUNE, _GUIDE = "xa_", "huong-dan_"
"""Before a commune's code, in which low lines stand for the dots that Telegram takes not, and before a guide's name."""


class LinkImpossibleError(InvalidInputError):
    """Telegram takes no such payload: 1 to 64 letters, digits, dashes and low lines."""


def private_chat(username: str, payload: str = ASK) -> str:
    """Return the link that opens the private chat and begins it with a payload.

    Raises:
        LinkImpossibleError: the payload is none.
    """
    if _PAYLOAD.fullmatch(payload) is None:
        raise LinkImpossibleError(payload=payload)
    return f"https://t.me/{username}?start={payload}"


def read_payload(payload: str, programme: Programme, guides: Guides) -> Press | None:
    """Return what following a link presses; None where its payload is none of ours."""
    if _PAYLOAD.fullmatch(payload) is None:
        return None
    if payload.startswith(_COMMUNE):
        code = payload.removeprefix(_COMMUNE).replace("_", ".")
        is_known = any(commune.code == code for commune in programme.communes)
        return Press.of(START, **{COMMUNE: code}) if is_known else None
    if payload.startswith(_GUIDE):
        return _press_of_guide(payload.removeprefix(_GUIDE), guides)
    reference = read_reference(payload) if payload.startswith("HD-") else None
    return Press.of("check_registration_status", reference=reference) if reference is not None else None


def _press_of_guide(guide_id: str, guides: Guides) -> Press | None:
    """Return the wish for a guide. Whose token it is stays to be asked: most people's is not this manual's."""
    guide = guides.guide(guide_id)
    if guide is None:
        return None
    wish = {"procedure": guide.aims[0].procedure, "platform": guide.platform, "medium": guide.media[0]}
    return Press.of("start_token_guide", **wish, **({LEVEL: guide.level} if guide.level else {}))
