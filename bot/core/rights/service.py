"""Use cases of people's rights: what is held, and taking a consent back. Erasing is in `erasure`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.cases import service as cases
from bot.core.clock import LOCAL_ZONE
from bot.core.consents import service as consents
from bot.core.consents.service import Consent, Purpose
from bot.core.conversations.service import Conversation
from bot.core.deliveries import service as deliveries
from bot.core.guides import progress as guides
from bot.core.handoffs import reminders
from bot.core.handoffs import service as handoffs
from bot.core.handoffs.rules import OPEN
from bot.core.house import House
from bot.core.replies import Json
from bot.core.reports import service as reports
from bot.core.rights.references import ALL, kind_of

REPORT = "report"
"""A kind of consent beside `Purpose`: a report of fraud, whose words are kept with the wording agreed to."""


class Taken(StrEnum):
    """What became of a wish to take a consent back."""

    DONE = "done"
    CHOOSE = "choose"
    """Several stand, and none was named."""
    NONE = "none"
    UNKNOWN = "unknown"
    """What was named is not this citizen's, or was taken back before."""
    READ = "read"
    """A report that somebody has read already."""


async def held(connection: AsyncConnection, house: House, conversation: Conversation) -> dict[str, Json]:
    """Tell what is kept about a citizen, as facts of the template ``rights_held``."""
    messages, since = await deliveries.count_kept(connection, conversation)
    progress = await guides.find(connection, conversation.citizen_id)
    standing = await _standing(connection, conversation)
    shared = {consent.about for consent in standing if consent.purpose == Purpose.PERSON}
    return {
        "held": {
            "channel": conversation.channel,
            "messages": messages,
            "since": _day(since) if since else None,
            "in_form": conversation.state.active_loop is not None,
            "recent": len(conversation.recent),
            "guide": progress is not None,
            "reports": [
                {"reference": report.reference, "on": _day(report.created_at)}
                for report in await reports.list_of(connection, conversation.citizen_id)
            ],
            "cases": [
                {"reference": case.reference, "on": _day(case.opened_at), "shared": case.reference in shared}
                for case in await cases.list_of(connection, conversation.citizen_id)
            ],
            "handoffs": [
                {
                    "reference": status.reference,
                    "registrar": house.brand_of(status.registrar),
                    "domain": status.domain,
                    "reachable": status.state in OPEN,
                }
                for status in await handoffs.list_of(connection, conversation)
            ],
            "consents": [_told(consent) for consent in standing],
        }
    }


async def withdraw(
    connection: AsyncConnection, conversation: Conversation, *, about: str, now: datetime
) -> dict[str, Json]:
    """Take back a citizen's consent about a reference, all of them, or the only one that stands where `about` is empty.

    Return facts of the template ``rights_withdrawn``: what became of it, what was taken back, and what stands.
    """
    standing = await _standing(connection, conversation)
    wanted = {consent.about for consent in standing}
    if about not in ("", ALL):
        wanted &= {about}
    if not standing and about in ("", ALL):
        return _outcome(Taken.NONE, [], [])
    if not wanted:
        return _outcome(Taken.UNKNOWN, [], standing)
    if about == "" and len(wanted) > 1:
        return _outcome(Taken.CHOOSE, [], standing)
    for reference in sorted(wanted):
        await _withdraw_one(connection, conversation, reference, now=now)
    left = await _standing(connection, conversation)
    gone = [consent for consent in standing if consent not in left]
    return _outcome(Taken.DONE if gone else Taken.READ, gone, left)


async def _withdraw_one(
    connection: AsyncConnection, conversation: Conversation, reference: str, *, now: datetime
) -> None:
    match kind_of(reference):
        case Purpose.HANDOFF:
            await handoffs.withdraw(connection, conversation, reference=reference, now=now)
        case Purpose.PERSON:
            await cases.withdraw(connection, conversation, reference=reference, now=now)
        case _:
            await reports.withdraw(connection, conversation, reference=reference)
    await reminders.cancel(connection, conversation.citizen_id, reference=reference, now=now)
    # What it was about may be gone already: the consent is taken back all the same.
    for purpose in Purpose:
        await consents.withdraw(connection, conversation.citizen_id, purpose=purpose, about=reference, now=now)


async def _standing(connection: AsyncConnection, conversation: Conversation) -> list[Consent]:
    """Give the consents that stand, reports that nobody has read among them, oldest first."""
    given = await consents.list_of(connection, conversation.citizen_id)
    unread = [
        Consent(REPORT, "", report.reference, conversation.channel, report.created_at, None)
        for report in await reports.list_of(connection, conversation.citizen_id)
        if report.can_be_withdrawn
    ]
    standing = [consent for consent in given if consent.withdrawn_at is None]
    return sorted([*standing, *unread], key=lambda consent: consent.given_at)


def _outcome(taken: Taken, gone: list[Consent], left: list[Consent]) -> dict[str, Json]:
    return {
        "taken": taken.value,
        "withdrawn": [_told(consent) for consent in gone],
        "standing": [_told(consent) for consent in left],
    }


def _told(consent: Consent) -> dict[str, Json]:
    return {"purpose": consent.purpose, "reference": consent.about, "on": _day(consent.given_at)}


def _day(moment: datetime) -> str:
    return moment.astimezone(LOCAL_ZONE).date().isoformat()
